import LockstepTensor

/// Says what one sample of a model's input looks like; `Input` makes it. `keras.layers.InputLayer`.
///
/// - Input, output: `[batch] + shape`, unchanged.
public final class InputLayer: Layer {
    /// The shape of one sample.
    public let shape: Shape
    public let dtype: DType
    /// The samples that a model was built for; mostly unknown.
    let batchSize: Int

    init(_ shape: Shape, dtype: DType, name: String?, batchSize: Int = Shape.unknown) {
        (self.shape, self.batchSize) = (shape, batchSize)
        self.dtype = dtype
        super.init(name: name)
        built = true
        outputShapes = [shape.batched(batchSize)]
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
        self.init(shape, dtype: dtype, name: try config.optionalString("name"), batchSize: batched?.dimensions.first ?? Shape.unknown)
        for key in ["sparse", "ragged", "optional"] where try config.bool(key, default: false) {
            throw ConfigError("\(key) is not supported yet", at: [key])
        }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor { input }
    public override var supportsMasking: Bool { true }

    public override var savesBuildShape: Bool { false }
    package override var serializedEntries: [ConfigValue.Entry] {
        [
            .init("module", "keras.layers"), .init("class_name", "InputLayer"),
            .init("config", .object(config + [.init("name", .string(name)), .init("optional", false)])), .init("registered_name", nil),
        ]
    }
    public override var config: [ConfigValue.Entry] {
        [
            .init("batch_shape", ConfigValue(shape.batched(batchSize))), .init("dtype", .string(dtype.rawValue)), .init("sparse", false),
            .init("ragged", false),
        ]
    }
}
