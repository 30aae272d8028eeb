import LockstepTensor

/// Between cross-entropy, for q near 0, and absolute error, for q near 1, which wrong labels harm less (Zhang & Sabuncu 2018):
/// (1 - p[label]^q) / q, p = yPred
///
/// - Parameters:
///   - yTrue: integer labels, one axis fewer than `yPred`.
///   - yPred: distributions over the last axis.
public func categoricalGeneralizedCrossEntropy(_ yTrue: Tensor, _ yPred: Tensor, q: Float) -> Tensor {
    let labels = sparseLabels(yTrue, yPred)
    return (1 - pow((yPred * oneHot(labels, yPred.shape.last)).sum(axes: [-1]), q)) / q
}

/// `categoricalGeneralizedCrossEntropy` as a loss. `keras.losses.CategoricalGeneralizedCrossEntropy`.
public final class CategoricalGeneralizedCrossEntropy: Loss, @unchecked Sendable {
    public let q: Float

    /// - Parameter q: between 0 and 1, neither of them; 0.5 by Keras' default.
    public init(q: Float = 0.5, reduction: Reduction = .sumOverBatchSize, name: String = "categorical_generalized_cross_entropy") {
        self.q = q
        super.init(reduction: reduction, name: name)
        check(q > 0 && q < 1, "CategoricalGeneralizedCrossEntropy: q must lie between 0 and 1, got \(q)")
    }
    convenience init(config: Config) throws {
        let q = try config.float("q", default: 0.5)
        guard q > 0, q < 1 else { throw ConfigError("expected a number between 0 and 1, found \(q)", at: ["q"]) }
        self.init(
            q: q, reduction: try .init(config: config),
            name: try config.string("name", default: "categorical_generalized_cross_entropy"))
    }
    public override var targetsAreClasses: Bool { true }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.labels.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { categoricalGeneralizedCrossEntropy(yTrue, yPred, q: q) }
    public override var config: [ConfigValue.Entry] { super.config + [.init("q", ConfigValue(q))] }
}
