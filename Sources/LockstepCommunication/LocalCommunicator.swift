import CKernels
import Foundation
import LockstepSystem

/// One process that trains alone: every collective is the identity.
public final class LocalCommunicator: Communicator {
    public init() {}
    public var rank: Int { 0 }
    public var size: Int { 1 }
    public var localRank: Int { 0 }
    public var localSize: Int { 1 }
    public var host: String { ProcessInfo.processInfo.hostName }
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}
    public func allGather(_ bytes: [UInt8]) -> [[UInt8]] {
        Self.warnIfOthersWereStarted
        return [bytes]
    }
    public func barrier() {}
    public func gather(_ values: UnsafeMutableBufferPointer<Float>, parts: [Range<Int>]) {}
    public func note(_ phase: Phase, step: Int) {}
    /// Alone there is nobody whom a collective could leave waiting.
    public var soloActivity: String?
    public func fail(_ message: String, status: Int32) -> Never {
        Console.report(message)
        exit(status)
    }
    public func makeReducer(_ layout: ReductionLayout) -> any GradientReducer {
        Self.warnIfOthersWereStarted
        return LocalReducer(layout)
    }
    public func makeRowExchange(_ layout: RowLayout, sharing: Bool) -> any RowExchange { LocalRowExchange(layout) }
    public func abort(status: Int32) -> Never { exit(status) }

    /// Says so, once, if a launcher started this process as one of several, which then all do the same, each alone.
    private static let warnIfOthersWereStarted: Void = {
        guard let size = Launcher.size, size > 1, Launcher.rank == 0 else { return }
        Console.warn(
            "\(size) processes were started, and each trains alone, predicts alone and writes the same files; put the "
                + "program into Distribution.run { … }, or set Distribution.communicator")
    }()
}

/// Sums the arenas of one process, in the first one. A single arena is the sum as it is.
final class LocalReducer: GradientReducer {
    let layout: ReductionLayout
    let parts: [Range<Int>]
    private let memory: UnsafeMutablePointer<Float>
    private let arenas: [UnsafePointer<Float>]
    private let stride: Int

    init(_ layout: ReductionLayout) {
        self.layout = layout
        parts = [0 ..< layout.count]
        // Arenas start on cache lines.
        stride = max(16, (layout.count + 15) / 16 * 16)
        let total = stride * layout.shards
        let raw = UnsafeMutableRawPointer.allocate(byteCount: total * 4, alignment: 64)
        let base = raw.initializeMemory(as: Float.self, repeating: 0, count: total)
        memory = base
        arenas = (0 ..< layout.shards).map { [stride] in UnsafePointer(base + $0 * stride) }
    }

    deinit { memory.deallocate() }

    var ownShards: Range<Int> { 0 ..< layout.shards }
    func arena(ofShard shard: Int) -> UnsafeMutablePointer<Float> { memory + shard * stride }
    func ready(bucket index: Int) {
        guard layout.shards > 1 else { return }
        // The tree has one slot per arena, shifted to the bucket.
        let bucket = layout.buckets[index]
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: arenas.count) { slots in
            for shard in arenas.indices { slots[shard] = arenas[shard] + bucket.lowerBound }
            lk_sum_arrays(Int64(bucket.count), Int64(arenas.count), slots.baseAddress, memory + bucket.lowerBound)
        }
    }
    func finish() {}
    func sums(_ part: Range<Int>) -> UnsafePointer<Float> { UnsafePointer(memory + part.lowerBound) }
}
