import Foundation
import LockstepTensor

// Keras' schedules, with r for `initialLearningRate`, t for the step and T for `decaySteps`. Computed in double precision.

/// r · decayRate^(t / T); with `staircase` by whole multiples of T. `keras.optimizers.schedules.ExponentialDecay`.
public final class ExponentialDecay: LearningRateSchedule {
    public let initialLearningRate: Float, decaySteps: Int, decayRate: Float, staircase: Bool, name: String

    public init(
        initialLearningRate: Float, decaySteps: Int, decayRate: Float, staircase: Bool = false, name: String = "ExponentialDecay"
    ) {
        (self.initialLearningRate, self.decaySteps, self.decayRate) = (initialLearningRate, decaySteps, decayRate)
        (self.staircase, self.name) = (staircase, name)
        check(decaySteps > 0, "ExponentialDecay: decaySteps must be positive, got \(decaySteps)")
        checkFinite("ExponentialDecay", ["initialLearningRate": initialLearningRate, "decayRate": decayRate])
    }
    convenience init(config: Config) throws {
        self.init(
            initialLearningRate: try config.float("initial_learning_rate"), decaySteps: try config.steps("decay_steps"),
            decayRate: try config.float("decay_rate"), staircase: try config.bool("staircase", default: false),
            name: try config.string("name", default: "ExponentialDecay"))
    }
    public override func value(step: Int) -> Float {
        let part = Double(step) / Double(decaySteps)
        return Float(Double(initialLearningRate) * pow(Double(decayRate), staircase ? part.rounded(.down) : part))
    }
    public override var config: [ConfigValue.Entry] {
        [
            .init("initial_learning_rate", ConfigValue(initialLearningRate)), .init("decay_steps", .int(decaySteps)),
            .init("decay_rate", ConfigValue(decayRate)), .init("staircase", .bool(staircase)), .init("name", .string(name)),
        ]
    }
}

/// r / (1 + decayRate · t / T); with `staircase` by whole multiples of T. `keras.optimizers.schedules.InverseTimeDecay`.
public final class InverseTimeDecay: LearningRateSchedule {
    public let initialLearningRate: Float, decaySteps: Int, decayRate: Float, staircase: Bool, name: String

    public init(
        initialLearningRate: Float, decaySteps: Int, decayRate: Float, staircase: Bool = false, name: String = "InverseTimeDecay"
    ) {
        (self.initialLearningRate, self.decaySteps, self.decayRate) = (initialLearningRate, decaySteps, decayRate)
        (self.staircase, self.name) = (staircase, name)
        check(decaySteps > 0, "InverseTimeDecay: decaySteps must be positive, got \(decaySteps)")
        checkFinite("InverseTimeDecay", ["initialLearningRate": initialLearningRate, "decayRate": decayRate])
    }
    convenience init(config: Config) throws {
        self.init(
            initialLearningRate: try config.float("initial_learning_rate"), decaySteps: try config.steps("decay_steps"),
            decayRate: try config.float("decay_rate"), staircase: try config.bool("staircase", default: false),
            name: try config.string("name", default: "InverseTimeDecay"))
    }
    public override func value(step: Int) -> Float {
        let part = Double(step) / Double(decaySteps)
        return Float(Double(initialLearningRate) / (1 + Double(decayRate) * (staircase ? part.rounded(.down) : part)))
    }
    public override var config: [ConfigValue.Entry] {
        [
            .init("initial_learning_rate", ConfigValue(initialLearningRate)), .init("decay_steps", .int(decaySteps)),
            .init("decay_rate", ConfigValue(decayRate)), .init("staircase", .bool(staircase)), .init("name", .string(name)),
        ]
    }
}

/// values[i] where boundaries[i - 1] < t ≤ boundaries[i]. `keras.optimizers.schedules.PiecewiseConstantDecay`.
public final class PiecewiseConstantDecay: LearningRateSchedule {
    public let boundaries: [Int], values: [Float], name: String

    /// - Parameter values: one more than there are boundaries, which ascend.
    public init(boundaries: [Int], values: [Float], name: String = "PiecewiseConstant") {
        (self.boundaries, self.values, self.name) = (boundaries, values, name)
        check(
            boundaries.count == values.count - 1,
            "PiecewiseConstantDecay: \(boundaries.count) boundaries need \(boundaries.count + 1) values, got \(values.count)")
        check(
            zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 }, "PiecewiseConstantDecay: boundaries must ascend: \(boundaries)")
        for value in values { checkFinite("PiecewiseConstantDecay", ["value": value]) }
    }
    convenience init(config: Config) throws {
        func numbers<Number>(_ key: String, _ expected: String, _ convert: (Double) -> Number?) throws -> [Number] {
            guard let array = try config.optionalArray(key) else { throw ConfigError("missing \(key): expected a list of \(expected)") }
            return try array.map { item in
                let number: Double? =
                    switch item {
                    case .int(let int): Double(int)
                    case .double(let double): double
                    default: nil
                    }
                guard let number = number.flatMap(convert) else { throw ConfigError("expected \(expected), found \(item.kind)", at: [key]) }
                return number
            }
        }
        let values = try numbers("values", "numbers") { Float($0).isFinite ? Float($0) : nil }
        // Steps are whole: one is beyond 1.5 if it is beyond 1.
        let boundaries = try numbers("boundaries", "numbers of steps") { Int(exactly: $0.rounded(.down)) }
        guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw ConfigError("expected ascending numbers, found \(boundaries)", at: ["boundaries"])
        }
        guard values.count == boundaries.count + 1 else {
            throw ConfigError("expected \(boundaries.count + 1) numbers, one more than boundaries, found \(values.count)", at: ["values"])
        }
        self.init(boundaries: boundaries, values: values, name: try config.string("name", default: "PiecewiseConstant"))
    }
    public override func value(step: Int) -> Float { values[boundaries.firstIndex { step <= $0 } ?? boundaries.count] }
    public override var config: [ConfigValue.Entry] {
        [
            .init("boundaries", .array(boundaries.map { .int($0) })), .init("values", .array(values.map { ConfigValue($0) })),
            .init("name", .string(name)),
        ]
    }
}

/// (r - end) · (1 - t / T)^power + end, and `end` after T steps; with `cycle`, T is the next multiple of it instead.
/// `keras.optimizers.schedules.PolynomialDecay`.
public final class PolynomialDecay: LearningRateSchedule {
    public let initialLearningRate: Float, decaySteps: Int, endLearningRate: Float, power: Float, cycle: Bool, name: String

    public init(
        initialLearningRate: Float, decaySteps: Int, endLearningRate: Float = 0.0001, power: Float = 1, cycle: Bool = false,
        name: String = "PolynomialDecay"
    ) {
        (self.initialLearningRate, self.decaySteps, self.endLearningRate) = (initialLearningRate, decaySteps, endLearningRate)
        (self.power, self.cycle, self.name) = (power, cycle, name)
        check(decaySteps > 0, "PolynomialDecay: decaySteps must be positive, got \(decaySteps)")
        checkFinite("PolynomialDecay", ["initialLearningRate": initialLearningRate, "endLearningRate": endLearningRate, "power": power])
    }
    convenience init(config: Config) throws {
        self.init(
            initialLearningRate: try config.float("initial_learning_rate"), decaySteps: try config.steps("decay_steps"),
            endLearningRate: try config.float("end_learning_rate", default: 0.0001), power: try config.float("power", default: 1),
            cycle: try config.bool("cycle", default: false), name: try config.string("name", default: "PolynomialDecay"))
    }
    public override func value(step: Int) -> Float {
        let periods = cycle ? max(1, (Double(step) / Double(decaySteps)).rounded(.up)) : 1, all = Double(decaySteps) * periods
        let (start, end) = (Double(initialLearningRate), Double(endLearningRate))
        return Float((start - end) * pow(1 - min(Double(step), all) / all, Double(power)) + end)
    }
    public override var config: [ConfigValue.Entry] {
        [
            .init("initial_learning_rate", ConfigValue(initialLearningRate)), .init("decay_steps", .int(decaySteps)),
            .init("end_learning_rate", ConfigValue(endLearningRate)), .init("power", ConfigValue(power)), .init("cycle", .bool(cycle)),
            .init("name", .string(name)),
        ]
    }
}

/// Half a cosine from r to alpha · r in T steps; before that, with `warmupTarget`, in a line from r to it in `warmupSteps`
/// steps, and the cosine starts from there. `keras.optimizers.schedules.CosineDecay`; Loshchilov & Hutter 2017.
public final class CosineDecay: LearningRateSchedule {
    public let initialLearningRate: Float, decaySteps: Int, alpha: Float, name: String, warmupTarget: Float?, warmupSteps: Int

    public init(
        initialLearningRate: Float, decaySteps: Int, alpha: Float = 0, name: String = "CosineDecay", warmupTarget: Float? = nil,
        warmupSteps: Int = 0
    ) {
        (self.initialLearningRate, self.decaySteps, self.alpha, self.name) = (initialLearningRate, decaySteps, alpha, name)
        (self.warmupTarget, self.warmupSteps) = (warmupTarget, warmupSteps)
        check(decaySteps > 0 && warmupSteps >= 0, "CosineDecay: decaySteps must be positive, got \(decaySteps); warmupSteps not negative")
        checkFinite("CosineDecay", ["initialLearningRate": initialLearningRate, "alpha": alpha, "warmupTarget": warmupTarget ?? 0])
    }
    convenience init(config: Config) throws {
        self.init(
            initialLearningRate: try config.float("initial_learning_rate"), decaySteps: try config.steps("decay_steps"),
            alpha: try config.float("alpha", default: 0), name: try config.string("name", default: "CosineDecay"),
            warmupTarget: try config.optionalFloat("warmup_target"), warmupSteps: try config.steps("warmup_steps", default: 0, from: 0))
    }
    public override func value(step: Int) -> Float {
        let start = Double(initialLearningRate), top = warmupTarget.map { Double($0) } ?? start
        let warmup = warmupTarget == nil ? 0 : warmupSteps
        if step < warmup { return Float((top - start) * Double(step) / Double(warmup) + start) }
        let cosine = 0.5 * (1 + cos(Double.pi * Double(min(step - warmup, decaySteps)) / Double(decaySteps)))
        return Float(top * ((1 - Double(alpha)) * cosine + Double(alpha)))
    }
    public override var config: [ConfigValue.Entry] {
        [
            .init("initial_learning_rate", ConfigValue(initialLearningRate)), .init("decay_steps", .int(decaySteps)),
            .init("alpha", ConfigValue(alpha)), .init("name", .string(name)), .init("warmup_target", ConfigValue(warmupTarget)),
            .init("warmup_steps", .int(warmupSteps)),
        ]
    }
}
