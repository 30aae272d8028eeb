import LockstepTensor

// Losses of margins: what is on the right side by one or more costs nothing. Targets are -1 and 1, or 0 and 1.

/// The mean over the last axis of what margins lack to one:
/// mean(max(1 - yTrue yPred, 0))
///
/// Targets of 0 and 1 become -1 and 1, if there are no others in the global batch.
public func hinge(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { lack(yTrue, yPred).mean(axes: [-1]) }

/// The mean over the last axis of the squares of what margins lack to one:
/// mean(max(1 - yTrue yPred, 0)²)
///
/// Targets of 0 and 1 become -1 and 1, if there are no others in the global batch.
public func squaredHinge(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { square(lack(yTrue, yPred)).mean(axes: [-1]) }

/// What the prediction of the true class lacks to being above all others by one; targets are 1 for one class along the last axis, else 0:
/// max(max((1 - yTrue) yPred) - Σ yTrue yPred + 1, 0)
public func categoricalHinge(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let yTrue = yTrue.cast(to: .float32)
    return maximum(((1 - yTrue) * yPred).max(axes: [-1]) - (yTrue * yPred).sum(axes: [-1]) + 1, 0)
}

private func lack(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return maximum(1 - signs(yTrue) * yPred, 0)
}

/// 2 yTrue - 1 if all targets of the global batch are 0 or 1, else the targets: whether a 0 is one of them no shard can tell alone.
private func signs(_ yTrue: Tensor) -> Tensor {
    let isBinary = logicalOr(yTrue .== Tensor(0), yTrue .== Tensor(1)).cast(to: .float32)
    let others = sumOverShards((1 - isBinary).sum())
    return yTrue + (yTrue - 1) * (others .== Tensor(0)).cast(to: .float32)
}

/// `hinge` as a loss. `keras.losses.Hinge`.
public final class Hinge: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "hinge") { super.init(reduction: reduction, name: name) }
    public override var sumsOverShards: Bool { true }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { hinge(yTrue, yPred) }
}

/// `squaredHinge` as a loss. `keras.losses.SquaredHinge`.
public final class SquaredHinge: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "squared_hinge") {
        super.init(reduction: reduction, name: name)
    }
    public override var sumsOverShards: Bool { true }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { squaredHinge(yTrue, yPred) }
}

/// `categoricalHinge` as a loss. `keras.losses.CategoricalHinge`.
public final class CategoricalHinge: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "categorical_hinge") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.distributions.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { categoricalHinge(yTrue, yPred) }
}
