import LockstepTensor

/// 1 where fewer than k predictions are larger than that of the largest target, else 0, by row of the last axis.
public func topKCategoricalAccuracy(_ yTrue: Tensor, _ yPred: Tensor, k: Int = 5) -> Tensor {
    inTopK(yTrue.cast(to: .float32).argmax(), yPred, k)
}

/// 1 where fewer than k predictions are larger than that at the integer label, else 0, by row of the last axis.
///
/// - Parameter fromSortedIDs: predictions are labels, the most likely first: 1 where the label is among the first k.
public func sparseTopKCategoricalAccuracy(_ yTrue: Tensor, _ yPred: Tensor, k: Int = 5, fromSortedIDs: Bool = false) -> Tensor {
    let labels = sparseLabels(yTrue, yPred)
    guard fromSortedIDs else { return inTopK(labels, yPred, k) }
    let first = yPred.cast(to: .float32).slice((0 ..< yPred.shape.rank - 1).map { _ in all } + [0 ..< min(k, yPred.shape.last)])
    return (first .== labels.cast(to: .float32).expandingDims(axis: -1)).cast(to: .float32).max(axes: [-1])
}

/// How often the largest target's prediction is among the k largest. `keras.metrics.TopKCategoricalAccuracy`.
public final class TopKCategoricalAccuracy: MeanMetricWrapper {
    public let k: Int

    /// - Parameter k: 5 by Keras' default. Predictions that are equal to the k-th largest are all among them.
    public init(k: Int = 5, name: String = "top_k_categorical_accuracy") {
        self.k = k
        super.init(name: name, direction: .up, targets: .distributions, arguments: [.init("k", .int(k))]) {
            topKCategoricalAccuracy($0, $1, k: k)
        }
        check(k > 0, "TopKCategoricalAccuracy: k must be positive, got \(k)")
    }
    convenience init(config: Config) throws {
        self.init(
            k: try ConfusionMetric.index(config, "k", from: 1) ?? 5, name: try config.string("name", default: "top_k_categorical_accuracy"))
    }
}

/// How often the integer label's prediction is among the k largest. `keras.metrics.SparseTopKCategoricalAccuracy`.
public final class SparseTopKCategoricalAccuracy: MeanMetricWrapper {
    public let k: Int, fromSortedIDs: Bool

    /// - Parameters:
    ///   - k: 5 by Keras' default. Predictions that are equal to the k-th largest are all among them.
    ///   - fromSortedIDs: whether predictions are labels, the most likely first, and not their scores.
    public init(k: Int = 5, name: String = "sparse_top_k_categorical_accuracy", fromSortedIDs: Bool = false) {
        (self.k, self.fromSortedIDs) = (k, fromSortedIDs)
        super.init(
            name: name, direction: .up, targets: .labels,
            arguments: [.init("k", .int(k))] + (fromSortedIDs ? [.init("from_sorted_ids", true)] : [])
        ) { sparseTopKCategoricalAccuracy($0, $1, k: k, fromSortedIDs: fromSortedIDs) }
        check(k > 0, "SparseTopKCategoricalAccuracy: k must be positive, got \(k)")
    }
    convenience init(config: Config) throws {
        self.init(
            k: try ConfusionMetric.index(config, "k", from: 1) ?? 5,
            name: try config.string("name", default: "sparse_top_k_categorical_accuracy"),
            fromSortedIDs: try config.bool("from_sorted_ids", default: false))
    }
}
