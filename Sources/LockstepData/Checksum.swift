import CKernels
import Foundation
import LockstepTensor

/// A checksum of bytes, to tell whether ranks hold the same; not for files that somebody may want to forge.
public func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let words = bytes.count / 4
    var rest: Float = 0
    withUnsafeMutableBytes(of: &rest) { $0.copyBytes(from: bytes[(words * 4)...]) }
    let whole = bytes.baseAddress.map { lk_checksum(Int64(words), $0.assumingMemoryBound(to: Float.self)) } ?? 0
    return whole &* 31 &+ lk_checksum(1, &rest) &+ UInt64(bytes.count)
}

extension Dataset {
    /// A checksum of all arrays.
    public var checksum: UInt64 {
        (inputs.map(\.column) + targets.map(\.column) + sampleWeights.compactMap { $0 }).reduce(0) { sum, column in
            let value = column.tensor.value
            return sum &* 31 &+ LockstepData.checksum(UnsafeRawBufferPointer(start: value.pointer, count: value.byteCount))
        }
    }
}
