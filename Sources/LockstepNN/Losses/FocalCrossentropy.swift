import LockstepTensor

// Cross-entropies that count less where the prediction is right already (Lin et al. 2017).

private let epsilon: Float = 1e-7

/// The focal cross-entropy of two classes, mean over `axis`, by default the last one:
/// mean(w (1 - q)^gamma H), H = -yTrue log(p) - (1 - yTrue) log(1 - p), q = yTrue p + (1 - yTrue) (1 - p), p = yPred or sigmoid(yPred)
///
/// - Parameters:
///   - applyClassBalancing: w is alpha for class 1 and 1 - alpha for class 0, yTrue alpha + (1 - yTrue) (1 - alpha), instead of 1.
public func binaryFocalCrossentropy(
    _ yTrue: Tensor, _ yPred: Tensor, applyClassBalancing: Bool = false, alpha: Float = 0.25, gamma: Float = 2, fromLogits: Bool = false,
    labelSmoothing: Float = 0, axis: Int = -1
) -> Tensor {
    var (y, p) = matchingRanks(yTrue.cast(to: .float32), yPred)
    if labelSmoothing != 0 { y = y * (1 - labelSmoothing) + 0.5 * labelSmoothing }
    let losses: Tensor
    if let x = logits(behind: p, fromLogits, "binary_focal_crossentropy", "Sigmoid") {
        losses = softplus(x) - x * y
        if fromLogits { p = sigmoid(x) }
    } else {
        let inside = clip(p, epsilon, 1 - epsilon)
        losses = -(y * log(inside) + (1 - y) * log(1 - inside))
    }
    let focal = losses * focus(y * p + (1 - y) * (1 - p), gamma)
    return (applyClassBalancing ? (y * alpha + (1 - y) * (1 - alpha)) * focal : focal).mean(axes: [axis])
}

/// The focal cross-entropy of distributions over `axis`, by default the last one:
/// -Σ alpha (1 - p)^gamma yTrue log(p), p = yPred / Σ yPred or softmax(yPred)
public func categoricalFocalCrossentropy(
    _ yTrue: Tensor, _ yPred: Tensor, alpha: Float = 0.25, gamma: Float = 2, fromLogits: Bool = false, labelSmoothing: Float = 0,
    axis: Int = -1
) -> Tensor {
    let y = distributions(yTrue, yPred, labelSmoothing, "categorical_focal_crossentropy").withClassesLast(axis)
    let logarithms: Tensor, p: Tensor
    if let x = logits(behind: yPred, fromLogits, "categorical_focal_crossentropy", "Softmax") {
        logarithms = logSoftmax(x.withClassesLast(axis))
        p = exp(logarithms)
    } else {
        p = yPred.withClassesLast(axis).normalizedProbabilities()
        logarithms = log(p)
    }
    return -(y * logarithms * focus(p, gamma)).sum(axes: [-1]) * alpha
}

/// (1 - q)^gamma; rounding does not make it the power of a negative number.
private func focus(_ q: Tensor, _ gamma: Float) -> Tensor {
    gamma == 0 ? .ones(q.shape) : pow(maximum(1 - q, 0), gamma)
}

/// `binaryFocalCrossentropy` as a loss. `keras.losses.BinaryFocalCrossentropy`.
public final class BinaryFocalCrossentropy: Loss, @unchecked Sendable {
    public let applyClassBalancing: Bool, alpha: Float, gamma: Float, fromLogits: Bool, labelSmoothing: Float, axis: Int

    /// - Parameters:
    ///   - applyClassBalancing: whether class 1 has the weight `alpha`, and class 0 what it lacks to one.
    ///   - gamma: how much less counts what is right; 0 is plain cross-entropy.
    public init(
        applyClassBalancing: Bool = false, alpha: Float = 0.25, gamma: Float = 2, fromLogits: Bool = false, labelSmoothing: Float = 0,
        axis: Int = -1, reduction: Reduction = .sumOverBatchSize, name: String = "binary_focal_crossentropy"
    ) {
        (self.applyClassBalancing, self.alpha, self.gamma) = (applyClassBalancing, alpha, gamma)
        (self.fromLogits, self.labelSmoothing, self.axis) = (fromLogits, labelSmoothing, axis)
        super.init(reduction: reduction, name: name)
        checkFinite("BinaryFocalCrossentropy", ["alpha": alpha, "gamma": gamma, "labelSmoothing": labelSmoothing])
        warn("BinaryFocalCrossentropy", "gamma", gamma, atLeast: 0)
        warn("BinaryFocalCrossentropy", "label_smoothing", labelSmoothing, atLeast: 0, atMost: 1)
    }
    convenience init(config: Config) throws {
        self.init(
            applyClassBalancing: try config.bool("apply_class_balancing", default: false), alpha: try config.float("alpha", default: 0.25),
            gamma: try config.float("gamma", default: 2), fromLogits: try config.bool("from_logits", default: false),
            labelSmoothing: try config.float("label_smoothing", default: 0), axis: try config.int("axis", default: -1),
            reduction: try .init(config: config), name: try config.string("name", default: "binary_focal_crossentropy"))
    }
    public override func problem(target: Shape, output: Shape) -> String? {
        TargetFit.elementwise.wayOut(target, output) ?? axisProblem(axis, of: output)
    }
    public override var targetRange: ClosedRange<Float>? { 0 ... 1 }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        binaryFocalCrossentropy(
            yTrue, yPred, applyClassBalancing: applyClassBalancing, alpha: alpha, gamma: gamma, fromLogits: fromLogits,
            labelSmoothing: labelSmoothing, axis: axis)
    }
    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing)), .init("axis", .int(axis)),
            .init("apply_class_balancing", .bool(applyClassBalancing)), .init("alpha", ConfigValue(alpha)),
            .init("gamma", ConfigValue(gamma)),
        ]
    }
}

/// `categoricalFocalCrossentropy` as a loss. `keras.losses.CategoricalFocalCrossentropy`.
public final class CategoricalFocalCrossentropy: Loss, @unchecked Sendable {
    public let alpha: Float, gamma: Float, fromLogits: Bool, labelSmoothing: Float, axis: Int

    /// - Parameters:
    ///   - alpha: by what all of it is multiplied.
    ///   - gamma: how much less counts what is right; 0 is plain cross-entropy.
    public init(
        alpha: Float = 0.25, gamma: Float = 2, fromLogits: Bool = false, labelSmoothing: Float = 0, axis: Int = -1,
        reduction: Reduction = .sumOverBatchSize, name: String = "categorical_focal_crossentropy"
    ) {
        (self.alpha, self.gamma, self.fromLogits) = (alpha, gamma, fromLogits)
        (self.labelSmoothing, self.axis) = (labelSmoothing, axis)
        super.init(reduction: reduction, name: name)
        checkFinite("CategoricalFocalCrossentropy", ["alpha": alpha, "gamma": gamma, "labelSmoothing": labelSmoothing])
        warn("CategoricalFocalCrossentropy", "gamma", gamma, atLeast: 0)
        warn("CategoricalFocalCrossentropy", "label_smoothing", labelSmoothing, atLeast: 0, atMost: 1)
    }
    convenience init(config: Config) throws {
        self.init(
            alpha: try config.float("alpha", default: 0.25), gamma: try config.float("gamma", default: 2),
            fromLogits: try config.bool("from_logits", default: false), labelSmoothing: try config.float("label_smoothing", default: 0),
            axis: try config.int("axis", default: -1), reduction: try .init(config: config),
            name: try config.string("name", default: "categorical_focal_crossentropy"))
    }
    public override func problem(target: Shape, output: Shape) -> String? { distributionProblem(target, output, axis: axis) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        categoricalFocalCrossentropy(
            yTrue, yPred, alpha: alpha, gamma: gamma, fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis)
    }
    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing)), .init("axis", .int(axis)),
            .init("alpha", ConfigValue(alpha)), .init("gamma", ConfigValue(gamma)),
        ]
    }
}
