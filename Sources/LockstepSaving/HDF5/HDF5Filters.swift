import CDeflate
import LockstepData

/// What was done to the blocks of a dataset when they were written, to be undone in reverse.
struct HDF5Filters {
    private enum Filter {
        case deflate
        /// The first bytes of all elements, then the second ones, …; the size of an element.
        case shuffle(Int)
        /// Four bytes behind the others.
        case checksum
        case other(Int)
    }

    private let filters: [Filter]
    static let none = HDF5Filters()
    private init() { filters = [] }

    init(_ message: HDF5Cursor) throws {
        var cursor = message
        let (version, count) = (try cursor.byte(), try cursor.byte())
        guard version == 1 || version == 2 else { throw HDF5Failure.damaged("version \(version) of its filters") }
        if version == 1 { try cursor.skip(6) }
        filters = try (0 ..< count).map { _ in
            let number = try cursor.number(2)
            let nameLength = version == 1 || number >= 256 ? try cursor.number(2) : 0
            try cursor.skip(2)  // whether it may fail
            let values = try cursor.number(2)
            try cursor.skip(version == 1 ? (nameLength + 7) & ~7 : nameLength)
            var arguments = try cursor.part(4 * values)
            if version == 1, values % 2 == 1 { try cursor.skip(4) }
            switch number {
            case 1: return .deflate
            case 2: return .shuffle(try arguments.number(4))
            case 3: return .checksum
            default: return .other(number)
            }
        }
    }

    /// The bytes of a block as they were before the filters, all `count` of them.
    ///
    /// - Parameter mask: a bit for each filter that was left out.
    func undo(_ stored: HDF5Cursor, mask: Int, count: Int, source: String) throws -> ByteBuffer {
        var bytes = try ByteBuffer(capacity: stored.left, source: source)
        stored.withBytes { if let base = $0.baseAddress { bytes.pointer.copyMemory(from: base, byteCount: $0.count) } }
        bytes.count = stored.left
        let applied = filters.enumerated().filter { $0.offset >= 32 || mask >> $0.offset & 1 == 0 }.map(\.element)
        for (index, filter) in applied.enumerated().reversed() {
            switch filter {
            case .deflate:
                // Only checksums of the filters before it make it longer than the elements are.
                let checksums = applied[..<index].reduce(0) { if case .checksum = $1 { $0 + 4 } else { $0 } }
                bytes = try HDF5Filters.inflate(bytes, count: count + checksums, source: source)
            case .shuffle(let size): bytes = try HDF5Filters.unshuffle(bytes, size: size, source: source)
            case .checksum: try HDF5Filters.verify(bytes)
            case .other(let number): throw HDF5Failure.notRead("is compressed by filter \(number)")
            }
        }
        guard bytes.count == count else { throw HDF5Failure.damaged("a block of \(bytes.count) bytes, where \(count) are expected") }
        return bytes
    }

    private static func inflate(_ bytes: ByteBuffer, count: Int, source: String) throws -> ByteBuffer {
        // Deflate makes at most 1032 bytes of one.
        guard count / 1032 <= bytes.count else { throw HDF5Failure.damaged("a block of \(bytes.count) bytes cannot be \(count) inflated") }
        guard let decompressor = libdeflate_alloc_decompressor() else { throw DataError(source, "no memory to inflate it") }
        defer { libdeflate_free_decompressor(decompressor) }
        let output = try ByteBuffer(capacity: count, source: source)
        // Succeeds only where exactly `count` bytes come out, and their Adler-32 is right.
        guard libdeflate_zlib_decompress(decompressor, bytes.pointer, bytes.count, output.pointer, count, nil) == LIBDEFLATE_SUCCESS else {
            throw HDF5Failure.damaged("a block cannot be inflated")
        }
        output.count = count
        return output
    }

    private static func unshuffle(_ bytes: ByteBuffer, size: Int, source: String) throws -> ByteBuffer {
        guard size > 1, bytes.count >= size else { return bytes }
        let output = try ByteBuffer(capacity: bytes.count, source: source), elements = bytes.count / size
        let (from, to) = (bytes.pointer.assumingMemoryBound(to: UInt8.self), output.pointer.assumingMemoryBound(to: UInt8.self))
        for byte in 0 ..< size { for element in 0 ..< elements { to[element * size + byte] = from[byte * elements + element] } }
        // What is no whole element stays behind.
        let rest = elements * size
        (to + rest).update(from: from + rest, count: bytes.count - rest)
        output.count = bytes.count
        return output
    }

    /// Fletcher's sums of 16-bit words, most significant byte first, modulo 65535; taken off the bytes when they are right.
    private static func verify(_ bytes: ByteBuffer) throws {
        guard bytes.count >= 4 else { throw HDF5Failure.damaged("a block without its checksum") }
        let count = bytes.count - 4
        let (first, second, stored) = bytes.withBytes { bytes in
            var (first, second): (UInt64, UInt64) = (0, 0)
            for index in stride(from: 0, to: count, by: 2) {
                first += UInt64(bytes[index]) << 8 | (index + 1 < count ? UInt64(bytes[index + 1]) : 0)
                first %= 65535
                second = (second + first) % 65535
            }
            return (first, second, (0 ..< 4).reduce(UInt64(0)) { $0 | UInt64(bytes[count + $1]) << (8 * $1) })
        }
        // A sum of 65535 is the same as one of 0.
        guard stored & 0xffff % 65535 == first, (stored >> 16) % 65535 == second else {
            throw HDF5Failure.damaged("a block whose checksum is not the one that was written")
        }
        bytes.count = count
    }
}
