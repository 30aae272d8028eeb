import LockstepTensor

/// A transposed convolution: what takes the shape of a convolution's output to that of its input, connected in the same way (Zeiler et
/// al. 2010). `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose` say over how many axes.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, lengths …, filters]`. With k = (kernel size - 1)·dilation + 1 and stride s, of n elements along an axis there come
///   (n - 1)·s + k + output padding with `valid`, where that is max(k, s) - k unless given; n·s with `same`, or, with an output padding
///   given, (n - 1)·s + k mod 2 + output padding. As Keras has it.
/// - Weights: `kernel` `[kernel size …, filters, channels]`, `bias` `[filters]`.
public class ConvTranspose: BaseConvolution {
    public let filters: Int
    /// By axis, what is added to the output behind; `nil` for what fits the stride.
    public let outputPadding: [Int]?
    let kernelArguments: WeightArguments
    public private(set) var kernel: Variable!

    /// - Parameters:
    ///   - kernelSize, strides, outputPadding, dilationRate: one number for all spatial axes, or one for each.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(
        _ filters: Int, kernelSize: any AxisLengths, strides: any AxisLengths = 1, padding: Window.Padding = .valid,
        outputPadding: (any AxisLengths)? = nil, dilationRate: any AxisLengths = 1, activation: ActivationFunction = "linear",
        useBias: Bool = true, kernelInitializer: any InitializerSpec = GlorotUniform(), biasInitializer: any InitializerSpec = Zeros(),
        kernelRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        biasConstraint: (any ConstraintSpec)? = nil, inputShape: Shape? = nil, name: String? = nil
    ) {
        let owner = Self.owner
        self.filters = filters
        self.outputPadding = outputPadding?.resolved("outputPadding", for: owner, axes: Self.axisCount, least: 0)
        kernelArguments = WeightArguments("kernel", of: owner, kernelInitializer, kernelRegularizer, kernelConstraint)
        super.init(
            kernelSize: kernelSize, strides: strides, padding: padding, dilationRate: dilationRate, activation: activation,
            useBias: useBias, bias: WeightArguments("bias", of: owner, biasInitializer, biasRegularizer, biasConstraint),
            activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
        check(filters > 0, "\(owner): filters must be positive, got \(filters)")
        requireNone(Self.problem(self.outputPadding, window.strides, window.dilation))
    }

    convenience init(config: Config) throws {
        let filters = try config.length("filters"), common = try Self.arguments(config)
        let outputPadding = try config.optionalLengths("output_padding", axes: Self.axisCount, least: 0)
        try Self.refuse(Self.problem(outputPadding, common.strides, common.dilationRate))
        self.init(
            filters, kernelSize: common.kernelSize, strides: common.strides, padding: common.padding, outputPadding: outputPadding,
            dilationRate: common.dilationRate, activation: common.activation, useBias: common.useBias,
            kernelInitializer: try config.initializer("kernel_initializer", default: GlorotUniform()),
            biasInitializer: common.biasInitializer, kernelRegularizer: try config.regularizer("kernel_regularizer"),
            biasRegularizer: common.biasRegularizer, activityRegularizer: common.activityRegularizer,
            kernelConstraint: try config.constraint("kernel_constraint"), biasConstraint: common.biasConstraint, name: common.name)
    }

    private static func problem(_ outputPadding: [Int]?, _ strides: [Int], _ dilation: [Int]) -> Problem? {
        if let outputPadding, zip(outputPadding, strides).contains(where: { $0 >= $1 }) {
            return Problem(
                "output_padding", "expected an output padding less than the strides, \(strides), on each axis; got \(outputPadding)")
        }
        return .skipping(strides, dilation, axes: axisCount)
    }

    public override func build(_ inputShape: Shape) {
        kernel = addWeight("kernel", shape: Shape(window.size + [filters, channels(of: inputShape)]), kernelArguments)
        addBias(filters)
    }

    /// Along an axis of `count` elements: the length of the output, and how many elements of the longest one come before it.
    private func length(_ count: Int, axis: Int) -> (length: Int, before: Int) {
        let (stride, extent) = (window.strides[axis], (window.size[axis] - 1) * window.dilation[axis] + 1)
        let more = outputPadding?[axis]
        guard window.padding == .same else { return ((count - 1) * stride + extent + (more ?? max(0, stride - extent)), 0) }
        guard let more else { return (count * stride, max(0, extent - stride) / 2) }
        return ((count - 1) * stride + extent % 2 + more, max(0, extent - extent % 2 - more) / 2)
    }

    /// Any kernel fits, but of one element nothing may be left.
    override func requireFit(_ shape: Shape) {
        guard window.size.indices.contains(where: { shape[$0 + 1] != Shape.unknown && length(shape[$0 + 1], axis: $0).length < 1 }) else {
            return
        }
        Failure.report("\(className): of an input of shape \(shape) nothing is left; use padding valid, or a larger output padding")
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let x = input.cast(to: .float32), axes = window.size.indices
        let lengths = axes.map { length(x.shape[$0 + 1], axis: $0) }
        let shape = Shape([x.shape[0]] + lengths.map(\.length) + [filters])
        var y: Tensor
        if axes.allSatisfy({ window.count(shape[$0 + 1], axis: $0) == x.shape[$0 + 1] }) {
            y = transposedConvolution(x, kernel.value, window: window, output: shape)
        } else {
            // An even kernel with `same` and no output padding: no convolution of that padding goes back. A part of all there is.
            var (whole, full) = (window, shape)
            whole.padding = .valid
            for axis in axes {
                let extent = (window.size[axis] - 1) * window.dilation[axis] + 1
                full[axis + 1] = max((x.shape[axis + 1] - 1) * window.strides[axis] + extent, lengths[axis].before + lengths[axis].length)
            }
            y = transposedConvolution(x, kernel.value, window: whole, output: full)
                .slice([all] + lengths.map { $0.before ..< $0.before + $0.length })
        }
        guard let bias else { return activation(y) }
        guard let fused = activation.fused, fused != .sigmoid else { return activation(biasActivation(y, bias.value, .linear)) }
        return biasActivation(y, bias.value, fused)
    }

    public override var config: [ConfigValue.Entry] {
        entries([.init("filters", .int(filters))], weights: kernelArguments)
            + [.init("output_padding", outputPadding.map { ConfigValue($0) } ?? .null)]
    }
}
