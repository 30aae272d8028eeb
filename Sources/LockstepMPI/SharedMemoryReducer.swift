import LockstepCommunication

/// Sums gradients of ranks on one host without messages: all arenas lie in memory that every rank maps (`SharedArenas`).
///
/// Each bucket is cut into one slice a rank. A rank sums its slice over the arenas of all shards, straight into the
/// sums, as soon as every rank has announced the bucket. So each arena is read once and nothing is copied.
///
/// Two counters a rank tell the others how far it is:
/// - `announced`: buckets this rank has written in all of its arenas;
/// - `summed`: buckets whose slice it has summed.
///
/// # Why memory may be written again
/// - *An arena after `finish`*: it returns once all ranks have `summed` every bucket, so none still reads the arena.
/// - *The sums of bucket b in step t + 1*: they are written once all ranks have `announced` b in step t + 1. A rank
///   announces it by `ready`, after it is done with the sums of step t.
///
/// Making one is collective. Ends the job if ranks are on several hosts, or if `ready` is called out of order.
final class SharedMemoryReducer: GradientReducer {
    let layout: ReductionLayout
    var ownShards: Range<Int> { shared.ownShards }
    private let communicator: MPICommunicator
    private let shared: SharedArenas
    private let shardSum: ShardSum
    private var order: BucketOrder
    private var announced: UInt64 = 0
    private var summed: UInt64 = 0

    /// Where the counters are among those of a rank.
    private enum Counter {
        static let announced = 0
        static let summed = 1
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
        shardSum = ShardSum((0 ..< layout.shards).map { shared.arena(ofShard: $0) })
    }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { shared.own(shard) }
    var sums: UnsafePointer<Float> { UnsafePointer(shared.sums) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        announced += 1
        shared.store(announced, in: Counter.announced)
        sumWhatIsAnnounced()
    }

    func finish() {
        order.finish(communicator)
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            sumWhatIsAnnounced()
            return shared.all(have: announced, in: Counter.summed)
        }
    }

    /// Sums this rank's slice of every bucket that all ranks have announced. Never waits.
    private func sumWhatIsAnnounced() {
        while summed < announced, shared.all(have: summed + 1, in: Counter.announced) {
            shardSum.sum(shared.slices[Int(summed % UInt64(shared.slices.count))], into: shared.sums)
            summed += 1
            shared.store(summed, in: Counter.summed)
        }
    }
}
