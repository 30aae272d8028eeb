import LockstepTensor

/// The identity, which adds l1 · Σ |x| + l2 · Σ x², per sample, to the loss. `keras.layers.ActivityRegularization`.
///
/// - Input, output: `[batch, …]`.
public final class ActivityRegularization: Layer {
    private let regularizer: L1L2

    /// - Parameters: finite and not negative.
    public init(l1: Float = 0, l2: Float = 0, name: String? = nil) {
        regularizer = L1L2(l1: l1, l2: l2)
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        self.init(
            l1: try config.optionalNonNegative("l1") ?? 0, l2: try config.optionalNonNegative("l2") ?? 0,
            name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        penalize(input, by: regularizer)
        return input
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { regularizer.config }
}
