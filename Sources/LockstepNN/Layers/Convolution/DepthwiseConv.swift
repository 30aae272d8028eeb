import LockstepTensor

/// A convolution of each channel by itself, with `depthMultiplier` kernels for each. `DepthwiseConv1D` and `DepthwiseConv2D` say over how
/// many axes.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, windows …, channels · depth multiplier]`, those of the first channel first.
/// - Weights: `kernel` `[kernel size …, channels, depth multiplier]`, `bias` `[channels · depth multiplier]`.
public class DepthwiseConv: BaseConvolution {
    public let depthMultiplier: Int
    let kernelArguments: WeightArguments
    public private(set) var kernel: Variable!

    /// - Parameters:
    ///   - kernelSize, strides, dilationRate: one number for all spatial axes, or one for each.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(
        kernelSize: any AxisLengths, strides: any AxisLengths = 1, padding: Window.Padding = .valid, depthMultiplier: Int = 1,
        dilationRate: any AxisLengths = 1, activation: ActivationFunction = "linear", useBias: Bool = true,
        depthwiseInitializer: any InitializerSpec = GlorotUniform(), biasInitializer: any InitializerSpec = Zeros(),
        depthwiseRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, depthwiseConstraint: (any ConstraintSpec)? = nil,
        biasConstraint: (any ConstraintSpec)? = nil, inputShape: Shape? = nil, name: String? = nil
    ) {
        let owner = Self.owner
        self.depthMultiplier = depthMultiplier
        kernelArguments = WeightArguments("depthwise", of: owner, depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
        super.init(
            kernelSize: kernelSize, strides: strides, padding: padding, dilationRate: dilationRate, activation: activation,
            useBias: useBias, bias: WeightArguments("bias", of: owner, biasInitializer, biasRegularizer, biasConstraint),
            activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
        check(depthMultiplier > 0, "\(owner): depthMultiplier must be positive, got \(depthMultiplier)")
    }

    convenience init(config: Config) throws {
        let common = try Self.arguments(config)
        self.init(
            kernelSize: common.kernelSize, strides: common.strides, padding: common.padding,
            depthMultiplier: config.has("depth_multiplier") ? try config.length("depth_multiplier") : 1,
            dilationRate: common.dilationRate, activation: common.activation, useBias: common.useBias,
            depthwiseInitializer: try config.initializer("depthwise_initializer", default: GlorotUniform()),
            biasInitializer: common.biasInitializer, depthwiseRegularizer: try config.regularizer("depthwise_regularizer"),
            biasRegularizer: common.biasRegularizer, activityRegularizer: common.activityRegularizer,
            depthwiseConstraint: try config.constraint("depthwise_constraint"), biasConstraint: common.biasConstraint, name: common.name)
    }

    public override func build(_ inputShape: Shape) {
        let channels = channels(of: inputShape)
        kernel = addWeight("kernel", shape: Shape(window.size + [channels, depthMultiplier]), kernelArguments)
        addBias(channels * depthMultiplier)
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        convolve(
            input.cast(to: .float32), kernel.value.asGroups(axes: Self.axisCount), window: window, groups: input.shape.last)
    }

    public override var config: [ConfigValue.Entry] {
        entries([.init("depth_multiplier", .int(depthMultiplier))], weights: kernelArguments)
    }
}

extension Tensor {
    /// The kernel of a depthwise convolution, [spatial axes …, channels, multiplier], as one with a group for each channel.
    func asGroups(axes: Int) -> Tensor { reshaped(Shape(shape.dimensions.prefix(axes) + [1, shape[-2] * shape.last])) }
}
