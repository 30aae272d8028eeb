import LockstepTensor

/// x where it is positive, alpha · x elsewhere, with a slope that is learned. `keras.layers.PReLU`; He et al. 2015.
///
/// - Input, output: `[batch, …]`.
/// - Weights: `alpha`, the shape of a sample, with length 1 on `sharedAxes`.
public final class PReLU: Layer {
    public let alphaInitializer: any Initializer
    public let alphaRegularizer: Regularizer?, alphaConstraint: Constraint?
    public let sharedAxes: [Int]?
    public private(set) var alpha: Variable!

    /// - Parameter sharedAxes: axes of the input, from 1 on (0 is the batch), along which all elements have one slope.
    public init(
        alphaInitializer: any InitializerSpec = Zeros(), alphaRegularizer: (any RegularizerSpec)? = nil,
        alphaConstraint: (any ConstraintSpec)? = nil, sharedAxes: [Int]? = nil, name: String? = nil
    ) {
        self.alphaInitializer = alphaInitializer.resolved(for: "PReLU")
        self.alphaRegularizer = alphaRegularizer?.resolved(for: "PReLU")
        self.alphaConstraint = alphaConstraint?.resolved(for: "PReLU")
        self.sharedAxes = sharedAxes
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
            alphaInitializer: try config.initializer("alpha_initializer", default: Zeros()),
            alphaRegularizer: try config.regularizer("alpha_regularizer"), alphaConstraint: try config.constraint("alpha_constraint"),
            sharedAxes: axes, name: try config.optionalString("name"))
    }

    public override func build(_ inputShape: Shape) {
        var shape = inputShape.sample
        for axis in sharedAxes ?? [] {
            check(1 ..< inputShape.rank ~= axis, "PReLU: shared axis \(axis) is not one of the axes behind the batch of \(inputShape)")
            shape[axis - 1] = 1
        }
        alpha = addWeight(
            "alpha", shape: shape, initializer: alphaInitializer, regularizer: alphaRegularizer, constraint: alphaConstraint)
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        return relu(input) - alpha.value * relu(-input)
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("alpha_initializer", alphaInitializer.serialized), .init("alpha_regularizer", alphaRegularizer.serialized),
            .init("alpha_constraint", alphaConstraint.serialized),
            .init("shared_axes", sharedAxes.map { .array($0.map { .int($0) }) } ?? nil),
        ]
    }
}
