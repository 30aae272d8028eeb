import Foundation
import LockstepTensor

/// Half a cosine from r to alpha · r in T steps, then again: each time `tMul` times as long, and from mMul times as high a rate, with r for
/// `initialLearningRate` and T for `firstDecaySteps`. `keras.optimizers.schedules.CosineDecayRestarts`; Loshchilov & Hutter 2017 (SGDR).
///
/// Computed in double precision, a period after the other: Keras takes the number of the period from a logarithm in float32, and may
/// begin one a step late.
public final class CosineDecayRestarts: LearningRateSchedule {
    public let initialLearningRate: Float, firstDecaySteps: Int, tMul: Float, mMul: Float, alpha: Float, name: String

    public init(
        initialLearningRate: Float, firstDecaySteps: Int, tMul: Float = 2, mMul: Float = 1, alpha: Float = 0, name: String = "SGDRDecay"
    ) {
        (self.initialLearningRate, self.firstDecaySteps) = (initialLearningRate, firstDecaySteps)
        (self.tMul, self.mMul, self.alpha, self.name) = (tMul, mMul, alpha, name)
        check(firstDecaySteps > 0, "CosineDecayRestarts: firstDecaySteps must be positive, got \(firstDecaySteps)")
        checkFinite("CosineDecayRestarts", ["initialLearningRate": initialLearningRate, "tMul": tMul, "mMul": mMul, "alpha": alpha])
        check(tMul >= 1, "CosineDecayRestarts: tMul must be at least 1, got \(tMul)")
    }
    convenience init(config: Config) throws {
        let tMul = try config.float("t_mul", default: 2)
        guard tMul >= 1 else { throw ConfigError("expected a number of at least 1, found \(tMul)", at: ["t_mul"]) }
        self.init(
            initialLearningRate: try config.float("initial_learning_rate"), firstDecaySteps: try config.steps("first_decay_steps"),
            tMul: tMul, mMul: try config.float("m_mul", default: 1), alpha: try config.float("alpha", default: 0),
            name: try config.string("name", default: "SGDRDecay"))
    }

    public override func value(step: Int) -> Float {
        var (rest, length, height) = (Double(step), Double(firstDecaySteps), 1.0)
        if tMul == 1 {
            let periods = (rest / length).rounded(.down)
            (rest, height) = (rest - periods * length, pow(Double(mMul), periods))
        } else {
            while rest >= length {
                rest -= length
                length *= Double(tMul)
                height *= Double(mMul)
            }
        }
        let cosine = 0.5 * height * (1 + cos(Double.pi * rest / length))
        return Float(Double(initialLearningRate) * ((1 - Double(alpha)) * cosine + Double(alpha)))
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("initial_learning_rate", ConfigValue(initialLearningRate)), .init("first_decay_steps", .int(firstDecaySteps)),
            .init("t_mul", ConfigValue(tMul)), .init("m_mul", ConfigValue(mMul)), .init("alpha", ConfigValue(alpha)),
            .init("name", .string(name)),
        ]
    }
}
