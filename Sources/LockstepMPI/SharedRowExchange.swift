import CMPI
import LockstepCommunication

/// Row gradients of ranks: within a host in memory that its ranks map, between hosts by messages.
///
///     window = [lines of counters per rank | row numbers | changed | floats], each of all shards, host by host
///
/// A rank fills the places of its shards. Once all ranks of a host have, its first rank sends all of the host's places to the other
/// hosts' first ranks, in place; where there is one host, nothing is sent. Places that a short batch leaves empty travel along.
///
/// Counters tell the other ranks of the host how many steps this one is: `filled` its places, `received` those of other hosts,
/// `replaced` what it takes, and no longer needs, `read`.
///
/// # Why memory may be written again
/// - *A place of this rank's shards after `begin`*: it returns once all ranks of the host have `read` the step before; and so had
///   received, after the first rank had sent.
/// - *A place of another host's, by a message*: the first rank takes it after all ranks of its host have filled theirs in this step, and so
///   have read the step before.
/// - *A place that is replaced*: after all places were received, only the rank that takes the row reads it.
///
/// Making one is collective. Messages go on after all of the gradient reduction's, in the same order on every host.
final class SharedRowExchange: RowExchange {
    let layout: RowLayout
    let ownShards: Range<Int>
    let indices: UnsafeMutablePointer<Int32>, changed: UnsafeMutablePointer<Int32>
    let rows: UnsafeMutablePointer<Float>
    let part: (index: Int, count: Int)
    var owners: UnsafePointer<Int32> { UnsafePointer(shardOfPlaces.start) }
    private let communicator: MPICommunicator
    private let window: SharedWindow
    private let counters: SharedCounters
    /// By shard, where it lies among all.
    private let order: [Int]
    private let shardOfPlaces: Int32List
    /// Of each host, for the messages.
    private let indexCounts: Int32List, indexPlaces: Int32List, rowCounts: Int32List, rowPlaces: Int32List
    private let request: UnsafeMutablePointer<MPI_Request?>
    private var steps: UInt64 = 0

    private enum Counter {
        static let filled = 0
        static let received = 1
        static let replaced = 2
        static let read = 3
    }

    init(_ layout: RowLayout, _ communicator: MPICommunicator, sharing: Bool) {
        (self.layout, self.communicator) = (layout, communicator)
        let size = communicator.size
        if communicator.hosts.count > 1, layout.count * layout.width > Int(Int32.max) {
            communicator.failTogether(
                "row gradients: \(layout.count) rows of \(layout.width) floats are more than a message between hosts holds; make batches smaller"
            )
        }
        let shards = communicator.hosts.map { ranks in ranks.flatMap { balancedPart($0, of: size, count: layout.shards) } }
        ownShards = balancedPart(communicator.rank, of: size, count: layout.shards)
        part = sharing ? (communicator.localRank, communicator.localSize) : (0, 1)
        var order = [Int](repeating: 0, count: layout.shards)
        for (place, shard) in shards.joined().enumerated() { order[shard] = place }
        self.order = order
        shardOfPlaces = Int32List(Array(shards.joined()))

        func pages(_ bytes: Int) -> Int { (bytes + SharedWindow.page - 1) / SharedWindow.page * SharedWindow.page }
        let counterBytes = pages(SharedCounters.byteCount(communicator)), numberBytes = pages(4 * layout.count)
        let rowsAt = counterBytes + 2 * numberBytes, rowBytes = 4 * layout.capacity * layout.width
        let own = ownShards.map { rowsAt + order[$0] * rowBytes ..< rowsAt + (order[$0] + 1) * rowBytes }
        window = communicator.makeWindow(byteCount: rowsAt + layout.shards * rowBytes, own: own)
        counters = SharedCounters(at: window.base, communicator)
        indices = (window.base + counterBytes).bindMemory(to: Int32.self, capacity: layout.count)
        changed = (window.base + counterBytes + numberBytes).bindMemory(to: Int32.self, capacity: layout.count)
        rows = (window.base + rowsAt).bindMemory(to: Float.self, capacity: layout.count * layout.width)
        for shard in ownShards {
            (changed + order[shard] * layout.capacity).update(repeating: -1, count: layout.capacity)
            (indices + order[shard] * layout.capacity).update(repeating: -1, count: layout.capacity)
        }

        let counts = shards.map { $0.count * layout.capacity }
        let places = counts.indices.map { counts[..<$0].reduce(0, +) }
        (indexCounts, indexPlaces) = (Int32List(counts), Int32List(places))
        (rowCounts, rowPlaces) = (Int32List(counts.map { $0 * layout.width }), Int32List(places.map { $0 * layout.width }))
        request = .allocate(capacity: 1)
        request.initialize(to: nil)
    }

    deinit {
        window.drop()
        request.deallocate()
    }

    func places(ofShard shard: Int) -> Range<Int> { order[shard] * layout.capacity ..< (order[shard] + 1) * layout.capacity }

    func begin() { counters.wait(for: steps, in: Counter.read, "row gradients of the last step") }

    func ready() {
        steps += 1
        counters.store(steps, in: Counter.filled)
    }

    func finish() {
        if communicator.localRank == 0 {
            counters.wait(for: steps, in: Counter.filled, "row gradients")
            if communicator.hosts.count > 1 { exchangeBetweenHosts() }
            counters.store(steps, in: Counter.received)
        } else {
            counters.wait(for: steps, in: Counter.received, first: 1, "row gradients")
        }
    }

    func exchange() {
        counters.store(steps, in: Counter.replaced)
        if part.count > 1 { counters.wait(for: steps, in: Counter.replaced, "the other ranks' part of the update") }
    }

    func end() { counters.store(steps, in: Counter.read) }

    /// Gives the other hosts this one's places, and takes theirs.
    private func exchangeBetweenHosts() {
        let lane = communicator.laneScatters
        communicator.check(
            MPI_Iallgatherv(
                cmpi_in_place(), 0, cmpi_float(), indices, indexCounts.start, indexPlaces.start, cmpi_float(), lane, request),
            "MPI_Iallgatherv")
        wait(for: "MPI_Iallgatherv")
        communicator.check(
            MPI_Iallgatherv(cmpi_in_place(), 0, cmpi_float(), rows, rowCounts.start, rowPlaces.start, cmpi_float(), lane, request),
            "MPI_Iallgatherv")
        wait(for: "MPI_Iallgatherv")
    }

    private func wait(for operation: StaticString) {
        communicator.waiting.wait(for: operation, on: communicator) { communicator.isComplete(request, operation) }
    }
}
