import CMPI
import LockstepCommunication

/// The arenas of all ranks of this host in memory that each of them maps, and what they need to sum them together:
///
///     window = [lines of counters per rank | further arrays | arenas of local rank 0's shards | … 1's shards | …]
///
/// Each rank has a few counters that tell the others how far it is. Buckets are counted over all steps, so counters only
/// grow. They are stored with release and loaded with acquire: who sees a counter also sees the floats written before it,
/// and reads of old floats came before the store that lets another rank write new ones.
///
/// Making one is collective over all hosts.
final class SharedArenas {
    /// Further arrays as long as an arena, for sums.
    let arrays: [UnsafeMutablePointer<Float>]
    let ownShards: Range<Int>
    /// This rank's slice of each bucket: the part that it sums for its host.
    let slices: [Range<Int>]
    private let communicator: MPICommunicator
    private let window: SharedWindow
    private let counters: UnsafeMutablePointer<UInt64>
    private var arenas: [Int: UnsafeMutablePointer<Float>] = [:]
    private let ownArenas: UnsafeMutablePointer<Float>
    private let stride: Int

    /// Two lines a rank, as cores fetch lines in pairs: no rank's store disturbs a load of another's counters.
    private static let countersPerRank = 2 * 64 / 8

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator, arrays arrayCount: Int = 0) {
        self.communicator = communicator
        let ranks = communicator.hosts[communicator.hostIndex]
        let stride = arenaStride(layout.count)
        self.stride = stride
        let shards = ranks.map { layout.shards(ofRank: $0, size: communicator.size) }
        ownShards = shards[communicator.localRank]
        slices = layout.buckets.map { slice(communicator.localRank, of: ranks.count, bucket: $0) }

        // Regions start on pages, so that a rank's arenas lie in memory near its core.
        func pages(_ bytes: Int) -> Int { (bytes + SharedWindow.page - 1) / SharedWindow.page * SharedWindow.page }
        var end = 0
        func region(_ bytes: Int) -> Int {
            defer { end += pages(bytes) }
            return end
        }
        let countersAt = region(ranks.count * Self.countersPerRank * 8)
        let arraysAt = (0 ..< arrayCount).map { _ in region(stride * 4) }
        let arenasAt = shards.map { region($0.count * stride * 4) }

        func bytes(_ start: Int, _ floats: Range<Int>) -> Range<Int> { start + floats.lowerBound * 4 ..< start + floats.upperBound * 4 }
        var own = [bytes(arenasAt[communicator.localRank], 0 ..< ownShards.count * stride)]
        for start in arraysAt { for slice in slices { own.append(bytes(start, slice)) } }
        window = communicator.makeWindow(byteCount: end, own: own)
        let base = window.base
        func floats(_ offset: Int) -> UnsafeMutablePointer<Float> { (base + offset).bindMemory(to: Float.self, capacity: stride) }
        counters = (base + countersAt).bindMemory(to: UInt64.self, capacity: ranks.count * Self.countersPerRank)
        arrays = arraysAt.map(floats)
        ownArenas = floats(arenasAt[communicator.localRank])
        for (shards, start) in zip(shards, arenasAt) {
            for shard in shards { arenas[shard] = floats(start + (shard - shards.lowerBound) * stride * 4) }
        }
    }

    deinit { window.drop() }

    /// The arena of a shard of this rank.
    func own(_ shard: Int) -> UnsafeMutablePointer<Float> { ownArenas + (shard - ownShards.lowerBound) * stride }

    /// The arena of a shard of any rank of this host.
    func arena(ofShard shard: Int) -> UnsafePointer<Float> { UnsafePointer(arenas[shard]!) }

    /// Sets this rank's counter.
    func store(_ value: UInt64, in counter: Int) {
        cmpi_store_release(counters + communicator.localRank * Self.countersPerRank + counter, value)
    }

    /// Whether the counter has reached `count` on the first `ranks` ranks of this host, or on all.
    func all(have count: UInt64, in counter: Int, first ranks: Int? = nil) -> Bool {
        for rank in 0 ..< (ranks ?? communicator.localSize) {
            if cmpi_load_acquire(counters + rank * Self.countersPerRank + counter) < count { return false }
        }
        return true
    }

    /// Returns when the counter has reached `count` on all ranks of this host.
    func wait(for count: UInt64, in counter: Int, _ purpose: StaticString) {
        communicator.waiting.wait(for: purpose, on: communicator) { all(have: count, in: counter) }
    }
}
