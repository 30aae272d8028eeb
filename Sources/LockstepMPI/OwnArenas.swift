import LockstepCommunication

/// The arenas of this rank's shards in private memory, for reducers that send messages.
final class OwnArenas {
    let shards: Range<Int>
    /// Floats from one arena to the next: whole cache lines.
    private let stride: Int
    private let memory: UnsafeMutablePointer<Float>

    init(_ shards: Range<Int>, count: Int) {
        self.shards = shards
        stride = arenaStride(count)
        memory = allocateFloats(stride * shards.count)
    }

    deinit { memory.deallocate() }

    subscript(shard: Int) -> UnsafeMutablePointer<Float> { memory + (shard - shards.lowerBound) * stride }
}
