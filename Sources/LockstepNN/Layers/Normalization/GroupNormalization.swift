import LockstepTensor

/// Normalizes groups of neighbouring channels of each sample to mean 0 and variance 1, then scales and shifts each channel:
/// `gamma · (x - μ) / √(σ² + epsilon) + beta`, with μ and σ² over all places of a sample and the channels of a group.
///
/// - Input, output: `[batch, …]`, with the channels on `axis`; integers become float32.
/// - Weights, each `[channels]`: `gamma` (with `scale`), `beta` (with `center`).
///
/// `keras.layers.GroupNormalization`; Wu & He 2018.
public final class GroupNormalization: Layer {
    /// As given; of a layer that is built, the number of channels instead of -1, as Keras has it.
    public private(set) var groups: Int
    public let axis: Int
    public let epsilon: Float
    public let center: Bool, scale: Bool
    public let betaInitializer: any Initializer, gammaInitializer: any Initializer
    public let betaRegularizer: Regularizer?, gammaRegularizer: Regularizer?
    public let betaConstraint: Constraint?, gammaConstraint: Constraint?

    public private(set) var gamma: Variable?
    public private(set) var beta: Variable?

    /// - Parameters:
    ///   - groups: a divisor of the number of channels; -1 for as many (instance normalization).
    ///   - axis: the channels; negative axes count from the last.
    public init(
        groups: Int = 32, axis: Int = -1, epsilon: Float = 1e-3, center: Bool = true, scale: Bool = true,
        betaInitializer: any InitializerSpec = Zeros(), gammaInitializer: any InitializerSpec = Ones(),
        betaRegularizer: (any RegularizerSpec)? = nil, gammaRegularizer: (any RegularizerSpec)? = nil,
        betaConstraint: (any ConstraintSpec)? = nil, gammaConstraint: (any ConstraintSpec)? = nil, name: String? = nil
    ) {
        (self.groups, self.axis, self.epsilon, self.center, self.scale) = (groups, axis, epsilon, center, scale)
        self.betaInitializer = betaInitializer.resolved(for: "GroupNormalization")
        self.gammaInitializer = gammaInitializer.resolved(for: "GroupNormalization")
        self.betaRegularizer = betaRegularizer?.resolved(for: "GroupNormalization")
        self.gammaRegularizer = gammaRegularizer?.resolved(for: "GroupNormalization")
        self.betaConstraint = betaConstraint?.resolved(for: "GroupNormalization")
        self.gammaConstraint = gammaConstraint?.resolved(for: "GroupNormalization")
        super.init(name: name)
        check(groups > 0 || groups == -1, "GroupNormalization: groups must be positive, or -1 for one a channel; got \(groups)")
        checkFinite("GroupNormalization", ["epsilon": epsilon])
        warn("GroupNormalization", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        let groups = try config.int("groups", default: 32)
        guard groups > 0 || groups == -1 else {
            throw ConfigError("expected a positive number, or -1 for one group a channel, found \(groups)", at: ["groups"])
        }
        self.init(
            groups: groups, axis: try config.int("axis", default: -1), epsilon: try config.float("epsilon", default: 1e-3),
            center: try config.bool("center", default: true), scale: try config.bool("scale", default: true),
            betaInitializer: try config.initializer("beta_initializer", default: Zeros()),
            gammaInitializer: try config.initializer("gamma_initializer", default: Ones()),
            betaRegularizer: try config.regularizer("beta_regularizer"), gammaRegularizer: try config.regularizer("gamma_regularizer"),
            betaConstraint: try config.constraint("beta_constraint"), gammaConstraint: try config.constraint("gamma_constraint"),
            name: try config.optionalString("name"))
    }

    public override func build(_ inputShape: Shape) {
        let axis = inputShape.resolve(axis: axis, in: "GroupNormalization"), channels = inputShape[axis]
        check(
            axis > 0 && channels > 0,
            "GroupNormalization: axis \(axis) of the input must be behind the batch, and of known length; got \(inputShape)")
        if groups == -1 { groups = channels }
        check(
            channels % groups == 0,
            "GroupNormalization: groups must divide the number of channels, the length \(channels) of axis \(axis); got \(groups) groups for an input of shape \(inputShape)"
        )
        if scale {
            gamma = addWeight(
                "gamma", shape: [channels], initializer: gammaInitializer, regularizer: gammaRegularizer, constraint: gammaConstraint)
        }
        if center {
            beta = addWeight(
                "beta", shape: [channels], initializer: betaInitializer, regularizer: betaRegularizer, constraint: betaConstraint)
        }
    }

    public override var inputSpec: InputSpec? {
        buildShapes.first.map { shape in
            let axis = shape.resolve(axis: axis, in: "GroupNormalization")
            return InputSpec(rank: shape.rank, axes: [axis: shape[axis]])
        }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), shape: Shape = [x.shape[axis]]
        return groupNormalization(
            x, groups: groups, gamma: gamma?.value ?? .ones(shape), beta: beta?.value ?? .zeros(shape), axis: axis, epsilon: epsilon)
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("groups", .int(groups)), .init("axis", .int(axis)), .init("epsilon", ConfigValue(epsilon)),
            .init("center", .bool(center)), .init("scale", .bool(scale)), .init("beta_initializer", betaInitializer.serialized),
            .init("gamma_initializer", gammaInitializer.serialized), .init("beta_regularizer", betaRegularizer.serialized),
            .init("gamma_regularizer", gammaRegularizer.serialized), .init("beta_constraint", betaConstraint.serialized),
            .init("gamma_constraint", gammaConstraint.serialized),
        ]
    }
}
