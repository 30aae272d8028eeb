import CMPI
import LockstepCommunication

/// Sums gradients by MPI's own all-reduce: this rank's shards by the fixed tree, then the ranks as MPI likes.
///
/// The order of the sum over ranks is MPI's: it may change with the number of ranks, the hosts and the MPI library. The
/// last bits then differ from other numbers of ranks, and only MPI's quality makes all ranks' bytes equal. Where that
/// matters, take `ExchangeReducer`. This one is for comparison, and for networks that MPI's algorithms know better.
///
/// Nothing overlaps the backward pass: all buckets are reduced in `finish`, by the blocking `MPI_Allreduce`, which is
/// several times as fast as Open MPI's non-blocking one. A barrier before it is where late ranks are waited for.
///
/// Making one is collective.
final class AllReduceReducer: GradientReducer {
    let layout: ReductionLayout
    let parts: [Range<Int>]
    var ownShards: Range<Int> { arenas.shards }
    private let communicator: MPICommunicator
    private let arenas: OwnArenas
    private let arraySum: ArraySum
    private let result: UnsafeMutablePointer<Float>
    private let pieces: [Range<Int>]
    private var order: BucketOrder

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        self.layout = layout
        self.communicator = communicator
        parts = [0 ..< layout.count]
        let arenas = OwnArenas(layout.shards(ofRank: communicator.rank, size: communicator.size), count: layout.count)
        self.arenas = arenas
        arraySum = ArraySum(arenas.shards.map { UnsafePointer(arenas[$0]) })
        result = allocateFloats(arenaStride(layout.count))
        pieces = Array(layout.pieces(ofAtMost: communicator.largestMessage).joined())
        order = BucketOrder(layout.buckets.count)
    }

    deinit { result.deallocate() }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { arenas[shard] }
    func sums(_ part: Range<Int>) -> UnsafePointer<Float> { UnsafePointer(result + part.lowerBound) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        arraySum.sum(layout.buckets[index], into: result)
    }

    func finish() {
        order.finish(communicator)
        communicator.barrier()
        for piece in pieces {
            let code = MPI_Allreduce(
                cmpi_in_place(), result + piece.lowerBound, Int32(piece.count), cmpi_float(), cmpi_sum(),
                communicator.world)
            communicator.check(code, "MPI_Allreduce")
        }
    }
}

extension ReductionLayout {
    /// The non-empty parts of each bucket, none longer than `limit`; cut at `border` as well.
    func pieces(ofAtMost limit: Int, cutAt border: Int = 0) -> [[Range<Int>]] {
        buckets.map { bucket in
            let middle = min(max(border, bucket.lowerBound), bucket.upperBound)
            return [bucket.lowerBound ..< middle, middle ..< bucket.upperBound].flatMap { part in
                stride(from: part.lowerBound, to: part.upperBound, by: limit).map { $0 ..< min($0 + limit, part.upperBound) }
            }
        }
    }
}
