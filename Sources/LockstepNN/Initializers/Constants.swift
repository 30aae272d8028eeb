import LockstepTensor

/// All 0. `keras.initializers.Zeros`.
public struct Zeros: Initializer {
    public init() {}
    public func make(_ shape: Shape, key: UInt64) -> Tensor { .zeros(shape) }
    public var config: [ConfigValue.Entry] { [] }
}

/// All 1. `keras.initializers.Ones`.
public struct Ones: Initializer {
    public init() {}
    public func make(_ shape: Shape, key: UInt64) -> Tensor { .ones(shape) }
    public var config: [ConfigValue.Entry] { [] }
}

/// All one number, 0 by default. `keras.initializers.Constant`.
public struct Constant: Initializer {
    public let value: Float
    public init(_ value: Float = 0) {
        self.value = value
        checkFinite("Constant", ["value": value])
    }
    public func make(_ shape: Shape, key: UInt64) -> Tensor { .constant(value, shape: shape) }
    public var config: [ConfigValue.Entry] { [.init("value", ConfigValue(value))] }
}

/// `gain` where row and column are the same, else 0. `keras.initializers.Identity`, which is called so here because a layer is called
/// `Identity`, too.
public struct IdentityInitializer: Initializer {
    public let gain: Float
    public init(gain: Float = 1) {
        self.gain = gain
        checkFinite("Identity", ["gain": gain])
    }
    /// - Parameter shape: of a matrix.
    public func make(_ shape: Shape, key: UInt64) -> Tensor {
        check(shape.rank == 2, "Identity: expected the shape of a matrix, got \(shape)")
        return Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
            for row in 0 ..< shape[0] { for column in 0 ..< shape[1] { elements[row * shape[1] + column] = row == column ? gain : 0 } }
        }
    }
    public var className: String { "Identity" }
    public var config: [ConfigValue.Entry] { [.init("gain", ConfigValue(gain))] }
}
