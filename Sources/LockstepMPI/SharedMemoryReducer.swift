import LockstepCommunication

/// Sums gradients of ranks on one host without messages: all arenas lie in memory that every rank maps (`SharedArenas`).
///
/// Each bucket is cut into one slice a rank. A rank sums its slice over the arenas of all shards, as soon as every rank has
/// announced the bucket, and leaves the sums in its own arena: no rank writes memory that it did not have in its cache, and
/// the sums take no memory of their own. The other ranks read them there. So each arena is read once and nothing is copied.
///
/// With sharing on, parts are cut anew, so that matrices stay whole rows. A rank sums its parts of the gradients when it is told
/// to, a block at a time, so that the sums never leave its first-level cache before they are replaced by what is made of them.
///
/// Counters tell the other ranks how far this one is:
/// - `announced`: buckets this rank has written in all of its arenas;
/// - `summed`: buckets whose slice it has summed;
/// - `replaced`: steps in which it has replaced its parts of the gradients;
/// - `read`: steps whose sums it no longer needs.
///
/// # Why memory may be written again
/// - *A slice of an arena, by its sum or its result*: only the rank that sums a slice reads it in any arena.
/// - *An arena after `begin`*: it returns once all ranks have `read` the sums of the step before.
///
/// Making one is collective. Ends the job if ranks are on several hosts, or if `ready` is called out of order.
final class SharedMemoryReducer: SharedSums {
    let layout: ReductionLayout
    var parts: [Range<Int>] { rankParts.ranges }
    private(set) var ownParts: [Range<Int>] = [], othersParts: [Range<Int>] = []
    private(set) var matrices: [GradientMatrix] = []
    var ownShards: Range<Int> { shared.ownShards }
    private let communicator: MPICommunicator
    private let shared: SharedArenas
    private let arraySum: ArraySum
    private var rankParts: RankParts
    /// The arena of each rank in which the sums of its parts are.
    private let homes: [UnsafePointer<Float>]
    private let ownHome: UnsafeMutablePointer<Float>
    /// For each bucket this rank's part that is summed as soon as the bucket is announced.
    private var slices: [Range<Int>]
    /// For sums that are asked for over several parts; made when that happens first.
    private var together: UnsafeMutablePointer<Float>?
    private var order: BucketOrder
    private var announced: UInt64 = 0
    private var summed: UInt64 = 0
    private var steps: UInt64 = 0

    /// Where the counters are among those of a rank.
    private enum Counter {
        static let announced = 0
        static let summed = 1
        static let replaced = 2
        static let read = 3
    }

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        if communicator.localSize != communicator.size {
            communicator.failTogether(
                "shared memory reduction: \(communicator.size) ranks, but only \(communicator.localSize) of them on this host; "
                    + "use 'hierarchical', 'exchange' or 'automatic'")
        }
        self.layout = layout
        self.communicator = communicator
        order = BucketOrder(layout.buckets.count)
        let shared = SharedArenas(layout, communicator)
        self.shared = shared
        arraySum = ArraySum((0 ..< layout.shards).map { shared.arena(ofShard: $0) })
        ownHome = shared.own(shared.ownShards.lowerBound)
        slices = shared.slices
        rankParts = RankParts(of: layout.buckets, ranks: communicator.size)
        homes = (0 ..< communicator.size).map { shared.arena(ofShard: layout.shards(ofRank: $0, size: communicator.size).lowerBound) }
    }

    deinit { together?.deallocate() }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { shared.own(shard) }

    func begin() { shared.counters.wait(for: steps, in: Counter.read, "gradient reduction") }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        announced += 1
        shared.counters.store(announced, in: Counter.announced)
        sumWhatIsAnnounced()
    }

    func finish() {
        order.finish(communicator)
        steps += 1
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            sumWhatIsAnnounced()
            return shared.counters.all(have: announced, in: Counter.summed)
        }
    }

    func sums(_ part: Range<Int>) -> UnsafePointer<Float> {
        if let index = rankParts.index(of: part) { return homes[rankParts.ranks[index]] + part.lowerBound }
        if together == nil { together = allocateFloats(arenaStride(layout.count)) }
        for (rank, own) in zip(rankParts.ranks, parts) where own.overlaps(part) {
            let common = own.clamped(to: part)
            (together! + common.lowerBound).update(from: homes[rank] + common.lowerBound, count: common.count)
        }
        return UnsafePointer(together! + part.lowerBound)
    }

    func end() { shared.counters.store(steps, in: Counter.read) }

    // MARK: Sharing

    var sharing: (any SharedSums)? { communicator.size == 1 ? nil : self }

    func share(matrices: [GradientMatrix]) {
        self.matrices = matrices
        let exact = layout.buckets.map { $0.clamped(to: layout.exactFrom ..< layout.count) }
        slices = exact.map { slice(communicator.rank, of: communicator.size, bucket: $0) }
        // Pieces end where a bucket does, and on both sides of a matrix.
        let borders = layout.gradientBuckets.map(\.upperBound) + matrices.flatMap { [$0.range.lowerBound, $0.range.upperBound] }
        let ends = Set(borders).subtracting([0]).sorted()
        let pieces = zip([0] + ends, ends).map { $0 ..< $1 }
        rankParts = RankParts(of: pieces + exact, matrices: matrices, ranks: communicator.size)
        ownParts = rankParts.of(communicator.rank).filter { $0.upperBound <= layout.exactFrom }
        othersParts = rankParts.others(than: communicator.rank).filter { $0.upperBound <= layout.exactFrom }
    }

    func makeHostMemory(floats count: Int, own: [Range<Int>]) -> HostMemory { communicator.makeHostMemory(floats: count, own: own) }
    func place(_ part: Range<Int>) -> UnsafeMutablePointer<Float> { ownHome + part.lowerBound }
    func sum(_ block: Range<Int>) { arraySum.sum(block, into: ownHome) }

    func exchange() {
        shared.counters.store(steps, in: Counter.replaced)
        shared.counters.wait(for: steps, in: Counter.replaced, "the other ranks' part of the update")
    }

    /// Sums this rank's slice of every bucket that all ranks have announced. Never waits.
    private func sumWhatIsAnnounced() {
        while summed < announced, shared.counters.all(have: summed + 1, in: Counter.announced) {
            arraySum.sum(slices[Int(summed % UInt64(slices.count))], into: ownHome)
            summed += 1
            shared.counters.store(summed, in: Counter.summed)
        }
    }
}
