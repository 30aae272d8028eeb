import LockstepTensor

/// A dense layer over any axes: `activation(einsum(equation, input, kernel) + bias)`.
///
///     EinsumDense("abc,cd->abd", outputShape: [nil, 64], biasAxes: "d")
///
/// - Input: as the first part of the equation says, the batch first.
/// - Output: as its last part says.
/// - Weights: `kernel`, as its middle part says; `bias`, of those axes of the output that `biasAxes` names, 1 in others behind them.
///
/// `keras.layers.EinsumDense`.
public final class EinsumDense: Layer {
    public let equation: String
    /// Without the batch; `Shape.unknown` for lengths that follow from the input.
    public let outputShape: Shape
    public let activation: ActivationFunction
    public let biasAxes: String?
    public let kernelInitializer: any Initializer, biasInitializer: any Initializer
    public let kernelRegularizer: Regularizer?, biasRegularizer: Regularizer?
    public let kernelConstraint: Constraint?, biasConstraint: Constraint?

    public private(set) var kernel: Variable!
    public private(set) var bias: Variable?
    /// A letter for each axis, once the number of axes is known.
    private var axes: EinsumAxes!

    /// - Parameters:
    ///   - equation: as `ab,bc->ac`; three points at the start or the end of input and output stand for any axes: `...x,xy->...y`.
    ///   - outputShape: without the batch and what the points stand for; `nil` for lengths that follow from the input.
    ///   - biasAxes: letters of the output; no bias by default.
    public init(
        _ equation: String, outputShape: Shape, activation: ActivationFunction = "linear", biasAxes: String? = nil,
        kernelInitializer: any InitializerSpec = GlorotUniform(), biasInitializer: any InitializerSpec = Zeros(),
        kernelRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        biasConstraint: (any ConstraintSpec)? = nil, name: String? = nil
    ) {
        (self.equation, self.outputShape, self.activation, self.biasAxes) = (equation, outputShape, activation, biasAxes)
        self.kernelInitializer = kernelInitializer.resolved(for: "EinsumDense")
        self.biasInitializer = biasInitializer.resolved(for: "EinsumDense")
        self.kernelRegularizer = kernelRegularizer?.resolved(for: "EinsumDense")
        self.biasRegularizer = biasRegularizer?.resolved(for: "EinsumDense")
        self.kernelConstraint = kernelConstraint?.resolved(for: "EinsumDense")
        self.biasConstraint = biasConstraint?.resolved(for: "EinsumDense")
        super.init(name: name)
        self.activityRegularizer = activityRegularizer?.resolved(for: "EinsumDense")
        if let problem = EinsumAxes.problem(equation, biasAxes) { Failure.report("EinsumDense: \(problem)") }
    }

    convenience init(config: Config) throws {
        let equation = try config.string("equation"), biasAxes = try config.optionalString("bias_axes")
        if let problem = EinsumAxes.problem(equation, biasAxes) { throw ConfigError(problem, at: ["equation"]) }
        self.init(
            equation, outputShape: try config.lengths("output_shape"), activation: try config.activation("activation"),
            biasAxes: biasAxes, kernelInitializer: try config.initializer("kernel_initializer", default: GlorotUniform()),
            biasInitializer: try config.initializer("bias_initializer", default: Zeros()),
            kernelRegularizer: try config.regularizer("kernel_regularizer"), biasRegularizer: try config.regularizer("bias_regularizer"),
            activityRegularizer: try config.regularizer("activity_regularizer"),
            kernelConstraint: try config.constraint("kernel_constraint"), biasConstraint: try config.constraint("bias_constraint"),
            name: try config.optionalString("name"))
        try config.refuse("lora_rank", "lora_alpha", "gptq_unpacked_column_size", "quantization_config")
    }

    public override func build(_ inputShape: Shape) {
        axes = EinsumAxes(equation, inputShape, outputShape, biasAxes)
        kernel = addWeight(
            "kernel", shape: axes.kernelShape, initializer: MatrixInitializer.over(axes, kernelInitializer), regularizer: kernelRegularizer,
            constraint: kernelConstraint)
        guard let shape = axes.biasShape else { return }
        bias = addWeight("bias", shape: shape, initializer: biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)
    }

    public override var inputSpec: InputSpec? { axes.map { InputSpec(rank: $0.input.count, axes: $0.inputLengths) } }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let product = einsum(axes.equation, input.cast(to: .float32), kernel.value)
        guard let bias else { return activation(product) }
        let width = bias.shape.count, trailing = Shape(product.shape.dimensions.suffix(bias.shape.rank))
        guard trailing == bias.shape, width > 0 else { return activation(product + bias.value) }
        // A bias of whole rows goes with the activation in one pass, as in `Dense`.
        let fused = activation.fused.flatMap { $0 == .sigmoid ? nil : $0 }
        let sum = biasActivation(
            product.reshaped([product.shape.count / width, width]), bias.value.reshaped([width]), fused ?? .linear
        ).reshaped(product.shape)
        return fused == nil ? activation(sum) : sum
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("equation", .string(equation)), .init("output_shape", ConfigValue(outputShape)),
            .init("activation", .string(activation.name)), .init("bias_axes", biasAxes.map { .string($0) } ?? nil),
            .init("kernel_initializer", kernelInitializer.serialized), .init("bias_initializer", biasInitializer.serialized),
            .init("kernel_regularizer", kernelRegularizer.serialized), .init("bias_regularizer", biasRegularizer.serialized),
            .init("kernel_constraint", kernelConstraint.serialized), .init("bias_constraint", biasConstraint.serialized),
            .init("quantization_config", nil),
        ] + (activityRegularizer == nil ? [.init("activity_regularizer", nil)] : [])
    }
}

extension Config {
    /// Lengths of axes, or one alone; `null` for one that is not known.
    func lengths(_ key: String) throws -> Shape {
        if case .int? = value(key) { return [try length(key)] }
        guard let shape = try optionalShape(key) else { throw ConfigError("missing \(key): expected the lengths of axes") }
        return shape
    }
}
