import LockstepTensor

/// The cosine of the angle between vectors along an axis, negative, so that it falls as they come to point one way:
/// -Σ yTrue/|yTrue| · yPred/|yPred|
///
/// A vector of zeros stays one: its norm counts as 10⁻⁷ at least.
public func cosineSimilarity(_ yTrue: Tensor, _ yPred: Tensor, axis: Int = -1) -> Tensor { -cosine(yTrue, yPred, axis: axis) }

/// The cosine of the angle between vectors along an axis.
func cosine(_ yTrue: Tensor, _ yPred: Tensor, axis: Int) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    func unit(_ x: Tensor) -> Tensor { x * rsqrt(maximum(square(x).sum(axes: [axis], keepDims: true), 1e-14)) }
    return (unit(yTrue) * unit(yPred)).sum(axes: [axis])
}

/// `cosineSimilarity` as a loss. `keras.losses.CosineSimilarity`.
public final class CosineSimilarity: Loss, @unchecked Sendable {
    public let axis: Int

    /// - Parameter axis: along which vectors lie, not that of the samples; by default the last one.
    public init(axis: Int = -1, reduction: Reduction = .sumOverBatchSize, name: String = "cosine_similarity") {
        self.axis = axis
        super.init(reduction: reduction, name: name)
    }
    convenience init(config: Config) throws {
        self.init(
            axis: try config.int("axis", default: -1), reduction: try .init(config: config),
            name: try config.string("name", default: "cosine_similarity"))
    }
    public override func problem(target: Shape, output: Shape) -> String? {
        TargetFit.elementwise.wayOut(target, output) ?? axisProblem(axis, of: output)
    }
    public override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { cosineSimilarity(yTrue, yPred, axis: axis) }
    /// With `axis` where it is not Keras' default: `keras.losses.CosineSimilarity` has it as an argument, but does not write it.
    public override var config: [ConfigValue.Entry] { super.config + (axis == -1 ? [] : [.init("axis", .int(axis))]) }
}

/// Why a function that takes a number for each sample along `axis` cannot be had of predictions of this shape.
func axisProblem(_ axis: Int, of output: Shape) -> String? {
    let place = axis < 0 ? axis + output.rank : axis
    return 1 ..< max(2, output.rank) ~= place || (place == 0 && output.rank == 1)
        ? nil : "axis \(axis) is not one behind the samples of an output of shape \(output)"
}
