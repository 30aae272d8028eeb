import CKernels
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

/// Sums a part of several arrays, element by element, in the fixed tree of `lk_sum_arrays`.
final class ShardSum {
    private let arrays: [UnsafePointer<Float>]
    /// The arrays shifted to the part, as the kernel wants them; here once, so that a step allocates nothing.
    private let shifted: UnsafeMutablePointer<UnsafePointer<Float>?>

    init(_ arrays: [UnsafePointer<Float>]) {
        self.arrays = arrays
        shifted = .allocate(capacity: arrays.count)
        shifted.initialize(repeating: nil, count: arrays.count)
    }

    deinit { shifted.deallocate() }

    /// result[i] = tree over k of arrays[k][i], for i in `part`.
    func sum(_ part: Range<Int>, into result: UnsafeMutablePointer<Float>) {
        if part.isEmpty { return }
        for k in arrays.indices { shifted[k] = arrays[k] + part.lowerBound }
        lk_sum_arrays(Int64(part.count), Int64(arrays.count), shifted, result + part.lowerBound)
    }
}
