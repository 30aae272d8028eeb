import LockstepSystem
import LockstepTensor

/// l1 · Σ |x|, which makes many weights zero. `keras.regularizers.L1`.
public final class L1: Regularizer {
    public let l1: Float

    /// - Parameter l1: finite and not negative.
    public init(_ l1: Float = 0.01) {
        self.l1 = l1
        checkFactors("L1", ["l1": l1])
    }

    public override func callAsFunction(_ x: Tensor) -> Tensor { abs(x.cast(to: .float32)).sum() * l1 }

    /// Keras keeps this factor as float32, and writes that number: 0.009999999776482582. It keeps `L2`'s and `L1L2`'s as given.
    public override var config: [ConfigValue.Entry] { [.init("l1", .double(Double(l1)))] }
}

/// l2 · Σ x², which keeps weights small. `keras.regularizers.L2`.
public final class L2: Regularizer {
    public let l2: Float

    /// - Parameter l2: finite and not negative.
    public init(_ l2: Float = 0.01) {
        self.l2 = l2
        checkFactors("L2", ["l2": l2])
    }

    public override func callAsFunction(_ x: Tensor) -> Tensor { square(x.cast(to: .float32)).sum() * l2 }

    public override var config: [ConfigValue.Entry] { [.init("l2", ConfigValue(l2))] }
}

/// l1 · Σ |x| + l2 · Σ x². `keras.regularizers.L1L2`; the elastic net of Zou & Hastie 2005.
///
/// Both factors are 0 by default, and by the bare name too, of which is warned: Keras' documentation says 0.01, its code does not.
public final class L1L2: Regularizer {
    public let l1: Float, l2: Float

    /// - Parameters: finite and not negative.
    public init(l1: Float = 0, l2: Float = 0) {
        (self.l1, self.l2) = (l1, l2)
        checkFactors("L1L2", ["l1": l1, "l2": l2])
    }

    convenience init(config: Config) throws {
        if !config.has("l1"), !config.has("l2") {
            Console.warn("L1L2: neither l1 nor l2 is given, so it penalizes nothing; both are 0 by default")
        }
        self.init(l1: try config.optionalNonNegative("l1") ?? 0, l2: try config.optionalNonNegative("l2") ?? 0)
    }

    public override func callAsFunction(_ x: Tensor) -> Tensor {
        let x = x.cast(to: .float32)
        // A factor of zero leaves its term out, as in Keras: 0 times the sum would be NaN where an element is infinite.
        var penalty = Tensor(0)
        if l1 != 0 { penalty = penalty + abs(x).sum() * l1 }
        if l2 != 0 { penalty = penalty + square(x).sum() * l2 }
        return penalty
    }

    public override var config: [ConfigValue.Entry] { [.init("l1", ConfigValue(l1)), .init("l2", ConfigValue(l2))] }
}
