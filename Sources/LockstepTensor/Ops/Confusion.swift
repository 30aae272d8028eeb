import CKernels

// What a classifier gets right and wrong: operations for metrics.

/// (truth, prediction[, weight]) to true positives, false positives, true negatives, false negatives, each [thresholds]; by label, where
/// they are [samples, labels], each [labels, thresholds].
struct Confusion: Operation {
    /// Ascending where `kind` is `LK_SORTED`.
    let thresholds: [Float]
    let kind: lk_thresholds
    /// Whether each place along the last axis is counted by itself.
    var byLabel = false

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs.allSatisfy { $0 == inputs[0] && $0.dtype == .float32 },
            "confusion: expected truths, predictions and weights of one shape, float32; found \(inputs.map { "\($0.dtype) \($0.shape)" })")
        return (0 ..< 4).map { _ in Spec(shape: byLabel ? [inputs[0].shape.last, thresholds.count] : [thresholds.count]) }
    }

    /// Sums in double precision, between two thresholds each.
    func scratch(_ inputs: [Spec]) -> [Spec] { [Spec(shape: [2 * (thresholds.count + 1), 2])] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let labels = byLabel ? inputs[0].shape.last : 1
        let (n, stride, count, kind) = (Int64(labels == 0 ? 0 : inputs[0].count / labels), Int64(labels), thresholds.count, kind)
        let (tp, fp, tn, fn) = (outputs[0].floats, outputs[1].floats, outputs[2].floats, outputs[3].floats)
        let (truth, prediction, weight) = (inputs[0].floats, inputs[1].floats, inputs.count > 2 ? inputs[2].floats : nil)
        let sums = outputs[4].pointer.assumingMemoryBound(to: Double.self), edges = Memory(byteCount: count * 4)
        edges.pointer.initializeMemory(as: Float.self, from: thresholds, count: count)
        return {
            for label in 0 ..< labels {
                let place = label * count
                lk_confusion(
                    n, stride, truth + label, prediction + label, weight.map { $0 + label }, Int64(count), edges.floats, kind, sums,
                    tp + place, fp + place, tn + place, fn + place)
            }
        }
    }
}

/// (predictions [..., classes], labels [...]) to 1 where the prediction at the label is among the `k` largest, else 0.
struct InTopK: Operation {
    let k: Int

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, labels) = (inputs[0], inputs[1])
        check(
            x.dtype == .float32 && labels.dtype == .int32 && x.shape.rank >= 1
                && labels.shape.dimensions == Array(x.shape.dimensions.dropLast()),
            "inTopK: expected float32 predictions and an int32 label for each row of them; found \(x.dtype) \(x.shape) and \(labels.dtype) \(labels.shape)"
        )
        return [Spec(shape: labels.shape)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), k, x, labels, y) = (inputs[0].rows, Int64(k), inputs[0].floats, inputs[1].int32s, outputs[0].floats)
        return { lk_in_top_k(rows, cols, k, x, labels, y) }
    }
}

/// (truth, prediction[, weight]) to the weights of each pair of classes, [classes of the truth, classes of the prediction].
struct ConfusionMatrix: Operation {
    let classes: Int
    let ignored: Int?

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs.allSatisfy { $0.shape == inputs[0].shape } && inputs[0].dtype == .int32 && inputs[1].dtype == .int32
                && inputs.dropFirst(2).allSatisfy { $0.dtype == .float32 },
            "confusionMatrix: expected int32 truths and predictions and float32 weights of one shape; found \(inputs.map { "\($0.dtype) \($0.shape)" })"
        )
        return [Spec(shape: [classes, classes])]
    }

    /// Sums in double precision.
    func scratch(_ inputs: [Spec]) -> [Spec] { [Spec(shape: [classes * classes, 2])] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, classes, ignored) = (Int64(inputs[0].count), Int64(classes), Int64(ignored ?? -1))
        let (truth, prediction, weight) = (inputs[0].int32s, inputs[1].int32s, inputs.count > 2 ? inputs[2].floats : nil)
        let (matrix, sums) = (outputs[0].floats, outputs[1].pointer.assumingMemoryBound(to: Double.self))
        return { lk_confusion_matrix(n, classes, ignored, truth, prediction, weight, sums, matrix) }
    }
}

/// Keeps the `k` largest of each row.
struct KeepTopK: Operation {
    let k: Int
    let rest: Float

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs[0].dtype == .float32 && inputs[0].shape.last >= k,
            "keepTopK: expected at least \(k) float32 numbers along the last axis; found \(inputs[0].dtype) \(inputs[0].shape)")
        return inputs
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), k, rest, x, y) = (inputs[0].rows, Int64(k), rest, inputs[0].floats, outputs[0].floats)
        return { lk_keep_top_k(rows, cols, k, rest, x, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [upstream[0]! * (record.output .== record.input).cast(to: .float32)]
    }
}

/// The thresholds of a classifier: a prediction is positive at those that it is above.
package struct Thresholds {
    package struct Spacing {
        let kind: lk_thresholds
        /// As they are given.
        package static var free: Spacing { Spacing(kind: LK_SORTED) }
        /// 0, 1/(count - 1), …, 1.
        package static var even: Spacing { Spacing(kind: LK_EVEN) }
        /// The same, with the first below 0 and the last above 1.
        package static var evenWithin: Spacing { Spacing(kind: LK_EVEN_WITHIN) }
    }
    package let values: [Float]
    package let spacing: Spacing
    /// Ascending, and where each of `values` is among them.
    private let sorted: [Float], places: [Int]

    package init(_ values: [Float], spacing: Spacing) {
        (self.values, self.spacing) = (values, spacing)
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        sorted = order.map { values[$0] }
        var places = values.indices.map { $0 }
        for (place, index) in order.enumerated() { places[index] = place }
        self.places = places
    }

    fileprivate func operation(byLabel: Bool) -> Confusion { Confusion(thresholds: sorted, kind: spacing.kind, byLabel: byLabel) }
    fileprivate var isSorted: Bool { places.indices.allSatisfy { places[$0] == $0 } }
    fileprivate var rows: [Int32] { places.map { Int32($0) } }
}

/// The weights of true positives, false positives, true negatives and false negatives at each threshold, each
/// `[thresholds]`. Sums are in double precision before they become float32: counts are exact.
///
/// - Parameters:
///   - truth, prediction, weight: float32 of one shape; a truth is positive where it is not zero.
///   - byLabel: whether each place along the last axis is counted by itself: `[thresholds, labels]`.
package func confusion(_ truth: Tensor, _ prediction: Tensor, weight: Tensor?, _ thresholds: Thresholds, byLabel: Bool = false) -> [Tensor]
{
    let counts = applyAll(thresholds.operation(byLabel: byLabel), [truth, prediction] + (weight.map { [$0] } ?? []))
    let byThreshold = byLabel ? counts.map { $0.transposed() } : counts
    return thresholds.isSorted ? byThreshold : byThreshold.map { $0.gathered(Tensor(thresholds.rows)) }
}

/// The `k` largest along the last axis, of equal ones the first; all others become `rest`.
package func keepTopK(_ x: Tensor, _ k: Int, rest: Float) -> Tensor { apply(KeepTopK(k: k, rest: rest), x) }

/// 1 where fewer than `k` numbers along the last axis are greater than that at the int32 label, else 0: `keras.ops.in_top_k`. Equal ones
/// are all among the `k` largest; a NaN at the label counts as -∞, and a label that is no class is in no top k.
package func inTopK(_ labels: Tensor, _ predictions: Tensor, _ k: Int) -> Tensor { apply(InTopK(k: k), predictions, labels) }

/// The weights of each pair of int32 classes, `[classes, classes]`, rows by truth; what is not below `classes`, or whose truth is
/// `ignored`, counts for nothing. Sums are in double precision before they become float32.
package func confusionMatrix(_ truth: Tensor, _ prediction: Tensor, weight: Tensor?, classes: Int, ignored: Int? = nil) -> Tensor {
    applyAll(ConfusionMatrix(classes: classes, ignored: ignored), [truth, prediction] + (weight.map { [$0] } ?? []))[0]
}
