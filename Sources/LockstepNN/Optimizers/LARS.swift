import CKernels
import LockstepTensor

/// Momentum with a rate of its own for each variable, in proportion to the ratio of its norm to its gradient's: for large
/// batches.
///
///     λ = trustCoefficient ‖p‖ / (‖g‖ + weightDecay ‖p‖ + epsilon)      1 where one of the norms is 0
///     d = lr λ (g + weightDecay p);  m ← momentum m + d
///     p ← p - m                                                        Nesterov: p ← p - momentum m - d
///
/// You, Gitman & Ginsburg 2017, algorithm 1. Not a part of Keras, which cannot open a file that names it.
public final class LARS: Optimizer, @unchecked Sendable {
    public let momentum: Float, nesterov: Bool, trustCoefficient: Float, epsilon: Float

    /// - Parameter weightDecay: β in the paper, a part of the gradient; none by default.
    public init(
        learningRate: any LearningRateSpec = 0.01, momentum: Float = 0.9, nesterov: Bool = false, trustCoefficient: Float = 0.001,
        epsilon: Float = 0, weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil,
        useEMA: Bool = false, emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil,
        gradientAccumulationSteps: Int? = nil, name: String = "lars"
    ) {
        (self.momentum, self.nesterov, self.trustCoefficient, self.epsilon) = (momentum, nesterov, trustCoefficient, epsilon)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("LARS", ["momentum": momentum, "trustCoefficient": trustCoefficient, "epsilon": epsilon])
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.01), momentum: try config.float("momentum", default: 0.9),
            nesterov: try config.bool("nesterov", default: false), trustCoefficient: try config.float("trust_coefficient", default: 0.001),
            epsilon: try config.float("epsilon", default: 0), name: try config.string("name", default: "lars"))
        try readCommon(config)
    }

    public override var slotNames: [String] { ["momentum"] }
    public override var needsWholeVariables: Bool { true }
    public override var decaysBeforeUpdate: Bool { false }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        let parameters = lk_sum_squares(run.n, run.parameters).squareRoot(), gradient = lk_sum_squares(run.n, run.gradients).squareRoot()
        let decay = weightDecay ?? 0
        let trust =
            parameters > 0 && gradient > 0
            ? Double(trustCoefficient) * parameters / (gradient + Double(decay) * parameters + Double(epsilon)) : 1
        lk_lars(run.n, learningRate * Float(trust), momentum, nesterov, decay, run.gradients, run.parameters, run.slot(0))
    }

    public override var module: String { "lockstep.optimizers" }
    public override var config: [ConfigValue.Entry] {
        [
            .init("momentum", ConfigValue(momentum)), .init("nesterov", .bool(nesterov)),
            .init("trust_coefficient", ConfigValue(trustCoefficient)), .init("epsilon", ConfigValue(epsilon)),
        ]
    }
}
