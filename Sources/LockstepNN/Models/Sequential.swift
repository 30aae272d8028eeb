import Foundation
import LockstepSystem
import LockstepTensor

/// Layers one after the other. `keras.Sequential`.
///
///     let model = Sequential([Input([28, 28]), Flatten(), Dense(10, activation: "softmax")])
///
/// With an `Input`, or an `inputShape` on the first layer, the weights are made as layers are added; otherwise when the
/// model first sees data.
public final class Sequential: Model, @unchecked Sendable {
    private var stack: [Layer] = []
    /// What one sample looks like, once known.
    public private(set) var input: Input?
    private var outputShape: Shape?

    public init(_ layers: [Layer] = [], name: String? = nil) {
        super.init(name: name)
        layers.forEach(add)
    }

    public override var layers: [Layer] { stack }

    /// Appends a layer; builds it if the input's shape is known.
    public func add(_ layer: Layer) {
        check(!stack.contains { $0.name == layer.name }, "model \(name): it already has a layer called \(layer.name); names are unique")
        trainer = nil
        if let layer = layer as? Input {
            check(stack.isEmpty && input == nil, "model \(name): an Input can only be the first layer")
            input = layer
            outputShape = layer.shape.batched()
            return
        }
        if stack.isEmpty, input == nil, let shape = layer.inputShape {
            input = Input(shape)
            outputShape = shape.batched()
        }
        stack.append(track(layer))
        if let shape = outputShape {
            outputShape = inScope { layer.buildAndInfer(shape) }
            buildShape = input?.shape.batched()
            built = true
        }
    }

    public override var inputDTypes: [DType] { [input?.dtype == .int32 ? .int32 : .float32] }

    public override func build(_ inputShape: Shape) {
        check(!stack.isEmpty, "model \(name) has no layers; add some first")
        if input == nil { input = Input(inputShape.sample) }
        buildShape = inputShape
        outputShape = stack.reduce(inputShape) { $1.buildAndInfer($0) }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor { stack.reduce(input) { $1($0, training: training) } }

    public override func computeOutputShape(_ inputShape: Shape) -> Shape { stack.reduce(inputShape) { $1.computeOutputShape($0) } }

    /// Keras' `model.get_config()`.
    public override var config: [ConfigValue.Entry] { sequentialConfig }
    public override var json: String { serializedModel.json }

    private func inScope<Result>(_ body: () -> Result) -> Result {
        Failure.scope.append(name)
        defer { Failure.scope.removeLast() }
        return body()
    }
}

// MARK: Configuration

extension Sequential {
    fileprivate var sequentialConfig: [ConfigValue.Entry] {
        var layers = stack.map { $0.serialized(name: $0.name) }
        if let input {
            layers.insert(
                .object([
                    "module": "keras.layers", "class_name": "InputLayer",
                    "config": .object(input.config + [.init("name", .string(input.name)), .init("optional", false)]),
                    "registered_name": nil,
                ]), at: 0)
        }
        var entries: [ConfigValue.Entry] = [
            .init("name", .string(name)), .init("trainable", .bool(trainable)), .init("dtype", Layer.dtypePolicy),
            .init("layers", .array(layers)),
        ]
        if let buildShape { entries.append(.init("build_input_shape", ConfigValue(buildShape))) }
        return entries
    }

    /// The model as Keras writes it into `config.json`.
    package var serializedModel: ConfigValue {
        var entries: [ConfigValue.Entry] = [
            .init("module", "keras"), .init("class_name", "Sequential"), .init("config", .object(config)), .init("registered_name", nil),
        ]
        if let buildShape { entries.append(.init("build_config", .object(["input_shape": ConfigValue(buildShape)]))) }
        entries.append(.init("compile_config", compilation?.serialized ?? .object([])))
        return .object(entries)
    }

    /// Makes a model from Keras' configuration, or from a short list of layers.
    ///
    /// - Throws: `ConfigError` that names the layer and the argument.
    public convenience init(config: ConfigValue, strict: Bool = false) throws {
        guard case .array(let layers)? = config["layers"] else { throw ConfigError("expected a list of layers", at: ["layers"]) }
        var name: String?
        if case .string(let text)? = config["name"] { name = text }
        self.init(name: name)
        for (index, value) in layers.enumerated() {
            do {
                let layer = try Layers.registry.make(value, strict: strict)
                try layer.readCommon(value)
                if stack.contains(where: { $0.name == layer.name }) {
                    throw ConfigError("the name \"\(layer.name)\" is taken by another layer")
                }
                if layer is Input, !(stack.isEmpty && input == nil) { throw ConfigError("an Input can only be the first layer") }
                add(layer)
            } catch let error as ConfigError {
                throw error.inside(String(index)).inside("layers")
            }
        }
        if !built, !stack.isEmpty, let shape = try Config(config).optionalShape("build_input_shape") { build(inputShape: shape) }
    }
}

extension Layer {
    static var dtypePolicy: ConfigValue {
        .object(["module": "keras", "class_name": "DTypePolicy", "config": .object(["name": "float32"]), "registered_name": nil])
    }

    /// The layer as Keras writes it into a model's configuration.
    func serialized(name: String) -> ConfigValue {
        let common: [ConfigValue.Entry] = [
            .init("name", .string(name)), .init("trainable", .bool(trainable)), .init("dtype", Layer.dtypePolicy),
        ]
        var entries: [ConfigValue.Entry] = [
            .init("module", "keras.layers"), .init("class_name", .string(className)), .init("config", .object(common + config)),
            .init("registered_name", nil),
        ]
        if let buildShape, savesBuildShape { entries.append(.init("build_config", .object(["input_shape": ConfigValue(buildShape)]))) }
        return .object(entries)
    }

    /// Reads what every layer may be given: `trainable`, and `input_shape` on a first layer.
    func readCommon(_ value: ConfigValue) throws {
        let arguments: ConfigValue
        if case .object(let entries) = value { arguments = value["config"] ?? entries.first?.value ?? .null } else { arguments = .null }
        let config = try Config(arguments)
        trainable = try config.bool("trainable", default: true)
        let policy = config.value("dtype").map { $0["config"]?["name"] ?? $0 }
        if let policy, policy != "float32", !(self is Input) {
            let name = if case .string(let text) = policy { text } else { policy.json }
            Console.warn("layers of the type \(name) are computed in float32 here, and saved as such")
        }
        if let shape = try config.optionalShape("input_shape") ?? config.optionalShape("batch_input_shape")?.sample { inputShape = shape }
    }
}

extension Compilation {
    /// Keras' `compile_config`.
    var serialized: ConfigValue {
        func list(_ metrics: [any MetricSpec]) -> ConfigValue { metrics.isEmpty ? nil : .array(metrics.map(\.serialized)) }
        return .object([
            "optimizer": optimizer.serialized,
            "loss": lossSpec.serialized, "loss_weights": nil, "metrics": list(metrics), "weighted_metrics": list(weightedMetrics),
            "run_eagerly": .bool(runEagerly), "steps_per_execution": 1, "jit_compile": true,
        ])
    }
}

extension Model {
    /// Compiles as Keras' `compile_config` says. What it does not name stays as the model was compiled before, the
    /// optimizer with its state.
    ///
    /// - Throws: `ConfigError` for what is not known here.
    package func compile(config: ConfigValue) throws {
        func inside<T>(_ key: String, _ body: () throws -> T) throws -> T {
            do { return try body() } catch let error as ConfigError { throw error.inside(key) }
        }
        func value(_ key: String) -> ConfigValue? { config[key] == .null ? nil : config[key] }
        func specs(_ key: String) throws -> [any MetricSpec]? {
            guard let value = value(key) else { return nil }
            let list = if case .array(let items) = value { items } else { [value] }
            return try inside(key) {
                try list.map { item -> any MetricSpec in
                    if case .string(let name) = item { return name }
                    return try Metrics.registry.make(item)
                }
            }
        }
        func lossSpec(_ value: ConfigValue) throws -> any LossSpec {
            switch value {
            case .string(let name): name
            case .array(let items): try items.map { try lossSpec($0) }
            default: try Losses.registry.make(value)
            }
        }
        if value("loss_weights") != nil { throw ConfigError("loss_weights are not supported yet", at: ["loss_weights"]) }
        let runsEagerly = if case .bool(let flag)? = value("run_eagerly") { flag } else { compilation?.runEagerly ?? false }
        let optimizer =
            try inside("optimizer") { try value("optimizer").map { try Optimizers.registry.make($0) } }
            ?? compilation?.optimizer ?? Optimizers.registry.make("rmsprop")
        let metrics = try specs("metrics") ?? compilation?.metrics ?? []
        let weighted = try specs("weighted_metrics") ?? compilation?.weightedMetrics ?? []
        let loss = try inside("loss") { () -> any LossSpec in
            guard let value = value("loss") else {
                guard let before = compilation?.lossSpec else {
                    throw ConfigError("missing: expected a loss such as sparse_categorical_crossentropy")
                }
                return before
            }
            let spec = try lossSpec(value)
            _ = try spec.makeLosses()
            return spec
        }
        do {
            try compile(optimizer: optimizer, loss: loss, metrics: metrics, weightedMetrics: weighted, runEagerly: runsEagerly)
        } catch let error as ConfigError {
            throw error.inside("metrics")
        }
    }
}
