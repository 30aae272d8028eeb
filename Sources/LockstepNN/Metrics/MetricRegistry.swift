import LockstepTensor

/// The metrics that `compile` and configurations name.
public enum Metrics {
    nonisolated(unsafe) public static var registry = Registry<Metric>(
        "metric",
        [
            "Mean": { Mean(name: try $0.string("name", default: "mean")) },
            "BinaryAccuracy": {
                BinaryAccuracy(threshold: try $0.float("threshold", default: 0.5), name: try $0.string("name", default: "binary_accuracy"))
            },
            "CategoricalAccuracy": { CategoricalAccuracy(name: try $0.string("name", default: "categorical_accuracy")) },
            "SparseCategoricalAccuracy": { SparseCategoricalAccuracy(name: try $0.string("name", default: "sparse_categorical_accuracy")) },
            "MeanSquaredError": { try mean("MeanSquaredError", "mean_squared_error", $0, .elementwise, meanSquaredError) },
            "MeanAbsoluteError": { try mean("MeanAbsoluteError", "mean_absolute_error", $0, .elementwise, meanAbsoluteError) },
            "BinaryCrossentropy": {
                try mean("BinaryCrossentropy", "binary_crossentropy", $0, .elementwise) { binaryCrossentropy($0, $1) }
            },
            "CategoricalCrossentropy": {
                try mean("CategoricalCrossentropy", "categorical_crossentropy", $0, .distributions) { categoricalCrossentropy($0, $1) }
            },
            "SparseCategoricalCrossentropy": {
                try mean("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", $0, .labels) {
                    sparseCategoricalCrossentropy($0, $1)
                }
            },
            "TruePositives": { try TruePositives(config: $0) },
            "FalsePositives": { try FalsePositives(config: $0) },
            "TrueNegatives": { try TrueNegatives(config: $0) },
            "FalseNegatives": { try FalseNegatives(config: $0) },
            "Precision": { try Precision(config: $0) },
            "Recall": { try Recall(config: $0) },
            "AUC": { try AUC(config: $0) },
        ], aliases: ["mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError"],
        elsewhere: accuracyNames)

    /// The mean of a loss function, under Keras' name. From logits or with smoothed labels it would be another figure.
    private static func mean(
        _ className: String, _ name: String, _ config: Config, _ targets: TargetFit, _ function: @escaping (Tensor, Tensor) -> Tensor
    ) throws -> Metric {
        if try config.bool("from_logits", default: false) { throw ConfigError("from_logits is not supported yet", at: ["from_logits"]) }
        if try config.float("label_smoothing", default: 0) != 0 {
            throw ConfigError("label_smoothing is not supported yet", at: ["label_smoothing"])
        }
        _ = config.value("axis")
        return MeanMetricWrapper(
            name: try config.string("name", default: name), className: className, direction: .down, targets: targets, function)
    }

    /// The names, in whatever letters, for which the kind of accuracy follows from the shapes.
    package static let accuracyNames = ["accuracy", "acc"]

    /// The accuracy that fits, by Keras' rule: binary for predictions of one number, sparse for labels with an axis fewer
    /// (or a last axis of length 1), else categorical.
    package static func accuracy(named name: String, yTrue: Shape, yPred: Shape) -> Metric {
        if yPred.last == 1 { return BinaryAccuracy(name: name) }
        if yTrue.rank < yPred.rank || yTrue.last == 1 { return SparseCategoricalAccuracy(name: name) }
        return CategoricalAccuracy(name: name)
    }
}
