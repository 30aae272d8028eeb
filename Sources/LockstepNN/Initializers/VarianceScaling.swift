import LockstepTensor

/// Random numbers of variance scale / n, n the number of inputs or outputs of the weight.
///
/// - `truncated_normal`: standard deviation √(scale/n) after cutting at two of them (÷ 0.87962566103423978);
/// - `untruncated_normal`: standard deviation √(scale/n);
/// - `uniform`: in ±√(3 scale/n).
///
/// `fan_in` is the product of a weight's axes but the last, `fan_out` that of its axes but the one before the last, as
/// Keras counts them, unless the axes of both are given: for a kernel `[height, width, in, out]` it is height · width · in, and for one of a
/// depthwise convolution, `[height, width, in, multiplier]`, the same. Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998.
public struct VarianceScaling: Initializer {
    public enum Mode: String, Sendable { case fanIn = "fan_in", fanOut = "fan_out", fanAverage = "fan_avg" }
    public enum Distribution: String, Sendable {
        case truncatedNormal = "truncated_normal", untruncatedNormal = "untruncated_normal", uniform
    }

    public let scale: Float, mode: Mode, distribution: Distribution, seed: Int?
    /// The axes whose lengths make `fan_in` and `fan_out`, where both are given; negative ones count from the last.
    public let inputAxes: [Int]?, outputAxes: [Int]?
    /// The name under which it is saved: `GlorotUniform` and its kin are this with fixed arguments.
    private var preset: String?

    public init(
        scale: Float = 1, mode: Mode = .fanIn, distribution: Distribution = .truncatedNormal, seed: Int? = nil, inputAxes: [Int]? = nil,
        outputAxes: [Int]? = nil
    ) {
        (self.scale, self.mode, self.distribution, self.seed) = (scale, mode, distribution, seed)
        (self.inputAxes, self.outputAxes) = (inputAxes, outputAxes)
        check(scale > 0 && scale.isFinite, "VarianceScaling: scale must be positive, got \(scale)")
    }

    init(config: Config) throws {
        func choice<Choice: RawRepresentable>(_ key: String, _ fallback: Choice) throws -> Choice where Choice.RawValue == String {
            try config.read(key) { value in
                guard case .string(let text) = value, let choice = Choice(rawValue: text == "normal" ? "truncated_normal" : text) else {
                    throw ConfigError("unknown \(key) \(value.kind)")
                }
                return choice
            } ?? fallback
        }
        let axes = try Self.axes(config)
        let scale = try config.float("scale", default: 1)
        guard scale > 0 else { throw ConfigError("expected a positive number, found \(scale)", at: ["scale"]) }
        self.init(
            scale: scale, mode: try choice("mode", Mode.fanIn),
            distribution: try choice("distribution", Distribution.truncatedNormal), seed: try config.optionalInt("seed"),
            inputAxes: axes.input, outputAxes: axes.output)
    }

    static func axes(_ config: Config) throws -> (input: [Int]?, output: [Int]?) {
        func axes(_ key: String) throws -> [Int]? {
            try config.optionalArray(key).map { items in
                try items.map { item in
                    guard case .int(let axis) = item else { throw ConfigError("expected axes, found \(item.kind)", at: [key]) }
                    return axis
                }
            }
        }
        return (try axes("input_axes"), try axes("output_axes"))
    }

    fileprivate init(
        preset: String, _ scale: Float, _ mode: Mode, _ distribution: Distribution, _ seed: Int?, _ inputAxes: [Int]?, _ outputAxes: [Int]?
    ) {
        self.init(scale: scale, mode: mode, distribution: distribution, seed: seed, inputAxes: inputAxes, outputAxes: outputAxes)
        self.preset = preset
    }

    public func make(_ shape: Shape, key: UInt64) -> Tensor {
        let (fanIn, fanOut) = fans(shape)
        let n =
            switch mode {
            case .fanIn: fanIn
            case .fanOut: fanOut
            case .fanAverage: (fanIn + fanOut) / 2
            }
        let (variance, key) = (scale / max(1, n), seeded(key, seed))
        return switch distribution {
        case .uniform: Random.uniform(shape, key: key, low: -(3 * variance).squareRoot(), high: (3 * variance).squareRoot())
        case .untruncatedNormal: Random.normal(shape, key: key, mean: 0, stddev: variance.squareRoot())
        case .truncatedNormal: Random.truncatedNormal(shape, key: key, mean: 0, stddev: variance.squareRoot() / 0.879_625_661_034_239_78)
        }
    }

    private func fans(_ shape: Shape) -> (Float, Float) {
        if let inputAxes, let outputAxes {
            func product(_ axes: [Int]) -> Float { Float(axes.reduce(1.0) { $0 * Double(shape[shape.resolve(axis: $1, in: className)]) }) }
            return (product(inputAxes), product(outputAxes))
        }
        if shape.rank < 2 { return (Float(shape.last), Float(shape.last)) }
        let receptive = shape.dimensions.dropLast(2).reduce(1.0) { $0 * Double($1) }
        return (Float(Double(shape[-2]) * receptive), Float(Double(shape[-1]) * receptive))
    }

    public var className: String { preset ?? "VarianceScaling" }
    public var config: [ConfigValue.Entry] {
        let arguments: [ConfigValue.Entry] =
            preset != nil
            ? []
            : [
                .init("scale", ConfigValue(scale)), .init("mode", .string(mode.rawValue)),
                .init("distribution", .string(distribution.rawValue)),
            ]
        return [.init("seed", ConfigValue(seed))] + arguments
            + [.init("input_axes", ConfigValue(inputAxes)), .init("output_axes", ConfigValue(outputAxes))]
    }
}

/// Uniform in ±√(6/(fan_in + fan_out)): the default of kernels.
public func GlorotUniform(seed: Int? = nil, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> VarianceScaling {
    .init(preset: "GlorotUniform", 1, .fanAverage, .uniform, seed, inputAxes, outputAxes)
}
/// Truncated normal of variance 2/(fan_in + fan_out).
public func GlorotNormal(seed: Int? = nil, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> VarianceScaling {
    .init(preset: "GlorotNormal", 1, .fanAverage, .truncatedNormal, seed, inputAxes, outputAxes)
}
/// Uniform in ±√(6/fan_in).
public func HeUniform(seed: Int? = nil, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> VarianceScaling {
    .init(preset: "HeUniform", 2, .fanIn, .uniform, seed, inputAxes, outputAxes)
}
/// Truncated normal of variance 2/fan_in.
public func HeNormal(seed: Int? = nil, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> VarianceScaling {
    .init(preset: "HeNormal", 2, .fanIn, .truncatedNormal, seed, inputAxes, outputAxes)
}
/// Uniform in ±√(3/fan_in).
public func LecunUniform(seed: Int? = nil, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> VarianceScaling {
    .init(preset: "LecunUniform", 1, .fanIn, .uniform, seed, inputAxes, outputAxes)
}
/// Truncated normal of variance 1/fan_in.
public func LecunNormal(seed: Int? = nil, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> VarianceScaling {
    .init(preset: "LecunNormal", 1, .fanIn, .truncatedNormal, seed, inputAxes, outputAxes)
}
