import LockstepTensor

/// Makes the initial value of a weight.
public protocol Initializer: InitializerSpec {
    /// - Parameter key: what the numbers depend on, unless the initializer has a seed of its own.
    func make(_ shape: Shape, key: UInt64) -> Tensor
    /// Keras' class name and arguments.
    var className: String { get }
    var config: [ConfigValue.Entry] { get }
}

extension Initializer {
    public var className: String { String(describing: type(of: self)) }
    public func makeInitializer() -> any Initializer { self }
}

/// An initializer, or the name of one: `Dense(10, kernelInitializer: "he_normal")`.
public protocol InitializerSpec {
    /// - Throws: `ConfigError` for a name that is not known.
    func makeInitializer() throws -> any Initializer
}
extension String: InitializerSpec {
    public func makeInitializer() throws -> any Initializer { try Initializers.registry.make(self) }
}

extension InitializerSpec {
    /// The initializer that a program gave; an unknown name stops.
    func resolved(for owner: String) -> any Initializer {
        do { return try makeInitializer() } catch { Failure.report("\(owner): \(error)") }
    }
}

public struct Zeros: Initializer {
    public init() {}
    public func make(_ shape: Shape, key: UInt64) -> Tensor { .zeros(shape) }
    public var config: [ConfigValue.Entry] { [] }
}

public struct Ones: Initializer {
    public init() {}
    public func make(_ shape: Shape, key: UInt64) -> Tensor { .ones(shape) }
    public var config: [ConfigValue.Entry] { [] }
}

public struct Constant: Initializer {
    public let value: Float
    public init(_ value: Float = 0) {
        self.value = value
        checkFinite("Constant", ["value": value])
    }
    public func make(_ shape: Shape, key: UInt64) -> Tensor { .constant(value, shape: shape) }
    public var config: [ConfigValue.Entry] { [.init("value", ConfigValue(value))] }
}

/// Normal with the given mean and standard deviation.
public struct RandomNormal: Initializer {
    public let mean: Float, stddev: Float, seed: Int?
    public init(mean: Float = 0, stddev: Float = 0.05, seed: Int? = nil) {
        (self.mean, self.stddev, self.seed) = (mean, stddev, seed)
        checkFinite("RandomNormal", ["mean": mean, "stddev": stddev])
        warn("RandomNormal", "stddev", stddev, atLeast: 0)
    }
    public func make(_ shape: Shape, key: UInt64) -> Tensor { Random.normal(shape, key: seeded(key, seed), mean: mean, stddev: stddev) }
    public var config: [ConfigValue.Entry] {
        [.init("mean", ConfigValue(mean)), .init("stddev", ConfigValue(stddev)), .init("seed", ConfigValue(seed))]
    }
}

/// Uniform in [minval, maxval).
public struct RandomUniform: Initializer {
    public let minval: Float, maxval: Float, seed: Int?
    public init(minval: Float = -0.05, maxval: Float = 0.05, seed: Int? = nil) {
        (self.minval, self.maxval, self.seed) = (minval, maxval, seed)
        checkFinite("RandomUniform", ["minval": minval, "maxval": maxval])
        warn("RandomUniform", "maxval", maxval, atLeast: minval)
    }
    public func make(_ shape: Shape, key: UInt64) -> Tensor { Random.uniform(shape, key: seeded(key, seed), low: minval, high: maxval) }
    public var config: [ConfigValue.Entry] {
        [.init("minval", ConfigValue(minval)), .init("maxval", ConfigValue(maxval)), .init("seed", ConfigValue(seed))]
    }
}

extension ConfigValue {
    init(_ value: Int?) { self = value.map { .int($0) } ?? .null }
}

/// The key of an initializer with a seed of its own is that seed.
func seeded(_ key: UInt64, _ seed: Int?) -> UInt64 {
    seed.map { Random.key("initializer", seed: UInt64(bitPattern: Int64($0))) } ?? key
}

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
            "Orthogonal": { Orthogonal(gain: try $0.float("gain", default: 1), seed: try $0.optionalInt("seed")) },
            "VarianceScaling": { try VarianceScaling(config: $0) },
            "GlorotUniform": { GlorotUniform(seed: try seed($0)) },
            "GlorotNormal": { GlorotNormal(seed: try seed($0)) },
            "HeUniform": { HeUniform(seed: try seed($0)) },
            "HeNormal": { HeNormal(seed: try seed($0)) },
            "LecunUniform": { LecunUniform(seed: try seed($0)) },
            "LecunNormal": { LecunNormal(seed: try seed($0)) },
        ], aliases: ["zero": "Zeros", "one": "Ones", "normal": "RandomNormal", "uniform": "RandomUniform"])

    /// The seed of an initializer that Keras writes as it writes `VarianceScaling`.
    private static func seed(_ config: Config) throws -> Int? {
        try config.refuse("input_axes", "output_axes")
        return try config.optionalInt("seed")
    }
}

extension Initializer {
    /// The form in which Keras writes an initializer into a layer's configuration.
    var serialized: ConfigValue { .serialized(module: "keras.initializers", className, config) }
}
