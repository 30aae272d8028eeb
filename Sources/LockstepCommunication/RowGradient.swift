/// The gradient of a table of which only some rows were used, as of an embedding: `values` holds `width` floats for each
/// of `rows`, in their order. A row may occur several times; its gradient is the sum of them.
public struct RowGradient: Equatable, Sendable {
    public let width: Int
    public let rows: [Int32]
    public let values: [Float]

    public init(width: Int, rows: [Int32], values: [Float]) {
        precondition(values.count == rows.count * width, "\(rows.count) rows of \(width) are not \(values.count) floats")
        (self.width, self.rows, self.values) = (width, rows, values)
    }
}

extension Communicator {
    /// The row gradients of all ranks' shards, in the order of shards, on every rank. Collective.
    ///
    /// What travels are the rows that were used, not the table. They are not summed: who adds them to a table does so for
    /// each row in the order of shards, or in the fixed tree, and has the same bytes on every rank.
    ///
    /// - Parameter gradients: of this rank's shards, in order; ranks may have different numbers of them, of any numbers of
    ///   rows. All have the same width; another ends the job.
    public func gather(_ gradients: [RowGradient]) -> [RowGradient] {
        var bytes: [UInt8] = []
        for gradient in gradients {
            withUnsafeBytes(of: (Int64(gradient.width), Int64(gradient.rows.count))) { bytes += $0 }
            gradient.rows.withUnsafeBytes { bytes += $0 }
            gradient.values.withUnsafeBytes { bytes += $0 }
        }
        var gathered: [RowGradient] = []
        for (rank, bytes) in allGather(bytes).enumerated() {
            var place = 0
            func read<T>(_ type: T.Type, _ count: Int) -> [T] {
                defer { place += count * MemoryLayout<T>.stride }
                return bytes.withUnsafeBytes { raw in
                    (0 ..< count).map { raw.loadUnaligned(fromByteOffset: place + $0 * MemoryLayout<T>.stride, as: type) }
                }
            }
            while place < bytes.count {
                let (width, count) = (Int(read(Int64.self, 1)[0]), Int(read(Int64.self, 1)[0]))
                if let first = gathered.first, first.width != width {
                    fail("gather: rows of \(width) floats from rank \(rank), of \(first.width) from others; give the same table's")
                }
                let rows = read(Int32.self, count)
                gathered.append(RowGradient(width: width, rows: rows, values: read(Float.self, count * width)))
            }
        }
        return gathered
    }
}
