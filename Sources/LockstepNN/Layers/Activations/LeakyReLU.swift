import LockstepTensor

/// x where it is positive, negativeSlope · x elsewhere. `keras.layers.LeakyReLU`; Maas et al. 2013.
///
/// - Input, output: any shape.
public final class LeakyReLU: Layer {
    public let negativeSlope: Float

    public init(negativeSlope: Float = 0.3, name: String? = nil) {
        self.negativeSlope = negativeSlope
        super.init(name: name)
        check(negativeSlope >= 0, "LeakyReLU: negativeSlope must not be negative, got \(negativeSlope)")
    }

    convenience init(config: Config) throws {
        // Keras 2 called it alpha.
        let slope = try config.optionalNonNegative("negative_slope") ?? config.optionalNonNegative("alpha")
        self.init(negativeSlope: slope ?? 0.3, name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        return relu(input) - relu(-input) * negativeSlope
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { [.init("negative_slope", ConfigValue(negativeSlope))] }
}
