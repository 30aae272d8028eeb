import LockstepTensor

/// One figure of each channel of a sample. `GlobalMaxPooling1D` … `GlobalAveragePooling3D` say which, and over how many axes.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, channels]`, or `[batch, 1 …, channels]` if `keepDims`.
public class GlobalPooling: Layer {
    /// The number of spatial axes.
    public class var axisCount: Int { 2 }

    public let keepDims: Bool

    /// - Parameter keepDims: whether the spatial axes stay, with a length of 1.
    public init(keepDims: Bool = false, inputShape: Shape? = nil, name: String? = nil) {
        self.keepDims = keepDims
        super.init(name: name)
        self.inputShape = inputShape
    }

    convenience init(config: Config) throws {
        try config.requireChannelsLast()
        self.init(keepDims: try config.bool("keepdims", default: false), name: try config.optionalString("name"))
    }

    public override var inputSpec: InputSpec? { InputSpec(rank: Self.axisCount + 2) }
    public override var savesBuildShape: Bool { false }

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        let inputs = super.fitting(inputs)
        for input in inputs {
            check(
                !input.shape.sample.dimensions.dropLast().contains(0),
                "\(className): expected at least one element along each axis; got an input of shape \(input.shape)")
        }
        return inputs
    }

    /// `[batch, 1 …, channels]` as it is asked for.
    func shaped(_ y: Tensor) -> Tensor { keepDims ? y : y.reshaped([y.shape[0], y.shape.last]) }

    public override var config: [ConfigValue.Entry] { [.init("data_format", "channels_last"), .init("keepdims", .bool(keepDims))] }
}

/// The maximum over all of a channel; see `GlobalPooling`. Equal elements share the gradient.
public class GlobalMaxPooling: GlobalPooling {
    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.cast(to: .float32).max(axes: Array(1 ..< input.shape.rank - 1), keepDims: keepDims)
    }
}

/// The mean over all of a channel; see `GlobalPooling`.
public class GlobalAveragePooling: GlobalPooling {
    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        // One window over all of the input, which stays in the layout that it has.
        let x = input.cast(to: .float32), size = Array(x.shape.sample.dimensions.dropLast())
        return shaped(averagePooling(x, window: Window(size: size, strides: size, padding: .valid)))
    }
}
