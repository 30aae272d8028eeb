import CKernels
import LockstepTensor

/// Divides by the root of the sum of all squared gradients so far.
///
///     a ← a + g²;  p ← p - lr g / √(a + epsilon)
///
/// `keras.optimizers.Adagrad`; Duchi et al. 2011.
public final class Adagrad: Optimizer, @unchecked Sendable {
    public let initialAccumulatorValue: Float, epsilon: Float

    public init(
        learningRate: any LearningRateSpec = 0.001, initialAccumulatorValue: Float = 0.1, epsilon: Float = 1e-7, weightDecay: Float? = nil,
        clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99,
        emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil,
        name: String = "adagrad"
    ) {
        (self.initialAccumulatorValue, self.epsilon) = (initialAccumulatorValue, epsilon)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("Adagrad", ["initialAccumulatorValue": initialAccumulatorValue, "epsilon": epsilon])
        warn("Adagrad", "initial_accumulator_value", initialAccumulatorValue, atLeast: 0)
        warn("Adagrad", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001),
            initialAccumulatorValue: try config.float("initial_accumulator_value", default: 0.1),
            epsilon: try config.float("epsilon", default: 1e-7), name: try config.string("name", default: "adagrad"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { ["accumulator"] }
    public override func initialValue(ofSlot index: Int) -> Float { initialAccumulatorValue }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        lk_adagrad(run.n, learningRate, epsilon, run.gradients, run.parameters, run.slot(0), run.changes)
    }

    /// Without an epsilon a row that has had no gradient yet becomes 0 / 0.
    public override var canUpdateRows: Bool { epsilon > 0 }
    public override func updateRows(
        _ rows: UnsafePointer<Int32>, count: Int, of table: ParameterTable, gradients: UnsafeMutablePointer<Float>, learningRate: Float,
        iteration: Int
    ) {
        lk_adagrad_rows(Int64(count), Int64(table.width), learningRate, epsilon, rows, gradients, table.parameters, table.slot(0))
    }

    public override var config: [ConfigValue.Entry] {
        [.init("initial_accumulator_value", ConfigValue(initialAccumulatorValue)), .init("epsilon", ConfigValue(epsilon))]
    }
}
