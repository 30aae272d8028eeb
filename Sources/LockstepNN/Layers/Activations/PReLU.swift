import LockstepTensor

/// x where it is positive, alpha · x elsewhere, with a slope that is learned. `keras.layers.PReLU`; He et al. 2015.
///
/// - Input, output: `[batch, …]`.
/// - Weights: `alpha`, the shape of a sample, with length 1 on `sharedAxes`.
public final class PReLU: Layer {
    public let alphaInitializer: any Initializer
    public let sharedAxes: [Int]?
    public private(set) var alpha: Variable!

    /// - Parameter sharedAxes: axes of the input, from 1 on (0 is the batch), along which all elements have one slope.
    public init(alphaInitializer: any Initializer = Zeros(), sharedAxes: [Int]? = nil, name: String? = nil) {
        (self.alphaInitializer, self.sharedAxes) = (alphaInitializer, sharedAxes)
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        let axes = try config.optionalArray("shared_axes")?.map { axis in
            guard case .int(let axis) = axis, axis >= 1 else {
                throw ConfigError("expected axes from 1 on, found \(axis.kind)", at: ["shared_axes"])
            }
            return axis
        }
        self.init(
            alphaInitializer: try config.initializer("alpha_initializer", default: Zeros()), sharedAxes: axes,
            name: try config.optionalString("name"))
        try config.refuse("alpha_regularizer", "alpha_constraint")
    }

    public override func build(_ inputShape: Shape) {
        var shape = inputShape.sample
        for axis in sharedAxes ?? [] {
            check(1 ..< inputShape.rank ~= axis, "PReLU: shared axis \(axis) is not one of the axes behind the batch of \(inputShape)")
            shape[axis - 1] = 1
        }
        alpha = addWeight("alpha", shape: shape, initializer: alphaInitializer)
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        return relu(input) - alpha.value * relu(-input)
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("alpha_initializer", alphaInitializer.serialized), .init("alpha_regularizer", nil), .init("alpha_constraint", nil),
            .init("shared_axes", sharedAxes.map { .array($0.map { .int($0) }) } ?? nil),
        ]
    }
}
