import LockstepTensor

/// A layer that changes its input by random numbers while it trains, and leaves it as it is otherwise.
///
/// The numbers depend on the run's seed, the layer's own `seed` or path, the step, and the sample's place in the global batch, so they
/// are the same for any number of ranks.
public class RandomLayer: Layer {
    /// One more number that those drawn depend on.
    public let seed: Int?
    private var path = ""

    init(seed: Int?, name: String?) {
        self.seed = seed
        super.init(name: name)
    }

    public override func build(_ inputShape: Shape) { path = NameScope.path + (seed.map { "/\($0)" } ?? "") }

    /// The key of the numbers of the call at hand. Asked for once in each.
    final func drawPurpose() -> String { randomPurpose(path) }

    /// Rows of axis 0 for each sample.
    final var rowsPerSample: Int { CallContext.current?.rowsPerSample ?? 1 }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    final var seedEntry: ConfigValue.Entry { .init("seed", seed.map { .int($0) } ?? nil) }
}

/// The shape of the numbers by which a layer drops: as its input's, with length 1 on axes along which all elements go together.
struct NoiseShape {
    /// Lengths; unknown for those of the input. On axis 0, 1 stands for numbers that all samples share, anything else for the batch.
    let lengths: Shape

    init?(_ lengths: Shape?, for owner: String) {
        guard let lengths else { return nil }
        check(
            lengths.dimensions.allSatisfy { $0 == Shape.unknown || $0 > 0 },
            "\(owner): expected a noise shape of positive lengths, or nil for those of the input; got \(lengths)")
        self.lengths = lengths
    }

    init?(config: Config) throws {
        guard let lengths = try config.optionalShape("noise_shape") else { return nil }
        guard lengths.dimensions.allSatisfy({ $0 != 0 }) else {
            throw ConfigError("expected positive lengths, or null for those of the input, found \(lengths)", at: ["noise_shape"])
        }
        self.lengths = lengths
    }

    /// Ones where a number is at least `rate`, to be multiplied with `x`.
    func kept(_ x: Tensor, rate: Float, by layer: RandomLayer) -> Tensor {
        check(
            lengths.rank == x.shape.rank
                && (1 ..< max(1, lengths.rank)).allSatisfy { [Shape.unknown, 1, x.shape[$0]].contains(lengths[$0]) },
            "\(layer.className): noise shape \(lengths) for an input of shape \(x.shape); each length behind the batch must be 1 or that of the input"
        )
        var shape = x.shape
        for axis in 0 ..< shape.rank where lengths[axis] == 1 { shape[axis] = 1 }
        return sampleKept(shape, rate: rate, purpose: layer.drawPurpose(), rowsPerSample: lengths[0] == 1 ? 0 : layer.rowsPerSample)
    }
}
