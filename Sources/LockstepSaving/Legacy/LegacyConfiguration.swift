import LockstepNN

/// The spelling of configurations in `.h5` files and in Keras 2, and that of `.keras` files, into each other.
struct LegacyConfiguration {
    private let isKeras2: Bool

    /// - Parameter kerasVersion: what wrote the configuration; `nil` where it does not say so, as the first ones did not.
    init(kerasVersion: String?) { isKeras2 = !(kerasVersion?.hasPrefix("3.") ?? false) }

    // MARK: From it

    /// A model, a layer, or what else stands in a configuration.
    ///
    /// - Throws: `ConfigError` for what Keras 2 could and is not understood here.
    func modern(_ value: ConfigValue) throws -> ConfigValue {
        switch value {
        case .array(let items): return .array(try items.map(modern))
        case .object(let entries):
            if value["class_name"] == "__tuple__", let items = value["items"] { return try modern(items) }
            guard case .string(let className)? = value["class_name"], let config = value["config"] else {
                return .object(try entries.map { .init($0.key, try modern($0.value)) })
            }
            return try object(className, config, entries)
        default: return value
        }
    }

    /// Something with a class.
    private func object(_ className: String, _ config: ConfigValue, _ entries: [ConfigValue.Entry]) throws -> ConfigValue {
        var config = config
        // Before Keras 2.2.3 a stack was the list of its layers.
        if case .array(let layers) = config, className == "Sequential" { config = .object(["layers": .array(layers)]) }
        config = try modern(config)
        if case .object(let arguments) = config { config = .object(try self.arguments(of: className, arguments)) }
        var result = entries.map { $0.key == "config" ? ConfigValue.Entry("config", config) : $0 }
        if !entries.contains(where: { $0.key == "module" || $0.key == "registered_name" }) {
            // A function of tensors has a name and settings, and no type of its own.
            let isLayer = isKeras2 || config["dtype"] != nil || config["layers"] != nil
            let module = isLayer ? nil : SymbolicOperation.module(ofFunction: className)
            result += [.init("registered_name", nil)] + (module.map { [.init("module", .string($0))] } ?? [])
        }
        guard isKeras2, case .array? = config["layers"] else { return .object(result) }
        return .object(result.map { $0.key == "config" ? .init("config", calls(in: $0.value)) : $0 })
    }

    /// Arguments that have other names, or other forms, than today.
    private func arguments(of className: String, _ arguments: [ConfigValue.Entry]) throws -> [ConfigValue.Entry] {
        try arguments.compactMap { entry in
            switch (entry.key, entry.value) {
            case ("batch_input_shape", let shape) where className == "InputLayer": return .init("batch_shape", shape)
            case ("axis", .array(let axes)) where axes.count == 1: return .init("axis", axes[0])
            case ("time_major", true): throw ConfigError("\(className): time_major is not supported; samples come first")
            case ("time_major", _), ("implementation", _): return nil
            case ("alpha", let slope) where className == "LeakyReLU": return .init("negative_slope", slope)
            default: return entry
            }
        }
    }

    // MARK: Keras 2's calls

    /// A graph's configuration with calls as Keras 3 writes them: Keras 2 has `[[[layer, call, output, {…}], …], …]`.
    private func calls(in config: ConfigValue) -> ConfigValue {
        guard case .array(let layers)? = config["layers"] else { return config }
        // A graph that is a layer counts its own making as its first call; so does a stack whose input is known.
        var graphs: Set<String> = [], stacks: Set<String> = []
        for layer in layers {
            guard case .string(let name)? = layer["name"] ?? layer["config"]?["name"] else { continue }
            if case .array(let inner)? = layer["config"]?["layers"] {
                if layer["class_name"] != "Sequential" {
                    graphs.insert(name)
                } else if inner.first?["class_name"] == "InputLayer" {
                    stacks.insert(name)
                }
            }
        }
        func shifted(_ items: [ConfigValue], by names: Set<String>) -> ConfigValue {
            guard items.count >= 3, case .string(let name) = items[0], case .int(let call) = items[1], names.contains(name) else {
                return .array(Array(items.prefix(3)))
            }
            // One below the first is no call, whatever a file says.
            return .array([items[0], .int(max(call, 0) - 1), items[2]])
        }
        /// The tensor that is meant; `nil` for something else.
        func tensor(_ value: ConfigValue) -> ConfigValue? {
            guard case .array(let items) = value, items.count >= 3, case .string = items[0], case .int = items[1], case .int = items[2]
            else {
                return nil
            }
            let history = shifted(items, by: graphs.union(stacks))
            return .object(["class_name": "__keras_tensor__", "config": .object(["keras_history": history])])
        }
        func argument(_ value: ConfigValue) -> ConfigValue {
            if let tensor = tensor(value) { return tensor }
            if case .array(let items) = value { return .array(items.map(argument)) }
            return value
        }
        func call(_ value: ConfigValue) -> ConfigValue {
            guard case .array(let inputs) = value else { return value }
            let tensors = inputs.map(argument)
            var keywords: [ConfigValue.Entry] = []
            if case .array(let first)? = inputs.first, first.count == 4 { keywords = first[3].entries }
            return .object([
                "args": .array(tensors.count == 1 ? tensors : [.array(tensors)]),
                "kwargs": .object(keywords.map { .init($0.key, argument($0.value)) }),
            ])
        }
        /// Inputs and outputs: one, or several.
        func ends(_ value: ConfigValue) -> ConfigValue {
            guard case .array(let items) = value else { return .object(value.entries.map { .init($0.key, ends($0.value)) }) }
            if case .string? = items.first { return shifted(items, by: stacks) }
            return items.count == 1 ? ends(items[0]) : .array(items.map(ends))
        }
        return .object(
            config.entries.map { entry in
                switch entry.key {
                case "input_layers", "output_layers": return .init(entry.key, ends(entry.value))
                case "layers":
                    return .init(
                        "layers",
                        .array(
                            layers.map { layer in
                                guard case .array(let nodes)? = layer["inbound_nodes"] else { return layer }
                                return .object(
                                    layer.entries.map {
                                        $0.key == "inbound_nodes" ? .init($0.key, .array(nodes.map(call))) : $0
                                    })
                            }))
                default: return entry
                }
            })
    }

    // MARK: Training

    /// How a model is compiled.
    func compileConfig(_ training: ConfigValue) throws -> ConfigValue {
        .object(
            try modern(training).entries.map { entry in
                switch entry.key {
                case "optimizer_config": .init("optimizer", try optimizer(entry.value))
                case "loss", "metrics", "weighted_metrics": .init(entry.key, objective(entry.value))
                default: entry
                }
            })
    }

    private func optimizer(_ value: ConfigValue) throws -> ConfigValue {
        guard case .string(let name)? = value["class_name"], let config = value["config"] else { return value }
        if let decay = config["decay"], decay != .double(0), decay != .int(0), decay != .null {
            throw SavingError(
                "optimizer \(name)",
                "decays its learning rate by \(decay.json) a step, as Keras 2 could; compile with a schedule, InverseTimeDecay",
                about: .compilation)
        }
        // Keras 2.11 and later register their own optimizers as if they were a user's.
        let className = isKeras2 && name.hasPrefix("Custom>") ? String(name.dropFirst("Custom>".count)) : name
        return .object(value.entries.map { $0.key == "class_name" ? .init($0.key, .string(className)) : $0 })
    }

    /// Losses or metrics. Keras 2 wraps a function of its own in a class, `MeanMetricWrapper`, and names it `fn`.
    private func objective(_ value: ConfigValue) -> ConfigValue {
        switch value {
        case .array(let items): return .array(items.map(objective))
        case .object(let entries):
            guard case .string(let className)? = value["class_name"] else {
                return .object(entries.map { .init($0.key, objective($0.value)) })
            }
            var name = className
            if className == "MeanMetricWrapper" || className == "LossFunctionWrapper", case .string(let function)? = value["config"]?["fn"]
            {
                name = function
            }
            return .object(
                entries.map { entry in
                    switch (entry.key, entry.value) {
                    case ("class_name", _): .init(entry.key, .string(name))
                    case ("config", .object(let arguments)): .init(entry.key, .object(arguments.compactMap(objectiveArgument)))
                    default: entry
                    }
                })
        default: return value
        }
    }

    private func objectiveArgument(_ entry: ConfigValue.Entry) -> ConfigValue.Entry? {
        switch (entry.key, entry.value) {
        case ("fn", _): nil
        case ("reduction", "auto"): .init("reduction", "sum_over_batch_size")
        default: entry
        }
    }

    // MARK: To it

    /// What an `.h5` file says of a model: its configuration, and how it is compiled.
    ///
    /// Layers, losses and optimizers stand there as in `.keras` files, with the module that they come from, which Keras understands, too.
    /// Its own `.h5` files leave the module out, and it does not open all of them: without it functions of tensors are taken for layers,
    /// an `axis` that is no number is dropped, and `score_mode: "dot"` is taken for a function. It also finds few losses and metrics by
    /// their short names there.
    static func legacy(_ model: Model) throws -> (model: ConfigValue, training: ConfigValue?) {
        let configuration = model.serialized
        let layers = ConfigValue.object(configuration.entries.filter { $0.key == "class_name" || $0.key == "config" })
        guard let compilation = configuration["compile_config"], compilation["loss"] != nil else { return (layers, nil) }
        return (
            layers,
            .object(
                try compilation.entries.map { entry in
                    switch entry.key {
                    case "optimizer": .init("optimizer_config", entry.value)
                    case "loss": .init(entry.key, try byName(entry.value) { .string(snakeCase(try Losses.registry.make($0).className)) })
                    case "metrics", "weighted_metrics": .init(entry.key, try byName(entry.value, metric))
                    default: entry
                    }
                })
        )
    }

    /// A metric that is given by a name, as the object that it stands for; but for those that depend on the output.
    private static func metric(_ name: String) throws -> ConfigValue {
        if ["accuracy", "acc", "crossentropy", "ce"].contains(name) { return .string(name) }
        let metric = try Metrics.registry.make(name)
        return .serialized(
            module: "keras.metrics", metric.className, metric.config.map { $0.key == "name" ? .init("name", .string(name)) : $0 })
    }

    /// Replaces names, in lists and by output.
    private static func byName(_ value: ConfigValue, _ replace: (String) throws -> ConfigValue) throws -> ConfigValue {
        switch value {
        case .string(let name): try replace(name)
        case .array(let items): .array(try items.map { try byName($0, replace) })
        case .object(let entries) where value["class_name"] == nil:
            .object(try entries.map { .init($0.key, try byName($0.value, replace)) })
        default: value
        }
    }
}
