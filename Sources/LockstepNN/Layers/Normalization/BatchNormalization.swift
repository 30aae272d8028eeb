import LockstepTensor

/// Normalizes each channel to mean 0 and variance 1, then scales and shifts it: `gamma · (x - μ) / √(σ² + epsilon) + beta`.
///
/// - While training, μ and σ² are mean and variance of the batch, over all axes but `axis` and without what a mask leaves out,
///   and the moving statistics follow them: `moving ← momentum · moving + (1 - momentum) · statistic`. The variance is the mean
///   squared distance from the mean in both places, as in Keras.
/// - Otherwise, and always where `trainable` is false, μ and σ² are the moving statistics.
/// - `synchronized`: the statistics of the global batch, whatever parts it is cut into; else those of each part alone.
///
/// - Input, output: any shape of two axes or more; integers become float32.
/// - Weights, each `[channels]`: `gamma` (with `scale`), `beta` (with `center`), `moving_mean`, `moving_variance`; the last
///   two are not trained.
///
/// `keras.layers.BatchNormalization`; Ioffe & Szegedy 2015. Keras itself knows `synchronized` with TensorFlow alone, and
/// opens a file that asks for it with that backend only.
public final class BatchNormalization: Layer {
    public let axis: Int
    public let momentum: Double, epsilon: Float
    public let center: Bool, scale: Bool
    public let betaInitializer: any Initializer, gammaInitializer: any Initializer
    public let movingMeanInitializer: any Initializer, movingVarianceInitializer: any Initializer
    public let betaRegularizer: Regularizer?, gammaRegularizer: Regularizer?
    public let betaConstraint: Constraint?, gammaConstraint: Constraint?
    public let synchronized: Bool

    public private(set) var gamma: Variable?
    public private(set) var beta: Variable?
    public private(set) var movingMean: Variable!
    public private(set) var movingVariance: Variable!

    /// - Parameter axis: the channels; negative axes count from the last.
    public init(
        axis: Int = -1, momentum: Double = 0.99, epsilon: Float = 1e-3, center: Bool = true, scale: Bool = true,
        betaInitializer: any InitializerSpec = Zeros(), gammaInitializer: any InitializerSpec = Ones(),
        movingMeanInitializer: any InitializerSpec = Zeros(), movingVarianceInitializer: any InitializerSpec = Ones(),
        betaRegularizer: (any RegularizerSpec)? = nil, gammaRegularizer: (any RegularizerSpec)? = nil,
        betaConstraint: (any ConstraintSpec)? = nil, gammaConstraint: (any ConstraintSpec)? = nil, synchronized: Bool = false,
        name: String? = nil
    ) {
        (self.axis, self.momentum, self.epsilon, self.center, self.scale) = (axis, momentum, epsilon, center, scale)
        self.betaInitializer = betaInitializer.resolved(for: "BatchNormalization")
        self.gammaInitializer = gammaInitializer.resolved(for: "BatchNormalization")
        self.movingMeanInitializer = movingMeanInitializer.resolved(for: "BatchNormalization")
        self.movingVarianceInitializer = movingVarianceInitializer.resolved(for: "BatchNormalization")
        self.betaRegularizer = betaRegularizer?.resolved(for: "BatchNormalization")
        self.gammaRegularizer = gammaRegularizer?.resolved(for: "BatchNormalization")
        self.betaConstraint = betaConstraint?.resolved(for: "BatchNormalization")
        self.gammaConstraint = gammaConstraint?.resolved(for: "BatchNormalization")
        self.synchronized = synchronized
        super.init(name: name)
        checkFinite("BatchNormalization", ["momentum": momentum, "epsilon": epsilon])
        warn("BatchNormalization", "momentum", momentum, atLeast: 0, atMost: 1)
        warn("BatchNormalization", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            axis: try BatchNormalization.axis(config), momentum: try config.double("momentum", default: 0.99),
            epsilon: try config.float("epsilon", default: 1e-3), center: try config.bool("center", default: true),
            scale: try config.bool("scale", default: true), betaInitializer: try config.initializer("beta_initializer", default: Zeros()),
            gammaInitializer: try config.initializer("gamma_initializer", default: Ones()),
            movingMeanInitializer: try config.initializer("moving_mean_initializer", default: Zeros()),
            movingVarianceInitializer: try config.initializer("moving_variance_initializer", default: Ones()),
            betaRegularizer: try config.regularizer("beta_regularizer"), gammaRegularizer: try config.regularizer("gamma_regularizer"),
            betaConstraint: try config.constraint("beta_constraint"), gammaConstraint: try config.constraint("gamma_constraint"),
            synchronized: try config.bool("synchronized", default: false), name: try config.optionalString("name"))
        if try config.bool("renorm", default: false) { throw ConfigError("renorm is not supported yet", at: ["renorm"]) }
        _ = config.value("renorm_clipping")
        _ = config.value("renorm_momentum")
    }

    /// Keras 2 wrote a list of one.
    private static func axis(_ config: Config) throws -> Int {
        if case .array(let list)? = config.value("axis"), list.count == 1, case .int(let axis) = list[0] { return axis }
        return try config.int("axis", default: -1)
    }

    public override func build(_ inputShape: Shape) {
        check(inputShape.rank >= 2, "BatchNormalization: expected an input of at least two axes, [batch, channels]; got \(inputShape)")
        let axis = inputShape.resolve(axis: axis, in: "BatchNormalization"), shape: Shape = [inputShape[axis]]
        check(axis > 0 && shape.isKnown, "BatchNormalization: axis \(axis) of the input must be one of known length; got \(inputShape)")
        if scale {
            gamma = addWeight(
                "gamma", shape: shape, initializer: gammaInitializer, regularizer: gammaRegularizer, constraint: gammaConstraint)
        }
        if center {
            beta = addWeight("beta", shape: shape, initializer: betaInitializer, regularizer: betaRegularizer, constraint: betaConstraint)
        }
        movingMean = addWeight("moving_mean", shape: shape, initializer: movingMeanInitializer, trainable: false)
        movingVariance = addWeight("moving_variance", shape: shape, initializer: movingVarianceInitializer, trainable: false)
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), axis = x.shape.resolve(axis: axis, in: "BatchNormalization")
        check(
            input.mask.map { $0.shape.rank == x.shape.rank - 1 } ?? true,
            "BatchNormalization: expected a mask of one axis less than the input, of shape \(x.shape); got \(input.mask!.shape)")
        check(
            x.shape.rank == buildShapes[0].rank && x.shape[axis] == movingMean.shape[0],
            "BatchNormalization: built for \(buildShapes[0]), with \(movingMean.shape[0]) channels on axis \(axis); got an input of shape \(x.shape)"
        )
        let (gamma, beta) = (gamma?.value ?? .ones(movingMean.shape), beta?.value ?? .zeros(movingMean.shape))
        guard training, trainable else {
            return batchNormalization(
                x, mean: movingMean.value, variance: movingVariance.value, gamma: gamma, beta: beta, axis: axis, epsilon: epsilon)
        }
        let (output, mean, variance) = batchNormalization(
            x, gamma: gamma, beta: beta, axis: axis, epsilon: epsilon, mask: input.mask.map { spread($0, over: x.shape) },
            synchronized: synchronized)
        follow(mean, movingMean)
        follow(variance, movingVariance)
        return output
    }

    /// The mask with the lengths of the input's axes.
    private func spread(_ mask: Tensor, over shape: Shape) -> Tensor {
        let places = Shape(shape.dimensions.dropLast())
        return mask.shape == places ? mask : mask.cast(to: .float32).broadcast(to: places) .> 0
    }

    private func follow(_ statistic: Tensor, _ moving: Variable) {
        moving.assign(moving.value * Float(momentum) + statistic * Float(1 - momentum))
    }

    public override var supportsMasking: Bool { true }
    package override var takesMask: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("axis", .int(axis)), .init("momentum", .double(momentum)), .init("epsilon", ConfigValue(epsilon)),
            .init("center", .bool(center)), .init("scale", .bool(scale)), .init("beta_initializer", betaInitializer.serialized),
            .init("gamma_initializer", gammaInitializer.serialized),
            .init("moving_mean_initializer", movingMeanInitializer.serialized),
            .init("moving_variance_initializer", movingVarianceInitializer.serialized),
            .init("beta_regularizer", betaRegularizer.serialized), .init("gamma_regularizer", gammaRegularizer.serialized),
            .init("beta_constraint", betaConstraint.serialized), .init("gamma_constraint", gammaConstraint.serialized),
            .init("synchronized", .bool(synchronized)), .init("renorm", false), .init("renorm_clipping", nil),
            .init("renorm_momentum", 0.99),
        ]
    }
}
