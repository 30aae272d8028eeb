import LockstepSystem
import LockstepTensor

// Cross-entropies of probabilities or logits. Probabilities that a softmax or sigmoid computed are traced back to their
// logits, as Keras does with TensorFlow: no rounding, no clipping. Others are clipped to [1e-7, 1 - 1e-7].

private let epsilon: Float = 1e-7

/// The logits from which a loss is computed: what a softmax or a sigmoid was applied to or, where `fromLogits` says so, the
/// predictions themselves. Both at once is a mistake, of which Keras warns.
private func logits(behind yPred: Tensor, _ fromLogits: Bool, _ function: String, _ activation: String) -> Tensor? {
    guard let logits = yPred.value.logits else { return fromLogits ? yPred : nil }
    if fromLogits {
        Console.warn(
            "\(function) received from_logits=True, but the predictions were produced by a \(activation) activation and thus are not logits; "
                + "leave out from_logits, or the activation")
    }
    return logits
}

/// The cross-entropy of two classes, mean over the last axis:
/// mean(-yTrue log(p) - (1 - yTrue) log(1 - p)), p = yPred or sigmoid(yPred)
public func binaryCrossentropy(_ yTrue: Tensor, _ yPred: Tensor, fromLogits: Bool = false, labelSmoothing: Float = 0) -> Tensor {
    var (y, p) = matchingRanks(yTrue.cast(to: .float32), yPred)
    if labelSmoothing != 0 { y = y * (1 - labelSmoothing) + 0.5 * labelSmoothing }
    if let x = logits(behind: p, fromLogits, "binary_crossentropy", "Sigmoid") {
        // max(x, 0) - x y + log(1 + exp(-|x|)) = softplus(x) - x y
        return (softplus(x) - x * y).mean(axes: [-1])
    }
    p = clip(p, epsilon, 1 - epsilon)
    return -(y * log(p) + (1 - y) * log(1 - p)).mean(axes: [-1])
}

/// The cross-entropy of distributions over the last axis:
/// -Σ yTrue log(p), p = yPred / Σ yPred or softmax(yPred)
public func categoricalCrossentropy(_ yTrue: Tensor, _ yPred: Tensor, fromLogits: Bool = false, labelSmoothing: Float = 0) -> Tensor {
    var y = yTrue.cast(to: .float32)
    check(
        y.shape == yPred.shape,
        "categorical cross-entropy: targets of shape \(y.shape) for predictions of shape \(yPred.shape); integer labels need sparse_categorical_crossentropy"
    )
    if yPred.shape.last == 1 {
        Console.warn(
            "categorical_crossentropy: expected predictions of more than one class, got the shape \(yPred.shape.sample.batched()); "
                + "use binary_crossentropy if there are only two classes")
    }
    if labelSmoothing != 0 { y = y * (1 - labelSmoothing) + labelSmoothing / Float(y.shape.last) }
    if let logits = logits(behind: yPred, fromLogits, "categorical_crossentropy", "Softmax") {
        return softmaxCrossEntropy(logits: logits, target: y)
    }
    let p = clip(yPred / yPred.sum(axes: [-1], keepDims: true), epsilon, 1 - epsilon)
    return -(y * log(p)).sum(axes: [-1])
}

/// The cross-entropy of integer labels and a distribution over the last axis:
/// -log(p[label]), p = yPred / Σ yPred or softmax(yPred)
public func sparseCategoricalCrossentropy(_ yTrue: Tensor, _ yPred: Tensor, fromLogits: Bool = false) -> Tensor {
    let labels = sparseLabels(yTrue, yPred)
    if let logits = logits(behind: yPred, fromLogits, "sparse_categorical_crossentropy", "Softmax") {
        return softmaxCrossEntropy(logits: logits, target: labels)
    }
    let p = clip(yPred / yPred.sum(axes: [-1], keepDims: true), epsilon, 1 - epsilon)
    return -(oneHot(labels, p.shape.last) * log(p)).sum(axes: [-1])
}

/// Labels as int32 with one axis fewer than the predictions.
func sparseLabels(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    let labels = yTrue.shape.rank == yPred.shape.rank && yTrue.shape.last == 1 ? yTrue.squeezed(axes: [-1]) : yTrue
    check(
        labels.shape.dimensions == Array(yPred.shape.dimensions.dropLast()),
        "labels of shape \(yTrue.shape) for predictions of shape \(yPred.shape); expected \(Shape(yPred.shape.dimensions.dropLast()))")
    return labels.cast(to: .int32)
}

/// `binaryCrossentropy` as a loss. `keras.losses.BinaryCrossentropy`.
public final class BinaryCrossentropy: Loss, @unchecked Sendable {
    public let fromLogits: Bool, labelSmoothing: Float

    public init(
        fromLogits: Bool = false, labelSmoothing: Float = 0, reduction: Reduction = .sumOverBatchSize, name: String = "binary_crossentropy"
    ) {
        (self.fromLogits, self.labelSmoothing) = (fromLogits, labelSmoothing)
        super.init(reduction: reduction, name: name)
        checkFinite("BinaryCrossentropy", ["labelSmoothing": labelSmoothing])
        warn("BinaryCrossentropy", "label_smoothing", labelSmoothing, atLeast: 0, atMost: 1)
    }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        binaryCrossentropy(yTrue, yPred, fromLogits: fromLogits, labelSmoothing: labelSmoothing)
    }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.elementwise.wayOut(target, output) }
    /// Probabilities: others make it negative, and it has no least value.
    public override var targetRange: ClosedRange<Float>? { 0 ... 1 }
    public override var config: [ConfigValue.Entry] {
        super.config + [.init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing)), .init("axis", -1)]
    }
}

/// `categoricalCrossentropy` as a loss. `keras.losses.CategoricalCrossentropy`.
public final class CategoricalCrossentropy: Loss, @unchecked Sendable {
    public let fromLogits: Bool, labelSmoothing: Float

    public init(
        fromLogits: Bool = false, labelSmoothing: Float = 0, reduction: Reduction = .sumOverBatchSize,
        name: String = "categorical_crossentropy"
    ) {
        (self.fromLogits, self.labelSmoothing) = (fromLogits, labelSmoothing)
        super.init(reduction: reduction, name: name)
        checkFinite("CategoricalCrossentropy", ["labelSmoothing": labelSmoothing])
        warn("CategoricalCrossentropy", "label_smoothing", labelSmoothing, atLeast: 0, atMost: 1)
    }
    public override func problem(target: Shape, output: Shape) -> String? {
        let areLabels = target.rank < output.rank || target.last == 1
        return TargetFit.distributions.wayOut(target, output).map { areLabels ? "integer labels need sparse_categorical_crossentropy" : $0 }
    }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        categoricalCrossentropy(yTrue, yPred, fromLogits: fromLogits, labelSmoothing: labelSmoothing)
    }
    public override var config: [ConfigValue.Entry] {
        super.config + [.init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing)), .init("axis", -1)]
    }
}

/// `sparseCategoricalCrossentropy` as a loss. `keras.losses.SparseCategoricalCrossentropy`.
public final class SparseCategoricalCrossentropy: Loss, @unchecked Sendable {
    public let fromLogits: Bool

    public init(fromLogits: Bool = false, reduction: Reduction = .sumOverBatchSize, name: String = "sparse_categorical_crossentropy") {
        self.fromLogits = fromLogits
        super.init(reduction: reduction, name: name)
    }
    public override var targetsAreClasses: Bool { true }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.labels.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        sparseCategoricalCrossentropy(yTrue, yPred, fromLogits: fromLogits)
    }
    public override var config: [ConfigValue.Entry] {
        super.config + [.init("from_logits", .bool(fromLogits)), .init("ignore_class", nil)]
    }
}
