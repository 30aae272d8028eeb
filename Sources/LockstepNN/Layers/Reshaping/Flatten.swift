import LockstepTensor

/// Lays out each sample as one axis. `keras.layers.Flatten`, channels last.
///
/// - Input: `[batch, a, b, …]`.
/// - Output: `[batch, a·b·…]`; an input of one axis becomes `[batch, 1]`.
public final class Flatten: Layer {
    /// - Parameter inputShape: the shape of one sample, where this is a model's first layer.
    public init(inputShape: Shape? = nil, name: String? = nil) {
        super.init(name: name)
        self.inputShape = inputShape
    }

    convenience init(config: Config) throws {
        self.init(name: try config.optionalString("name"))
        if let format = try config.optionalString("data_format"), format != "channels_last" {
            throw ConfigError("expected channels_last, found \"\(format)\"", at: ["data_format"])
        }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.reshaped([input.shape[0], input.shape.sample.count])
    }

    public override var config: [ConfigValue.Entry] { [.init("data_format", "channels_last")] }
}
