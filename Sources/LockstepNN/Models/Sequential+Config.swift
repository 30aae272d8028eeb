import LockstepTensor

extension Sequential {
    /// What `config` is.
    var sequentialConfig: [ConfigValue.Entry] {
        var entries: [ConfigValue.Entry] = [
            .init("name", .string(name)), .init("trainable", .bool(trainable)), .init("dtype", Layer.dtypePolicy),
            .init("layers", .array(((start.map { [$0.layer] } ?? []) + layers).map { .object($0.nestedEntries) })),
        ]
        if let shape = buildShapes.first { entries.append(.init("build_input_shape", ConfigValue(shape))) }
        return entries
    }

    /// Makes a model from Keras' configuration, or from a short list of layers.
    ///
    /// - Throws: `ConfigError` that names the layer and the argument.
    public convenience init(config: ConfigValue, strict: Bool = false) throws {
        guard case .array(let layers)? = config["layers"] else { throw ConfigError("expected a list of layers", at: ["layers"]) }
        var name: String?
        if case .string(let text)? = config["name"] { name = text }
        self.init(name: name)
        try RepeatedCalls.counting {
            try RepeatedCalls.require(layers.count)
            for (index, value) in layers.enumerated() {
                try inside("layers", String(index)) { try add(value, strict: strict) }
            }
        }
        if !built, !self.layers.isEmpty, let shape = try Config(config).optionalShape("build_input_shape") { build(inputShape: shape) }
    }

    private func add(_ value: ConfigValue, strict: Bool) throws {
        let layer = try Layers.registry.make(value, strict: strict)
        try layer.readCommon(value)
        guard !names.contains(layer.name) else { throw ConfigError("the name \"\(layer.name)\" is taken by another layer") }
        if layer is InputLayer, !(layers.isEmpty && start == nil) { throw ConfigError("an Input can only be the first layer") }
        try RepeatedCalls.add(layer)
        add(layer)
    }
}
