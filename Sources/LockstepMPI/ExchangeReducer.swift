import CMPI
import Foundation
import LockstepCommunication

/// Sums gradients by messages in the fixed tree of the shards: the same bytes as on one rank, on any hosts.
///
/// Each bucket is cut into one slice a rank, and goes in two rounds:
/// 1. *scatter*: every rank sends slice r of its shards to rank r (`MPI_Ialltoallv`), which sums them by the tree;
/// 2. *gather*: rank r sends its slice of the sums to all (`MPI_Iallgatherv`).
///
/// With one shard a rank a float crosses the network 2 (n - 1) / n times a rank, the least that an all-reduce can do.
/// Several shards a rank are all sent, as adding them first would change the tree.
///
/// Making one is collective.
final class ExchangeReducer: GradientReducer {
    let layout: ReductionLayout
    var ownShards: Range<Int> { arenas.shards }
    private let communicator: MPICommunicator
    private let arenas: OwnArenas
    private let result: UnsafeMutablePointer<Float>
    /// The pieces of each bucket, as positions in `pieces`.
    private let piecesOfBucket: [Range<Int>]
    private let pieces: [ExchangedPiece]
    private var order: BucketOrder
    /// Pieces, in order: sent out; received and summed; sums received.
    private var scattered = 0
    private var summed = 0
    private var gathered = 0

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        self.layout = layout
        self.communicator = communicator
        let (rank, size) = (communicator.rank, communicator.size)
        arenas = OwnArenas(layout.shards(ofRank: rank, size: size), count: layout.count)
        result = allocateFloats(arenaStride(layout.count))
        // A piece sends all own shards and receives a slice of all shards in one call each.
        let most = (0 ..< size).map { layout.shards(ofRank: $0, size: size).count }.max()!
        let lists = layout.pieces(ofAtMost: max(1, communicator.largestMessage / (most + 1)))
        var made = 0
        piecesOfBucket = lists.map { list in
            defer { made += list.count }
            return made ..< made + list.count
        }
        pieces = lists.joined().map { ExchangedPiece($0, layout, rank: rank, size: size) }
        order = BucketOrder(layout.buckets.count)
    }

    deinit { result.deallocate() }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { arenas[shard] }
    var sums: UnsafePointer<Float> { UnsafePointer(result) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        for piece in piecesOfBucket[index] {
            communicator.check(pieces[piece].scatter(arenas, communicator.world), "MPI_Ialltoallv")
            scattered += 1
        }
        advance()
    }

    func finish() {
        order.finish(communicator)
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            advance()
            return gathered == scattered
        }
        (scattered, summed, gathered) = (0, 0, 0)
    }

    /// Takes every piece as far as it goes now. The rounds have a communicator each: in each, all ranks start the same
    /// operations in the same order, however fast their messages come.
    private func advance() {
        while summed < scattered, communicator.isComplete(pieces[summed].request, "MPI_Ialltoallv") {
            communicator.check(pieces[summed].sumAndGather(result, communicator.gathers), "MPI_Iallgatherv")
            summed += 1
        }
        while gathered < summed, communicator.isComplete(pieces[gathered].request, "MPI_Iallgatherv") { gathered += 1 }
    }
}

/// One piece of a bucket on its way: buffers, counts and places of its two messages. All made once.
private final class ExchangedPiece {
    let request: UnsafeMutablePointer<MPI_Request?>
    private let slices: [Range<Int>]
    private let own: Range<Int>
    private let piece: Range<Int>
    /// For rank 0, for rank 1 …: its slice of each of this rank's shards.
    private let sent: UnsafeMutablePointer<Float>
    /// This rank's slice of shard 0, of shard 1, …
    private let received: UnsafeMutablePointer<Float>
    private let shardSum: ShardSum
    private let sendCounts, sendPlaces, receiveCounts, receivePlaces, gatherCounts, gatherPlaces: Int32List

    init(_ piece: Range<Int>, _ layout: ReductionLayout, rank: Int, size: Int) {
        let slices = (0 ..< size).map { slice($0, of: size, bucket: piece) }
        let own = slices[rank]
        let shards = (0 ..< size).map { layout.shards(ofRank: $0, size: size) }
        (self.slices, self.own, self.piece) = (slices, own, piece)
        request = .allocate(capacity: 1)
        request.initialize(to: nil)
        sent = allocateFloats(shards[rank].count * piece.count)
        let received = allocateFloats(layout.shards * own.count)
        self.received = received
        shardSum = ShardSum((0 ..< layout.shards).map { UnsafePointer(received + $0 * own.count) })
        sendCounts = Int32List(slices.map { $0.count * shards[rank].count })
        sendPlaces = Int32List(slices.map { ($0.lowerBound - piece.lowerBound) * shards[rank].count })
        receiveCounts = Int32List(shards.map { $0.count * own.count })
        receivePlaces = Int32List(shards.map { $0.lowerBound * own.count })
        gatherCounts = Int32List(slices.map(\.count))
        gatherPlaces = Int32List(slices.map { $0.lowerBound - piece.lowerBound })
    }

    deinit {
        request.deallocate()
        sent.deallocate()
        received.deallocate()
    }

    func scatter(_ arenas: OwnArenas, _ comm: MPI_Comm) -> Int32 {
        var next = sent
        for slice in slices {
            for shard in arenas.shards {
                memcpy(next, arenas[shard] + slice.lowerBound, slice.count * 4)
                next += slice.count
            }
        }
        return MPI_Ialltoallv(
            sent, sendCounts.start, sendPlaces.start, cmpi_float(),
            received, receiveCounts.start, receivePlaces.start, cmpi_float(), comm, request)
    }

    func sumAndGather(_ result: UnsafeMutablePointer<Float>, _ comm: MPI_Comm) -> Int32 {
        shardSum.sum(0 ..< own.count, into: result + own.lowerBound)
        return MPI_Iallgatherv(
            cmpi_in_place(), 0, cmpi_float(), result + piece.lowerBound, gatherCounts.start, gatherPlaces.start,
            cmpi_float(), comm, request)
    }
}

/// Counts for MPI at an address that stays: operations under way still read them.
private final class Int32List {
    let start: UnsafeMutablePointer<Int32>
    init(_ values: [Int]) {
        start = .allocate(capacity: values.count)
        for (index, value) in values.enumerated() { (start + index).initialize(to: Int32(value)) }
    }
    deinit { start.deallocate() }
}
