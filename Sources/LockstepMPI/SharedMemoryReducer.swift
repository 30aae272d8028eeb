import CMPI
import LockstepCommunication

/// Sums gradients of ranks on one host without messages: all arenas lie in memory that every rank maps.
///
///     window = [a line of counters per rank | sums | arenas of rank 0's shards | arenas of rank 1's shards | …]
///
/// Each bucket is cut into one slice a rank. A rank sums its slice over the arenas of all shards, straight into the
/// sums, as soon as every rank has announced the bucket. So each arena is read once and nothing is copied.
///
/// Two counters a rank tell the others how far it is. Buckets are counted over all steps, so they only grow:
/// - `announced`: buckets this rank has written in all of its arenas;
/// - `summed`: buckets whose slice it has summed.
///
/// # Why memory may be written again
/// - *An arena after `finish`*: it returns once all ranks have `summed` every bucket, so none still reads the arena.
/// - *The sums of bucket b in step t + 1*: they are written once all ranks have `announced` b in step t + 1. A rank
///   announces it by `ready`, after it is done with the sums of step t.
/// - A counter is stored with release and loaded with acquire: who sees it also sees the floats written before it; and
///   reads of the old floats came before the store that lets another rank write new ones.
///
/// Making one is collective. Ends the job if ranks are on several hosts, or if `ready` is called out of order.
final class SharedMemoryReducer: GradientReducer {
    let layout: ReductionLayout
    let ownShards: Range<Int>
    private let communicator: MPICommunicator
    private let window: SharedWindow
    private let counters: UnsafeMutablePointer<UInt64>
    private let result: UnsafeMutablePointer<Float>
    private let ownArenas: UnsafeMutablePointer<Float>
    private let stride: Int
    private let shardSum: ShardSum
    /// This rank's slice of each bucket.
    private let slices: [Range<Int>]
    private var order: BucketOrder
    private var announced: UInt64 = 0
    private var summed: UInt64 = 0

    /// Two lines a rank, as cores fetch lines in pairs: no rank's store disturbs a load of another's counters.
    private static let countersPerRank = 2 * 64 / 8

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        self.layout = layout
        self.communicator = communicator
        let (rank, size) = (communicator.rank, communicator.size)
        let stride = arenaStride(layout.count)
        self.stride = stride
        order = BucketOrder(layout.buckets.count)
        ownShards = layout.shards(ofRank: rank, size: size)
        slices = layout.buckets.map { slice(rank, of: size, bucket: $0) }

        // Regions start on pages, so that a rank's arenas lie in memory near its core.
        func pages(_ bytes: Int) -> Int { (bytes + SharedWindow.page - 1) / SharedWindow.page * SharedWindow.page }
        var end = 0
        func region(_ bytes: Int) -> Int {
            defer { end += pages(bytes) }
            return end
        }
        let countersAt = region(size * Self.countersPerRank * 8)
        let sumsAt = region(stride * 4)
        let arenasAt = (0 ..< size).map { region(layout.shards(ofRank: $0, size: size).count * stride * 4) }

        window = communicator.makeWindow(byteCount: end)
        let base = window.base
        counters = (base + countersAt).bindMemory(to: UInt64.self, capacity: size * Self.countersPerRank)
        result = (base + sumsAt).bindMemory(to: Float.self, capacity: stride)
        let shardsOfRanks = (0 ..< size).map { (rank: $0, shards: layout.shards(ofRank: $0, size: size)) }
        let arenas = shardsOfRanks.flatMap { owner in
            owner.shards.indices.map { shard in
                let offset = arenasAt[owner.rank] + (shard - owner.shards.lowerBound) * stride * 4
                return (base + offset).bindMemory(to: Float.self, capacity: stride)
            }
        }
        ownArenas = arenas[ownShards.lowerBound]
        shardSum = ShardSum(arenas.map { UnsafePointer($0) })

        // First touch, by the rank that will write it.
        ownArenas.update(repeating: 0, count: ownShards.count * stride)
        for slice in slices { (result + slice.lowerBound).update(repeating: 0, count: slice.count) }
        store(0, in: 0)
        store(0, in: 1)
        communicator.barrier()
    }

    deinit { window.drop() }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { ownArenas + (shard - ownShards.lowerBound) * stride }
    var sums: UnsafePointer<Float> { UnsafePointer(result) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        announced += 1
        store(announced, in: 0)
        sumWhatIsAnnounced()
    }

    func finish() {
        order.finish(communicator)
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            sumWhatIsAnnounced()
            return all(have: announced, in: 1)
        }
    }

    /// Sums this rank's slice of every bucket that all ranks have announced. Never waits.
    private func sumWhatIsAnnounced() {
        while summed < announced, all(have: summed + 1, in: 0) {
            shardSum.sum(slices[Int(summed % UInt64(slices.count))], into: result)
            summed += 1
            store(summed, in: 1)
        }
    }

    // Counter 0 of a rank is `announced`, counter 1 `summed`.

    private func store(_ value: UInt64, in counter: Int) {
        cmpi_store_release(counters + communicator.rank * Self.countersPerRank + counter, value)
    }

    private func all(have count: UInt64, in counter: Int) -> Bool {
        for rank in 0 ..< communicator.size {
            if cmpi_load_acquire(counters + rank * Self.countersPerRank + counter) < count { return false }
        }
        return true
    }
}
