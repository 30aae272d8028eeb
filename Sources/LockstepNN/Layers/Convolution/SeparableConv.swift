import LockstepTensor

/// A depthwise convolution, which mixes no channels, and one of single points, which mixes nothing else (Sifre 2014; Chollet 2017).
/// `SeparableConv1D` and `SeparableConv2D` say over how many axes.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `activation((x ∗ depthwise kernel) ∗ pointwise kernel + bias)`, `[batch, windows …, filters]`.
/// - Weights: `depthwise_kernel` `[kernel size …, channels, depth multiplier]`, `pointwise_kernel`
///   `[1 …, channels · depth multiplier, filters]`, `bias` `[filters]`.
public class SeparableConv: BaseConvolution {
    public let filters: Int
    public let depthMultiplier: Int
    let depthwiseArguments: WeightArguments, pointwiseArguments: WeightArguments
    public private(set) var depthwiseKernel: Variable!
    public private(set) var pointwiseKernel: Variable!

    /// - Parameters:
    ///   - kernelSize, strides, dilationRate: of the depthwise part; one number for all spatial axes, or one for each.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(
        _ filters: Int, kernelSize: any AxisLengths, strides: any AxisLengths = 1, padding: Window.Padding = .valid,
        dilationRate: any AxisLengths = 1, depthMultiplier: Int = 1, activation: ActivationFunction = "linear", useBias: Bool = true,
        depthwiseInitializer: any InitializerSpec = GlorotUniform(), pointwiseInitializer: any InitializerSpec = GlorotUniform(),
        biasInitializer: any InitializerSpec = Zeros(), depthwiseRegularizer: (any RegularizerSpec)? = nil,
        pointwiseRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, depthwiseConstraint: (any ConstraintSpec)? = nil,
        pointwiseConstraint: (any ConstraintSpec)? = nil, biasConstraint: (any ConstraintSpec)? = nil, inputShape: Shape? = nil,
        name: String? = nil
    ) {
        let owner = Self.owner
        (self.filters, self.depthMultiplier) = (filters, depthMultiplier)
        depthwiseArguments = WeightArguments("depthwise", of: owner, depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
        pointwiseArguments = WeightArguments("pointwise", of: owner, pointwiseInitializer, pointwiseRegularizer, pointwiseConstraint)
        super.init(
            kernelSize: kernelSize, strides: strides, padding: padding, dilationRate: dilationRate, activation: activation,
            useBias: useBias, bias: WeightArguments("bias", of: owner, biasInitializer, biasRegularizer, biasConstraint),
            activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
        check(
            filters > 0 && depthMultiplier > 0,
            "\(owner): filters and depthMultiplier must be positive, got \(filters) and \(depthMultiplier)")
    }

    convenience init(config: Config) throws {
        let filters = try config.length("filters"), common = try Self.arguments(config)
        self.init(
            filters, kernelSize: common.kernelSize, strides: common.strides, padding: common.padding, dilationRate: common.dilationRate,
            depthMultiplier: config.has("depth_multiplier") ? try config.length("depth_multiplier") : 1, activation: common.activation,
            useBias: common.useBias, depthwiseInitializer: try config.initializer("depthwise_initializer", default: GlorotUniform()),
            pointwiseInitializer: try config.initializer("pointwise_initializer", default: GlorotUniform()),
            biasInitializer: common.biasInitializer, depthwiseRegularizer: try config.regularizer("depthwise_regularizer"),
            pointwiseRegularizer: try config.regularizer("pointwise_regularizer"), biasRegularizer: common.biasRegularizer,
            activityRegularizer: common.activityRegularizer, depthwiseConstraint: try config.constraint("depthwise_constraint"),
            pointwiseConstraint: try config.constraint("pointwise_constraint"), biasConstraint: common.biasConstraint, name: common.name)
    }

    public override func build(_ inputShape: Shape) {
        let channels = channels(of: inputShape), ones = window.size.map { _ in 1 }
        depthwiseKernel = addWeight("depthwise_kernel", shape: Shape(window.size + [channels, depthMultiplier]), depthwiseArguments)
        pointwiseKernel = addWeight("pointwise_kernel", shape: Shape(ones + [channels * depthMultiplier, filters]), pointwiseArguments)
        addBias(filters)
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let kernel = depthwiseKernel.value.asGroups(axes: Self.axisCount), ones = window.size.map { _ in 1 }
        let depthwise = convolution(input.cast(to: .float32), kernel, window: window, groups: input.shape.last)
        return convolve(depthwise, pointwiseKernel.value, window: Window(size: ones, strides: ones, padding: .valid), groups: 1)
    }

    public override var config: [ConfigValue.Entry] {
        entries(
            [.init("depth_multiplier", .int(depthMultiplier)), .init("filters", .int(filters))], weights: depthwiseArguments,
            pointwiseArguments)
    }
}
