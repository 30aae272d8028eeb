import LockstepTensor

/// The rectifier, with a slope below its threshold and a bound above. `keras.layers.ReLU`.
///
///     y = maxValue                        where x ≥ maxValue
///     y = x                               where threshold ≤ x < maxValue
///     y = negativeSlope (x - threshold)   elsewhere
///
/// - Input, output: any shape.
public final class ReLU: Layer {
    public let maxValue: Float?, negativeSlope: Float, threshold: Float

    /// - Parameters: none of them negative.
    public init(maxValue: Float? = nil, negativeSlope: Float = 0, threshold: Float = 0, name: String? = nil) {
        (self.maxValue, self.negativeSlope, self.threshold) = (maxValue, negativeSlope, threshold)
        super.init(name: name)
        check(
            (maxValue ?? 0) >= 0 && negativeSlope >= 0 && threshold >= 0,
            "ReLU: maxValue, negativeSlope and threshold must not be negative, got \(maxValue.map { "\($0)" } ?? "none"), \(negativeSlope) and \(threshold)"
        )
    }

    convenience init(config: Config) throws {
        self.init(
            maxValue: try config.optionalNonNegative("max_value"), negativeSlope: try config.optionalNonNegative("negative_slope") ?? 0,
            threshold: try config.optionalNonNegative("threshold") ?? 0, name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        var y = threshold == 0 ? relu(input) : `where`(input .> threshold, input, Tensor(Float(0)))
        if let maxValue { y = minimum(y, maxValue) }
        return negativeSlope == 0 ? y : y - relu(threshold - input) * negativeSlope
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] {
        [
            .init("max_value", ConfigValue(maxValue)), .init("negative_slope", ConfigValue(negativeSlope)),
            .init("threshold", ConfigValue(threshold)),
        ]
    }
}

extension Config {
    /// A number that is not negative.
    func optionalNonNegative(_ key: String) throws -> Float? {
        guard let number = try optionalFloat(key) else { return nil }
        guard number >= 0, number.isFinite else { throw ConfigError("expected a number that is not negative, found \(number)", at: [key]) }
        return number
    }
}
