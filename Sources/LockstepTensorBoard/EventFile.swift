import Foundation
import LockstepSystem
import SwiftProtobuf
import Synchronization

/// An event file of TensorBoard: events one behind the other, each framed as TFRecord frames it.
///
///     length: UInt64, masked CRC-32C of the length: UInt32, the event, masked CRC-32C of the event: UInt32; little endian
///
/// Whoever reads the file while it grows sees whole events: what could not be written in full is taken back.
final class EventFile {
    let path: String
    private var descriptor: Int32 = -1
    /// Framed events that are not in the file yet.
    private var pending: [UInt8] = []
    private var hasGivenUp = false

    /// The most bytes that wait for a disk with room.
    private static let mostPending = 64 << 20

    /// Nothing is made before the first event.
    init(in directory: String) {
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let number = EventFile.count.withLock { count in
            count += 1
            return count
        }
        // As TensorFlow names them.
        path = "\(directory)/events.out.tfevents.\(String(format: "%010d", time(nil))).\(name).\(getpid()).\(number).v2"
        append(
            .with {
                $0.wallTime = EventFile.now
                $0.fileVersion = "brain.Event:2"
                $0.sourceMetadata.writer = "lockstep"
            })
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static let count = Mutex(0)

    /// Seconds since 1970.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    func append(_ event: ProtoEvent) {
        // Events are of this module's own making: they are always whole.
        append { $0 += try! event.serializedBytes() as [UInt8] }
    }

    /// Appends an event, whose bytes `body` appends.
    func append(_ body: (inout [UInt8]) -> Void) {
        if hasGivenUp { return }
        let start = pending.count, header = 12
        pending.append(contentsOf: repeatElement(0, count: header))
        body(&pending)
        let sum = pending.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt64(bytes.count - start - header).littleEndian, toByteOffset: start, as: UInt64.self)
            let length = CRC32C.masked(UnsafeRawBufferPointer(rebasing: bytes[start ..< start + 8]))
            bytes.storeBytes(of: length.littleEndian, toByteOffset: start + 8, as: UInt32.self)
            return CRC32C.masked(UnsafeRawBufferPointer(rebasing: bytes[(start + header)...]))
        }
        withUnsafeBytes(of: sum.littleEndian) { pending.append(contentsOf: $0) }
    }

    /// Writes what has been appended. What cannot be written is warned of once, and tried again with what comes next.
    func flush() {
        guard !pending.isEmpty else { return }
        if let failure = write() {
            Console.warn(
                "\(path): events cannot be written: \(String(cString: strerror(failure))); training goes on, and what is not on the disk yet is tried again"
            )
            guard pending.count > EventFile.mostPending else { return }
            Console.warn("\(path): given up, as \(pending.count >> 20) MB of events found no room; training goes on without them")
            (pending, hasGivenUp) = ([], true)
        }
    }

    /// - Returns: what was wrong; `nil` if all is written.
    private func write() -> Int32? {
        if descriptor < 0 {
            do { try FileManager.default.createDirectory(atPath: Files.folder(of: path), withIntermediateDirectories: true) } catch {}
            descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
            if descriptor < 0 { return errno }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return errno }
        if let failure = pending.withUnsafeBytes({ Files.write($0, to: descriptor) }) {
            ftruncate(descriptor, status.st_size)
            return failure
        }
        pending.removeAll(keepingCapacity: true)
        return nil
    }
}

/// The cyclic redundancy check of Castagnoli's polynomial (RFC 3720, B.4), and what TFRecord makes of it.
enum CRC32C {
    static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xa282_ead8
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            ~bytes.reduce(~0) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
        }
    }

    private static let table: [UInt32] = (0 ..< 256).map { index in
        (0 ..< 8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
    }
}
