import CKernels
import Foundation
import LockstepTensor

/// Adam's direction, scaled for each variable by the ratio of its norm to that of the direction: for large batches.
///
///     m ← m + (g - m)(1 - beta1);  v ← v + (g² - v)(1 - beta2)
///     u = m / (1 - beta1ᵗ) / (√(v / (1 - beta2ᵗ)) + epsilon)
///     p ← p - lr ‖p‖ / ‖u‖ u              the ratio is 1 where one of the norms is 0
///
/// `keras.optimizers.Lamb`; You et al. 2020. As in Keras, weight decay stands apart from the ratio.
public final class Lamb: Optimizer, @unchecked Sendable {
    public let beta1: Double, beta2: Double, epsilon: Float

    public init(
        learningRate: any LearningRateSpec = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-7,
        weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false,
        emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil,
        gradientAccumulationSteps: Int? = nil, name: String = "lamb"
    ) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Lamb", ["beta1": beta1, "beta2": beta2, "epsilon": epsilon])
        warn("Lamb", "beta_1", beta1, atLeast: 0, below: 1)
        warn("Lamb", "beta_2", beta2, atLeast: 0, below: 1)
        warn("Lamb", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), beta1: try config.double("beta_1", default: 0.9),
            beta2: try config.double("beta_2", default: 0.999), epsilon: try config.float("epsilon", default: 1e-7),
            name: try config.string("name", default: "lamb"))
        try readCommon(config)
    }

    public override var slotNames: [String] { ["momentum", "velocity"] }
    public override var needsWholeVariables: Bool { true }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        let t = Double(iteration)
        let rest1 = Float(1 - pow(Double(Float(beta1)), t)), rest2 = Float(1 - pow(Double(Float(beta2)), t))
        let direction = lk_lamb_moments(run.n, beta1, beta2, epsilon, rest1, rest2, run.gradients, run.slot(0), run.slot(1)).squareRoot()
        let norm = lk_sum_squares(run.n, run.parameters).squareRoot()
        let ratio = norm > 0 && direction > 0 ? norm / direction : 1
        lk_lamb(run.n, Float(ratio) * learningRate, epsilon, rest1, rest2, run.slot(0), run.slot(1), run.parameters)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("beta_1", .double(beta1)), .init("beta_2", .double(beta2)), .init("epsilon", ConfigValue(epsilon))]
    }
}
