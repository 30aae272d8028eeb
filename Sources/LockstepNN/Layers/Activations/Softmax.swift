import LockstepTensor

/// eˣ / Σ eˣ along an axis. `keras.layers.Softmax`.
///
/// - Input, output: any shape that has the axis.
public final class Softmax: Layer {
    public let axis: Int

    /// - Parameter axis: negative ones count from the last.
    public init(axis: Int = -1, name: String? = nil) {
        self.axis = axis
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        if case .array? = config.value("axis") { throw ConfigError("several axes are not supported yet; name one", at: ["axis"]) }
        self.init(axis: try config.int("axis", default: -1), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        let last = input.shape.rank - 1, axis = input.shape.resolve(axis: axis, in: "Softmax")
        if axis == last { return softmax(input) }
        var order = Array(0 ... last)
        order.swapAt(axis, last)
        return softmax(input.transposed(order)).transposed(order)
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    package override var takesMask: Bool { true }
    public override var config: [ConfigValue.Entry] { [.init("axis", .int(axis))] }
}
