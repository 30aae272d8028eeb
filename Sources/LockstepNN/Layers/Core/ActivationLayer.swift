import LockstepTensor

/// Applies a function to every element. `keras.layers.Activation`.
///
/// - Input, output: any shape.
public final class Activation: Layer {
    public let activation: ActivationFunction

    public init(_ activation: ActivationFunction, name: String? = nil) {
        self.activation = activation
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        self.init(try config.activation("activation"), name: try config.optionalString("name"))
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor { activation(input.cast(to: .float32)) }

    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { [.init("activation", .string(activation.name))] }
}
