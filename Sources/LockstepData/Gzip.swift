import CDeflate
import CZlib

/// Gzip streams (RFC 1952).
///
/// The first bytes are inflated by zlib, which stops where it is told to; they say how long the rest is. All of it is then inflated
/// at once by libdeflate, about three times as fast.
package enum Gzip {
    /// Whether the bytes begin as a gzip stream does.
    package static func isGzip(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
    }

    /// The most bytes that a stream of `count` can hold: deflate makes at most 1032 bytes of one.
    package static func mostInflated(_ count: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: 1032)
        return overflow ? .max : product
    }

    /// The first `count` bytes that the stream holds, or as many as there are.
    ///
    /// - Throws: `DataError` for `source` where the stream is damaged before them.
    package static func prefix(of compressed: ByteBuffer, count: Int, source: String) throws -> ByteBuffer {
        let output = try ByteBuffer(capacity: count, source: source)
        var stream = z_stream()
        // 15 bits of window, and 16 for a gzip header.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw DataError(source, "no memory to inflate it")
        }
        defer { inflateEnd(&stream) }
        try compressed.withBytes { input in
            var consumed = 0
            while output.count < count, consumed < input.count {
                let given = min(input.count - consumed, 1 << 16), room = count - output.count
                stream.next_in = .init(mutating: input.baseAddress!.assumingMemoryBound(to: UInt8.self) + consumed)
                stream.avail_in = UInt32(given)
                stream.next_out = output.pointer.assumingMemoryBound(to: UInt8.self) + output.count
                stream.avail_out = UInt32(room)
                let result = CZlib.inflate(&stream, Z_NO_FLUSH)
                consumed += given - Int(stream.avail_in)
                output.count += room - Int(stream.avail_out)
                switch result {
                case Z_OK: break
                case Z_STREAM_END: inflateReset(&stream)
                default: throw damage(consumed, input.count, source)
                }
            }
        }
        return output
    }

    /// All members of the stream, inflated one after the other.
    ///
    /// - Parameter count: how many bytes they hold.
    /// - Throws: `DataError` for `source` where they hold more, where the stream is cut short, damaged (each member carries a CRC-32
    ///   and its length), or followed by something else.
    package static func inflate(_ compressed: ByteBuffer, count: Int, source: String) throws -> ByteBuffer {
        try compressed.withBytes { try inflate($0, count, source) }
    }

    private static func inflate(_ input: UnsafeRawBufferPointer, _ count: Int, _ source: String) throws -> ByteBuffer {
        guard count <= mostInflated(input.count) else {
            throw DataError(
                source, "says that it holds \(count) bytes, which its \(input.count) compressed ones cannot make: the file is cut short")
        }
        guard let decompressor = libdeflate_alloc_decompressor() else { throw DataError(source, "no memory to inflate it") }
        defer { libdeflate_free_decompressor(decompressor) }
        let output = try ByteBuffer(capacity: count, source: source)
        var consumed = 0
        while consumed < input.count {
            var read = 0
            var written = 0
            let result = libdeflate_gzip_decompress_ex(
                decompressor, input.baseAddress! + consumed, input.count - consumed,
                output.pointer + output.count, count - output.count, &read, &written)
            switch result {
            case LIBDEFLATE_SUCCESS:
                consumed += read
                output.count += written
            case LIBDEFLATE_INSUFFICIENT_SPACE:
                throw DataError(source, "holds more than the \(count) bytes that its header says, or is damaged")
            default: throw damage(consumed, input.count, source)
            }
        }
        return output
    }

    private static func damage(_ consumed: Int, _ count: Int, _ source: String) -> DataError {
        DataError(
            source,
            """
            the gzip stream is damaged or cut short (of \(count) bytes, the \(count - consumed) from byte \(consumed) on are not a \
            whole member with a matching checksum); copy or download the file again
            """)
    }
}
