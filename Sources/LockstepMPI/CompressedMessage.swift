import CKernels

/// A message of floats in sixteen bits each, and what rounding has taken from them so far: added in the next step.
final class CompressedMessage {
    let bits: UnsafeMutablePointer<UInt16>
    private let count: Int
    private let errors: UnsafeMutablePointer<Float>
    private let isBrain: Bool

    init(_ compression: MPICommunicator.Compression, count: Int) {
        isBrain = compression == .bfloat16
        self.count = count
        bits = .allocate(capacity: count)
        bits.initialize(repeating: 0, count: count)
        errors = allocateFloats(count)
    }

    deinit {
        bits.deallocate()
        errors.deallocate()
    }

    /// bits[place + i] = values[i] + the error so far, rounded; the error is what that took away.
    func compress(_ values: UnsafePointer<Float>, at place: Int, count: Int) {
        if isBrain {
            lk_compress_bfloat16(Int64(count), values, errors + place, bits + place)
        } else {
            lk_compress_float16(Int64(count), values, errors + place, bits + place)
        }
    }

    /// All of it as floats.
    func expand(to values: UnsafeMutablePointer<Float>) {
        if isBrain { lk_expand_bfloat16(Int64(count), bits, values) } else { lk_expand_float16(Int64(count), bits, values) }
    }
}
