import CKernels

/// Random numbers that depend on what they are for, not on who draws them.
///
/// Every draw is a pure function (Philox4x32-10; Salmon et al. 2011) of a key — the seed and a purpose such as a layer's
/// path —, of the step, and of the element's place in the *global* batch. So a dropout mask is the same on one process
/// and on many, and again after a resume.
public enum Random {
    /// Where a run stands. A kernel is bound to one when it is made, and reads it when it runs: each training has its own.
    package final class State {
        package var seed: UInt64
        package var step: UInt64 = 0
        /// The number in the global batch of the first sample that this process (or logical shard) holds.
        package var firstSample: Int = 0
        /// The samples of the global batch; `nil` outside of any, where the samples at hand are all.
        package var batchCount: Int?

        package init(seed: UInt64 = 0) { self.seed = seed }
    }

    /// What kernels are bound to that are made now; outside of any training, what `setSeed` has set.
    nonisolated(unsafe) package private(set) static var state = State()

    /// Runs `body`, whose kernels are bound to `state`.
    package static func with<Result>(_ state: State, _ body: () throws -> Result) rethrows -> Result {
        let outer = self.state
        self.state = state
        defer { self.state = outer }
        return try body()
    }

    /// Draws outside of a model so far; each takes a stream of its own.
    nonisolated(unsafe) private static var draws: UInt64 = 0

    /// Makes everything that follows repeatable: `keras.utils.set_random_seed`.
    public static func setSeed(_ seed: Int) {
        (state.seed, state.step, state.firstSample) = (UInt64(bitPattern: Int64(seed)), 0, 0)
        draws = 0
    }

    /// The key for one purpose under the current seed: FNV-1a over the purpose, mixed with the seed (SplitMix64).
    package static func key(_ purpose: String, seed: UInt64 = state.seed) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var mixed = hash &+ (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A key and a stream that no draw outside of a model has used yet.
    static func next(seed: Int?) -> (key: UInt64, stream: UInt64) {
        if let seed { return (key("tensor", seed: UInt64(bitPattern: Int64(seed))), 0) }
        draws += 1
        return (key("tensor"), draws)
    }
}

extension Tensor {
    /// Uniform in [low, high). With a `seed`, the same numbers each time.
    public static func randomUniform(_ shape: Shape, low: Float = 0, high: Float = 1, seed: Int? = nil) -> Tensor {
        draw(shape, seed) { lk_random_uniform($0, $1, $2, 0, low, high, $3) }
    }

    /// Normal with the given mean and standard deviation.
    public static func randomNormal(_ shape: Shape, mean: Float = 0, stddev: Float = 1, seed: Int? = nil) -> Tensor {
        draw(shape, seed) { lk_random_normal($0, $1, $2, 0, mean, stddev, $3) }
    }

    /// Normal, cut to two standard deviations from the mean.
    public static func truncatedNormal(_ shape: Shape, mean: Float = 0, stddev: Float = 1, seed: Int? = nil) -> Tensor {
        draw(shape, seed) { lk_random_truncated_normal($0, $1, $2, 0, mean, stddev, $3) }
    }

    private static func draw(_ shape: Shape, _ seed: Int?, _ fill: (Int64, UInt64, UInt64, UnsafeMutablePointer<Float>) -> Void) -> Tensor {
        let (key, stream) = Random.next(seed: seed)
        return Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
            fill(Int64(shape.count), key, stream, elements.baseAddress!)
        }
    }
}

// MARK: Draws with a key of their own, for initializers

extension Random {
    package static func uniform(_ shape: Shape, key: UInt64, low: Float, high: Float) -> Tensor {
        Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
            lk_random_uniform(Int64(shape.count), key, 0, 0, low, high, elements.baseAddress)
        }
    }

    package static func normal(_ shape: Shape, key: UInt64, mean: Float, stddev: Float) -> Tensor {
        Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
            lk_random_normal(Int64(shape.count), key, 0, 0, mean, stddev, elements.baseAddress)
        }
    }

    package static func truncatedNormal(_ shape: Shape, key: UInt64, mean: Float, stddev: Float) -> Tensor {
        Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
            lk_random_truncated_normal(Int64(shape.count), key, 0, 0, mean, stddev, elements.baseAddress)
        }
    }
}
