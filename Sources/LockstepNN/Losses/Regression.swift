import Foundation
import LockstepTensor

// Losses of numbers: means over the last axis of what predictions are off by.

private let epsilon: Float = 1e-7

/// The mean over the last axis of squared differences:
/// mean((yTrue - yPred)²)
public func meanSquaredError(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return square(yTrue - yPred).mean(axes: [-1])
}

/// The mean over the last axis of absolute differences:
/// mean(|yTrue - yPred|)
public func meanAbsoluteError(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return abs(yTrue - yPred).mean(axes: [-1])
}

/// The mean over the last axis of absolute differences, in hundredths of the targets:
/// 100 mean(|yTrue - yPred| / max(|yTrue|, 10⁻⁷))
public func meanAbsolutePercentageError(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return abs((yTrue - yPred) / maximum(abs(yTrue), epsilon)).mean(axes: [-1]) * 100
}

/// The mean over the last axis of squared differences of logarithms; negative numbers count as 10⁻⁷:
/// mean((log(1 + yPred) - log(1 + yTrue))²)
public func meanSquaredLogarithmicError(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return square(log1p(maximum(yPred, epsilon)) - log1p(maximum(yTrue, epsilon))).mean(axes: [-1])
}

/// Squared for small differences e = yPred - yTrue, linear for others, mean over the last axis (Huber 1964):
/// mean(|e| ≤ δ ? e²/2 : δ |e| - δ²/2)
public func huber(_ yTrue: Tensor, _ yPred: Tensor, delta: Float = 1) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    let error = yPred - yTrue, size = abs(error)
    return `where`(size .<= delta, square(error) * 0.5, size * delta - 0.5 * delta * delta).mean(axes: [-1])
}

/// The mean over the last axis of the logarithm of the hyperbolic cosine of e = yPred - yTrue: e²/2 for small e, |e| - log 2 for large:
/// mean(log(cosh(e))) = mean(e + log(1 + exp(-2 e)) - log 2)
public func logCosh(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    let error = yPred - yTrue
    return (error + softplus(error * -2) - Float(M_LN2)).mean(axes: [-1])
}

/// `meanSquaredError` as a loss. `keras.losses.MeanSquaredError`.
public final class MeanSquaredError: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "mean_squared_error") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { meanSquaredError(yTrue, yPred) }
}

/// `meanAbsoluteError` as a loss. `keras.losses.MeanAbsoluteError`.
public final class MeanAbsoluteError: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "mean_absolute_error") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { meanAbsoluteError(yTrue, yPred) }
}

/// `meanAbsolutePercentageError` as a loss. `keras.losses.MeanAbsolutePercentageError`.
public final class MeanAbsolutePercentageError: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "mean_absolute_percentage_error") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { meanAbsolutePercentageError(yTrue, yPred) }
}

/// `meanSquaredLogarithmicError` as a loss. `keras.losses.MeanSquaredLogarithmicError`.
public final class MeanSquaredLogarithmicError: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "mean_squared_logarithmic_error") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { meanSquaredLogarithmicError(yTrue, yPred) }
}

/// `huber` as a loss. `keras.losses.Huber`.
public final class Huber: Loss, @unchecked Sendable {
    public let delta: Float

    /// - Parameter delta: up to which difference the loss is squared; 1 by Keras' default.
    public init(delta: Float = 1, reduction: Reduction = .sumOverBatchSize, name: String = "huber_loss") {
        self.delta = delta
        super.init(reduction: reduction, name: name)
        checkFinite("Huber", ["delta": delta])
        warn("Huber", "delta", delta, atLeast: 0)
    }
    convenience init(config: Config) throws {
        // Keras writes no delta.
        self.init(
            delta: try config.float("delta", default: 1), reduction: try .init(config: config),
            name: try config.string("name", default: "huber_loss"))
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { huber(yTrue, yPred, delta: delta) }
    /// With `delta` where it is not Keras' default: `keras.losses.Huber` has it as an argument, but does not write it.
    public override var config: [ConfigValue.Entry] { super.config + (delta == 1 ? [] : [.init("delta", ConfigValue(delta))]) }
}

/// `logCosh` as a loss. `keras.losses.LogCosh`.
public final class LogCosh: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "log_cosh") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { logCosh(yTrue, yPred) }
}
