import LockstepTensor

/// A learning rate as a function of the number of batches trained on.
///
/// One of one's own overrides `value(step:)` and, to be saved, `config`. Every rank computes the rate itself from the same
/// step, so ranks need not agree on it. `keras.optimizers.schedules.LearningRateSchedule`.
open class LearningRateSchedule: LearningRateSpec {
    public init() {}

    /// The rate for the update after `step` batches.
    open func value(step: Int) -> Float { Failure.report("schedule \(className) does not override value(step:)") }

    public func callAsFunction(_ step: Int) -> Float { value(step: step) }

    open var className: String { String(describing: type(of: self)) }
    /// Where Python finds the class.
    open var module: String { "keras.optimizers.schedules" }
    /// The arguments that make this schedule again, by their Keras names.
    open var config: [ConfigValue.Entry] { [] }

    public var learningRate: LearningRate { .schedule(self) }
    package var serialized: ConfigValue { .serialized(module: module, className, config) }
}

/// What an optimizer's learning rate is.
public enum LearningRate {
    case constant(Float)
    case schedule(LearningRateSchedule)
}

/// A number or a schedule: what an optimizer takes for its learning rate.
public protocol LearningRateSpec {
    var learningRate: LearningRate { get }
}
extension Float: LearningRateSpec {
    public var learningRate: LearningRate { .constant(self) }
}
extension Double: LearningRateSpec {
    public var learningRate: LearningRate { .constant(Float(self)) }
}
extension Int: LearningRateSpec {
    public var learningRate: LearningRate { .constant(Float(self)) }
}

/// The schedules that configurations name.
public enum LearningRateSchedules {
    nonisolated(unsafe) public static var registry = Registry<LearningRateSchedule>(
        "learning rate schedule",
        [
            "ExponentialDecay": { try ExponentialDecay(config: $0) },
            "PiecewiseConstantDecay": { try PiecewiseConstantDecay(config: $0) },
            "PolynomialDecay": { try PolynomialDecay(config: $0) },
            "InverseTimeDecay": { try InverseTimeDecay(config: $0) },
            "CosineDecay": { try CosineDecay(config: $0) },
            "CosineDecayRestarts": { try CosineDecayRestarts(config: $0) },
            "GradualWarmup": { try GradualWarmup(config: $0) },
        ])
}

extension Config {
    /// A number that is not negative, or a schedule: `{Name: arguments}` or as Keras writes it.
    func learningRate(_ key: String, default fallback: Float) throws -> any LearningRateSpec {
        if case .object? = value(key) { return try schedule(key)! }
        let rate = try float(key, default: fallback)
        guard rate.isFinite, rate >= 0 else { throw ConfigError("expected a number that is not negative, found \(rate)", at: [key]) }
        return rate
    }

    /// `{Name: arguments}` or as Keras writes it; `nil` where there is none.
    package func schedule(_ key: String) throws -> LearningRateSchedule? { try read(key) { try LearningRateSchedules.registry.make($0) } }

    /// A number of steps.
    func steps(_ key: String, default fallback: Int? = nil, from lowest: Int = 1) throws -> Int {
        let steps = try fallback.map { try int(key, default: $0) } ?? int(key)
        guard steps >= lowest else { throw ConfigError("expected a number of at least \(lowest), found \(steps)", at: [key]) }
        return steps
    }
}
