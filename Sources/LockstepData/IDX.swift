import LockstepTensor

/// The format of the MNIST files: `0 0 type rank`, then `rank` lengths and the elements, all big-endian.
///
/// Source: the description at the end of http://yann.lecun.com/exdb/mnist/.
public enum IDX {
    /// The array in an IDX file, plain or gzipped (told by its first bytes, not by its name).
    ///
    /// `uint8` elements stay `uint8` and are kept only once in memory; `int8`, `int16` and `int32` become `int32`;
    /// `float` and `double` become `float32`.
    ///
    /// - Returns: a tensor with the file's shape: `[60000, 28, 28]` for MNIST's training images, `[60000]` for labels.
    /// - Throws: `DataError` where the file is missing, empty, no IDX file, damaged, shorter or longer than its header says.
    public static func read(_ path: String) throws -> Tensor { try open(path).tensor() }

    /// The array in an IDX file as it lies there, to be made a tensor of the type that is needed.
    ///
    /// - Throws: as `read`, but for numbers that a type cannot hold.
    public static func open(_ path: String) throws -> StoredArray {
        let file = try ByteBuffer(contentsOf: path, first: longestHeader) { first, length in
            guard !Gzip.isGzip(first) else { return }
            let (type, shape, header) = try self.header(first, source: path)
            try StoredArray.validate(shape, of: type, byteCount: length - header, source: path)
        }
        guard file.withBytes(Gzip.isGzip) else { return try decode(file, source: path) }
        // The header says how much there is to inflate.
        let first = try Gzip.prefix(of: file, count: longestHeader, source: path)
        let (type, shape, header) = try first.withBytes { try self.header($0, source: path) }
        let (length, overflow) = header.addingReportingOverflow(try StoredArray.byteCount(shape, of: type, source: path))
        guard !overflow else { throw DataError(path, "its header says shape \(shape), which is more than memory can hold") }
        return try decode(try Gzip.inflate(file, count: length, source: path), source: path)
    }

    /// The array in the bytes of a plain IDX file.
    private static func decode(_ buffer: ByteBuffer, source: String) throws -> StoredArray {
        let (type, shape, header) = try buffer.withBytes { try self.header($0, source: source) }
        return try StoredArray(of: type, shape: shape, bigEndian: true, in: buffer, at: header, source: source)
    }

    /// The type, the rank, and a length for each axis.
    private static func header(_ bytes: UnsafeRawBufferPointer, source: String) throws -> (ElementType, Shape, byteCount: Int) {
        guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, let type = elementTypes[bytes[2]] else {
            let found = bytes.prefix(4).map { hexadecimal($0) }.joined(separator: " ")
            throw DataError(
                source,
                "expected an IDX file (first bytes 00 00, a type 08 09 0b 0c 0d 0e, the rank), found \(found.isEmpty ? "nothing" : found)")
        }
        let rank = Int(bytes[3])
        let header = 4 + 4 * rank
        guard bytes.count >= header else {
            throw DataError(
                source, "expected a header of \(header) bytes for \(rank) axes, found \(bytes.count) bytes: the file is cut short")
        }
        let dimensions = (0 ..< rank).map { Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * $0, as: UInt32.self))) }
        return (type, Shape(dimensions), header)
    }

    /// That of 255 axes.
    private static let longestHeader = 4 + 4 * 255

    private static let elementTypes: [UInt8: ElementType] = [
        0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
    ]

    private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
