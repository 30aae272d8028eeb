import LockstepTensor

/// The metrics that `compile` and configurations name, and those of them that are means of losses: `Metrics.KLDivergence()`.
public enum Metrics {
    nonisolated(unsafe) public static var registry = Registry<Metric>(
        "metric",
        [
            "Mean": { Mean(name: try $0.string("name", default: "mean")) },
            "Sum": { Sum(name: try $0.string("name", default: "sum")) },
            "Accuracy": { Accuracy(name: try $0.string("name", default: "accuracy")) },
            "BinaryAccuracy": {
                BinaryAccuracy(threshold: try $0.float("threshold", default: 0.5), name: try $0.string("name", default: "binary_accuracy"))
            },
            "CategoricalAccuracy": { CategoricalAccuracy(name: try $0.string("name", default: "categorical_accuracy")) },
            "SparseCategoricalAccuracy": { SparseCategoricalAccuracy(name: try $0.string("name", default: "sparse_categorical_accuracy")) },
            "TopKCategoricalAccuracy": { try TopKCategoricalAccuracy(config: $0) },
            "SparseTopKCategoricalAccuracy": { try SparseTopKCategoricalAccuracy(config: $0) },
            "MeanSquaredError": named("mean_squared_error", MeanSquaredError),
            "MeanAbsoluteError": named("mean_absolute_error", MeanAbsoluteError),
            "MeanAbsolutePercentageError": named("mean_absolute_percentage_error", MeanAbsolutePercentageError),
            "MeanSquaredLogarithmicError": named("mean_squared_logarithmic_error", MeanSquaredLogarithmicError),
            "RootMeanSquaredError": { try RootMeanSquaredError(config: $0) },
            "MeanRelativeError": { try MeanRelativeError(config: $0) },
            "LogCoshError": named("logcosh", LogCoshError),
            "CosineSimilarity": {
                CosineSimilarity(name: try $0.string("name", default: "cosine_similarity"), axis: try $0.int("axis", default: -1))
            },
            "R2Score": { try R2Score(config: $0) },
            "PearsonCorrelation": {
                PearsonCorrelation(name: try $0.string("name", default: "pearson_correlation"), axis: try $0.int("axis", default: -1))
            },
            "ConcordanceCorrelation": {
                ConcordanceCorrelation(
                    name: try $0.string("name", default: "concordance_correlation"), axis: try $0.int("axis", default: -1))
            },
            "Hinge": named("hinge", Hinge),
            "SquaredHinge": named("squared_hinge", SquaredHinge),
            "CategoricalHinge": named("categorical_hinge", CategoricalHinge),
            "KLDivergence": named("kl_divergence", KLDivergence),
            "Poisson": named("poisson", Poisson),
            "BinaryCrossentropy": {
                BinaryCrossentropy(
                    name: try $0.string("name", default: "binary_crossentropy"), fromLogits: try $0.bool("from_logits", default: false),
                    labelSmoothing: try $0.float("label_smoothing", default: 0))
            },
            "CategoricalCrossentropy": {
                CategoricalCrossentropy(
                    name: try $0.string("name", default: "categorical_crossentropy"),
                    fromLogits: try $0.bool("from_logits", default: false),
                    labelSmoothing: try $0.float("label_smoothing", default: 0), axis: try $0.int("axis", default: -1))
            },
            "SparseCategoricalCrossentropy": {
                try $0.refuseAxis()
                return SparseCategoricalCrossentropy(
                    name: try $0.string("name", default: "sparse_categorical_crossentropy"),
                    fromLogits: try $0.bool("from_logits", default: false), ignoreClass: try $0.optionalInt("ignore_class"))
            },
            "TruePositives": { try TruePositives(config: $0) },
            "FalsePositives": { try FalsePositives(config: $0) },
            "TrueNegatives": { try TrueNegatives(config: $0) },
            "FalseNegatives": { try FalseNegatives(config: $0) },
            "Precision": { try Precision(config: $0) },
            "Recall": { try Recall(config: $0) },
            "SensitivityAtSpecificity": { try SensitivityAtSpecificity(config: $0) },
            "SpecificityAtSensitivity": { try SpecificityAtSensitivity(config: $0) },
            "PrecisionAtRecall": { try PrecisionAtRecall(config: $0) },
            "RecallAtPrecision": { try RecallAtPrecision(config: $0) },
            "AUC": { try AUC(config: $0) },
            "F1Score": { try F1Score(config: $0) },
            "FBetaScore": { try FBetaScore(config: $0) },
            "IoU": { try IoU(config: $0) },
            "BinaryIoU": { try BinaryIoU(config: $0) },
            "MeanIoU": { try MeanIoU(config: $0) },
            "OneHotIoU": { try OneHotIoU(config: $0) },
            "OneHotMeanIoU": { try OneHotMeanIoU(config: $0) },
        ],
        aliases: [
            "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
            "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError", "msle": "MeanSquaredLogarithmicError",
            "MSLE": "MeanSquaredLogarithmicError", "bce": "BinaryCrossentropy", "BCE": "BinaryCrossentropy",
        ], elsewhere: accuracyNames)

    /// A metric without arguments but its name.
    private static func named(_ name: String, _ make: @escaping (String) -> MeanMetricWrapper) -> Registry<Metric>.Make {
        { make(try $0.string("name", default: name)) }
    }

    /// The mean of a loss function, of which less is better.
    static func mean(
        _ className: String, _ name: String, _ targets: TargetFit, arguments: [ConfigValue.Entry] = [], sumsOverShards: Bool = false,
        _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor) -> Tensor
    ) -> MeanMetricWrapper {
        MeanMetricWrapper(
            name: name, className: className, direction: .down, targets: targets, arguments: arguments, sumsOverShards: sumsOverShards,
            function)
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
