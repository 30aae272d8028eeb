import LockstepTensor

/// One figure of each window of each channel. `MaxPooling1D` … `AveragePooling3D` say which, and over how many axes.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, windows along each axis …, channels]`: ⌈(length - pool size + 1) / stride⌉ windows of `valid` padding,
///   ⌈length / stride⌉ of `same`, whose windows reach over the edge and count what of them lies inside.
public class Pooling: Layer {
    /// The number of spatial axes.
    public class var axisCount: Int { 2 }

    public let window: Window

    /// - Parameters:
    ///   - poolSize: the window's lengths, one number for all axes or one for each; Keras has this default for maxima alone.
    ///   - strides: as the pool size by default.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(
        _ poolSize: any AxisLengths = 2, strides: (any AxisLengths)? = nil, padding: Window.Padding = .valid, inputShape: Shape? = nil,
        name: String? = nil
    ) {
        let owner = String(describing: Self.self), count = Self.axisCount
        let size = poolSize.resolved("poolSize", for: owner, axes: count)
        window = Window(size: size, strides: strides?.resolved("strides", for: owner, axes: count) ?? size, padding: padding)
        super.init(name: name)
        self.inputShape = inputShape
        check(padding != .causal, "\(owner): expected padding valid or same, got causal")
    }

    convenience init(config: Config) throws {
        try config.requireChannelsLast()
        self.init(
            try config.lengths("pool_size", axes: Self.axisCount, default: 2),
            strides: try config.optionalLengths("strides", axes: Self.axisCount), padding: try config.padding([.valid, .same]),
            name: try config.optionalString("name"))
    }

    public override var inputSpec: InputSpec? { InputSpec(rank: Self.axisCount + 2) }
    public override var savesBuildShape: Bool { false }

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        let inputs = super.fitting(inputs)
        for input in inputs {
            check(
                window.size.indices.allSatisfy {
                    input.shape[$0 + 1] == Shape.unknown || window.count(input.shape[$0 + 1], axis: $0) > 0
                },
                "\(className): a window of \(window.size) is larger than the input, of shape \(input.shape); use padding same, or a smaller window"
            )
        }
        return inputs
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("pool_size", ConfigValue(window.size)), .init("padding", .string(window.padding.rawValue)),
            .init("strides", ConfigValue(window.strides)), .init("data_format", "channels_last"),
        ]
    }
}

/// The maximum of each window; see `Pooling`. Gradients go to the first of equal elements.
public class MaxPooling: Pooling {
    public override func call(_ input: Tensor, training: Bool) -> Tensor { maxPooling(input.cast(to: .float32), window: window) }
}

/// The mean of each window; see `Pooling`.
public class AveragePooling: Pooling {
    public override func call(_ input: Tensor, training: Bool) -> Tensor { averagePooling(input.cast(to: .float32), window: window) }
}
