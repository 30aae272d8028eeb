extension Communicator {
    /// The values that each rank gave, in rank order, on every rank. Numbers of values may differ. Collective.
    ///
    /// They travel as they lie in memory, since all ranks run the same build.
    package func allGather<Value: BitwiseCopyable>(_ values: [Value]) -> [[Value]] {
        allGather(values.withUnsafeBytes { [UInt8]($0) }).map { (bytes: [UInt8]) in
            bytes.withUnsafeBytes { raw in
                stride(from: 0, to: raw.count, by: MemoryLayout<Value>.stride).map { raw.loadUnaligned(fromByteOffset: $0, as: Value.self) }
            }
        }
    }

    /// The text that each rank gave, in rank order, on every rank. Collective.
    package func allGather(_ text: String) -> [String] {
        allGather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
}
