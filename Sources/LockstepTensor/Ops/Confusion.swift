import CKernels

// What a binary classifier gets right and wrong at given thresholds: operations for metrics.

/// (truth, prediction[, weight]) to true positives, false positives, true negatives, false negatives, each [thresholds].
struct Confusion: Operation {
    /// Ascending where `kind` is `LK_SORTED`.
    let thresholds: [Float]
    let kind: lk_thresholds

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs.allSatisfy { $0 == inputs[0] && $0.dtype == .float32 },
            "confusion: expected truths, predictions and weights of one shape, float32; found \(inputs.map { "\($0.dtype) \($0.shape)" })")
        return (0 ..< 4).map { _ in Spec(shape: [thresholds.count]) }
    }

    /// Sums in double precision, between two thresholds each.
    func scratch(_ inputs: [Spec]) -> [Spec] { [Spec(shape: [2 * (thresholds.count + 1), 2])] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, count, kind) = (Int64(inputs[0].count), Int64(thresholds.count), kind)
        let (tp, fp, tn, fn) = (outputs[0].floats, outputs[1].floats, outputs[2].floats, outputs[3].floats)
        let (truth, prediction, weight) = (inputs[0].floats, inputs[1].floats, inputs.count > 2 ? inputs[2].floats : nil)
        let sums = outputs[4].pointer.assumingMemoryBound(to: Double.self), edges = Memory(byteCount: thresholds.count * 4)
        edges.pointer.initializeMemory(as: Float.self, from: thresholds, count: thresholds.count)
        return {
            lk_confusion(n, truth, prediction, weight, count, edges.floats, kind, sums, tp, fp, tn, fn)
        }
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

    fileprivate var operation: Confusion { Confusion(thresholds: sorted, kind: spacing.kind) }
    fileprivate var isSorted: Bool { places.indices.allSatisfy { places[$0] == $0 } }
    fileprivate var rows: [Int32] { places.map { Int32($0) } }
}

/// The weights of true positives, false positives, true negatives and false negatives at each threshold, each
/// `[thresholds]`. Sums are in double precision before they become float32: counts are exact.
///
/// - Parameters:
///   - truth, prediction, weight: float32 of one shape; a truth is positive where it is not zero.
package func confusion(_ truth: Tensor, _ prediction: Tensor, weight: Tensor?, _ thresholds: Thresholds) -> [Tensor] {
    let counts = applyAll(thresholds.operation, [truth, prediction] + (weight.map { [$0] } ?? []))
    return thresholds.isSorted ? counts : counts.map { $0.gathered(Tensor(thresholds.rows)) }
}

/// The `k` largest along the last axis, of equal ones the first; all others become `rest`.
package func keepTopK(_ x: Tensor, _ k: Int, rest: Float) -> Tensor { apply(KeepTopK(k: k, rest: rest), x) }
