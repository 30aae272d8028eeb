import LockstepTensor

/// Normal with the given mean and standard deviation. `keras.initializers.RandomNormal`.
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

/// Uniform in [minval, maxval). `keras.initializers.RandomUniform`.
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

/// Normal with the given mean and standard deviation, cut at two of them from the mean, which makes the deviation 0.88 times as large.
/// `keras.initializers.TruncatedNormal`.
public struct TruncatedNormal: Initializer {
    public let mean: Float, stddev: Float, seed: Int?
    public init(mean: Float = 0, stddev: Float = 0.05, seed: Int? = nil) {
        (self.mean, self.stddev, self.seed) = (mean, stddev, seed)
        checkFinite("TruncatedNormal", ["mean": mean, "stddev": stddev])
        warn("TruncatedNormal", "stddev", stddev, atLeast: 0)
    }
    public func make(_ shape: Shape, key: UInt64) -> Tensor {
        Random.truncatedNormal(shape, key: seeded(key, seed), mean: mean, stddev: stddev)
    }
    public var config: [ConfigValue.Entry] {
        [.init("mean", ConfigValue(mean)), .init("stddev", ConfigValue(stddev)), .init("seed", ConfigValue(seed))]
    }
}
