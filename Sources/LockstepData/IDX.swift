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
    public static func read(_ path: String) throws -> Tensor {
        var bytes = try ByteBuffer(contentsOf: path)
        if bytes.withBytes(Gzip.isGzip) { bytes = try Gzip.inflate(bytes, source: path) }
        return try decode(bytes, source: path)
    }

    /// The array in the bytes of a plain IDX file. The tensor may be a view of `buffer`.
    package static func decode(_ buffer: ByteBuffer, source: String) throws -> Tensor {
        let (type, shape, header) = try buffer.withBytes { try self.header($0, source: source) }
        return try type.tensor(of: buffer, at: header, shape: shape, bigEndian: true, source: source)
    }

    /// What the header says, checked against the bytes that follow it.
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
        let shape = Shape(dimensions)
        guard let size = sizes(of: dimensions, elementSize: type.size) else {
            throw DataError(source, "its header says shape \(shape), which is more than memory can hold: the header is damaged")
        }
        guard bytes.count - header == size.bytes else {
            let found = bytes.count - header
            throw DataError(
                source,
                """
                its header says shape \(shape) of \(type.rawValue), \(size.bytes) bytes, found \(found): \
                \(found < size.bytes ? "the file is cut short" : "\(found - size.bytes) bytes too many")
                """)
        }
        return (type, shape, header)
    }

    private static let elementTypes: [UInt8: ElementType] = [
        0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
    ]

    private static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
