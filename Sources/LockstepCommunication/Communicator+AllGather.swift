extension Communicator {
    /// The values that each rank gave, in rank order, on every rank. Numbers of values may differ. Collective.
    ///
    /// They travel as they lie in memory, since all ranks run the same build.
    package func allGather<Value: BitwiseCopyable>(_ values: [Value]) -> [[Value]] {
        allGather(values.withUnsafeBytes { [UInt8]($0) }).map { (bytes: [UInt8]) in
            bytes.withUnsafeBytes { raw in
                [Value](unsafeUninitializedCapacity: raw.count / MemoryLayout<Value>.stride) { values, count in
                    count = raw.count / MemoryLayout<Value>.stride
                    UnsafeMutableRawBufferPointer(values).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: raw.prefix(count * MemoryLayout<Value>.stride)))
                }
            }
        }
    }

    /// The text that each rank gave, in rank order, on every rank. Collective.
    package func allGather(_ text: String) -> [String] {
        allGather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Ends all ranks with status 2 and one line unless they run the same. Collective, and the first thing that ranks do together:
    /// programs that are not the same do not call the same operations.
    ///
    /// - Parameter purpose: what this rank runs, in a word or two.
    package func requireSame(_ purpose: String) {
        let purposes = allGather(purpose)
        guard let other = purposes.firstIndex(where: { $0 != purposes[0] }) else { return }
        // Rank zero says it once; the others never come past this.
        if rank != 0 { barrier() }
        fail("rank \(other) runs \(purposes[other]), rank 0 \(purposes[0]); start the same on all ranks", status: 2)
    }
}
