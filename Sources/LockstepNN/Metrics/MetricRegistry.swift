import LockstepTensor

/// The metrics that `compile` and configurations name.
public enum Metrics {
    nonisolated(unsafe) public static var registry = Registry<Metric>("metric", [
        "Mean": { Mean(name: try $0.string("name", default: "mean")) },
        "BinaryAccuracy": { BinaryAccuracy(threshold: try $0.float("threshold", default: 0.5), name: try $0.string("name", default: "binary_accuracy")) },
        "CategoricalAccuracy": { CategoricalAccuracy(name: try $0.string("name", default: "categorical_accuracy")) },
        "SparseCategoricalAccuracy": { SparseCategoricalAccuracy(name: try $0.string("name", default: "sparse_categorical_accuracy")) },
        "MeanSquaredError": { MeanMetricWrapper(name: try $0.string("name", default: "mean_squared_error"), className: "MeanSquaredError", meanSquaredError) },
        "MeanAbsoluteError": { MeanMetricWrapper(name: try $0.string("name", default: "mean_absolute_error"), className: "MeanAbsoluteError", meanAbsoluteError) },
        "BinaryCrossentropy": { MeanMetricWrapper(name: try $0.string("name", default: "binary_crossentropy"), className: "BinaryCrossentropy") { binaryCrossentropy($0, $1) } },
        "CategoricalCrossentropy": { MeanMetricWrapper(name: try $0.string("name", default: "categorical_crossentropy"), className: "CategoricalCrossentropy") { categoricalCrossentropy($0, $1) } },
        "SparseCategoricalCrossentropy": { MeanMetricWrapper(name: try $0.string("name", default: "sparse_categorical_crossentropy"), className: "SparseCategoricalCrossentropy") { sparseCategoricalCrossentropy($0, $1) } },
    ], aliases: ["mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError"])

    /// The names for which the kind of accuracy follows from the shapes.
    package static let accuracyNames = ["accuracy", "acc"]

    /// The accuracy that fits, by Keras' rule: binary for predictions of one number, sparse for labels with an axis fewer
    /// (or a last axis of length 1), else categorical.
    package static func accuracy(named name: String, yTrue: Shape, yPred: Shape) -> Metric {
        if yPred.last == 1 { return BinaryAccuracy(name: name) }
        if yTrue.rank < yPred.rank || yTrue.last == 1 { return SparseCategoricalAccuracy(name: name) }
        return CategoricalAccuracy(name: name)
    }
}
