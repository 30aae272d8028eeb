public enum Initializers {
    /// The initializers that configurations name.
    nonisolated(unsafe) public static var registry = Registry<any Initializer>(
        "initializer",
        [
            "Zeros": { _ in Zeros() },
            "Ones": { _ in Ones() },
            "Constant": { Constant(try $0.float("value", default: 0)) },
            "RandomNormal": {
                RandomNormal(
                    mean: try $0.float("mean", default: 0), stddev: try $0.float("stddev", default: 0.05), seed: try $0.optionalInt("seed"))
            },
            "RandomUniform": {
                RandomUniform(
                    minval: try $0.float("minval", default: -0.05), maxval: try $0.float("maxval", default: 0.05),
                    seed: try $0.optionalInt("seed"))
            },
            "TruncatedNormal": {
                TruncatedNormal(
                    mean: try $0.float("mean", default: 0), stddev: try $0.float("stddev", default: 0.05), seed: try $0.optionalInt("seed"))
            },
            "Identity": { IdentityInitializer(gain: try $0.float("gain", default: 1)) },
            "Orthogonal": { Orthogonal(gain: try $0.float("gain", default: 1), seed: try $0.optionalInt("seed")) },
            "VarianceScaling": { try VarianceScaling(config: $0) },
            "GlorotUniform": fans(GlorotUniform),
            "GlorotNormal": fans(GlorotNormal),
            "HeUniform": fans(HeUniform),
            "HeNormal": fans(HeNormal),
            "LecunUniform": fans(LecunUniform),
            "LecunNormal": fans(LecunNormal),
        ],
        aliases: [
            "zero": "Zeros", "one": "Ones", "normal": "RandomNormal", "uniform": "RandomUniform", "IdentityInitializer": "Identity",
            "OrthogonalInitializer": "Orthogonal",
        ])

    /// An initializer whose scale is fixed.
    private static func fans(_ make: @escaping (Int?, [Int]?, [Int]?) -> VarianceScaling) -> Registry<any Initializer>.Make {
        { config in
            let axes = try VarianceScaling.axes(config)
            return make(try config.optionalInt("seed"), axes.input, axes.output)
        }
    }
}
