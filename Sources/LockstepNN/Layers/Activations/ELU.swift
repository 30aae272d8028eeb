import LockstepTensor

/// x where it is positive, alpha · (eˣ - 1) elsewhere. `keras.layers.ELU`; Clevert et al. 2016.
///
/// - Input, output: any shape.
public final class ELU: Layer {
    public let alpha: Float

    public init(alpha: Float = 1, name: String? = nil) {
        self.alpha = alpha
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        self.init(alpha: try config.float("alpha", default: 1), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        return `where`(input .> 0, input, expm1(minimum(input, 0)) * alpha)
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { [.init("alpha", ConfigValue(alpha))] }
}
