import CKernels
import Foundation
import LockstepTensor

/// Divides by a moving root mean square of the gradients.
///
///     v ← rho v + (1 - rho) g²;  p ← p - lr g / √(v + epsilon)
///     centered:  a ← rho a + (1 - rho) g, and √(v - a² + epsilon)
///     momentum:  m ← momentum m + increment;  p ← p - m
///
/// `keras.optimizers.RMSprop`; Tieleman & Hinton 2012, Graves 2013.
public final class RMSprop: Optimizer, @unchecked Sendable {
    public let rho: Double, momentum: Float, epsilon: Float, centered: Bool

    public init(
        learningRate: any LearningRateSpec = 0.001, rho: Double = 0.9, momentum: Float = 0, epsilon: Float = 1e-7,
        centered: Bool = false, weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil, globalClipnorm: Float? = nil,
        useEMA: Bool = false, emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil,
        gradientAccumulationSteps: Int? = nil, name: String = "rm_sprop"
    ) {
        (self.rho, self.momentum, self.epsilon, self.centered) = (rho, momentum, epsilon, centered)
        super.init(
            learningRate: learningRate, weightDecay: weightDecay, clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm,
            useEMA: useEMA, emaMomentum: emaMomentum, emaOverwriteFrequency: emaOverwriteFrequency,
            gradientAccumulationSteps: gradientAccumulationSteps, name: name)
        checkFinite("RMSprop", ["rho": rho, "momentum": momentum, "epsilon": epsilon])
        warn("RMSprop", "rho", rho, atLeast: 0, atMost: 1)
        warn("RMSprop", "momentum", momentum, atLeast: 0, atMost: 1)
        warn("RMSprop", "epsilon", epsilon, atLeast: 0)
    }

    convenience init(config: Config) throws {
        self.init(
            learningRate: try config.learningRate("learning_rate", default: 0.001), rho: try config.double("rho", default: 0.9),
            momentum: try config.float("momentum", default: 0), epsilon: try config.float("epsilon", default: 1e-7),
            centered: try config.bool("centered", default: false), name: try config.string("name", default: "rm_sprop"))
        try readCommon(config)
    }

    public override var givesChanges: Bool { true }
    public override var slotNames: [String] {
        ["velocity"] + (momentum > 0 ? ["momentum"] : []) + (centered ? ["average_gradient"] : [])
    }
    public override var slotGroups: [Range<Int>] { slotNames.indices.map { $0 ..< $0 + 1 } }

    public override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        lk_rmsprop(
            run.n, learningRate, rho, momentum, epsilon, run.gradients, run.parameters, run.slot(0),
            momentum > 0 ? run.slot(1) : nil, centered ? run.slot(momentum > 0 ? 2 : 1) : nil, run.changes)
    }

    /// The mean square of a row that was not touched in k updates is multiplied by rho to the k when it is next needed. Without an
    /// epsilon a row that has had no gradient yet becomes 0 / 0.
    public override var canUpdateRows: Bool { momentum == 0 && !centered && epsilon > 0 }
    public override func updateRows(
        _ rows: UnsafePointer<Int32>, count: Int, of table: ParameterTable, gradients: UnsafeMutablePointer<Float>, learningRate: Float,
        iteration: Int
    ) {
        lk_rmsprop_rows(
            Int64(count), Int64(table.width), learningRate, rho, epsilon, powers, Int64(powers.count), Int32(clamping: iteration), rows,
            gradients, table.parameters, table.slot(0), table.latestUpdates)
    }
    public override func settleRows(of table: ParameterTable, iteration: Int) {
        lk_decay_rows(
            Int64(table.rows), Int64(table.width), rho, powers, Int64(powers.count), Int32(clamping: iteration), table.slot(0),
            table.latestUpdates)
    }
    /// Those of rho, by exponent.
    private lazy var powers = (0 ..< 4096).map { Float(Foundation.pow(Double(Float(rho)), Double($0))) }

    public override var config: [ConfigValue.Entry] {
        [
            .init("rho", .double(rho)), .init("momentum", ConfigValue(momentum)), .init("epsilon", ConfigValue(epsilon)),
            .init("centered", .bool(centered)),
        ]
    }
}
