import CKernels
import LockstepTensor

/// Steps of one size: the sign of a mean of gradients.
///
///     p ← p - lr sign(beta1 m + (1 - beta1) g);  m ← beta2 m + (1 - beta2) g
///
/// `keras.optimizers.Lion`; Chen et al. 2023, whose advice is a learning rate of a third to a tenth of Adam's.
public final class Lion: Optimizer, @unchecked Sendable {
    public let beta1: Double, beta2: Double

    public init(
        learningRate: any LearningRateSpec = 0.001, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Float? = nil,
        clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99,
        emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil, name: String = "lion"
    ) {
        (self.beta1, self.beta2) = (beta1, beta2)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Lion", ["beta1": beta1, "beta2": beta2])
        check(Lion.allows(beta1), "Lion: beta1 must be greater than 0 and at most 1, got \(beta1)")
        warn("Lion", "beta_2", beta2, atLeast: 0, atMost: 1)
    }

    convenience init(config: Config) throws {
        let beta1 = try config.double("beta_1", default: 0.9)
        guard Lion.allows(beta1) else {
            throw ConfigError("expected a number greater than 0 and at most 1, found \(beta1)", at: ["beta_1"])
        }
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), beta1: beta1,
            beta2: try config.double("beta_2", default: 0.99), name: try config.string("name", default: "lion"))
        try readCommon(config)
    }

    private static func allows(_ beta1: Double) -> Bool { beta1 > 0 && beta1 <= 1 }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["momentum"] }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        lk_lion(run.n, learningRate, Float(beta1), Float(beta2), run.gradients, run.parameters, run.slot(0), run.changes)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("beta_1", .double(beta1)), .init("beta_2", .double(beta2))]
    }
}
