/// Sounds in the form of WAV: RIFF, 16-bit linear PCM.
enum WAV {
    /// - Parameters:
    ///   - samples: from -1 to 1, frame by frame; what lies beyond is cut off.
    ///   - rate: frames a second.
    static func file(_ samples: some Collection<Float>, channels: Int, rate: Int) -> [UInt8] {
        let size = samples.count * 2
        let format = bytes(UInt16(1)) + bytes(UInt16(channels)) + bytes(UInt32(rate)) + bytes(UInt32(rate * channels * 2))
        let head = Array("RIFF".utf8) + bytes(UInt32(36 + size)) + Array("WAVEfmt ".utf8) + bytes(UInt32(16)) + format
        return head + bytes(UInt16(channels * 2)) + bytes(UInt16(16)) + Array("data".utf8) + bytes(UInt32(size))
            + samples.flatMap { bytes(Int16(max(-1, min(1, $0.isNaN ? 0 : $0)) * 32767)) }
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
}
