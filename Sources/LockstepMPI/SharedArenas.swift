import CMPI
import LockstepCommunication

/// The arenas of all ranks of this host in memory that each of them maps, and what they need to sum them together:
///
///     window = [lines of counters per rank | further arrays | arenas of local rank 0's shards | … 1's shards | …]
///
/// Making one is collective over all hosts.
final class SharedArenas {
    /// Further arrays as long as an arena, for sums.
    let arrays: [UnsafeMutablePointer<Float>]
    let ownShards: Range<Int>
    /// This rank's slice of each bucket: the part that it sums for its host.
    let slices: [Range<Int>]
    /// How far each rank is.
    let counters: SharedCounters
    private let window: SharedWindow
    private var arenas: [Int: UnsafeMutablePointer<Float>] = [:]
    private let ownArenas: UnsafeMutablePointer<Float>
    private let stride: Int

    init(_ layout: ReductionLayout, _ communicator: MPICommunicator, arrays arrayCount: Int = 0) {
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
        let countersAt = region(SharedCounters.byteCount(communicator))
        let arraysAt = (0 ..< arrayCount).map { _ in region(stride * 4) }
        let arenasAt = shards.map { region($0.count * stride * 4) }

        func bytes(_ start: Int, _ floats: Range<Int>) -> Range<Int> { start + floats.lowerBound * 4 ..< start + floats.upperBound * 4 }
        var own = [bytes(arenasAt[communicator.localRank], 0 ..< ownShards.count * stride)]
        for start in arraysAt { for slice in slices { own.append(bytes(start, slice)) } }
        window = communicator.makeWindow(byteCount: end, own: own)
        let base = window.base
        func floats(_ offset: Int) -> UnsafeMutablePointer<Float> { (base + offset).bindMemory(to: Float.self, capacity: stride) }
        counters = SharedCounters(at: base + countersAt, communicator)
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
}
