import LockstepTensor

/// A convolution with a kernel of its own for each filter: `activation(x ∗ kernel + bias)`, the cross-correlation, as everywhere in this
/// field. `Conv1D`, `Conv2D` and `Conv3D` say over how many axes.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, windows along each axis …, filters]`: ⌈(length - (kernel - 1)·dilation) / stride⌉ windows of `valid` padding,
///   ⌈length / stride⌉ of `same` and `causal`.
/// - Weights: `kernel` `[kernel size …, channels / groups, filters]`, `bias` `[filters]`.
public class Conv: BaseConvolution {
    public let filters: Int
    /// Into how many parts channels and filters are cut; each part of the filters sees its part of the channels alone.
    public let groups: Int
    let kernelArguments: WeightArguments
    public private(set) var kernel: Variable!

    /// - Parameters:
    ///   - kernelSize, strides, dilationRate: one number for all spatial axes, or one for each.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(
        _ filters: Int, kernelSize: any AxisLengths, strides: any AxisLengths = 1, padding: Window.Padding = .valid,
        dilationRate: any AxisLengths = 1, groups: Int = 1, activation: ActivationFunction = "linear", useBias: Bool = true,
        kernelInitializer: any InitializerSpec = GlorotUniform(), biasInitializer: any InitializerSpec = Zeros(),
        kernelRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        biasConstraint: (any ConstraintSpec)? = nil, inputShape: Shape? = nil, name: String? = nil
    ) {
        let owner = Self.owner
        (self.filters, self.groups) = (filters, groups)
        kernelArguments = WeightArguments("kernel", of: owner, kernelInitializer, kernelRegularizer, kernelConstraint)
        super.init(
            kernelSize: kernelSize, strides: strides, padding: padding, dilationRate: dilationRate, activation: activation,
            useBias: useBias, bias: WeightArguments("bias", of: owner, biasInitializer, biasRegularizer, biasConstraint),
            activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
        check(filters > 0, "\(owner): filters must be positive, got \(filters)")
        requireNone(Self.problem(filters, groups, window.strides, window.dilation))
    }

    convenience init(config: Config) throws {
        let filters = try config.length("filters"), groups = try config.int("groups", default: 1), common = try Self.arguments(config)
        try Self.refuse(Self.problem(filters, groups, common.strides, common.dilationRate))
        self.init(
            filters, kernelSize: common.kernelSize, strides: common.strides, padding: common.padding, dilationRate: common.dilationRate,
            groups: groups, activation: common.activation, useBias: common.useBias,
            kernelInitializer: try config.initializer("kernel_initializer", default: GlorotUniform()),
            biasInitializer: common.biasInitializer, kernelRegularizer: try config.regularizer("kernel_regularizer"),
            biasRegularizer: common.biasRegularizer, activityRegularizer: common.activityRegularizer,
            kernelConstraint: try config.constraint("kernel_constraint"), biasConstraint: common.biasConstraint, name: common.name)
        try config.refuse("lora_rank", "lora_alpha")
    }

    private static func problem(_ filters: Int, _ groups: Int, _ strides: [Int], _ dilation: [Int]) -> Problem? {
        guard groups > 0, filters % groups == 0 else {
            return Problem("groups", "expected a positive number of groups that divides the \(filters) filters, got \(groups)")
        }
        return .skipping(strides, dilation, axes: axisCount)
    }

    public override func build(_ inputShape: Shape) {
        let channels = channels(of: inputShape)
        check(
            channels % groups == 0,
            "\(className): \(groups) groups do not divide the \(channels) channels of an input of shape \(inputShape)")
        kernel = addWeight("kernel", shape: Shape(window.size + [channels / groups, filters]), kernelArguments)
        addBias(filters)
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        convolve(input.cast(to: .float32), kernel.value, window: window, groups: groups)
    }

    public override var config: [ConfigValue.Entry] {
        entries([.init("filters", .int(filters))], groups: [.init("groups", .int(groups))], weights: kernelArguments)
    }
}
