import LockstepTensor

/// What a layer's input must look like, declared once. `keras.layers.InputSpec`.
public struct InputSpec {
    /// The number of axes, batch axis included.
    public var rank: Int?
    public var minRank: Int?
    /// Lengths that axes must have; negative axes count from the last.
    public var axes: [Int: Int]
    public var dtype: DType?

    public init(rank: Int? = nil, minRank: Int? = nil, axes: [Int: Int] = [:], dtype: DType? = nil) {
        (self.rank, self.minRank, self.axes, self.dtype) = (rank, minRank, axes, dtype)
    }

    /// Stops where an input of `layer` does not fit: with the layer, what was expected and the whole shape.
    func require(_ inputs: [Spec], by layer: Layer) {
        for input in inputs {
            guard let expected = problem(input) else { continue }
            Failure.report(
                "\(layer.className): expected \(expected); got an input of shape \(input.shape)\(input.dtype == .float32 ? "" : " and type \(input.dtype)")"
            )
        }
    }

    private func problem(_ input: Spec) -> String? {
        let shape = input.shape
        if let rank, shape.rank != rank { return "\(rank) axes" }
        if let minRank, shape.rank < minRank { return "at least \(minRank) axes" }
        for (axis, length) in axes.sorted(by: { $0.key < $1.key }) {
            guard axis >= -shape.rank, axis < shape.rank else { return "an axis \(axis)" }
            if shape[axis] != Shape.unknown, shape[axis] != length {
                return axis == -1 ? "a last axis of length \(length)" : "a length of \(length) on axis \(axis)"
            }
        }
        if let dtype, input.dtype != dtype { return "elements of type \(dtype)" }
        return nil
    }
}
