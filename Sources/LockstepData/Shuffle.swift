import CKernels
import LockstepTensor

/// The order of an epoch's samples: a permutation that depends on (seed, epoch, number of samples) alone, so every rank
/// draws the same one, and a resumed run goes on with it.
public struct Shuffle: Sendable {
    /// `false`: samples come in the order of the data.
    public let isEnabled: Bool
    private let key: UInt64

    public init(seed: Int, isEnabled: Bool = true) {
        self.isEnabled = isEnabled
        key = Random.key("shuffle", seed: UInt64(bitPattern: Int64(seed)))
    }

    /// Fills `order` with a permutation of `0 ..< order.count`: Fisher–Yates, from the last place down, over the Philox
    /// stream numbered `epoch`. Allocates nothing.
    ///
    /// A number below a bound is drawn without bias by multiplication and rejection (Lemire 2019, "Fast random integer
    /// generation in an interval").
    public func fill(_ order: UnsafeMutableBufferPointer<Int32>, epoch: Int) {
        check(order.count <= Int(Int32.max), "shuffle: \(order.count) samples, at most \(Int32.max)")
        for i in 0 ..< order.count { order[i] = Int32(truncatingIfNeeded: i) }
        guard isEnabled, order.count > 1 else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { draws in
            var used = 0
            func draw() -> UInt32 {
                if used % draws.count == 0 {
                    lk_philox(Int64(draws.count), key, UInt64(bitPattern: Int64(epoch)), UInt64(used), draws.baseAddress!)
                }
                used += 1
                return draws[(used - 1) % draws.count]
            }
            for last in (1 ..< order.count).reversed() {
                let bound = UInt32(truncatingIfNeeded: last + 1)
                var product = UInt64(draw()) * UInt64(bound)
                if UInt32(truncatingIfNeeded: product) < bound {
                    let threshold = (0 &- bound) % bound
                    while UInt32(truncatingIfNeeded: product) < threshold { product = UInt64(draw()) * UInt64(bound) }
                }
                order.swapAt(last, Int(product >> 32))
            }
        }
    }
}
