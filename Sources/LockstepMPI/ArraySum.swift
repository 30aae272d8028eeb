import CKernels
import LockstepCommunication

/// Sums a part of several arrays, element by element, in the fixed tree of `lk_sum_arrays`.
final class ArraySum {
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
