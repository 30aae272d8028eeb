import LockstepTensor

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
