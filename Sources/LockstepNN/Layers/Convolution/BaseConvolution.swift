import LockstepTensor

/// What layers have in common that move a kernel over the spatial axes of `[batch, spatial axes …, channels]`: the window, a bias, an
/// activation, and what is wrong with their arguments and inputs.
public class BaseConvolution: Layer {
    /// The number of spatial axes.
    public class var axisCount: Int { 2 }
    /// What may lie around the input.
    class var paddings: [Window.Padding] { [.valid, .same] }

    /// The kernel's size, strides, dilation and padding.
    public let window: Window
    public let activation: ActivationFunction
    public let useBias: Bool
    let biasArguments: WeightArguments
    public private(set) var bias: Variable?
    /// The channels of the input, once the layer is built.
    private(set) var channels: Int?

    init(
        kernelSize: any AxisLengths, strides: any AxisLengths, padding: Window.Padding, dilationRate: any AxisLengths,
        activation: ActivationFunction, useBias: Bool, bias: WeightArguments, activityRegularizer: (any RegularizerSpec)?,
        inputShape: Shape?, name: String?
    ) {
        let (owner, count) = (Self.owner, Self.axisCount)
        window = Window(
            size: kernelSize.resolved("kernelSize", for: owner, axes: count), strides: strides.resolved("strides", for: owner, axes: count),
            dilation: dilationRate.resolved("dilationRate", for: owner, axes: count), padding: padding)
        (self.activation, self.useBias, biasArguments) = (activation, useBias, bias)
        super.init(name: name)
        self.activityRegularizer = activityRegularizer?.resolved(for: owner)
        self.inputShape = inputShape
        check(
            Self.paddings.contains(padding),
            "\(owner): expected padding \(Self.paddings.map(\.rawValue).joined(separator: " or ")), got \(padding.rawValue)")
    }

    static var owner: String { String(describing: Self.self) }

    /// Stops at what `problem` finds.
    func requireNone(_ problem: Problem?) { if let problem { Failure.report("\(className): \(problem.message)") } }

    /// What is wrong with arguments, and the key under which configurations have it.
    struct Problem {
        let key: String, message: String

        init(_ key: String, _ message: String) { (self.key, self.message) = (key, message) }

        /// Strides and dilation both above one: Keras refuses them, as one of its backends does.
        static func skipping(_ strides: any AxisLengths, _ dilation: any AxisLengths, axes: Int) -> Problem? {
            guard let strides = strides.lengths(ofAxes: axes), let dilation = dilation.lengths(ofAxes: axes),
                strides.contains(where: { $0 > 1 }), dilation.contains(where: { $0 > 1 })
            else { return nil }
            return Problem("dilation_rate", "strides \(strides) and a dilation of \(dilation) do not go together; one of them must be 1")
        }
    }

    // MARK: Building and calling

    /// Makes the bias, behind the weights that a subclass has made.
    func addBias(_ count: Int) {
        if useBias { bias = addWeight("bias", shape: [count], biasArguments) }
    }

    /// The number of channels of an input for which the layer is built.
    func channels(of inputShape: Shape) -> Int {
        check(
            inputShape.last > 0,
            "\(className): the number of channels, the last axis of the input, must be known and positive; got an input of shape \(inputShape)"
        )
        channels = inputShape.last
        return inputShape.last
    }

    public override var inputSpec: InputSpec? {
        InputSpec(rank: Self.axisCount + 2, axes: channels.map { [-1: $0] } ?? [:])
    }

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        let inputs = super.fitting(inputs)
        for input in inputs { requireFit(input.shape) }
        return inputs
    }

    /// Stops where no window fits into the input.
    func requireFit(_ shape: Shape) {
        guard window.size.indices.contains(where: { shape[$0 + 1] != Shape.unknown && window.count(shape[$0 + 1], axis: $0) < 1 }) else {
            return
        }
        let dilation = window.dilation.contains { $0 > 1 } ? " with a dilation of \(window.dilation)" : ""
        Failure.report(
            "\(className): a kernel of \(window.size)\(dilation) is larger than the input, of shape \(shape); use padding same, a smaller kernel or a larger input"
        )
    }

    /// activation(x ∗ kernel + bias), in one pass where that can be.
    func convolve(_ x: Tensor, _ kernel: Tensor, window: Window, groups: Int) -> Tensor {
        // A loss looks for the logits behind a sigmoid, so that it stays an operation of its own.
        let isFused = activation.fused == .relu
        let y = convolution(x, kernel, bias: bias?.value, window: window, groups: groups, activation: isFused ? .relu : .linear)
        return isFused ? y : activation(y)
    }

    // MARK: Configurations

    /// Keras' keys of what all have in common; those of `sizes` and `weights` are a subclass's own.
    func entries(_ sizes: [ConfigValue.Entry], groups: [ConfigValue.Entry] = [], weights: WeightArguments...) -> [ConfigValue.Entry] {
        sizes + [
            .init("kernel_size", ConfigValue(window.size)), .init("strides", ConfigValue(window.strides)),
            .init("padding", .string(window.padding.rawValue)), .init("data_format", "channels_last"),
            .init("dilation_rate", ConfigValue(window.dilation)),
        ] + groups + [.init("activation", .string(activation.name)), .init("use_bias", .bool(useBias))]
            + (weights + [biasArguments]).flatMap(\.entries) + [.init("activity_regularizer", activityRegularizer.serialized)]
    }

    /// The arguments that all have in common.
    struct Arguments {
        let kernelSize: [Int], strides: [Int], dilationRate: [Int], padding: Window.Padding
        let activation: ActivationFunction, useBias: Bool
        let biasInitializer: any Initializer, biasRegularizer: Regularizer?, biasConstraint: Constraint?
        let activityRegularizer: Regularizer?, name: String?

        init(_ config: Config, axes: Int, paddings: [Window.Padding]) throws {
            kernelSize = try config.lengths("kernel_size", axes: axes)
            strides = try config.lengths("strides", axes: axes, default: 1)
            padding = try config.padding(paddings)
            try config.requireChannelsLast()
            dilationRate = try config.lengths("dilation_rate", axes: axes, default: 1)
            activation = try config.activation("activation")
            useBias = try config.bool("use_bias", default: true)
            biasInitializer = try config.initializer("bias_initializer", default: Zeros())
            biasRegularizer = try config.regularizer("bias_regularizer")
            biasConstraint = try config.constraint("bias_constraint")
            activityRegularizer = try config.regularizer("activity_regularizer")
            name = try config.optionalString("name")
        }
    }

    static func arguments(_ config: Config) throws -> Arguments { try Arguments(config, axes: axisCount, paddings: paddings) }

    static func refuse(_ problem: Problem?) throws {
        if let problem { throw ConfigError(problem.message, at: [problem.key]) }
    }
}

extension Config {
    /// One of the paddings that a layer knows; Keras takes capitals, too.
    func padding(_ known: [Window.Padding]) throws -> Window.Padding {
        let text = try string("padding", default: "valid")
        guard let padding = Window.Padding(rawValue: text.lowercased()), known.contains(padding) else {
            throw ConfigError(unknownName("padding", text, known.map(\.rawValue)), at: ["padding"])
        }
        return padding
    }
}
