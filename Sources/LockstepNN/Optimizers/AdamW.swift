import LockstepTensor

/// Adam with weight decay, apart from the update:
///
///     p ← p - lr weightDecay p, then as `Adam`
///
/// `keras.optimizers.AdamW`; Loshchilov & Hutter 2019.
public final class AdamW: Adam, @unchecked Sendable {
    public init(
        learningRate: any LearningRateSpec = 0.001, weightDecay: Float = 0.004, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Float = 1e-7, amsgrad: Bool = false, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil,
        useEMA: Bool = false, emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil,
        name: String = "adam_w"
    ) {
        super.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad, weightDecay: weightDecay,
            clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm, useEMA: useEMA, emaMomentum: emaMomentum,
            emaOverwriteFrequency: emaOverwriteFrequency, gradientAccumulationSteps: gradientAccumulationSteps, name: name)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), beta1: try config.double("beta_1", default: 0.9),
            beta2: try config.double("beta_2", default: 0.999), epsilon: try config.float("epsilon", default: 1e-7),
            amsgrad: try config.bool("amsgrad", default: false), name: try config.string("name", default: "adam_w"))
        try readCommon(config)
        if weightDecay == nil { throw ConfigError("expected a number, found nothing", at: ["weight_decay"]) }
    }
}
