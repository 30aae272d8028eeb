import CDeflate

/// Images in the form of PNG (ISO/IEC 15948), 8 bits a channel.
enum PNG {
    /// - Parameters:
    ///   - pixels: row by row, the channels of each pixel side by side.
    ///   - channels: 1 grey, 2 grey and opacity, 3 RGB, 4 RGBA.
    static func file(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> [UInt8] {
        let colorType: UInt8 = [0, 4, 2, 6][channels - 1]
        let row = width * channels
        // Each row behind the number of its filter, 0: none.
        let rows = (0 ..< height).flatMap { [0] + pixels[$0 * row ..< ($0 + 1) * row] }
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
            + chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, colorType, 0, 0, 0]) + chunk("IDAT", compressed(rows))
            + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        return bigEndian(content.count) + body + bigEndian(Int(libdeflate_crc32(0, body, body.count)))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) } }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let compressor = libdeflate_alloc_compressor(6)
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            count = libdeflate_zlib_compress(compressor, bytes, bytes.count, buffer.baseAddress, bound)
        }
    }
}
