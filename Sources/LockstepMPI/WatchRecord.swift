import CMPI
import Foundation
import LockstepCommunication

/// Where a rank's training thread is. That thread alone writes, by plain release stores: no lock, no call, no memory. The
/// watchdog's thread reads whenever it likes; words of different moments do no harm.
///
/// The memory is an unnamed file (`memfd_create`), so that others on this host can map it and still read where a rank was
/// after it has died; there is no name that could be left behind.
final class WatchRecord: @unchecked Sendable {
    private enum Word: Int, CaseIterable { case position, notes, entered, operation, beats, limit }
    private let words: UnsafeMutablePointer<UInt64>
    /// The file, -1 if there is none: the system refused, and the memory is this process's alone.
    let descriptor: Int32
    private static let byteCount = 4096

    /// The record of this process; it stays as long as the process does.
    init() {
        descriptor = cmpi_unnamed_file("lockstep-watch")
        if descriptor >= 0, ftruncate(descriptor, Self.byteCount) == 0, let words = Self.map(descriptor, PROT_READ | PROT_WRITE) {
            self.words = words
        } else {
            words = .allocate(capacity: Self.byteCount / 8)
            words.initialize(repeating: 0, count: Self.byteCount / 8)
        }
        words[Word.position.rawValue] = UInt64(Phase.other.rawValue)
    }

    /// The record of another process on this host, to read; nil if it cannot be had.
    init?(of place: WatchPlace) {
        guard place.record >= 0 else { return nil }
        let file = open("/proc/\(place.pid)/fd/\(place.record)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size == Self.byteCount, let words = Self.map(file, PROT_READ) else { return nil }
        self.words = words
        descriptor = -1
    }

    private static func map(_ descriptor: Int32, _ protection: Int32) -> UnsafeMutablePointer<UInt64>? {
        let start = mmap(nil, byteCount, protection, MAP_SHARED, descriptor, 0)
        return start == MAP_FAILED ? nil : start?.bindMemory(to: UInt64.self, capacity: byteCount / 8)
    }

    private func store(_ value: UInt64, _ word: Word) { cmpi_store_release(words + word.rawValue, value) }
    private func increment(_ word: Word) { store(words[word.rawValue] &+ 1, word) }
    private func load(_ word: Word) -> UInt64 { cmpi_load_acquire(words + word.rawValue) }

    // MARK: The training thread

    func note(_ phase: Phase, step: Int) {
        store(UInt64(truncatingIfNeeded: step) << 8 | UInt64(phase.rawValue), .position)
        increment(.notes)
    }

    /// This rank takes part in an operation of all ranks from now until `leave`.
    func enter(_ operation: StaticString) {
        increment(.entered)
        store(UInt64(UInt(bitPattern: operation.utf8Start)), .operation)
    }

    func leave() { store(0, .operation) }

    /// The training thread is alive while it waits: called now and then.
    func beat() { increment(.beats) }

    // MARK: Both

    /// Nanoseconds without progress after which the job is stuck.
    var limit: UInt64 {
        get { load(.limit) }
        set { store(newValue, .limit) }
    }

    // MARK: The watchdog's thread

    /// Step and phase, also of another process.
    var position: UInt64 { load(.position) }

    var snapshot: WatchSnapshot {
        var name = SIMD4<UInt64>()
        if let text = UnsafePointer<CChar>(bitPattern: UInt(load(.operation))) {
            withUnsafeMutableBytes(of: &name) { bytes in
                for index in 0 ..< bytes.count - 1 where text[index] == 0 || index == bytes.count - 2 {
                    bytes.copyMemory(from: UnsafeRawBufferPointer(start: text, count: index))
                    return
                }
            }
        }
        return WatchSnapshot(
            position: load(.position), notes: load(.notes), entered: load(.entered), operation: name, beats: load(.beats))
    }
}

/// A record as it goes from rank to rank.
struct WatchSnapshot {
    var position = UInt64(Phase.other.rawValue)
    var notes: UInt64 = 0
    /// Operations of all ranks that this rank has entered. All ranks enter the same ones in the same order.
    var entered: UInt64 = 0
    /// The name of the one it waits in, zeros if none.
    var operation = SIMD4<UInt64>()
    var beats: UInt64 = 0

    var step: Int { Int(position >> 8) }
    var phase: Phase { Phase(rawValue: Int(position & 0xFF)) ?? .other }
    var isWaiting: Bool { operation[0] != 0 }
    var operationName: String {
        withUnsafeBytes(of: operation) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Whether the rank is where it was: no phase begun, no operation entered or left.
    func isSamePlace(_ other: WatchSnapshot) -> Bool {
        position == other.position && notes == other.notes && entered == other.entered && isWaiting == other.isWaiting
    }
}
