import LockstepTensor

/// Divides each sample by its length over `axis`: `x / √(Σ x²)`; what is all zeros stays so.
///
/// - Input, output: `[batch, …]`; integers become float32.
///
/// `keras.layers.UnitNormalization`.
public final class UnitNormalization: Layer {
    public let axis: NormAxes

    /// - Parameter axis: one axis or several; negative axes count from the last.
    public init(axis: NormAxes = -1, name: String? = nil) {
        self.axis = axis
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        self.init(axis: try NormAxes.ofLayer(config), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), axes = axis.resolved(in: x.shape, for: "UnitNormalization")
        check(!axes.contains(0), "UnitNormalization: axes \(axes) of the input must be behind the batch; got an input of shape \(x.shape)")
        // Keras: at most 10¹² times as long.
        return x * rsqrt(maximum(square(x).sum(axes: axes, keepDims: true), 1e-24))
    }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { [.init("axis", axis.configValue)] }
}
