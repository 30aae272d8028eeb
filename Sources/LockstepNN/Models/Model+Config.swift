import LockstepSystem
import LockstepTensor

extension Layer {
    static var dtypePolicy: ConfigValue {
        .object(["module": "keras", "class_name": "DTypePolicy", "config": .object(["name": "float32"]), "registered_name": nil])
    }

    /// As `serializedEntries` of a layer inside of a model: of a model also how it is compiled.
    var nestedEntries: [ConfigValue.Entry] {
        serializedEntries + ((self as? Model).map { [.init("compile_config", $0.compilation?.serialized ?? .object([]))] } ?? [])
    }

    /// `serializedEntries` of a layer that is nothing else.
    var layerEntries: [ConfigValue.Entry] {
        let common: [ConfigValue.Entry] = [
            .init("name", .string(name)), .init("trainable", .bool(trainable)), .init("dtype", Layer.dtypePolicy),
        ]
        var entries = Layers.registry.serialized(className, common + fullConfig, module: "keras.layers").entries
        if let shape = buildShapes.first, savesBuildShape {
            let isSingle = buildShapes.count == 1 && !(self is Merge)
            let shapes: ConfigValue = isSingle ? ConfigValue(shape) : .array(buildShapes.map { ConfigValue($0) })
            entries.append(.init("build_config", buildConfig ?? .object(["input_shape": shapes])))
        }
        return entries
    }

    /// What `config` has, and the regularizer of outputs that any layer may have.
    package var fullConfig: [ConfigValue.Entry] {
        let config = config
        guard activityRegularizer != nil, !config.contains(where: { $0.key == "activity_regularizer" }) else { return config }
        return [.init("activity_regularizer", activityRegularizer.serialized)] + config
    }

    /// Reads what every layer may be given: `trainable`, `activity_regularizer`, and `input_shape` on a first layer.
    func readCommon(_ value: ConfigValue) throws {
        let arguments: ConfigValue
        if case .object(let entries) = value { arguments = value["config"] ?? entries.first?.value ?? .null } else { arguments = .null }
        let config = try Config(arguments)
        // Of a model each layer has said it by itself.
        let trainable = try config.bool("trainable", default: true)
        if !(self is Model) || !trainable { self.trainable = trainable }
        if let regularizer = try config.regularizer("activity_regularizer") { activityRegularizer = regularizer }
        let policy = config.value("dtype").map { $0["config"]?["name"] ?? $0 }
        if let policy, policy != "float32", !(self is InputLayer) {
            let name = if case .string(let text) = policy { text } else { policy.json }
            Console.warn("layers of the type \(name) are computed in float32 here, and saved as such")
        }
        if let shape = try config.optionalShape("input_shape") ?? config.optionalShape("batch_input_shape")?.sample { inputShape = shape }
    }
}

extension Model {
    /// What Keras writes of a model, alone or inside of another.
    var modelEntries: [ConfigValue.Entry] {
        let isSequential = self is Sequential
        var entries: [ConfigValue.Entry] = [
            .init("module", isSequential ? "keras" : "keras.src.models.functional"), .init("class_name", .string(className)),
            .init("config", .object(config)), .init("registered_name", isSequential ? nil : .string(className)),
        ]
        if let shape = buildShapes.first {
            entries.append(.init("build_config", .object(["input_shape": isSequential ? ConfigValue(shape) : nil])))
        }
        return entries
    }

    /// Whether `config` can make the model again: it has no `call` of its own.
    package var hasConfig: Bool { self is Sequential || (type(of: self) == Model.self && graph != nil) }

    /// The model that a configuration describes, as Keras or Lockstep wrote it: `{class_name, config, …}`.
    ///
    /// - Throws: `ConfigError` that names the layer and the argument.
    package static func make(_ value: ConfigValue) throws -> Model {
        guard let className = value["class_name"] else {
            throw ConfigError("expected the configuration of a model, with class_name and config")
        }
        guard case .string(let name) = className else { throw ConfigError("expected a text, found \(className.kind)", at: ["class_name"]) }
        let make: (ConfigValue) throws -> Model
        switch name {
        case "Sequential": make = { try Sequential(config: $0) }
        case "Functional", "Model": make = { try Model(config: $0) }
        default: throw ConfigError(unknownName("model class", name, ["Sequential", "Functional"]), at: ["class_name"])
        }
        return try inside("config") {
            let model = try make(value["config"] ?? .null)
            try model.readCommon(value)
            return model
        }
    }
}
