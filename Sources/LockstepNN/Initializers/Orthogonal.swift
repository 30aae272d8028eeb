import LockstepTensor

/// A matrix whose columns, or rows if they are fewer, are of length `gain` and orthogonal: Q of a random normal matrix A = Q R whose R has
/// a positive diagonal, evenly spread over all such matrices. `keras.initializers.Orthogonal`; Saxe et al. 2014.
///
/// A weight of more than two axes is taken as a matrix with the columns of its last axis.
public struct Orthogonal: Initializer {
    public let gain: Float, seed: Int?
    public init(gain: Float = 1, seed: Int? = nil) {
        (self.gain, self.seed) = (gain, seed)
        checkFinite("Orthogonal", ["gain": gain])
    }

    /// - Parameter shape: of two axes or more.
    public func make(_ shape: Shape, key: UInt64) -> Tensor {
        check(shape.rank >= 2, "Orthogonal: expected a shape of at least two axes, got \(shape)")
        let columns = shape.last, rows = columns == 0 ? 0 : shape.count / columns
        let (long, short) = (max(rows, columns), min(rows, columns))
        let q = Random.normal([short, long], key: seeded(key, seed), mean: 0, stddev: 1).orthogonalRows() * gain
        return (rows < columns ? q : q.transposed()).reshaped(shape)
    }

    public var config: [ConfigValue.Entry] { [.init("seed", ConfigValue(seed)), .init("gain", ConfigValue(gain))] }
}
