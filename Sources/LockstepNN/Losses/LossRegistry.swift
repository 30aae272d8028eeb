/// The losses that `compile` and configurations name.
public enum Losses {
    nonisolated(unsafe) public static var registry = Registry<Loss>(
        "loss",
        [
            "MeanSquaredError": plain(MeanSquaredError.init),
            "MeanAbsoluteError": plain(MeanAbsoluteError.init),
            "MeanAbsolutePercentageError": plain(MeanAbsolutePercentageError.init),
            "MeanSquaredLogarithmicError": plain(MeanSquaredLogarithmicError.init),
            "Huber": { try Huber(config: $0) },
            "LogCosh": plain(LogCosh.init),
            "CosineSimilarity": { try CosineSimilarity(config: $0) },
            "Hinge": plain(Hinge.init),
            "SquaredHinge": plain(SquaredHinge.init),
            "CategoricalHinge": plain(CategoricalHinge.init),
            "KLDivergence": plain(KLDivergence.init),
            "Poisson": plain(Poisson.init),
            "BinaryCrossentropy": { try BinaryCrossentropy(config: $0) },
            "BinaryFocalCrossentropy": { try BinaryFocalCrossentropy(config: $0) },
            "CategoricalCrossentropy": { try CategoricalCrossentropy(config: $0) },
            "CategoricalFocalCrossentropy": { try CategoricalFocalCrossentropy(config: $0) },
            "CategoricalGeneralizedCrossEntropy": { try CategoricalGeneralizedCrossEntropy(config: $0) },
            "SparseCategoricalCrossentropy": { try SparseCategoricalCrossentropy(config: $0) },
            "Dice": { try Dice(config: $0) },
            "Tversky": { try Tversky(config: $0) },
        ],
        aliases: [
            "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
            "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError", "msle": "MeanSquaredLogarithmicError",
            "MSLE": "MeanSquaredLogarithmicError", "kld": "KLDivergence", "KLD": "KLDivergence", "bce": "BinaryCrossentropy",
            "BCE": "BinaryCrossentropy",
        ])

    /// A loss without arguments of its own; its name is that of its class.
    private static func plain<Made: Loss>(_ make: @escaping (Loss.Reduction, String) -> Made) -> Registry<Loss>.Make {
        { make(try .init(config: $0), try $0.string("name", default: snakeCase("\(Made.self)"))) }
    }
}
