import LockstepTensor

/// Normalizes each sample over `axis` to mean 0 and variance 1, then scales and shifts it:
/// `gamma · (x - μ) / √(σ² + epsilon) + beta`, with μ and σ² of each sample, or of each place in it, by itself.
///
/// - Input, output: `[batch, …]`; integers become float32.
/// - Weights, each of the lengths of `axis`: `gamma` (with `scale`), `beta` (with `center`).
///
/// `keras.layers.LayerNormalization`; Ba, Kiros & Hinton 2016.
public final class LayerNormalization: Layer {
    /// As given; of a layer that is built, a list in ascending order, as Keras has it.
    public private(set) var axis: NormAxes
    public let epsilon: Float
    public let center: Bool, scale: Bool
    public let betaInitializer: any Initializer, gammaInitializer: any Initializer
    public let betaRegularizer: Regularizer?, gammaRegularizer: Regularizer?
    public let betaConstraint: Constraint?, gammaConstraint: Constraint?

    public private(set) var gamma: Variable?
    public private(set) var beta: Variable?

    /// - Parameter axis: one axis or several; negative axes count from the last.
    public init(
        axis: NormAxes = -1, epsilon: Float = 1e-3, center: Bool = true, scale: Bool = true,
        betaInitializer: any InitializerSpec = Zeros(), gammaInitializer: any InitializerSpec = Ones(),
        betaRegularizer: (any RegularizerSpec)? = nil, gammaRegularizer: (any RegularizerSpec)? = nil,
        betaConstraint: (any ConstraintSpec)? = nil, gammaConstraint: (any ConstraintSpec)? = nil, name: String? = nil
    ) {
        (self.axis, self.epsilon, self.center, self.scale) = (axis, epsilon, center, scale)
        self.betaInitializer = betaInitializer.resolved(for: "LayerNormalization")
        self.gammaInitializer = gammaInitializer.resolved(for: "LayerNormalization")
        self.betaRegularizer = betaRegularizer?.resolved(for: "LayerNormalization")
        self.gammaRegularizer = gammaRegularizer?.resolved(for: "LayerNormalization")
        self.betaConstraint = betaConstraint?.resolved(for: "LayerNormalization")
        self.gammaConstraint = gammaConstraint?.resolved(for: "LayerNormalization")
        super.init(name: name)
        checkFinite("LayerNormalization", ["epsilon": epsilon])
        warn("LayerNormalization", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            axis: try NormAxes.ofLayer(config), epsilon: try config.float("epsilon", default: 1e-3),
            center: try config.bool("center", default: true), scale: try config.bool("scale", default: true),
            betaInitializer: try config.initializer("beta_initializer", default: Zeros()),
            gammaInitializer: try config.initializer("gamma_initializer", default: Ones()),
            betaRegularizer: try config.regularizer("beta_regularizer"), gammaRegularizer: try config.regularizer("gamma_regularizer"),
            betaConstraint: try config.constraint("beta_constraint"), gammaConstraint: try config.constraint("gamma_constraint"),
            name: try config.optionalString("name"))
        if try config.bool("rms_scaling", default: false) {
            throw ConfigError("rms_scaling, which Keras has deprecated, is not supported; use RMSNormalization", at: ["rms_scaling"])
        }
    }

    public override func build(_ inputShape: Shape) {
        let axes = axis.ofSamples(inputShape, for: "LayerNormalization"), shape = Shape(axes.map { inputShape[$0] })
        axis = axis.sorted()
        if scale {
            gamma = addWeight(
                "gamma", shape: shape, initializer: gammaInitializer, regularizer: gammaRegularizer, constraint: gammaConstraint)
        }
        if center {
            beta = addWeight("beta", shape: shape, initializer: betaInitializer, regularizer: betaRegularizer, constraint: betaConstraint)
        }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), axes = axis.ofSamples(x.shape, for: "LayerNormalization")
        let shape = Shape(axes.map { x.shape[$0] }), built = Shape(axes.map { buildShapes[0][$0] })
        check(
            x.shape.rank == buildShapes[0].rank && shape == built,
            "LayerNormalization: built for \(buildShapes[0]), with lengths \(built) on axes \(axes); got an input of shape \(x.shape)")
        return x.withLast(axes) {
            layerNormalization($0, gamma: gamma?.value ?? .ones(shape), beta: beta?.value ?? .zeros(shape), epsilon: epsilon)
        }
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("axis", axis.configValue), .init("epsilon", ConfigValue(epsilon)), .init("center", .bool(center)),
            .init("scale", .bool(scale)), .init("rms_scaling", false), .init("beta_initializer", betaInitializer.serialized),
            .init("gamma_initializer", gammaInitializer.serialized), .init("beta_regularizer", betaRegularizer.serialized),
            .init("gamma_regularizer", gammaRegularizer.serialized), .init("beta_constraint", betaConstraint.serialized),
            .init("gamma_constraint", gammaConstraint.serialized),
        ]
    }
}

extension NormAxes {
    /// The axes that a layer normalizes over; -1 where the key is missing.
    static func ofLayer(_ config: Config) throws -> NormAxes {
        let axes = try NormAxes(config: config, default: -1)
        if axes == .all || axes == .several([]) { throw ConfigError("expected an axis or a list of axes, found none", at: ["axis"]) }
        return axes
    }

    /// A list in ascending order, as Keras keeps it in a layer that is built.
    func sorted() -> NormAxes {
        switch self {
        case .one(let axis): .several([axis])
        case .several(let axes): .several(axes.sorted())
        case .all: .all
        }
    }

    /// The axes of samples of a shape, ascending; stops where one is the batch's, or its length is not known.
    func ofSamples(_ shape: Shape, for owner: String) -> [Int] {
        let axes = resolved(in: shape, for: owner).sorted()
        check(
            axes.allSatisfy { $0 > 0 && shape[$0] > 0 },
            "\(owner): axes \(axes) of the input must be behind the batch, and of known length; got \(shape)")
        return axes
    }
}

extension Tensor {
    /// What `body` makes of the tensor with these axes last, in their order; the axes of its result are put back.
    func withLast(_ axes: [Int], _ body: (Tensor) -> Tensor) -> Tensor {
        let order = (0 ..< shape.rank).filter { !axes.contains($0) } + axes
        if order == Array(0 ..< shape.rank) { return body(self) }
        return body(transposed(order)).transposed((0 ..< shape.rank).map { order.firstIndex(of: $0)! })
    }
}
