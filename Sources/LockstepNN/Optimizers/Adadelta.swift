import CKernels
import LockstepTensor

/// Steps as large as the steps were of late, in proportion to the gradients of late.
///
///     a ← rho a + (1 - rho) g²;  u = -√(b + epsilon) / √(a + epsilon) g
///     b ← rho b + (1 - rho) u²;  p ← p + lr u
///
/// `keras.optimizers.Adadelta`; Zeiler 2012. The paper's learning rate is 1, the default is Keras'.
public final class Adadelta: Optimizer, @unchecked Sendable {
    public let rho: Double, epsilon: Float

    public init(
        learningRate: any LearningRateSpec = 0.001, rho: Double = 0.95, epsilon: Float = 1e-7, weightDecay: Float? = nil,
        clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99,
        emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil, name: String = "adadelta"
    ) {
        (self.rho, self.epsilon) = (rho, epsilon)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Adadelta", ["rho": rho, "epsilon": epsilon])
        warn("Adadelta", "rho", rho, atLeast: 0, atMost: 1)
        warn("Adadelta", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), rho: try config.double("rho", default: 0.95),
            epsilon: try config.float("epsilon", default: 1e-7), name: try config.string("name", default: "adadelta"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["accumulated_grad", "accumulated_delta_var"] }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        lk_adadelta(run.n, learningRate, rho, epsilon, run.gradients, run.parameters, run.slot(0), run.slot(1), run.changes)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("rho", .double(rho)), .init("epsilon", ConfigValue(epsilon))]
    }
}
