import LockstepTensor

/// Repeats each element along spatial axes. `UpSampling1D` … `UpSampling3D` say along how many.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, length · size …, channels]`.
public class UpSampling: Layer {
    /// The number of spatial axes.
    public class var axisCount: Int { 2 }

    /// How many elements come of one, by axis.
    public let size: [Int]

    /// - Parameters:
    ///   - size: one number for all axes, or one for each.
    ///   - inputShape: the shape of one sample, where this is a model's first layer.
    public init(_ size: any AxisLengths = 2, inputShape: Shape? = nil, name: String? = nil) {
        self.size = size.resolved("size", for: String(describing: Self.self), axes: Self.axisCount)
        super.init(name: name)
        self.inputShape = inputShape
    }

    convenience init(config: Config) throws {
        try config.requireChannelsLast()
        let interpolation = try config.string("interpolation", default: "nearest")
        guard interpolation == "nearest" else {
            throw ConfigError("expected nearest, the only one that there is here; found \"\(interpolation)\"", at: ["interpolation"])
        }
        self.init(try config.lengths("size", axes: Self.axisCount, default: 2), name: try config.optionalString("name"))
    }

    public override var inputSpec: InputSpec? { InputSpec(rank: Self.axisCount + 2) }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        size.enumerated().reduce(input) { x, item in
            let (axis, count) = (item.offset + 1, item.element), lengths = x.shape.dimensions
            if count == 1 { return x }
            let repeated = x.expandingDims(axis: axis + 1)
                .broadcast(to: Shape(lengths[...axis] + [count] + lengths[(axis + 1)...]))
            return repeated.reshaped(Shape(lengths[..<axis] + [lengths[axis] * count] + lengths[(axis + 1)...]))
        }
    }

    public override var config: [ConfigValue.Entry] { [.init("size", ConfigValue(size)), .init("data_format", "channels_last")] }
}
