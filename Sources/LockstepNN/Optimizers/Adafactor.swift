import CKernels
import Foundation
import LockstepTensor

/// Adam without momentum, its second moments of matrices kept by rows and columns; steps in proportion to the parameters.
///
///     rho = min(lr, 1/√t);  beta = 1 - t^beta2Decay;  s = g² + epsilon1
///     r ← beta r + (1 - beta) mean of s over columns;  c ← beta c + (1 - beta) mean of s over rows
///     v ← r c / mean(r)                         of one axis or none: v ← beta v + (1 - beta) s
///     u = g / √v;  p ← p - max(epsilon2, rms(p)) rho u / max(1, rms(u) / clipThreshold)
///
/// Of more than two axes the last two are a matrix's. `keras.optimizers.Adafactor`; Shazeer & Stern 2018. As in Keras, v of matrices
/// is kept, too, and `relativeStep` changes nothing: with it or without, a step is at most 1/√t.
public final class Adafactor: Optimizer, @unchecked Sendable {
    public let beta2Decay: Double, epsilon1: Float, epsilon2: Float, clipThreshold: Float, relativeStep: Bool

    public init(
        learningRate: any LearningRateSpec = 0.001, beta2Decay: Double = -0.8, epsilon1: Float = 1e-30, epsilon2: Float = 1e-3,
        clipThreshold: Float = 1, relativeStep: Bool = true, weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil,
        globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil,
        gradientAccumulationSteps: Int? = nil, name: String = "adafactor"
    ) {
        (self.beta2Decay, self.epsilon1, self.epsilon2) = (beta2Decay, epsilon1, epsilon2)
        (self.clipThreshold, self.relativeStep) = (clipThreshold, relativeStep)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite(
            "Adafactor", ["beta2Decay": beta2Decay, "epsilon1": epsilon1, "epsilon2": epsilon2, "clipThreshold": clipThreshold])
        warn("Adafactor", "epsilon_1", epsilon1, atLeast: 0)
        warn("Adafactor", "epsilon_2", epsilon2, atLeast: 0)
        warn("Adafactor", "clip_threshold", clipThreshold, atLeast: 1)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001),
            beta2Decay: try config.double("beta_2_decay", default: -0.8), epsilon1: try config.float("epsilon_1", default: 1e-30),
            epsilon2: try config.float("epsilon_2", default: 1e-3), clipThreshold: try config.float("clip_threshold", default: 1),
            relativeStep: try config.bool("relative_step", default: true), name: try config.string("name", default: "adafactor"))
        try readCommon(config)
    }

    public override var needsWholeVariables: Bool { true }
    /// Of rows, of columns, of all.
    public override var slotNames: [String] { ["r", "c", "velocity"] }
    public override func shape(ofSlot index: Int, for variable: Shape) -> Shape? {
        switch (index, variable.rank) {
        case (2, _): variable
        case (_, 0 ..< 2): nil
        case (0, _): Shape(variable.dimensions.dropLast())
        default: Shape(variable.dimensions.dropLast(2) + [variable.last])
        }
    }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        let (shape, count, t) = (run.shape!, Double(run.count), Double(iteration))
        let decay = Float(1 - pow(t, beta2Decay))
        let size = (lk_sum_squares(run.n, run.parameters) / count).squareRoot()
        let squares =
            shape.rank < 2
            ? lk_adafactor_vector(run.n, decay, epsilon1, run.gradients, run.slot(2))
            : matrices(run, rows: shape[shape.rank - 2], columns: shape.last, decay)
        let rate = max(Double(epsilon2), size) * min(Double(learningRate), 1 / t.squareRoot())
        let excess = max(1, (squares / count).squareRoot() / Double(clipThreshold))
        lk_adafactor(run.n, Float(rate / excess), run.gradients, run.slot(2), run.parameters)
    }

    /// - Returns: the sum of the squares of g / √v.
    private func matrices(_ run: ParameterRun, rows: Int, columns: Int, _ decay: Float) -> Double {
        (0 ..< run.count / (rows * columns)).reduce(0.0) { sum, matrix in
            let start = matrix * rows * columns
            return sum
                + lk_adafactor_matrix(
                    Int64(rows), Int64(columns), decay, epsilon1, run.gradients + start, run.slot(0) + matrix * rows,
                    run.slot(1) + matrix * columns, run.slot(2) + start)
        }
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("beta_2_decay", .double(beta2Decay)), .init("epsilon_1", ConfigValue(epsilon1)),
            .init("epsilon_2", ConfigValue(epsilon2)),
            .init("clip_threshold", ConfigValue(clipThreshold)), .init("relative_step", .bool(relativeStep)),
        ]
    }
}
