import LockstepTensor

/// Each sample's elements under another shape. `keras.layers.Reshape`.
///
/// - Input: `[batch, …]`.
/// - Output: `[batch] + targetShape`.
public final class Reshape: Layer {
    public let targetShape: Shape

    /// - Parameter targetShape: of a sample; one length may be `Shape.unknown`, and follows from the others.
    public init(_ targetShape: Shape, name: String? = nil) {
        self.targetShape = targetShape
        super.init(name: name)
        check(
            targetShape.dimensions.count { $0 == Shape.unknown } <= 1 && targetShape.dimensions.allSatisfy { $0 >= Shape.unknown },
            "Reshape: at most one length of the target shape may be left open, got \(targetShape)")
    }

    convenience init(config: Config) throws {
        guard let lengths = try config.optionalArray("target_shape") else {
            throw ConfigError("missing target_shape: expected the lengths of a sample's axes, such as [7, 7, -1]")
        }
        let shape = try lengths.map { length in
            guard case .int(let length) = length, length >= Shape.unknown, length <= Int(Int32.max) else {
                throw ConfigError("expected lengths of axes, or -1 for one of them, found \(length.kind)", at: ["target_shape"])
            }
            return length
        }
        guard shape.count(where: { $0 == Shape.unknown }) <= 1 else {
            throw ConfigError("expected at most one length of -1, found \(shape)", at: ["target_shape"])
        }
        self.init(Shape(shape), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.reshaped(resolved(input.shape.sample).batched(input.shape[0]))
    }

    /// The target shape with its open length, for samples of a shape.
    private func resolved(_ sample: Shape) -> Shape {
        var shape = targetShape
        if let open = shape.dimensions.firstIndex(of: Shape.unknown) {
            let others = shape.dimensions.enumerated().reduce(1) { $1.offset == open ? $0 : $0 * $1.element }
            shape[open] = others > 0 && sample.count % others == 0 ? sample.count / others : 0
        }
        check(
            shape.count == sample.count,
            "Reshape: samples of shape \(sample), \(sample.count) elements, do not fit the target shape \(targetShape)")
        return shape
    }

    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { [.init("target_shape", .array(targetShape.dimensions.map { .int($0) }))] }
}
