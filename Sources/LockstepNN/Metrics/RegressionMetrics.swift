import LockstepTensor

// How far numbers are off, mean over samples. Those that are losses, too, have their functions with these.

extension Metrics {
    /// The mean of `meanSquaredError`. `keras.metrics.MeanSquaredError`.
    public static func MeanSquaredError(name: String = "mean_squared_error") -> MeanMetricWrapper {
        mean("MeanSquaredError", name, .elementwise, meanSquaredError)
    }
    /// The mean of `meanAbsoluteError`. `keras.metrics.MeanAbsoluteError`.
    public static func MeanAbsoluteError(name: String = "mean_absolute_error") -> MeanMetricWrapper {
        mean("MeanAbsoluteError", name, .elementwise, meanAbsoluteError)
    }
    /// The mean of `meanAbsolutePercentageError`. `keras.metrics.MeanAbsolutePercentageError`.
    public static func MeanAbsolutePercentageError(name: String = "mean_absolute_percentage_error") -> MeanMetricWrapper {
        mean("MeanAbsolutePercentageError", name, .elementwise, meanAbsolutePercentageError)
    }
    /// The mean of `meanSquaredLogarithmicError`. `keras.metrics.MeanSquaredLogarithmicError`.
    public static func MeanSquaredLogarithmicError(name: String = "mean_squared_logarithmic_error") -> MeanMetricWrapper {
        mean("MeanSquaredLogarithmicError", name, .elementwise, meanSquaredLogarithmicError)
    }
    /// The mean of `logCosh`. `keras.metrics.LogCoshError`.
    public static func LogCoshError(name: String = "logcosh") -> MeanMetricWrapper { mean("LogCoshError", name, .elementwise, logCosh) }

    /// The mean cosine of the angle between targets and predictions: unlike the loss, more is better. `keras.metrics.CosineSimilarity`.
    ///
    /// - Parameter axis: along which vectors lie, not that of the samples.
    public static func CosineSimilarity(name: String = "cosine_similarity", axis: Int = -1) -> MeanMetricWrapper {
        // Keras has the argument, but does not write it.
        AlongAxis("CosineSimilarity", name, axis, arguments: axis == -1 ? [] : [.init("axis", .int(axis))], cosine)
    }
}

/// The root of the mean of squared differences: √mean((yTrue - yPred)²). `keras.metrics.RootMeanSquaredError`.
public final class RootMeanSquaredError: Mean {
    public override init(name: String = "root_mean_squared_error") { super.init(name: name) }
    convenience init(config: Config) throws { self.init(name: try config.string("name", default: "root_mean_squared_error")) }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? { TargetFit.elementwise.problem(yTrue: yTrue, yPred: yPred) }
    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        let (truth, prediction) = matchingRanks(yTrue.cast(to: .float32), yPred.cast(to: .float32))
        update(square(prediction - truth), sampleWeight: sampleWeight)
    }
    public override func result() -> Tensor { sqrt(super.result()) }
    public override var direction: Direction? { .down }
}

/// The mean of differences by given numbers: mean(|yTrue - yPred| / normalizer); 0 where a normalizer is 0.
/// `tf.keras.metrics.MeanRelativeError` of TensorFlow 2.15; Keras 3 has none.
public final class MeanRelativeError: Mean {
    public let normalizer: [Float]

    /// - Parameter normalizer: a number for each place along the last axis, or one for all.
    public init(normalizer: [Float], name: String = "mean_relative_error") {
        self.normalizer = normalizer
        super.init(name: name)
        check(!normalizer.isEmpty, "MeanRelativeError: normalizer has no numbers")
        for number in normalizer { checkFinite("MeanRelativeError", ["normalizer": number]) }
    }
    convenience init(config: Config) throws {
        let normalizer = try config.read("normalizer") { value in
            let items = if case .array(let items) = value { items } else { [value] }
            return try items.map { item in
                guard let number = item.number, Float(number).isFinite else {
                    throw ConfigError("expected a number, or one for each place along the last axis, found \(item.kind)")
                }
                return Float(number)
            }
        }
        guard let normalizer, !normalizer.isEmpty else {
            throw ConfigError("missing normalizer: expected a number, or one for each place along the last axis")
        }
        self.init(normalizer: normalizer, name: try config.string("name", default: "mean_relative_error"))
    }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? {
        if let problem = TargetFit.elementwise.problem(yTrue: yTrue, yPred: yPred) { return problem }
        return normalizer.count == 1 || (yPred.rank > 1 && normalizer.count == yPred.last)
            ? nil : "a normalizer of \(normalizer.count) numbers for predictions of shape \(yPred)"
    }
    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        if let problem = problem(yTrue: yTrue.shape, yPred: yPred.shape) { Failure.report("metric \(name): \(problem)") }
        let (truth, prediction) = matchingRanks(yTrue.cast(to: .float32), yPred.cast(to: .float32))
        update(abs(truth - prediction) * Tensor(normalizer.map { $0 == 0 ? 0 : 1 / $0 }), sampleWeight: sampleWeight)
    }
    public override var direction: Direction? { .down }
    public override var config: [ConfigValue.Entry] { super.config + [.init("normalizer", .array(normalizer.map { ConfigValue($0) }))] }
}
