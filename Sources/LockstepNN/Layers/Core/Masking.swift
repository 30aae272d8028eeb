import LockstepTensor

/// Masks the steps of which all elements are `maskValue`, and sets them to zero. `keras.layers.Masking`.
///
/// - Input, output: `[batch, steps, features]`, or any shape of two axes or more.
/// - Mask: whether any element along the last axis is another.
public final class Masking: Layer {
    public let maskValue: Float

    public init(maskValue: Float = 0, name: String? = nil) {
        self.maskValue = maskValue
        super.init(name: name)
        checkFinite("Masking", ["maskValue": Double(maskValue)])
    }

    convenience init(config: Config) throws {
        self.init(maskValue: try config.float("mask_value", default: 0), name: try config.optionalString("name"))
    }

    public override var inputSpec: InputSpec? { InputSpec(minRank: 2) }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        let counts = (input .!= Tensor(maskValue)).cast(to: .float32).sum(axes: [-1], keepDims: true) .> 0
        return `where`(counts, input, Tensor(0)).masked(by: counts.squeezed(axes: [-1]))
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { [.init("mask_value", ConfigValue(maskValue))] }
}
