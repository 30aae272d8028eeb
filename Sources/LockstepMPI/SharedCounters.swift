import CMPI
import LockstepCommunication

/// A few counters for each rank of this host, in a window that all of them map, by which a rank tells the others how far it is.
///
/// What is counted, such as buckets or steps, is counted over all of training, so counters only grow. They are stored with release and
/// loaded with acquire: who sees a counter also sees the floats written before it, and reads of old floats came before the store that
/// lets another rank write new ones.
struct SharedCounters {
    private let communicator: MPICommunicator
    private let counters: UnsafeMutablePointer<UInt64>

    /// Two lines a rank, as cores fetch lines in pairs: no rank's store disturbs a load of another's counters.
    private static let perRank = 2 * 64 / 8

    /// Bytes that the counters of this host's ranks take.
    static func byteCount(_ communicator: MPICommunicator) -> Int { communicator.localSize * perRank * 8 }

    /// - Parameter address: in a window, zeros at first.
    init(at address: UnsafeMutableRawPointer, _ communicator: MPICommunicator) {
        self.communicator = communicator
        counters = address.bindMemory(to: UInt64.self, capacity: communicator.localSize * Self.perRank)
    }

    /// Sets this rank's counter.
    func store(_ value: UInt64, in counter: Int) {
        cmpi_store_release(counters + communicator.localRank * Self.perRank + counter, value)
    }

    /// Whether the counter has reached `count` on the first `ranks` ranks of this host, or on all.
    func all(have count: UInt64, in counter: Int, first ranks: Int? = nil) -> Bool {
        for rank in 0 ..< (ranks ?? communicator.localSize) {
            if cmpi_load_acquire(counters + rank * Self.perRank + counter) < count { return false }
        }
        return true
    }

    /// Returns when the counter has reached `count` on those ranks.
    func wait(for count: UInt64, in counter: Int, first ranks: Int? = nil, _ purpose: StaticString) {
        communicator.waiting.wait(for: purpose, on: communicator) { all(have: count, in: counter, first: ranks) }
    }
}
