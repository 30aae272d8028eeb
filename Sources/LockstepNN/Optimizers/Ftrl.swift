import CKernels
import LockstepTensor

/// Follow the regularized leader: L1 makes parameters zero, exactly. For wide models of many sparse inputs.
///
///     s(a) = a^(-learningRatePower);  b = a + g²
///     z ← z + g + 2 l2Shrinkage p - (s(b) - s(a)) / lr p;  a ← b
///     p ← (clip(z, -l1, l1) - z) / (s(a) / lr + 2 l2 + beta / lr)
///
/// `keras.optimizers.Ftrl`; McMahan et al. 2013, algorithm 1.
public final class Ftrl: Optimizer, @unchecked Sendable {
    public let learningRatePower: Float, initialAccumulatorValue: Float, beta: Float
    public let l1RegularizationStrength: Float, l2RegularizationStrength: Float, l2ShrinkageRegularizationStrength: Float

    public init(
        learningRate: any LearningRateSpec = 0.001, learningRatePower: Float = -0.5, initialAccumulatorValue: Float = 0.1,
        l1RegularizationStrength: Float = 0, l2RegularizationStrength: Float = 0,
        l2ShrinkageRegularizationStrength: Float = 0, beta: Float = 0, weightDecay: Float? = nil, clipnorm: Float? = nil,
        clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99,
        emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil, name: String = "ftrl"
    ) {
        (self.learningRatePower, self.initialAccumulatorValue, self.beta) = (learningRatePower, initialAccumulatorValue, beta)
        (self.l1RegularizationStrength, self.l2RegularizationStrength) = (l1RegularizationStrength, l2RegularizationStrength)
        self.l2ShrinkageRegularizationStrength = l2ShrinkageRegularizationStrength
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite(
            "Ftrl",
            [
                "learningRatePower": learningRatePower, "initialAccumulatorValue": initialAccumulatorValue, "beta": beta,
                "l1RegularizationStrength": l1RegularizationStrength, "l2RegularizationStrength": l2RegularizationStrength,
                "l2ShrinkageRegularizationStrength": l2ShrinkageRegularizationStrength,
            ])
        check(learningRatePower <= 0, "Ftrl: learningRatePower must be 0 or negative, got \(learningRatePower)")
        for (name, value) in [
            ("initialAccumulatorValue", initialAccumulatorValue), ("l1RegularizationStrength", l1RegularizationStrength),
            ("l2RegularizationStrength", l2RegularizationStrength),
            ("l2ShrinkageRegularizationStrength", l2ShrinkageRegularizationStrength),
        ] {
            check(value >= 0, "Ftrl: \(name) must be 0 or positive, got \(value)")
        }
    }

    convenience init(config: Config) throws {
        func positive(_ key: String, default fallback: Float = 0) throws -> Float {
            let value = try config.float(key, default: fallback)
            guard value >= 0 else { throw ConfigError("expected a number that is not negative, found \(value)", at: [key]) }
            return value
        }
        let power = try config.float("learning_rate_power", default: -0.5)
        guard power <= 0 else { throw ConfigError("expected 0 or a negative number, found \(power)", at: ["learning_rate_power"]) }
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), learningRatePower: power,
            initialAccumulatorValue: try positive("initial_accumulator_value", default: 0.1),
            l1RegularizationStrength: try positive("l1_regularization_strength"),
            l2RegularizationStrength: try positive("l2_regularization_strength"),
            l2ShrinkageRegularizationStrength: try positive("l2_shrinkage_regularization_strength"),
            beta: try config.float("beta", default: 0), name: try config.string("name", default: "ftrl"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["accumulator", "linear"] }
    public override func initialValue(ofSlot index: Int) -> Float { index == 0 ? initialAccumulatorValue : 0 }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        lk_ftrl(
            run.n, learningRate, -learningRatePower, l1RegularizationStrength,
            2 * (l2RegularizationStrength + beta / (2 * learningRate)), 2 * l2ShrinkageRegularizationStrength, run.gradients,
            run.parameters, run.slot(0), run.slot(1), run.changes)
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("learning_rate_power", ConfigValue(learningRatePower)),
            .init("initial_accumulator_value", ConfigValue(initialAccumulatorValue)),
            .init("l1_regularization_strength", ConfigValue(l1RegularizationStrength)),
            .init("l2_regularization_strength", ConfigValue(l2RegularizationStrength)),
            .init("l2_shrinkage_regularization_strength", ConfigValue(l2ShrinkageRegularizationStrength)),
            .init("beta", ConfigValue(beta)),
        ]
    }
}
