import LockstepSystem
import LockstepTensor

// Cross-entropies of probabilities or logits. Probabilities that a softmax or sigmoid computed are traced back to their
// logits, as Keras does with TensorFlow: no rounding, no clipping. Others are clipped to [1e-7, 1 - 1e-7].

private let epsilon: Float = 1e-7

extension Tensor {
    /// With the axis of the classes behind all others.
    func withClassesLast(_ axis: Int) -> Tensor {
        let axis = shape.resolve(axis: axis, in: "cross-entropy")
        return axis == shape.rank - 1 ? self : transposed((0 ..< shape.rank).filter { $0 != axis } + [axis])
    }

    /// Distributions over the last axis: each number by the sum of all, clipped to [10⁻⁷, 1 - 10⁻⁷].
    func normalizedProbabilities() -> Tensor { clip(self / sum(axes: [-1], keepDims: true), epsilon, 1 - epsilon) }
}

/// The logits from which a loss is computed: what a softmax or a sigmoid was applied to or, where `fromLogits` says so, the
/// predictions themselves. Both at once is a mistake, of which Keras warns.
func logits(behind yPred: Tensor, _ fromLogits: Bool, _ function: String, _ activation: String) -> Tensor? {
    guard let logits = yPred.value.logits else { return fromLogits ? yPred : nil }
    if fromLogits {
        Console.warn(
            "\(function) received from_logits=True, but the predictions were produced by a \(activation) activation and thus are not logits; "
                + "leave out from_logits, or the activation")
    }
    return logits
}

/// The cross-entropy of two classes, mean over `axis`, by default the last one:
/// mean(-yTrue log(p) - (1 - yTrue) log(1 - p)), p = yPred or sigmoid(yPred)
public func binaryCrossentropy(
    _ yTrue: Tensor, _ yPred: Tensor, fromLogits: Bool = false, labelSmoothing: Float = 0, axis: Int = -1
) -> Tensor {
    var (y, p) = matchingRanks(yTrue.cast(to: .float32), yPred)
    if labelSmoothing != 0 { y = y * (1 - labelSmoothing) + 0.5 * labelSmoothing }
    if let x = logits(behind: p, fromLogits, "binary_crossentropy", "Sigmoid") {
        // max(x, 0) - x y + log(1 + exp(-|x|)) = softplus(x) - x y
        return (softplus(x) - x * y).mean(axes: [axis])
    }
    p = clip(p, epsilon, 1 - epsilon)
    return -(y * log(p) + (1 - y) * log(1 - p)).mean(axes: [axis])
}

/// The cross-entropy of distributions over `axis`, by default the last one:
/// -Σ yTrue log(p), p = yPred / Σ yPred or softmax(yPred)
public func categoricalCrossentropy(
    _ yTrue: Tensor, _ yPred: Tensor, fromLogits: Bool = false, labelSmoothing: Float = 0, axis: Int = -1
) -> Tensor {
    let y = distributions(yTrue, yPred, labelSmoothing, "categorical_crossentropy").withClassesLast(axis)
    if let logits = logits(behind: yPred, fromLogits, "categorical_crossentropy", "Softmax") {
        return softmaxCrossEntropy(logits: logits.withClassesLast(axis), target: y)
    }
    return -(y * log(yPred.withClassesLast(axis).normalizedProbabilities())).sum(axes: [-1])
}

/// Targets as distributions of the predictions' shape, with smoothed labels.
func distributions(_ yTrue: Tensor, _ yPred: Tensor, _ labelSmoothing: Float, _ function: String) -> Tensor {
    let y = yTrue.cast(to: .float32)
    check(
        y.shape == yPred.shape,
        "\(function): targets of shape \(y.shape) for predictions of shape \(yPred.shape); integer labels need sparse_categorical_crossentropy"
    )
    if yPred.shape.last == 1 {
        Console.warn(
            "\(function): expected predictions of more than one class, got the shape \(yPred.shape.sample.batched()); "
                + "use binary_crossentropy if there are only two classes")
    }
    return labelSmoothing == 0 ? y : y * (1 - labelSmoothing) + labelSmoothing / Float(y.shape.last)
}

/// The cross-entropy of integer labels and a distribution over the last axis:
/// -log(p[label]), p = yPred / Σ yPred or softmax(yPred)
///
/// - Parameter ignoreClass: a label whose loss is 0; the result has a mask that leaves it out.
public func sparseCategoricalCrossentropy(
    _ yTrue: Tensor, _ yPred: Tensor, fromLogits: Bool = false, ignoreClass: Int? = nil
) -> Tensor {
    let labels = sparseLabels(yTrue, yPred)
    let traced = logits(behind: yPred, fromLogits, "sparse_categorical_crossentropy", "Softmax")
    guard let ignoreClass else { return sparseLosses(labels, traced ?? yPred, areLogits: traced != nil) }
    let counts = labels .!= Tensor(Int32(clamping: ignoreClass))
    func kept(_ x: Tensor) -> Tensor { `where`(x.shape.rank > counts.shape.rank ? counts.expandingDims(axis: -1) : counts, x, Tensor(0)) }
    let losses = sparseLosses(labels * counts.cast(to: .int32), kept(traced ?? yPred), areLogits: traced != nil)
    return kept(losses).masked(by: counts)
}

private func sparseLosses(_ labels: Tensor, _ x: Tensor, areLogits: Bool) -> Tensor {
    if areLogits { return softmaxCrossEntropy(logits: x, target: labels) }
    return -(oneHot(labels, x.shape.last) * log(x.normalizedProbabilities())).sum(axes: [-1])
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
    public let fromLogits: Bool, labelSmoothing: Float, axis: Int

    public init(
        fromLogits: Bool = false, labelSmoothing: Float = 0, axis: Int = -1, reduction: Reduction = .sumOverBatchSize,
        name: String = "binary_crossentropy"
    ) {
        (self.fromLogits, self.labelSmoothing, self.axis) = (fromLogits, labelSmoothing, axis)
        super.init(reduction: reduction, name: name)
        checkFinite("BinaryCrossentropy", ["labelSmoothing": labelSmoothing])
        warn("BinaryCrossentropy", "label_smoothing", labelSmoothing, atLeast: 0, atMost: 1)
    }
    convenience init(config: Config) throws {
        self.init(
            fromLogits: try config.bool("from_logits", default: false), labelSmoothing: try config.float("label_smoothing", default: 0),
            axis: try config.int("axis", default: -1), reduction: try .init(config: config),
            name: try config.string("name", default: "binary_crossentropy"))
    }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        binaryCrossentropy(yTrue, yPred, fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis)
    }
    public override func problem(target: Shape, output: Shape) -> String? {
        TargetFit.elementwise.wayOut(target, output) ?? axisProblem(axis, of: output)
    }
    /// Probabilities: others make it negative, and it has no least value.
    public override var targetRange: ClosedRange<Float>? { 0 ... 1 }
    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing)), .init("axis", .int(axis)),
        ]
    }
}

/// `categoricalCrossentropy` as a loss. `keras.losses.CategoricalCrossentropy`.
public final class CategoricalCrossentropy: Loss, @unchecked Sendable {
    public let fromLogits: Bool, labelSmoothing: Float, axis: Int

    public init(
        fromLogits: Bool = false, labelSmoothing: Float = 0, axis: Int = -1, reduction: Reduction = .sumOverBatchSize,
        name: String = "categorical_crossentropy"
    ) {
        (self.fromLogits, self.labelSmoothing, self.axis) = (fromLogits, labelSmoothing, axis)
        super.init(reduction: reduction, name: name)
        checkFinite("CategoricalCrossentropy", ["labelSmoothing": labelSmoothing])
        warn("CategoricalCrossentropy", "label_smoothing", labelSmoothing, atLeast: 0, atMost: 1)
    }
    convenience init(config: Config) throws {
        self.init(
            fromLogits: try config.bool("from_logits", default: false), labelSmoothing: try config.float("label_smoothing", default: 0),
            axis: try config.int("axis", default: -1), reduction: try .init(config: config),
            name: try config.string("name", default: "categorical_crossentropy"))
    }
    public override func problem(target: Shape, output: Shape) -> String? { distributionProblem(target, output, axis: axis) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        categoricalCrossentropy(yTrue, yPred, fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis)
    }
    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing)), .init("axis", .int(axis)),
        ]
    }
}

/// Why targets of this shape are no distributions over an axis for predictions of that one.
func distributionProblem(_ target: Shape, _ output: Shape, axis: Int) -> String? {
    let areLabels = target.rank < output.rank || target.last == 1
    let problem = TargetFit.distributions.wayOut(target, output)
    return problem.map { areLabels ? "integer labels need sparse_categorical_crossentropy" : $0 } ?? axisProblem(axis, of: output)
}

/// `sparseCategoricalCrossentropy` as a loss. `keras.losses.SparseCategoricalCrossentropy`; classes lie along the last axis.
public final class SparseCategoricalCrossentropy: Loss, @unchecked Sendable {
    public let fromLogits: Bool, ignoreClass: Int?

    /// - Parameter ignoreClass: a label that counts for nothing, such as 255 or -1 for what is void in an image; it need not be a class.
    public init(
        fromLogits: Bool = false, ignoreClass: Int? = nil, reduction: Reduction = .sumOverBatchSize,
        name: String = "sparse_categorical_crossentropy"
    ) {
        (self.fromLogits, self.ignoreClass) = (fromLogits, ignoreClass)
        super.init(reduction: reduction, name: name)
    }
    convenience init(config: Config) throws {
        try config.refuseAxis()
        self.init(
            fromLogits: try config.bool("from_logits", default: false), ignoreClass: try config.optionalInt("ignore_class"),
            reduction: try .init(config: config), name: try config.string("name", default: "sparse_categorical_crossentropy"))
    }
    public override var targetsAreClasses: Bool { true }
    package override var ignoredClass: Int? { ignoreClass }
    public override func problem(target: Shape, output: Shape) -> String? { TargetFit.labels.wayOut(target, output) }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        sparseCategoricalCrossentropy(yTrue, yPred, fromLogits: fromLogits, ignoreClass: ignoreClass)
    }
    public override var config: [ConfigValue.Entry] {
        super.config + [.init("from_logits", .bool(fromLogits)), .init("ignore_class", ConfigValue(ignoreClass))]
    }
}

extension Config {
    /// Throws for classes along another axis than the last.
    func refuseAxis() throws {
        let axis = try int("axis", default: -1)
        guard axis == -1 else { throw ConfigError("expected -1, the classes along the last axis, found \(axis)", at: ["axis"]) }
    }
}
