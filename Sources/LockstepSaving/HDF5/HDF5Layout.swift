/// Where the elements of a dataset lie.
enum HDF5Layout {
    /// In the header.
    case compact(HDF5Cursor)
    /// One after the other, from an address on; `nil` where nothing was written yet.
    case contiguous(Int?)
    /// In blocks of `lengths` elements, which a B-tree leads to.
    case chunked(tree: Int?, lengths: [Int])
    /// In one block, which may be filtered: of `size` bytes then.
    case singleChunk(Int?, size: Int?, filterMask: Int)

    /// - Parameter rank: the number of the dataset's axes.
    init(_ message: HDF5Cursor, rank: Int) throws {
        var cursor = message
        let version = try cursor.byte()
        guard version == 3 || version == 4 else { throw HDF5Failure.notRead("is laid out in the way of version \(version)") }
        switch try cursor.byte() {
        case 0: self = .compact(try cursor.part(cursor.number(2)))
        case 1: self = .contiguous(try cursor.address())
        case 2 where version == 3:
            guard try cursor.byte() == rank + 1 else { throw HDF5Failure.damaged("its blocks have other axes than it") }
            let tree = try cursor.address()
            let lengths = try (0 ..< rank).map { _ in try cursor.number(4) }
            guard lengths.allSatisfy({ $0 > 0 }) else { throw HDF5Failure.damaged("a block without elements") }
            self = .chunked(tree: tree, lengths: lengths)
        case 2:
            let flags = try cursor.byte(), axes = try cursor.byte(), width = try cursor.byte()
            guard axes == rank + 1, (1 ... 8).contains(width) else { throw HDF5Failure.damaged("its blocks have other axes than it") }
            try cursor.skip(axes * width)  // the whole shape
            guard try cursor.byte() == 1 else { throw HDF5Failure.notRead("keeps its blocks in an index of HDF5 1.10") }
            let filtered = flags & 2 != 0 ? (size: try cursor.number(8), mask: try cursor.number(4)) : nil
            self = .singleChunk(try cursor.address(), size: filtered?.size, filterMask: filtered?.mask ?? 0)
        case 3: throw HDF5Layout.elsewhere
        default: throw HDF5Failure.damaged("it is laid out in an unknown way")
        }
    }

    static let elsewhere = HDF5Failure(message: "lies in another file, which is not read; save the model in one file")
}

/// A block of a dataset's elements.
struct HDF5Chunk {
    /// The place of the first element in the dataset.
    let offsets: [Int]
    let address: Int
    /// Bytes in the file.
    let size: Int
    /// A bit for each filter that was left out.
    let filterMask: Int

    static func list(_ file: HDF5File, at tree: Int, rank: Int) throws -> [HDF5Chunk] {
        var chunks: [HDF5Chunk] = []
        try HDF5BTree.forEachLeaf(file, tree, kind: 1, keySize: 8 + 8 * (rank + 1)) { key, address in
            guard let address else { return }
            var key = key
            let (size, mask) = (try key.number(4), try key.number(4))
            chunks.append(
                HDF5Chunk(offsets: try (0 ..< rank).map { _ in try key.number(8) }, address: address, size: size, filterMask: mask))
        }
        return chunks
    }
}
