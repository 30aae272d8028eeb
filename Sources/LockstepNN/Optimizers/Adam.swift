import CKernels
import Foundation
import LockstepTensor

/// Adapts to moving means of the gradients and of their squares.
///
///     m ← m + (g - m)(1 - beta1);  v ← v + (g² - v)(1 - beta2)
///     p ← p - lr √(1 - beta2ᵗ) / (1 - beta1ᵗ) · m / (√v + epsilon)
///     amsgrad: the largest v so far in place of v
///
/// `keras.optimizers.Adam`; Kingma & Ba 2015, Reddi et al. 2018.
public class Adam: Optimizer, @unchecked Sendable {
    public let beta1: Double, beta2: Double, epsilon: Float, amsgrad: Bool

    public init(
        learningRate: any LearningRateSpec = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-7,
        amsgrad: Bool = false, weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil,
        useEMA: Bool = false, emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil,
        gradientAccumulationSteps: Int? = nil, name: String = "adam"
    ) {
        (self.beta1, self.beta2, self.epsilon, self.amsgrad) = (beta1, beta2, epsilon, amsgrad)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Adam", ["beta1": beta1, "beta2": beta2, "epsilon": epsilon])
        warn("Adam", "beta_1", beta1, atLeast: 0, below: 1)
        warn("Adam", "beta_2", beta2, atLeast: 0, below: 1)
        warn("Adam", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), beta1: try config.double("beta_1", default: 0.9),
            beta2: try config.double("beta_2", default: 0.999), epsilon: try config.float("epsilon", default: 1e-7),
            amsgrad: try config.bool("amsgrad", default: false), name: try config.string("name", default: "adam"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["momentum", "velocity"] + (amsgrad ? ["velocity_hat"] : []) }
    public override var slotGroups: [Range<Int>] { amsgrad ? [0 ..< 2, 2 ..< 3] : [0 ..< 2] }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        let t = Double(iteration)
        let alpha = Double(learningRate) * (1 - pow(Double(Float(beta2)), t)).squareRoot() / (1 - pow(Double(Float(beta1)), t))
        lk_adam(
            run.n, Float(alpha), beta1, beta2, epsilon, run.gradients, run.parameters, run.slot(0), run.slot(1),
            amsgrad ? run.slot(2) : nil, run.changes)
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("beta_1", .double(beta1)), .init("beta_2", .double(beta2)), .init("epsilon", ConfigValue(epsilon)),
            .init("amsgrad", .bool(amsgrad)),
        ]
    }
}
