import CMPI
import LockstepCommunication

/// Sums gradients by MPI's own all-reduce: this rank's shards by the fixed tree, then the ranks as MPI likes.
///
/// The order of the sum over ranks is MPI's: it may change with the number of ranks, the hosts and the MPI library. The
/// last bits then differ from other numbers of ranks, and only MPI's quality makes all ranks' bytes equal. Where that
/// matters, take `ExchangeReducer`. This one is for comparison, and for many ranks on many hosts, where MPI's algorithms
/// know the network.
///
/// Making one is collective.
final class AllReduceReducer: GradientReducer {
    let layout: ReductionLayout
    var ownShards: Range<Int> { arenas.shards }
    private let communicator: MPICommunicator
    private let arenas: OwnArenas
    private let shardSum: ShardSum
    private let result: UnsafeMutablePointer<Float>
    private let pieces: [[Range<Int>]]
    private let requests: UnsafeMutablePointer<MPI_Request?>
    private var order: BucketOrder
    private var started = 0
    private var ended = 0

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        self.layout = layout
        self.communicator = communicator
        let arenas = OwnArenas(layout.shards(ofRank: communicator.rank, size: communicator.size), count: layout.count)
        self.arenas = arenas
        shardSum = ShardSum(arenas.shards.map { UnsafePointer(arenas[$0]) })
        result = allocateFloats(arenaStride(layout.count))
        pieces = layout.pieces(ofAtMost: communicator.largestMessage)
        let count = pieces.joined().count
        requests = .allocate(capacity: count)
        requests.initialize(repeating: nil, count: count)
        order = BucketOrder(layout.buckets.count)
    }

    deinit {
        result.deallocate()
        requests.deallocate()
    }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { arenas[shard] }
    var sums: UnsafePointer<Float> { UnsafePointer(result) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        for piece in pieces[index] {
            shardSum.sum(piece, into: result)
            let start = MPI_Iallreduce(
                cmpi_in_place(), result + piece.lowerBound, Int32(piece.count), cmpi_float(), cmpi_sum(),
                communicator.world, requests + started)
            communicator.check(start, "MPI_Iallreduce")
            started += 1
        }
        advance()
    }

    func finish() {
        order.finish(communicator)
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            advance()
            return ended == started
        }
        (started, ended) = (0, 0)
    }

    private func advance() {
        while ended < started, communicator.isComplete(requests + ended, "MPI_Iallreduce") { ended += 1 }
    }
}

extension ReductionLayout {
    /// The non-empty parts of each bucket, none longer than `limit`.
    func pieces(ofAtMost limit: Int) -> [[Range<Int>]] {
        buckets.map { bucket in
            stride(from: bucket.lowerBound, to: bucket.upperBound, by: limit).map {
                $0 ..< min($0 + limit, bucket.upperBound)
            }
        }
    }
}
