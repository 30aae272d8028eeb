import LockstepTensor

extension Compilation {
    /// Keras' `compile_config`.
    package var serialized: ConfigValue {
        func list(_ metrics: PerOutput<MetricList>) -> ConfigValue {
            metrics.elements.allSatisfy(\.specs.isEmpty) ? nil : metrics.serialized(\.serialized)
        }
        let weights: ConfigValue = if case .all(1) = lossWeights { nil } else { lossWeights.serialized { ConfigValue($0) } }
        return .object([
            "optimizer": optimizer.serialized, "loss": loss.elements.isEmpty ? nil : loss.serialized(\.serialized), "loss_weights": weights,
            "metrics": list(metrics), "weighted_metrics": list(weightedMetrics), "run_eagerly": .bool(runEagerly), "steps_per_execution": 1,
            "jit_compile": true,
        ])
    }
}

extension Model {
    /// Compiles as Keras' `compile_config` says. What it does not name stays as the model was compiled before, the
    /// optimizer with its state.
    ///
    /// - Throws: `ConfigError` for what is not known here.
    package func compile(config: ConfigValue) throws {
        func value(_ key: String) -> ConfigValue? { config[key] == .null ? nil : config[key] }
        func read<T>(_ key: String, _ body: (ConfigValue) throws -> T) throws -> T? {
            guard let value = value(key) else { return nil }
            return try inside(key) { try body(value) }
        }
        let optimizer =
            try read("optimizer") { try Optimizers.registry.make($0) } ?? compilation?.optimizer ?? Optimizers.registry.make("rmsprop")
        let metrics = try read("metrics") { try PerOutput.metrics($0, of: outputNames) } ?? compilation?.metrics ?? .all([])
        let weighted =
            try read("weighted_metrics") { try PerOutput.metrics($0, of: outputNames) } ?? compilation?.weightedMetrics ?? .all([])
        let weights = try read("loss_weights", PerOutput.weights) ?? compilation?.lossWeights ?? .all(1)
        let runsEagerly = if case .bool(let flag)? = value("run_eagerly") { flag } else { compilation?.runEagerly ?? false }
        guard let loss = try read("loss", { try PerOutput.losses($0, of: outputNames) }) ?? compilation?.loss else {
            throw ConfigError("missing: expected a loss such as sparse_categorical_crossentropy", at: ["loss"])
        }
        try compile(
            Compilation(
                optimizer: optimizer, loss: loss, lossWeights: weights, metrics: metrics, weightedMetrics: weighted,
                runEagerly: runsEagerly))
    }
}

extension PerOutput {
    /// Reads one thing, a list, or a mapping by output; `isOne` tells one thing from a mapping.
    fileprivate static func read(
        _ value: ConfigValue, isOne: (ConfigValue) -> Bool, _ element: (ConfigValue) throws -> Element
    ) throws -> PerOutput {
        func one(_ value: ConfigValue, at key: String) throws -> Element? {
            value == .null ? nil : try inside(key) { try element(value) }
        }
        switch value {
        case .array(let items): return .list(try items.enumerated().map { try one($0.element, at: String($0.offset)) })
        case .object(let entries) where !isOne(value):
            return .named(
                Dictionary(try entries.compactMap { entry in try one(entry.value, at: entry.key).map { (entry.key, $0) } }) { $1 })
        default: return .all(try element(value))
        }
    }
}

extension PerOutput where Element == any LossSpec {
    fileprivate static func losses(_ value: ConfigValue, of outputs: [String]?) throws -> PerOutput {
        try read(value, isOne: { isObject($0, Losses.registry, outputs) }) { item in
            let spec: any LossSpec = if case .string(let name) = item { name } else { try Losses.registry.make(item) }
            _ = try spec.makeLoss()
            return spec
        }
    }
}

extension PerOutput where Element == Float {
    fileprivate static func weights(_ value: ConfigValue) throws -> PerOutput {
        try read(value, isOne: { _ in false }) { item in
            guard let number = item.number, Float(number).isFinite else {
                throw ConfigError("expected a number, found \(item.kind)")
            }
            return Float(number)
        }
    }
}

extension PerOutput where Element == MetricList {
    fileprivate static func metrics(_ value: ConfigValue, of outputs: [String]?) throws -> PerOutput {
        func spec(_ item: ConfigValue) throws -> any MetricSpec {
            let spec: any MetricSpec = if case .string(let name) = item { name } else { try Metrics.registry.make(item) }
            try spec.validate()
            return spec
        }
        func list(_ items: [ConfigValue]) throws -> MetricList {
            MetricList(try items.enumerated().map { index, item in try inside(String(index)) { try spec(item) } })
        }
        func isList(_ value: ConfigValue) -> Bool { if case .array = value { true } else { false } }
        // A list of metrics of one output, or a list of lists.
        if case .array(let items) = value, !items.contains(where: isList) { return .all(try list(items)) }
        return try read(value, isOne: { isObject($0, Metrics.registry, outputs) }) { item in
            if case .array(let items) = item { try list(items) } else { MetricList([try spec(item)], isSingle: true) }
        }
    }
}

/// Whether a mapping is one object, in Keras' form or as `{Name: arguments}`, and no mapping by output.
private func isObject<Item>(_ value: ConfigValue, _ registry: Registry<Item>, _ outputs: [String]?) -> Bool {
    guard case .object(let entries) = value else { return true }
    return value["class_name"] != nil || (entries.count == 1 && registry.knows(entries[0].key) && !(outputs ?? []).contains(entries[0].key))
}
