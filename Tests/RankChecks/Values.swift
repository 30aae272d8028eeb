import CKernels
import Foundation
import LockstepCommunication
import LockstepMPI

/// Which values ranks sum.
enum Values: CaseIterable {
    /// Of both signs and many magnitudes, so that the order of the sum shows in the last bits.
    case ordinary
    /// Infinities, NaN and subnormal numbers among ordinary ones.
    case special
}

/// The value of `source` (a rank or shard) in `step` at `index`: a formula that each rank can evaluate for all, different
/// for each source, step and index.
func value(_ values: Values, source: Int, step: Int, index: Int) -> Float {
    var bits = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(source + 1) &* 0xC2B2_AE3D_27D4_EB4F
    bits = (bits ^ UInt64(step + 1) &* 0x1656_67B1_9E37_79F9) &* 0xFF51_AFD7_ED55_8CCD
    bits ^= bits >> 29
    if values == .special {
        switch (index + step) % 7 {
        case 0: return source == index % 3 ? .infinity : 1
        case 1: return source == index % 3 ? .nan : -1
        case 2: return source % 2 == 0 ? .infinity : -.infinity
        case 3: return Float(bitPattern: UInt32(bits & 0xFFFF) + 1)
        case 4: return -.zero
        default: break
        }
    }
    let fraction = Float(Int32(truncatingIfNeeded: bits >> 16)) / 0x1p31
    return fraction * Float(sign: .plus, exponent: Int(bits >> 60) - 8, significand: 1)
}

/// Sum over sources in double, and the error that n single-precision additions may make.
func reference(_ values: Values, sources: Int, step: Int, index: Int) -> (sum: Double, tolerance: Double) {
    var sum = 0.0
    var magnitude = 0.0
    for source in 0 ..< sources {
        let term = Double(value(values, source: source, step: step, index: index))
        sum += term
        magnitude += abs(term)
    }
    return (sum, Double(sources - 1) * magnitude * 0x1p-24)
}

/// The fixed tree, written out: tree(lo, hi) = tree(lo, mid) + tree(mid, hi), mid - lo the largest power of two < hi - lo.
func tree(_ values: Values, _ sources: Range<Int>, step: Int, index: Int) -> Float {
    if sources.count == 1 { return value(values, source: sources.lowerBound, step: step, index: index) }
    var half = 1
    while half * 2 < sources.count { half *= 2 }
    let middle = sources.lowerBound + half
    return tree(values, sources.lowerBound ..< middle, step: step, index: index)
        + tree(values, middle ..< sources.upperBound, step: step, index: index)
}

/// Whether `got` is the sum within rounding; infinite and NaN where the reference is.
func isClose(_ got: Float, _ expected: (sum: Double, tolerance: Double)) -> Bool {
    if expected.sum.isNaN { return got.isNaN }
    if expected.sum.isInfinite { return Double(got) == expected.sum }
    return abs(Double(got) - expected.sum) <= expected.tolerance
}

/// Sizes at which slices, chunks and vectors begin and end, for `ranks` ranks.
func sizes(_ ranks: Int) -> [Int] {
    Set([0, 1, ranks - 1, ranks, ranks + 1, 15, 16, 17, 1000]).sorted()
}

/// Ends the job, on all ranks, if the condition is false.
func expect(_ condition: Bool, _ communicator: MPICommunicator, _ message: @autoclosure () -> String) {
    guard !condition else { return }
    FileHandle.standardError.write(Data("rank-checks: rank \(communicator.rank) of \(communicator.size): \(message())\n".utf8))
    communicator.abort(status: 3)
}

/// Ends the job if ranks hold different bytes; returns their common checksum.
@discardableResult
func expectSameBytes(
    _ floats: UnsafePointer<Float>, count: Int, _ communicator: MPICommunicator, _ what: String
) -> UInt64 {
    let own = lk_checksum(Int64(count), floats)
    let checksums = communicator.allGather([own]).map { $0[0] }
    expect(checksums.count == communicator.size, communicator, "\(checksums.count) checksums")
    expect(checksums.allSatisfy { $0 == own }, communicator, "\(what): ranks hold different bytes: \(checksums)")
    return own
}
