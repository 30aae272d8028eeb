import CKernels
import LockstepTensor

/// Gradient descent, with momentum where it is not zero.
///
///     p ← p - lr g                                             momentum 0
///     m ← momentum m - lr g;  p ← p + m                        momentum
///     m ← momentum m - lr g;  p ← p + momentum m - lr g        Nesterov
///
/// `keras.optimizers.SGD`; Sutskever et al. 2013.
public final class SGD: Optimizer, @unchecked Sendable {
    public let momentum: Float, nesterov: Bool

    public init(
        learningRate: any LearningRateSpec = 0.01, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float? = nil,
        clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99,
        emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil,
        name: String = "sgd"
    ) {
        (self.momentum, self.nesterov) = (momentum, nesterov)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        check((0 ... 1).contains(momentum), "SGD: momentum must lie between 0 and 1, got \(momentum)")
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.01),
            momentum: try config.float("momentum", default: 0, in: 0 ... 1), nesterov: try config.bool("nesterov", default: false),
            name: try config.string("name", default: "sgd"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] { momentum == 0 ? [] : ["momentum"] }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        if momentum == 0 {
            lk_sgd(run.n, learningRate, run.gradients, run.parameters, run.changes)
        } else {
            lk_sgd_momentum(run.n, learningRate, momentum, nesterov, run.gradients, run.parameters, run.slot(0), run.changes)
        }
    }

    public override var canUpdateRows: Bool { momentum == 0 }
    public override func updateRows(
        _ rows: UnsafePointer<Int32>, count: Int, of table: ParameterTable, gradients: UnsafeMutablePointer<Float>, learningRate: Float,
        iteration: Int
    ) {
        lk_sgd_rows(Int64(count), Int64(table.width), learningRate, rows, gradients, table.parameters)
    }

    public override var config: [ConfigValue.Entry] { [.init("momentum", ConfigValue(momentum)), .init("nesterov", .bool(nesterov))] }
}
