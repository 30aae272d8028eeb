import CMPI
import LockstepCommunication

/// Sums gradients by messages in the fixed tree of the shards: the same bytes as on one rank, on any hosts.
///
/// Each bucket is cut into one slice a rank, and goes in two rounds (`ExchangedPiece`): a rank receives its slice of all
/// shards and sums it; then all receive the sums.
///
/// With one shard a rank a float crosses the network 2 (n - 1) / n times a rank, the least that an all-reduce can do.
/// Several shards a rank are all sent, as adding them first would change the tree.
///
/// Making one is collective.
final class ExchangeReducer: GradientReducer {
    let layout: ReductionLayout
    let parts: [Range<Int>]
    var ownShards: Range<Int> { arenas.shards }
    private let communicator: MPICommunicator
    private let arenas: OwnArenas
    private let result: UnsafeMutablePointer<Float>
    /// How many pieces each bucket has.
    private let pieceCounts: [Int]
    private var progress: ExchangeProgress
    private var order: BucketOrder

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        self.layout = layout
        self.communicator = communicator
        parts = [0 ..< layout.count]
        let (rank, size) = (communicator.rank, communicator.size)
        let shards = (0 ..< size).map { layout.shards(ofRank: $0, size: size) }
        let arenas = OwnArenas(shards[rank], count: layout.count)
        self.arenas = arenas
        result = allocateFloats(arenaStride(layout.count))
        // A piece sends all own shards and receives a slice of all shards in one call each.
        let lists = layout.pieces(ofAtMost: max(1, communicator.largestMessage / (shards.map(\.count).max()! + 1)))
        pieceCounts = lists.map(\.count)
        let sources = arenas.shards.map { UnsafePointer(arenas[$0]) }
        let tree = ShardTree(count: layout.shards)
        let pieces = lists.joined().map { piece in
            ExchangedPiece(piece, peer: rank, sources: sources, heldBy: shards.map(\.count), tree: tree)
        }
        progress = ExchangeProgress(pieces, scatters: communicator.world, gathers: communicator.gathers)
        order = BucketOrder(layout.buckets.count)
    }

    deinit { result.deallocate() }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { arenas[shard] }
    func sums(_ part: Range<Int>) -> UnsafePointer<Float> { UnsafePointer(result + part.lowerBound) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        progress.scatter(pieceCounts[index], communicator)
        progress.advance(result, communicator)
    }

    func finish() {
        order.finish(communicator)
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            progress.advance(result, communicator)
            return progress.gathered == progress.scattered
        }
        progress.restart()
    }
}
