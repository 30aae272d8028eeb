import LockstepTensor

/// Dropout of whole channels, all of their places at once (Tompson et al. 2015): the layers `SpatialDropout1D`, `2D` and `3D`.
public class SpatialDropout: Dropout {
    /// `"channels_last"` or `"channels_first"`: where the channels are.
    public let dataFormat: String
    private let rank: Int

    init(_ rate: Float, rank: Int, dataFormat: String, seed: Int?, name: String?) {
        (self.rank, self.dataFormat) = (rank, dataFormat)
        super.init(rate, seed: seed, name: name)
        check(
            ["channels_last", "channels_first"].contains(dataFormat),
            "\(className): expected a data format of channels_last or channels_first, got \(dataFormat)")
    }

    /// Throws where a configuration has another data format.
    static func dataFormat(_ config: Config) throws -> String {
        let format = try config.string("data_format", default: "channels_last")
        guard ["channels_last", "channels_first"].contains(format) else {
            throw ConfigError("expected channels_last or channels_first, found \"\(format)\"", at: ["data_format"])
        }
        return format
    }

    public override var inputSpec: InputSpec? { InputSpec(rank: rank) }

    override func noiseShape(for shape: Shape) -> Shape? {
        var noise = Shape([Int](repeating: 1, count: rank))
        noise[0] = Shape.unknown
        noise[dataFormat == "channels_last" ? rank - 1 : 1] = Shape.unknown
        return noise
    }

    public override var config: [ConfigValue.Entry] {
        [.init("rate", ConfigValue(rate)), seedEntry] + (rank > 3 ? [.init("data_format", .string(dataFormat))] : [])
    }

    /// Keras writes these without `trainable`, and the type by its name.
    package override var serializedEntries: [ConfigValue.Entry] {
        let entries: [ConfigValue.Entry] = [.init("name", .string(name)), .init("dtype", "float32")]
        return [
            .init("module", "keras.layers"), .init("class_name", .string(className)), .init("config", .object(entries + fullConfig)),
            .init("registered_name", nil),
        ]
    }
}

/// While training, zeroes each channel of a sample with probability `rate`, on all steps, and scales the others by 1/(1 - rate).
///
/// - Input, output: `[batch, steps, channels]`.
///
/// `keras.layers.SpatialDropout1D`.
public final class SpatialDropout1D: SpatialDropout {
    public init(_ rate: Float, seed: Int? = nil, name: String? = nil) {
        super.init(rate, rank: 3, dataFormat: "channels_last", seed: seed, name: name)
    }

    convenience init(config: Config) throws {
        self.init(try config.float("rate", in: 0 ... 1), seed: try config.optionalInt("seed"), name: try config.optionalString("name"))
    }
}

/// While training, zeroes each channel of a sample with probability `rate`, in all places, and scales the others by 1/(1 - rate).
///
/// - Input, output: `[batch, rows, columns, channels]`, or `[batch, channels, rows, columns]` with `"channels_first"`.
///
/// `keras.layers.SpatialDropout2D`.
public final class SpatialDropout2D: SpatialDropout {
    public init(_ rate: Float, dataFormat: String = "channels_last", seed: Int? = nil, name: String? = nil) {
        super.init(rate, rank: 4, dataFormat: dataFormat, seed: seed, name: name)
    }

    convenience init(config: Config) throws {
        self.init(
            try config.float("rate", in: 0 ... 1), dataFormat: try SpatialDropout.dataFormat(config), seed: try config.optionalInt("seed"),
            name: try config.optionalString("name"))
    }
}

/// As `SpatialDropout2D`, over three axes. `keras.layers.SpatialDropout3D`.
///
/// - Input, output: `[batch, …, …, …, channels]`, or `[batch, channels, …, …, …]` with `"channels_first"`.
public final class SpatialDropout3D: SpatialDropout {
    public init(_ rate: Float, dataFormat: String = "channels_last", seed: Int? = nil, name: String? = nil) {
        super.init(rate, rank: 5, dataFormat: dataFormat, seed: seed, name: name)
    }

    convenience init(config: Config) throws {
        self.init(
            try config.float("rate", in: 0 ... 1), dataFormat: try SpatialDropout.dataFormat(config), seed: try config.optionalInt("seed"),
            name: try config.optionalString("name"))
    }
}
