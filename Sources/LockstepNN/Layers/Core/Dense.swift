import LockstepTensor

/// A densely connected layer: `activation(input · kernel + bias)`.
///
/// - Input: `[batch, …, inputs]`, float32.
/// - Output: `[batch, …, units]`.
/// - Weights: `kernel` `[inputs, units]`, `bias` `[units]`.
///
/// `keras.layers.Dense`.
public final class Dense: Layer {
    public let units: Int
    public let activation: ActivationFunction
    public let useBias: Bool
    public let kernelInitializer: any Initializer
    public let biasInitializer: any Initializer
    public let kernelRegularizer: Regularizer?, biasRegularizer: Regularizer?
    public let kernelConstraint: Constraint?, biasConstraint: Constraint?

    public private(set) var kernel: Variable!
    public private(set) var bias: Variable?

    public init(
        _ units: Int, activation: ActivationFunction = "linear", useBias: Bool = true,
        kernelInitializer: any InitializerSpec = GlorotUniform(), biasInitializer: any InitializerSpec = Zeros(),
        kernelRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        biasConstraint: (any ConstraintSpec)? = nil, inputShape: Shape? = nil, name: String? = nil
    ) {
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer.resolved(for: "Dense")
        self.biasInitializer = biasInitializer.resolved(for: "Dense")
        self.kernelRegularizer = kernelRegularizer?.resolved(for: "Dense")
        self.biasRegularizer = biasRegularizer?.resolved(for: "Dense")
        self.kernelConstraint = kernelConstraint?.resolved(for: "Dense")
        self.biasConstraint = biasConstraint?.resolved(for: "Dense")
        super.init(name: name)
        self.activityRegularizer = activityRegularizer?.resolved(for: "Dense")
        self.inputShape = inputShape
        check(units > 0, "Dense: units must be positive, got \(units)")
    }

    convenience init(config: Config) throws {
        self.init(
            try config.length("units"), activation: try config.activation("activation"),
            useBias: try config.bool("use_bias", default: true),
            kernelInitializer: try config.initializer("kernel_initializer", default: GlorotUniform()),
            biasInitializer: try config.initializer("bias_initializer", default: Zeros()),
            kernelRegularizer: try config.regularizer("kernel_regularizer"), biasRegularizer: try config.regularizer("bias_regularizer"),
            activityRegularizer: try config.regularizer("activity_regularizer"),
            kernelConstraint: try config.constraint("kernel_constraint"), biasConstraint: try config.constraint("bias_constraint"),
            name: try config.optionalString("name"))
        try config.refuse("quantization_config")
    }

    public override func build(_ inputShape: Shape) {
        check(inputShape.rank >= 2, "Dense: expected an input of at least two axes, [batch, inputs]; got \(inputShape)")
        check(inputShape.last > 0, "Dense: the last axis of the input must be known; got \(inputShape)")
        kernel = addWeight(
            "kernel", shape: [inputShape.last, units], initializer: kernelInitializer, regularizer: kernelRegularizer,
            constraint: kernelConstraint)
        guard useBias else { return }
        bias = addWeight(
            "bias", shape: [units], initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)
    }

    public override var inputSpec: InputSpec? { kernel.map { InputSpec(minRank: 2, axes: [-1: $0.shape[0]]) } }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let input = input.cast(to: .float32)
        let product = input.matmul(kernel.value)
        guard let bias else { return activation(product) }
        guard let fused = activation.fused, fused != .sigmoid else {
            // A loss looks for the logits behind a softmax or a sigmoid, so these stay operations of their own.
            return activation(biasActivation(product, bias.value, .linear))
        }
        return biasActivation(product, bias.value, fused)
    }

    public override var supportsMasking: Bool { true }
    public override var config: [ConfigValue.Entry] {
        [
            .init("units", .int(units)), .init("activation", .string(activation.name)), .init("use_bias", .bool(useBias)),
            .init("kernel_initializer", kernelInitializer.serialized), .init("bias_initializer", biasInitializer.serialized),
            .init("kernel_regularizer", kernelRegularizer.serialized), .init("bias_regularizer", biasRegularizer.serialized),
            .init("kernel_constraint", kernelConstraint.serialized), .init("bias_constraint", biasConstraint.serialized),
            .init("quantization_config", nil),
        ]
    }
}
