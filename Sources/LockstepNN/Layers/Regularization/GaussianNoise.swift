import LockstepTensor

/// While training, adds normal numbers of mean 0 and standard deviation `stddev`; otherwise the identity. `keras.layers.GaussianNoise`.
///
/// - Input, output: any shape.
public final class GaussianNoise: RandomLayer {
    public let stddev: Float

    /// - Parameter stddev: from 0 to 1, as in Keras.
    public init(_ stddev: Float, seed: Int? = nil, name: String? = nil) {
        self.stddev = stddev
        super.init(seed: seed, name: name)
        check(stddev >= 0 && stddev <= 1, "GaussianNoise: stddev must lie between 0 and 1, got \(stddev)")
    }

    convenience init(config: Config) throws {
        self.init(try config.float("stddev", in: 0 ... 1), seed: try config.optionalInt("seed"), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        guard training, stddev > 0 else { return input }
        let input = input.cast(to: .float32)
        return input + sampleNormal(like: input, mean: 0, stddev: stddev, purpose: drawPurpose(), rowsPerSample: rowsPerSample)
    }

    public override var config: [ConfigValue.Entry] { [.init("stddev", ConfigValue(stddev)), seedEntry] }
}
