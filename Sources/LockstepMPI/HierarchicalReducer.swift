import CMPI
import LockstepCommunication

/// Sums gradients of ranks on several hosts: through shared memory within a host, by messages between hosts, in the fixed
/// tree of the shards. The same bytes as on one rank, whatever the hosts and the ranks on them, unless compressed.
///
/// A host sums the largest subtrees of the tree whose shards all lie on it, and only their roots cross the network: one
/// if hosts hold equal powers of two of shards, else a few; more if the ranks of a host are not neighbours. For each
/// bucket:
/// 1. once all ranks of the host have announced it, each sums its slice of every subtree of two shards or more, from the
///    host's arenas to the host's partial sums;
/// 2. once all ranks of the host have done so, *lane* i (the ranks that are number i on their host) exchanges part i of
///    the bucket between hosts (`ExchangedPiece`), while others go on with the backward pass. There are as many lanes as
///    the host with fewest ranks can serve;
/// 3. the sums arrive in the host's window, where all of its ranks read them, or, with sharing on, each replaces its slices.
///
/// The messages move in later calls of `ready` and in `finish`. They may be compressed (`MPICommunicator.Compression`).
///
/// # Why memory may be written again
/// - *An arena or a partial sum after `finish`*: it returns once the host's lanes have received all sums; so they have
///   sent what they had to, and before that every rank had summed its slices.
/// - *The sums of bucket b in step t + 1*: a lane writes them after all ranks of its host have announced b in step t + 1,
///   and so are done with the sums of step t.
///
/// Making one is collective.
final class HierarchicalReducer: SharedSums {
    let layout: ReductionLayout
    let parts: [Range<Int>]
    let ownParts: [Range<Int>], othersParts: [Range<Int>]
    var ownShards: Range<Int> { shared.ownShards }
    private let communicator: MPICommunicator
    private let shared: SharedArenas
    /// The first of the further arrays; the others are partial sums.
    private var result: UnsafeMutablePointer<Float> { shared.arrays[0] }
    /// The host's subtrees of several shards, each with where its sum goes.
    private let partialSums: [(sum: ArraySum, target: UnsafeMutablePointer<Float>)]
    /// How many pieces each bucket has in this rank's lane; none if it has no lane.
    private let pieceCounts: [Int]
    private var progress: ExchangeProgress
    private var order: BucketOrder
    // Buckets over all steps: announced; summed within the host; sent out by this lane.
    private var announced: UInt64 = 0
    private var summed: UInt64 = 0
    private var sent: UInt64 = 0

    /// Where the counters are among those of a rank.
    private enum Counter {
        static let announced = 0
        static let summed = 1
        /// Steps whose sums this lane has received.
        static let received = 2
        /// Steps in which this rank has replaced its slices of the gradients.
        static let replaced = 3
    }
    private var steps: UInt64 = 0

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator) {
        self.layout = layout
        self.communicator = communicator
        parts = [0 ..< layout.count]
        order = BucketOrder(layout.buckets.count)
        let hosts = communicator.hosts
        var places = [Int](repeating: 0, count: layout.shards)
        for (host, ranks) in hosts.enumerated() {
            for shard in ranks.flatMap({ layout.shards(ofRank: $0, size: communicator.size) }) { places[shard] = host }
        }
        let roots = ShardTree.roots(places: places, count: hosts.count)
        let own = roots[communicator.hostIndex]
        let shared = SharedArenas(layout, communicator, arrays: 1 + own.filter { $0.count > 1 }.count)
        self.shared = shared

        // A subtree of one shard is the arena itself.
        var sources: [UnsafePointer<Float>] = []
        var partialSums: [(ArraySum, UnsafeMutablePointer<Float>)] = []
        for root in own {
            if root.count == 1 {
                sources.append(shared.arena(ofShard: root.lowerBound))
            } else {
                let target = shared.arrays[1 + partialSums.count]
                partialSums.append((ArraySum(root.map { shared.arena(ofShard: $0) }), target))
                sources.append(UnsafePointer(target))
            }
        }
        self.partialSums = partialSums

        let gradients = RankParts(of: layout.gradientBuckets, ranks: communicator.localSize)
        (ownParts, othersParts) = (gradients.of(communicator.localRank), gradients.others(than: communicator.localRank))

        let lane = communicator.localRank
        let most = roots.map(\.count).max()!
        let compression = communicator.compression
        var lists = layout.pieces(
            ofAtMost: max(1, communicator.largestMessage / (most + 1)), cutAt: compression == .none ? 0 : layout.exactFrom)
        lists = lists.map { pieces in
            guard lane < communicator.laneCount else { return [] }
            return pieces.map { slice(lane, of: communicator.laneCount, bucket: $0) }.filter { !$0.isEmpty }
        }
        pieceCounts = lists.map(\.count)
        let tree = ShardTree(roots: roots, shards: layout.shards)
        let pieces = lists.joined().map { piece in
            ExchangedPiece(
                piece, peer: communicator.hostIndex, sources: sources, heldBy: roots.map(\.count), tree: tree,
                compression: piece.lowerBound < layout.exactFrom ? compression : .none)
        }
        progress = ExchangeProgress(pieces, scatters: communicator.laneScatters, gathers: communicator.laneGathers)
    }

    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { shared.own(shard) }
    func sums(_ part: Range<Int>) -> UnsafePointer<Float> { UnsafePointer(result + part.lowerBound) }

    func ready(bucket index: Int) {
        order.ready(index, communicator)
        announced += 1
        shared.counters.store(announced, in: Counter.announced)
        advance()
    }

    func finish() {
        order.finish(communicator)
        steps += 1
        var received = false
        communicator.waiting.wait(for: "gradient reduction", on: communicator) {
            advance()
            if !received, sent == announced, progress.gathered == progress.scattered {
                received = true
                shared.counters.store(steps, in: Counter.received)
            }
            return received && shared.counters.all(have: steps, in: Counter.received, first: communicator.laneCount)
        }
        progress.restart()
    }

    // MARK: Sharing

    /// All hosts decide alike, as memory of the host is made by all ranks together.
    var sharing: (any SharedSums)? { communicator.hosts.allSatisfy { $0.count == 1 } ? nil : self }
    /// Gradients of other hosts are part of the sums.
    var matrices: [GradientMatrix] { [] }

    func share(matrices: [GradientMatrix]) {}
    func makeHostMemory(floats count: Int, own: [Range<Int>]) -> HostMemory { communicator.makeHostMemory(floats: count, own: own) }
    func place(_ part: Range<Int>) -> UnsafeMutablePointer<Float> { result + part.lowerBound }
    /// They have been summed.
    func sum(_ block: Range<Int>) {}

    func exchange() {
        shared.counters.store(steps, in: Counter.replaced)
        shared.counters.wait(for: steps, in: Counter.replaced, "the other ranks' part of the update")
    }

    /// Does what can be done now. Never waits.
    private func advance() {
        let buckets = UInt64(layout.buckets.count)
        while summed < announced, shared.counters.all(have: summed + 1, in: Counter.announced) {
            let slice = shared.slices[Int(summed % buckets)]
            for (sum, target) in partialSums { sum.sum(slice, into: target) }
            summed += 1
            shared.counters.store(summed, in: Counter.summed)
        }
        while sent < summed, shared.counters.all(have: sent + 1, in: Counter.summed) {
            progress.scatter(pieceCounts[Int(sent % buckets)], communicator)
            sent += 1
        }
        progress.advance(result, communicator)
    }
}
