import LockstepTensor

/// While training, sets elements to zero with probability `rate` and scales the others by 1/(1 - rate); otherwise the
/// identity. `keras.layers.Dropout`; Srivastava et al. 2014.
///
/// Which elements are zeroed depends on the seed, the step and the sample's place in the global batch, so it is the same
/// for any number of ranks.
///
/// - Input, output: any shape.
public class Dropout: RandomLayer {
    public let rate: Float
    /// Lengths of 1 where elements along an axis are kept or zeroed together: `[nil, 1, 3]`.
    public let noiseShape: Shape?

    /// - Parameter noiseShape: `nil` for a length of the input. On axis 0, 1 stands for numbers that all samples share; any other
    ///   length, as the batch's in Keras, for each sample's own.
    public init(_ rate: Float, noiseShape: Shape? = nil, seed: Int? = nil, name: String? = nil) {
        (self.rate, self.noiseShape) = (rate, noiseShape)
        super.init(seed: seed, name: name)
        check(rate >= 0 && rate <= 1, "\(className): rate must lie between 0 and 1, got \(rate)")
        _ = NoiseShape(noiseShape, for: className)
    }

    convenience init(config: Config) throws {
        self.init(
            try config.float("rate", in: 0 ... 1), noiseShape: try NoiseShape(config: config)?.lengths,
            seed: try config.optionalInt("seed"),
            name: try config.optionalString("name"))
    }

    /// The noise shape for an input of a shape.
    func noiseShape(for shape: Shape) -> Shape? { noiseShape }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        guard training, rate > 0 else { return input }
        let input = input.cast(to: .float32)
        if rate == 1 { return input * 0 }
        if let shape = NoiseShape(noiseShape(for: input.shape), for: className) {
            return input * (shape.kept(input, rate: rate, by: self) * (1 / (1 - rate)))
        }
        return dropout(input, rate: rate, purpose: drawPurpose(), rowsPerSample: rowsPerSample)
    }

    public override var config: [ConfigValue.Entry] {
        [.init("rate", ConfigValue(rate)), seedEntry, .init("noise_shape", noiseShape.map { ConfigValue($0) } ?? nil)]
    }
}
