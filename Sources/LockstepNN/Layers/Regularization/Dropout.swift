import LockstepTensor

/// While training, sets elements to zero with probability `rate` and scales the others by 1/(1 - rate); otherwise the
/// identity. `keras.layers.Dropout`; Srivastava et al. 2014.
///
/// Which elements are zeroed depends on the seed, the step and the sample's place in the global batch, so it is the same
/// for any number of ranks.
///
/// - Input, output: any shape.
public final class Dropout: Layer {
    public let rate: Float
    public let seed: Int?
    private var purpose = ""

    public init(_ rate: Float, seed: Int? = nil, name: String? = nil) {
        self.rate = rate
        self.seed = seed
        super.init(name: name)
        check(rate >= 0 && rate <= 1, "Dropout: rate must lie between 0 and 1, got \(rate)")
    }

    convenience init(config: Config) throws {
        self.init(
            try config.float("rate", in: 0 ... 1), seed: try config.optionalInt("seed"), name: try config.optionalString("name"))
        if config.has("noise_shape") { throw ConfigError("noise_shape is not supported", at: ["noise_shape"]) }
    }

    public override func build(_ inputShape: Shape) {
        purpose = NameScope.path + (seed.map { "/\($0)" } ?? "")
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        guard training, rate > 0 else { return input }
        let input = input.cast(to: .float32)
        return rate == 1
            ? input * 0
            : dropout(input, rate: rate, purpose: randomPurpose(purpose), rowsPerSample: CallContext.current?.rowsPerSample ?? 1)
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] {
        [.init("rate", ConfigValue(rate)), .init("seed", seed.map { .int($0) } ?? nil), .init("noise_shape", nil)]
    }
}
