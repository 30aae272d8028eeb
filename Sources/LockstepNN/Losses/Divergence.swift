import LockstepTensor

// How far a predicted distribution, or rate, is from the targets.

private let epsilon: Float = 1e-7

/// The Kullback–Leibler divergence of distributions over the last axis, both clipped to [10⁻⁷, 1]:
/// Σ yTrue log(yTrue / yPred)
public func klDivergence(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    let target = clip(yTrue, epsilon, 1), predicted = clip(yPred, epsilon, 1)
    return (target * log(target / predicted)).sum(axes: [-1])
}

/// The negative log-likelihood of counts under Poisson distributions of the predicted rates, but for what does not depend on these; mean
/// over the last axis:
/// mean(yPred - yTrue log(yPred + 10⁻⁷))
public func poisson(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return (yPred - yTrue * log(yPred + epsilon)).mean(axes: [-1])
}

/// `klDivergence` as a loss. `keras.losses.KLDivergence`.
public final class KLDivergence: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "kl_divergence") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { klDivergence(yTrue, yPred) }
}

/// `poisson` as a loss. `keras.losses.Poisson`.
public final class Poisson: Loss, @unchecked Sendable {
    public override init(reduction: Reduction = .sumOverBatchSize, name: String = "poisson") {
        super.init(reduction: reduction, name: name)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { poisson(yTrue, yPred) }
}
