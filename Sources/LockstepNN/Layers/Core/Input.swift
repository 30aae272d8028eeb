import LockstepTensor

/// Says what one sample of a model's input looks like. `keras.layers.Input`.
///
/// - Input, output: `[batch] + shape`, unchanged.
public final class Input: Layer {
    /// The shape of one sample.
    public let shape: Shape
    public let dtype: DType

    public init(_ shape: Shape, dtype: DType = .float32, name: String? = nil) {
        self.shape = shape
        self.dtype = dtype
        super.init(name: name ?? Naming.unique("InputLayer"))
    }

    convenience init(config: Config) throws {
        let batched = try config.optionalShape("batch_shape") ?? config.optionalShape("batch_input_shape")
        guard let shape = try batched?.sample ?? config.optionalShape("shape") else {
            throw ConfigError("missing shape: expected the lengths of one sample's axes, such as [28, 28]")
        }
        let type = try config.string("dtype", default: "float32")
        guard let dtype = DType(rawValue: type == "int64" ? "int32" : type) else {
            throw ConfigError(unknownName("dtype", type, DType.allCases.map(\.rawValue)), at: ["dtype"])
        }
        self.init(shape, dtype: dtype, name: try config.optionalString("name"))
        for key in ["sparse", "ragged", "optional"] where try config.bool(key, default: false) {
            throw ConfigError("\(key) is not supported yet", at: [key])
        }
    }

    public override var className: String { "InputLayer" }
    public override func call(_ input: Tensor, training: Bool) -> Tensor { input }

    public override var config: [ConfigValue.Entry] {
        [
            .init("batch_shape", ConfigValue(shape.batched())), .init("dtype", .string(dtype.rawValue)), .init("sparse", false),
            .init("ragged", false),
        ]
    }
}
