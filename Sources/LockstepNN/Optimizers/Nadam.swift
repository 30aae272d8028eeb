import CKernels
import Foundation
import LockstepTensor

/// Adam with Nesterov's momentum: a step ahead along the mean of the gradients.
///
///     u(t) = beta1 (1 - 0.96ᵗ / 2);  U ← U u(t), from 1 on
///     m ← m + (g - m)(1 - beta1);  v ← v + (g² - v)(1 - beta2)
///     m̂ = u(t+1) m / (1 - U u(t+1)) + (1 - u(t)) g / (1 - U);  v̂ = v / (1 - beta2ᵗ)
///     p ← p - lr m̂ / (√v̂ + epsilon)
///
/// `keras.optimizers.Nadam`; Dozat 2015.
public final class Nadam: Optimizer, @unchecked Sendable {
    public let beta1: Double, beta2: Double, epsilon: Float

    public init(
        learningRate: any LearningRateSpec = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-7,
        weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false,
        emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil, name: String = "nadam"
    ) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Nadam", ["beta1": beta1, "beta2": beta2, "epsilon": epsilon])
        warn("Nadam", "beta_1", beta1, atLeast: 0, below: 1)
        warn("Nadam", "beta_2", beta2, atLeast: 0, below: 1)
        warn("Nadam", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), beta1: try config.double("beta_1", default: 0.9),
            beta2: try config.double("beta_2", default: 0.999), epsilon: try config.float("epsilon", default: 1e-7),
            name: try config.string("name", default: "nadam"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["momentum", "velocity"] }
    public override var scalars: [(name: String, initialValue: Float)] { [("u_product", 1)] }

    /// u(t), in the floats of Keras.
    private func momentum(_ iteration: Int) -> Float { Float(beta1) * (1 - 0.5 * pow(0.96, Float(iteration))) }

    public override func update(scalars: UnsafeMutableBufferPointer<Float>, iteration: Int) {
        scalars[0] *= momentum(iteration)
    }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        let (now, next, product) = (momentum(iteration), momentum(iteration + 1), run.scalar(0))
        let rest2 = Float(1 - pow(Double(Float(beta2)), Double(iteration)))
        lk_nadam(
            run.n, learningRate, Float(beta1), Float(beta2), epsilon, next / (1 - product * next), (1 - now) / (1 - product), rest2,
            run.gradients, run.parameters, run.slot(0), run.slot(1), run.changes)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("beta_1", .double(beta1)), .init("beta_2", .double(beta2)), .init("epsilon", ConfigValue(epsilon))]
    }
}
