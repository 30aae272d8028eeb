import LockstepTensor

/// While training, multiplies by normal numbers of mean 1 and standard deviation `√(rate / (1 - rate))`; otherwise the identity.
/// `keras.layers.GaussianDropout`; Srivastava et al. 2014.
///
/// - Input, output: any shape.
public final class GaussianDropout: RandomLayer {
    public let rate: Float

    /// - Parameter rate: from 0 to less than 1.
    public init(_ rate: Float, seed: Int? = nil, name: String? = nil) {
        self.rate = rate
        super.init(seed: seed, name: name)
        check(rate >= 0 && rate < 1, "GaussianDropout: rate must be at least 0 and less than 1, got \(rate)")
    }

    convenience init(config: Config) throws {
        self.init(try config.rateBelowOne(), seed: try config.optionalInt("seed"), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        guard training, rate > 0 else { return input }
        let input = input.cast(to: .float32), stddev = (rate / (1 - rate)).squareRoot()
        return input * sampleNormal(like: input, mean: 1, stddev: stddev, purpose: drawPurpose(), rowsPerSample: rowsPerSample)
    }

    public override var config: [ConfigValue.Entry] { [.init("rate", ConfigValue(rate)), seedEntry] }
}

extension Config {
    /// `rate`, where all of it cannot be dropped.
    func rateBelowOne() throws -> Float {
        let rate = try float("rate", in: 0 ... 1)
        guard rate < 1 else { throw ConfigError("expected a number less than 1, found \(rate)", at: ["rate"]) }
        return rate
    }
}
