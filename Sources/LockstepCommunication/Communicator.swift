/// What a training run needs from its peers: who it is among how many, and a handful of collective operations.
///
/// Every rank calls the same collectives in the same order. Training code cannot tell which implementation it has:
/// a single process uses `LocalCommunicator`, for which each operation is the identity.
public protocol Communicator: AnyObject {
    /// This process's number, 0 ..< `size`. Rank zero prints, runs callbacks and writes files.
    var rank: Int { get }
    /// How many processes train together.
    var size: Int { get }
    /// This process's number among the ranks on its host, and how many they are.
    var localRank: Int { get }
    var localSize: Int { get }
    /// The host's name, for messages.
    var host: String { get }

    /// Replaces each element by its sum over all ranks; the same bytes on every rank.
    func sum(_ values: UnsafeMutableBufferPointer<Float>)
    /// Replaces the bytes on every rank by those of `root`.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int)
    /// The bytes that each rank gave, in rank order, on every rank. Lengths may differ.
    func allGather(_ bytes: [UInt8]) -> [[UInt8]]
    /// Returns once every rank has called it.
    func barrier()
    /// Fills every rank's `values` with the parts that the ranks hold: rank r gives `parts[r]` of its own, a contiguous run
    /// behind that of rank r - 1, and all parts together are all of `values`. Parts may be empty.
    func gather(_ values: UnsafeMutableBufferPointer<Float>, parts: [Range<Int>])
    /// Whether reducers sum in the fixed tree, exactly as one process would: what logical shards promise. Sums in an
    /// order that a library chooses, and gradients in sixteen bits on the wire, do not.
    var isReproducible: Bool { get }
    /// How it sums, in words: what must be set alike on every rank.
    var settings: String { get }
    /// The reducer of one model's gradients. Collective: every rank asks for the same layout.
    func makeReducer(_ layout: ReductionLayout) -> any GradientReducer
    /// What brings the gradients of one table's rows to all ranks. Collective: every rank asks for the same.
    ///
    /// - Parameter sharing: whether ranks that share memory share what they make of the rows, too.
    func makeRowExchange(_ layout: RowLayout, sharing: Bool) -> any RowExchange

    /// Notes where this rank is, for reports of a job that hangs or dies. Not collective; costs two stores.
    func note(_ phase: Phase, step: Int)
    /// What this rank does alone at the moment, such as "callback EarlyStopping on rank 0". While it is set, a collective
    /// called here ends the job with an error, as the other ranks would never answer.
    var soloActivity: String? { get set }
    /// Ends the job on all ranks at once, after one line that names this rank, its host and what went wrong.
    ///
    /// - Parameter status: that of the processes, and so of the launcher; 2 for bad input.
    func fail(_ message: String, status: Int32) -> Never
    /// Ends the job on all ranks at once with `status`, without waiting for any of them.
    func abort(status: Int32) -> Never
}

extension Communicator {
    public func fail(_ message: String) -> Never { fail(message, status: 1) }
    public var isReproducible: Bool { true }
    public var settings: String { "" }
}

/// How a flat arena of floats is cut for reduction.
///
/// The arena holds all gradients in the order in which the backward pass writes them, then whatever rides along (loss,
/// metric states). `shards` arenas of equal length are summed; each rank owns a contiguous, balanced run of them.
/// Without logical shards there is one a rank.
public struct ReductionLayout: Equatable, Sendable {
    /// Length of one arena, in floats.
    public let count: Int
    /// Consecutive parts of 0 ..< count, in the order in which they become ready.
    public let buckets: [Range<Int>]
    /// How many arenas are summed, over all ranks.
    public let shards: Int
    /// From this float on everything is summed exactly, as metrics must be, even if what lies before (the gradients) may
    /// be compressed on its way between hosts.
    public let exactFrom: Int

    public init(count: Int, buckets: [Range<Int>], shards: Int, exactFrom: Int = 0) {
        precondition(buckets.first?.lowerBound ?? 0 == 0 && buckets.last?.upperBound ?? 0 == count)
        precondition(0 ... count ~= exactFrom)
        self.exactFrom = exactFrom
        self.count = count
        self.buckets = buckets
        self.shards = shards
    }

    /// What of the buckets lies before `exactFrom`.
    public var gradientBuckets: [Range<Int>] { buckets.map { $0.clamped(to: 0 ..< exactFrom) }.filter { !$0.isEmpty } }

    /// The shards that `rank` of `size` owns: contiguous, the first `shards % size` ranks one more.
    public func shards(ofRank rank: Int, size: Int) -> Range<Int> { balancedPart(rank, of: size, count: shards) }
}

/// The contiguous, balanced part `index` of `parts` of 0 ..< count: the first `count % parts` are one longer.
public func balancedPart(_ index: Int, of parts: Int, count: Int) -> Range<Int> {
    let (quotient, remainder) = count.quotientAndRemainder(dividingBy: parts)
    let start = index * quotient + min(index, remainder)
    return start ..< start + quotient + (index < remainder ? 1 : 0)
}

/// Sums the shards' arenas over all ranks, bucket by bucket, while the backward pass still writes later ones.
///
/// A step is: call `begin`; write the arenas of this rank's shards; call `ready` once for each bucket, in order, as soon as
/// it is written in *all* of this rank's arenas; call `finish`; read `sums`; call `end`.
///
/// The sum over shards is one fixed binary tree (`lk_sum_arrays`), so it does not depend on which rank owns a shard.
public protocol GradientReducer: AnyObject {
    var layout: ReductionLayout { get }
    /// The shards this rank writes.
    var ownShards: Range<Int> { get }
    /// The arena of one of this rank's shards: `layout.count` floats, 64-byte aligned, zero at first.
    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float>
    /// Returns when the arenas may be written: nobody still reads what the last step has left in them.
    func begin()
    /// Bucket `index` is written in all of this rank's arenas. Never blocks for long: reduces what is already complete.
    func ready(bucket index: Int)
    /// Returns when the sums can be read.
    func finish()
    /// The sums of a part of the arena, the same bytes on every rank. Valid until the next call of `sums` or `end`.
    func sums(_ part: Range<Int>) -> UnsafePointer<Float>
    /// Parts whose sums lie together, in order, of all of the arena: those of a part that reaches over several are copied.
    var parts: [Range<Int>] { get }
    /// The sums are no longer needed.
    func end()
    /// This reducer, if the ranks of a host have its sums in common, and so can share what each would otherwise make of them.
    var sharing: (any SharedSums)? { get }
}

extension GradientReducer {
    public func begin() {}
    public func end() {}
    public var sharing: (any SharedSums)? { nil }
}

/// Gradients whose sums are shared out: each rank of a host makes something of its parts, for all of its ranks to read.
///
/// With sharing turned on, `finish` returns when the sums from `layout.exactFrom` on can be read. A step goes on with each rank
/// filling the `place` of its parts, block by block, with what is made of their `sum`; with `exchange`; and with `sums`, which
/// for gradients now is what has been left there.
public protocol SharedSums: GradientReducer {
    /// Turns sharing on, for good. Collective.
    ///
    /// - Parameter matrices: whose rows stay whole where gradients are cut between ranks; see `matrices`.
    func share(matrices: [GradientMatrix])
    /// Floats that the host's ranks have in common, zero at first. Collective.
    ///
    /// - Parameter own: those that this rank will write most: they lie near its core.
    func makeHostMemory(floats count: Int, own: [Range<Int>]) -> HostMemory
    /// The gradients that this rank makes something of, and those that the host's other ranks do, cut so that the results of each
    /// part lie together.
    var ownParts: [Range<Int>] { get }
    var othersParts: [Range<Int>] { get }
    /// Those of which every part is whole rows of one, and which the ranks of this host alone sum. So they need not be summed: a
    /// rank may fill the place of its rows with what it has from the others in another way.
    var matrices: [GradientMatrix] { get }
    /// Where what is made of this rank's part goes, and the sums are to be found.
    func place(_ part: Range<Int>) -> UnsafeMutablePointer<Float>
    /// Sums a block of one of this rank's parts, into its place.
    func sum(_ block: Range<Int>)
    /// Returns when all ranks of the host have filled the places of their parts.
    func exchange()
}

/// A matrix among the gradients of an arena.
public struct GradientMatrix: Equatable, Sendable {
    public let offset: Int, rows: Int, columns: Int
    public var range: Range<Int> { range(ofRows: 0 ..< rows) }

    public init(offset: Int, rows: Int, columns: Int) { (self.offset, self.rows, self.columns) = (offset, rows, columns) }

    /// Where some of its rows are.
    public func range(ofRows rows: Range<Int>) -> Range<Int> {
        offset + rows.lowerBound * columns ..< offset + rows.upperBound * columns
    }
    /// The rows that make up a range.
    public func rows(in range: Range<Int>) -> Range<Int> {
        (range.lowerBound - offset) / columns ..< (range.upperBound - offset) / columns
    }
}

/// Floats that the ranks of one host share. Mapped as long as any rank holds it, or until the communicator ends.
public final class HostMemory {
    public let floats: UnsafeMutablePointer<Float>
    private let drop: () -> Void

    /// - Parameter drop: called when this rank no longer needs the memory.
    public init(_ floats: UnsafeMutablePointer<Float>, drop: @escaping () -> Void) { (self.floats, self.drop) = (floats, drop) }
    deinit { drop() }
}
