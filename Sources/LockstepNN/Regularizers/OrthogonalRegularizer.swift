import LockstepTensor

/// factor · the mean of |rᵢ · rⱼ| over all pairs i < j, rᵢ being the rows, or columns, of a matrix scaled to length 1: smallest
/// where they are orthogonal. `keras.regularizers.OrthogonalRegularizer`.
public final class OrthogonalRegularizer: Regularizer {
    public enum Mode: String, Sendable, CaseIterable { case rows, columns }

    public let factor: Float, mode: Mode

    /// - Parameter factor: finite and not negative.
    public init(factor: Float = 0.01, mode: Mode = .rows) {
        (self.factor, self.mode) = (factor, mode)
        checkFactors("OrthogonalRegularizer", ["factor": factor])
    }

    convenience init(config: Config) throws {
        let mode = try config.read("mode") { value in
            guard case .string(let name) = value, let mode = Mode(rawValue: name) else {
                throw ConfigError("expected rows or columns, found \(value.kind)")
            }
            return mode
        }
        self.init(factor: try config.optionalNonNegative("factor") ?? 0.01, mode: mode ?? .rows)
    }

    /// - Parameter x: a matrix of two rows, or columns, at least.
    public override func callAsFunction(_ x: Tensor) -> Tensor {
        check(
            x.shape.rank == 2 && x.shape[mode == .rows ? 0 : 1] >= 2,
            "OrthogonalRegularizer: expected a matrix of at least two \(mode), whose products it is the mean of; got shape \(x.shape)")
        let rows = mode == .rows ? x : x.transposed(), count = rows.shape[0]
        // A row of zeros stays one.
        let scaled = rows * minimum(rsqrt(square(rows).sum(axes: [1], keepDims: true)), 1e7)
        let unlike = 1 - oneHot(Tensor((0 ..< count).map { Int32($0) }), count)
        let pairs = Float(count * (count - 1))  // each of them twice
        return abs(scaled.matmul(scaled, transposeB: true) * unlike).sum() * (factor / pairs)
    }

    /// Keras keeps the factor as float32, as that of `L1`.
    public override var config: [ConfigValue.Entry] { [.init("factor", .double(Double(factor))), .init("mode", .string(mode.rawValue))] }
}
