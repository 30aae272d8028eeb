/// The losses that `compile` and configurations name.
public enum Losses {
    nonisolated(unsafe) public static var registry = Registry<Loss>(
        "loss",
        [
            "MeanSquaredError": { MeanSquaredError(reduction: try .init(config: $0)) },
            "MeanAbsoluteError": { MeanAbsoluteError(reduction: try .init(config: $0)) },
            "BinaryCrossentropy": {
                ignoreAxis($0)
                return BinaryCrossentropy(
                    fromLogits: try $0.bool("from_logits", default: false), labelSmoothing: try $0.float("label_smoothing", default: 0),
                    reduction: try .init(config: $0))
            },
            "CategoricalCrossentropy": {
                ignoreAxis($0)
                return CategoricalCrossentropy(
                    fromLogits: try $0.bool("from_logits", default: false), labelSmoothing: try $0.float("label_smoothing", default: 0),
                    reduction: try .init(config: $0))
            },
            "SparseCategoricalCrossentropy": {
                ignoreAxis($0)
                try $0.refuse("ignore_class")
                return SparseCategoricalCrossentropy(
                    fromLogits: try $0.bool("from_logits", default: false), reduction: try .init(config: $0))
            },
        ],
        aliases: [
            "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
            "bce": "BinaryCrossentropy", "BCE": "BinaryCrossentropy",
        ])

    /// Classes lie along the last axis; Keras writes that down.
    private static func ignoreAxis(_ config: Config) { _ = config.value("axis") }
}
