import LockstepTensor

/// For each sample the product of two tensors, summed over one axis of each. `keras.layers.Dot`.
///
/// - Inputs: two of at least two axes, with equal lengths on the axes that are summed over.
/// - Output: `[batch]`, the other axes of the first input and those of the second; `[batch, 1]` where there are none. It has no mask.
public final class Dot: Merge {
    /// The axis of the first input and that of the second.
    public let axes: (Int, Int)
    public let normalize: Bool
    /// One number, or two, as it was given.
    private let written: ConfigValue

    /// - Parameters:
    ///   - axes: of the first input and of the second, from 1 on (0 is the batch); negative ones count from the last.
    ///   - normalize: whether vectors along these axes are divided by their Euclidean norms first: the products are cosines. A vector
    ///     of zeros stays one.
    public init(axes: (Int, Int), normalize: Bool = false, name: String? = nil) {
        (self.axes, self.normalize, written) = (axes, normalize, .array([.int(axes.0), .int(axes.1)]))
        super.init(name: name)
    }

    /// As above, with one axis for both inputs.
    public init(axes: Int, normalize: Bool = false, name: String? = nil) {
        (self.axes, self.normalize, written) = ((axes, axes), normalize, .int(axes))
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        let name = try config.optionalString("name"), normalize = try config.bool("normalize", default: false)
        guard case .array(let axes)? = config.value("axes") else {
            self.init(axes: try config.int("axes"), normalize: normalize, name: name)
            return
        }
        guard axes.count == 2, case .int(let first) = axes[0], case .int(let second) = axes[1] else {
            throw ConfigError("expected an axis, or one for each of two inputs", at: ["axes"])
        }
        self.init(axes: (first, second), normalize: normalize, name: name)
    }

    override var inputCount: Int? { 2 }

    override func fit(_ shapes: inout [Shape]) -> String? {
        guard shapes.allSatisfy({ $0.rank >= 2 }) else { return "inputs of at least two axes" }
        let resolved = zip([axes.0, axes.1], shapes).map { $0 < 0 ? $0 + $1.rank : $0 }
        for (axis, (given, shape)) in zip(resolved, zip([axes.0, axes.1], shapes)) where !(1 ..< shape.rank ~= axis) {
            return "an axis behind the batch to sum over, not \(given)"
        }
        guard Merge.equalize(&shapes, axis: { _ in 0 }) else { return "inputs of one batch size" }
        return Merge.equalize(&shapes, axes: resolved)
            ? nil : "equal lengths on axis \(axes.0) of the first input and \(axes.1) of the second"
    }

    public override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        let (a, first) = vectors(inputs[0], axes.0), (b, second) = vectors(inputs[1], axes.1)
        if a.shape.rank == 2, b.shape.rank == 2 { return [(a * b).sum(axes: [1], keepDims: true)] }
        let batch = a.shape[0], length = a.shape[first]
        // [batch, rows, length] or its transpose, of both.
        func matrices(_ x: Tensor, _ axis: Int) -> (Tensor, isLast: Bool) {
            if x.shape.rank == 3 { return (x, axis == 2) }
            let others = (1 ..< x.shape.rank).filter { $0 != axis }
            return (x.transposed([0] + others + [axis]).reshaped([batch, others.reduce(1) { $0 * x.shape[$1] }, length]), true)
        }
        let (left, isLeftLast) = matrices(a, first), (right, isRightLast) = matrices(b, second)
        let product = left.matmul(right, transposeA: !isLeftLast, transposeB: isRightLast)
        let rest = [(a, first), (b, second)].flatMap { x, axis in (1 ..< x.shape.rank).filter { $0 != axis }.map { x.shape[$0] } }
        return [product.reshaped(Shape([batch] + rest))]
    }

    /// A factor, and its axis counted from the front.
    private func vectors(_ input: Tensor, _ axis: Int) -> (Tensor, Int) {
        let x = input.cast(to: .float32), axis = x.shape.resolve(axis: axis, in: "Dot")
        // Keras limits 1/norm to 10⁷.
        return (normalize ? x * rsqrt(LockstepTensor.maximum(square(x).sum(axes: [axis], keepDims: true), 1e-14)) : x, axis)
    }

    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] { [nil] }
    public override var config: [ConfigValue.Entry] { [.init("axes", written), .init("normalize", .bool(normalize))] }
}

/// For each sample the product of two tensors, summed over one axis of each.
public func dot(_ inputs: [KerasTensor], axes: Int = -1, normalize: Bool = false, name: String? = nil) -> KerasTensor {
    Dot(axes: axes, normalize: normalize, name: name)(inputs)
}
public func dot(_ inputs: [KerasTensor], axes: (Int, Int), normalize: Bool = false, name: String? = nil) -> KerasTensor {
    Dot(axes: axes, normalize: normalize, name: name)(inputs)
}
public func dot(_ inputs: [Tensor], axes: Int = -1, normalize: Bool = false) -> Tensor { Dot(axes: axes, normalize: normalize)(inputs) }
public func dot(_ inputs: [Tensor], axes: (Int, Int), normalize: Bool = false) -> Tensor { Dot(axes: axes, normalize: normalize)(inputs) }
