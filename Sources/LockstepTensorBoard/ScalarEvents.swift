import SwiftProtobuf

/// The events of one number, which may be of every step: what is the same in all of them is serialized once.
///
/// They differ in time and step, the event's first fields, and in the value, whose bytes are the last of the last field.
struct ScalarEvents {
    private let summary: [UInt8]

    /// - Parameter scalar: any of them but the first, which has metadata, too.
    init(_ scalar: Summary) { summary = try! scalar.event(isFirst: false).summary.serializedBytes() }

    /// Appends one, as protocol buffers are encoded.
    func append(_ time: Double, _ step: Int, _ value: Float, to bytes: inout [UInt8]) {
        bytes.append(Key.wallTime)
        withUnsafeBytes(of: time.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(Key.step)
        append(UInt64(bitPattern: Int64(step)), to: &bytes)
        bytes.append(Key.summary)
        append(UInt64(summary.count), to: &bytes)
        bytes += summary.dropLast(MemoryLayout<Float>.size)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Seven bits a byte, the lowest first.
    private func append(_ varint: UInt64, to bytes: inout [UInt8]) {
        var rest = varint
        while rest > 0x7f {
            bytes.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// What stands before the fields of an event: number << 3 | type.
    private enum Key {
        static let wallTime: UInt8 = 1 << 3 | 1, step: UInt8 = 2 << 3 | 0, summary: UInt8 = 5 << 3 | 2
    }
}
