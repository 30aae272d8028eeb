import Foundation

/// A member as a zip archive's directory describes it, true or not.
struct ZipMember {
    var name: String
    var bytes: [UInt8] = []
    /// What the directory says where that is not the truth.
    var claimedStored: UInt64?
    var claimedInflated: UInt64?
    var method: UInt16 = 0
    /// The member whose bytes this one shows; its own where `nil`.
    var sharing: Int?
}

/// The bytes of an archive, written by hand (PKWARE's APPNOTE 4.3), so that its directory can lie.
func zipBytes(_ members: [ZipMember]) -> [UInt8] {
    func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    var result: [UInt8] = [], directory: [UInt8] = [], offsets: [Int] = []
    for member in members {
        offsets.append(member.sharing.map { offsets[$0] } ?? result.count)
        let bytes = member.sharing.map { members[$0].bytes } ?? member.bytes
        let (stored, inflated) = (member.claimedStored ?? UInt64(bytes.count), member.claimedInflated ?? UInt64(bytes.count))
        // Sizes beyond 32 bits stand in an extra field.
        let isLarge = max(stored, inflated) > UInt64(UInt32.max)
        let extra = isLarge ? little(UInt16(1)) + little(UInt16(16)) + little(inflated) + little(stored) : []
        let sizes = isLarge ? little(UInt32.max) + little(UInt32.max) : little(UInt32(stored)) + little(UInt32(inflated))
        let common =
            little(UInt16(45)) + little(UInt16(0x800)) + little(member.method) + little(UInt32(0x0021_0000)) + little(crc32(bytes)) + sizes
            + little(UInt16(member.name.utf8.count)) + little(UInt16(extra.count))
        if member.sharing == nil { result += [0x50, 0x4b, 3, 4] + common + Array(member.name.utf8) + extra + bytes }
        directory +=
            [0x50, 0x4b, 1, 2] + little(UInt16(45)) + common + [UInt8](repeating: 0, count: 10) + little(UInt32(offsets.last!))
            + Array(member.name.utf8) + extra
    }
    let count = little(UInt16(members.count))
    let end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count)) + little(UInt32(result.count)) + [0, 0]
    return result + directory + end
}

/// The CRC-32 of ISO-HDLC, a bit at a time.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
        (0 ..< 8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
    }
}
