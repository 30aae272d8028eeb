import CKernels
import Foundation
import LockstepTensor

/// Adam with the largest of the decayed gradients in place of the mean of their squares.
///
///     m ← m + (g - m)(1 - beta1);  u ← max(beta2 u, |g|)
///     p ← p - lr / (1 - beta1ᵗ) · m / (u + epsilon)
///
/// `keras.optimizers.Adamax`; Kingma & Ba 2015, section 7.1.
public final class Adamax: Optimizer, @unchecked Sendable {
    public let beta1: Double, beta2: Double, epsilon: Float

    public init(
        learningRate: any LearningRateSpec = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-7,
        weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false,
        emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil, name: String = "adamax"
    ) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Adamax", ["beta1": beta1, "beta2": beta2, "epsilon": epsilon])
        warn("Adamax", "beta_1", beta1, atLeast: 0, below: 1)
        warn("Adamax", "beta_2", beta2, atLeast: 0, below: 1)
        warn("Adamax", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), beta1: try config.double("beta_1", default: 0.9),
            beta2: try config.double("beta_2", default: 0.999), epsilon: try config.float("epsilon", default: 1e-7),
            name: try config.string("name", default: "adamax"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["momentum", "norm"] }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        let alpha = Double(learningRate) / (1 - pow(Double(Float(beta1)), Double(iteration)))
        lk_adamax(
            run.n, Float(alpha), beta1, Float(beta2), epsilon, run.gradients, run.parameters, run.slot(0), run.slot(1), run.changes)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("beta_1", .double(beta1)), .init("beta_2", .double(beta2)), .init("epsilon", ConfigValue(epsilon))]
    }
}
