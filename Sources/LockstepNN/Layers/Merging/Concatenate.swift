import LockstepTensor

/// Joins its inputs along one axis. `keras.layers.Concatenate`.
///
/// - Inputs: of one rank, and of equal lengths on all axes but `axis`.
/// - Output: the length on `axis` is the sum of theirs. Its mask joins those of the inputs, where one that has none counts in all
///   steps; joined along the last axis, a step counts where it does in any input.
public final class Concatenate: Merge {
    public let axis: Int

    /// - Parameter axis: batch axis included; negative ones count from the last.
    public init(axis: Int = -1, name: String? = nil) {
        self.axis = axis
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        self.init(axis: try config.int("axis", default: -1), name: try config.optionalString("name"))
    }

    override func fit(_ shapes: inout [Shape]) -> String? {
        let rank = shapes[0].rank
        guard axis >= -rank, axis < rank else { return "inputs with an axis \(axis)" }
        let fits =
            shapes.allSatisfy { $0.rank == rank }
            && (0 ..< rank).allSatisfy { other in other == (axis + rank) % rank || Merge.equalize(&shapes, axis: { _ in other }) }
        return fits ? nil : "inputs with equal lengths on all axes but \(axis)"
    }

    public override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        let isOfOneType = inputs.allSatisfy { $0.dtype == inputs[0].dtype }
        return [LockstepTensor.concatenate(isOfOneType ? inputs : inputs.map { $0.cast(to: .float32) }, axis: axis)]
    }

    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] {
        let rank = inputs[0].shape.rank, axes = masks.compactMap(\.?.shape.rank).max()!
        let spread = inputs.map { input -> Tensor in
            let shape = Shape(input.shape.dimensions.prefix(axes) + [Int](repeating: 1, count: rank - axes))
            return Merge.spreadMask(input)?.cast(to: .float32).broadcast(to: shape) ?? .ones(shape)
        }
        return [LockstepTensor.concatenate(spread, axis: axis).sum(axes: Array(min(axes, rank - 1) ..< rank)) .> 0]
    }

    public override var config: [ConfigValue.Entry] { [.init("axis", .int(axis))] }
}

/// Joins symbolic tensors along one axis.
public func concatenate(_ inputs: [KerasTensor], axis: Int = -1, name: String? = nil) -> KerasTensor {
    Concatenate(axis: axis, name: name)(inputs)
}
