import LockstepTensor

/// While training, sets elements to the value that `selu` tends to, with probability `rate`, and scales and shifts all so that mean 0
/// and variance 1 stay as they are; otherwise the identity. `keras.layers.AlphaDropout`; Klambauer et al. 2017.
///
/// - Input, output: any shape.
public final class AlphaDropout: RandomLayer {
    public let rate: Float
    /// As of `Dropout`.
    public let noiseShape: Shape?

    /// - Parameter rate: from 0 to less than 1.
    public init(_ rate: Float, noiseShape: Shape? = nil, seed: Int? = nil, name: String? = nil) {
        (self.rate, self.noiseShape) = (rate, noiseShape)
        super.init(seed: seed, name: name)
        check(rate >= 0 && rate < 1, "AlphaDropout: rate must be at least 0 and less than 1, got \(rate)")
        _ = NoiseShape(noiseShape, for: "AlphaDropout")
    }

    convenience init(config: Config) throws {
        self.init(
            try config.rateBelowOne(), noiseShape: try NoiseShape(config: config)?.lengths, seed: try config.optionalInt("seed"),
            name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        guard training, rate > 0 else { return input }
        let input = input.cast(to: .float32)
        if let shape = NoiseShape(noiseShape, for: "AlphaDropout") {
            return alphaDropout(input, rate: rate, kept: shape.kept(input, rate: rate, by: self))
        }
        return alphaDropout(input, rate: rate, purpose: drawPurpose(), rowsPerSample: rowsPerSample)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("rate", ConfigValue(rate)), seedEntry, .init("noise_shape", noiseShape.map { ConfigValue($0) } ?? nil)]
    }
}
