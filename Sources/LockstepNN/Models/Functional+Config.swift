import LockstepTensor

// A graph of layers as Keras' `Functional.get_config` writes it, and `from_config` reads it.

extension FunctionalGraph {
    /// - Parameter trainable: the model's.
    func config(name: String, trainable: Bool) -> [ConfigValue.Entry] {
        /// The number of a call among those of its layer in this graph.
        func number(_ node: CallNode) -> Int { calls(of: node.layer).firstIndex { $0 === node }! }
        func reference(_ tensor: KerasTensor) -> ConfigValue {
            .object([
                "class_name": "__keras_tensor__",
                "config": .object([
                    "shape": ConfigValue(tensor.shape), "dtype": .string(tensor.dtype.rawValue),
                    "keras_history": .array([.string(tensor.node.layer.name), .int(number(tensor.node)), .int(tensor.index)]),
                ]),
            ])
        }
        func call(_ node: CallNode) -> ConfigValue {
            var arguments: [ConfigValue], keywords: [ConfigValue.Entry] = []
            let tensors = node.inputs.map(reference)
            if let operation = node.layer as? SymbolicOperation {
                var rest = tensors[...]
                arguments = operation.arguments.map { argument in
                    switch argument {
                    case .tensor: return rest.removeFirst()
                    case .tensors(let count):
                        defer { rest = rest.dropFirst(count) }
                        return .array(Array(rest.prefix(count)))
                    case .number(let number): return number
                    }
                }
            } else {
                arguments = tensors.count == 1 && !(node.layer is Merge) ? tensors : [.array(tensors)]
                if let training = node.training ?? GraphReader.unsaid(node.layer) { keywords.append(.init("training", .bool(training))) }
                if node.layer.takesMask { keywords.append(.init("mask", nil)) }
            }
            return .object(["args": .array(arguments), "kwargs": .object(keywords)])
        }
        func end(_ tensor: KerasTensor) -> ConfigValue {
            // Keras counts the graph that a model was made of as its first call.
            let first = tensor.node.layer is Model && !(tensor.node.layer is Sequential) ? 1 : 0
            return .array([.string(tensor.node.layer.name), .int(number(tensor.node) + first), .int(tensor.index)])
        }
        func ends(_ tensors: [KerasTensor], _ keys: [String]?, _ isSingle: Bool) -> ConfigValue {
            if let keys { return .object(zip(keys, tensors).map { .init($0, end($1)) }) }
            return isSingle ? end(tensors[0]) : .array(tensors.map(end))
        }
        let layers = operations.map { layer -> ConfigValue in
            let isModel = layer is Model
            let nodes = layer is InputLayer ? [] : calls(of: layer)
            return .object(
                layer.serializedEntries
                    + (isModel ? [.init("compile_config", (layer as! Model).compilation?.serialized ?? .object([]))] : [])
                    + [.init("name", .string(layer.name)), .init("inbound_nodes", .array(nodes.map(call)))])
        }
        return [
            .init("name", .string(name)), .init("trainable", .bool(trainable)), .init("layers", .array(layers)),
            .init("input_layers", ends(inputs, inputKeys, isSingleInput)),
            .init("output_layers", ends(outputs, outputKeys, isSingleOutput)),
        ]
    }

    /// The calls of a layer in this graph, in the order in which they were made.
    func calls(of layer: Layer) -> [CallNode] { layer.inboundNodes.filter { node in nodes.contains { $0 === node } } }
}

extension Model {
    /// The model of a configuration that Keras' `Functional.get_config` has written.
    ///
    /// - Throws: `ConfigError` that names the layer and the argument.
    convenience init(config: ConfigValue) throws {
        let reader = try GraphReader(config)
        var name: String?
        if case .string(let text)? = config["name"] { name = text }
        self.init(
            inputs: try reader.structure(config["input_layers"], "input_layers"),
            outputs: try reader.structure(config["output_layers"], "output_layers"), name: name)
    }
}

/// Makes the layers of a configuration and repeats their calls, each as soon as what it needs is there.
private final class GraphReader {
    private struct Pending {
        let layer: Layer
        let place: Int
        var calls: ArraySlice<ConfigValue>
    }

    private var calls: [String: [CallNode]] = [:]
    private var layers: [String: Layer] = [:]
    private var inputs: [String: Input] = [:]

    init(_ config: ConfigValue) throws {
        guard case .array(let items)? = config["layers"] else { throw ConfigError("expected a list of layers", at: ["layers"]) }
        var pending: [Pending] = []
        for (place, item) in items.enumerated() {
            try at(["layers", String(place)]) {
                let (layer, nodes) = try make(item)
                guard layers.updateValue(layer, forKey: layer.name) == nil else {
                    throw ConfigError("the name \"\(layer.name)\" is taken by another layer")
                }
                if let input = layer as? InputLayer {
                    let tensor = Input(input)
                    (calls[layer.name], inputs[layer.name]) = ([tensor.node], tensor)
                } else {
                    pending.append(Pending(layer: layer, place: place, calls: nodes[...]))
                }
            }
        }
        while !pending.isEmpty {
            var hasMoved = false
            for index in pending.indices {
                while let call = pending[index].calls.first {
                    let isMade = try at(["layers", String(pending[index].place), "inbound_nodes"]) {
                        try repeatCall(call, of: pending[index].layer)
                    }
                    guard isMade else { break }
                    pending[index].calls.removeFirst()
                    hasMoved = true
                }
            }
            pending.removeAll { $0.calls.isEmpty }
            guard hasMoved || pending.isEmpty else {
                throw ConfigError(
                    "the calls of \(pending.map(\.layer.name).joined(separator: ", ")) need each other, or layers that are not there; expected a graph without cycles",
                    at: ["layers"])
            }
        }
    }

    /// What Keras writes of a call that says nothing about training: the default of the layer's `call`. In a model's call, which says
    /// it, it means nothing.
    static func unsaid(_ layer: Layer) -> Bool? { layer is Dropout ? false : nil }

    private func at<T>(_ path: [String], _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as ConfigError { throw path.reversed().reduce(error) { $0.inside($1) } }
    }

    /// A layer or a function, and its calls.
    private func make(_ item: ConfigValue) throws -> (Layer, [ConfigValue]) {
        guard case .array(let nodes)? = item["inbound_nodes"] else { throw ConfigError("expected a list of calls", at: ["inbound_nodes"]) }
        if case .string(let module)? = item["module"], module.hasPrefix("keras.src.ops"), case .string(let className)? = item["class_name"]
        {
            guard let kind = SymbolicOperation.kinds.first(where: { $0.className == className && $0.module == module }) else {
                throw ConfigError(
                    unknownName("function", className, SymbolicOperation.kinds.map(\.className).sorted()), at: ["class_name"])
            }
            guard nodes.count == 1 else {
                throw ConfigError("expected one call of \(className), found \(nodes.count)", at: ["inbound_nodes"])
            }
            return (try at(["config"]) { try makeOperation(kind, item["config"] ?? .null, nodes[0]) }, nodes)
        }
        let layer = try Layers.registry.make(item)
        try layer.readCommon(item)
        return (layer, nodes)
    }

    private func makeOperation(_ kind: SymbolicOperation.Kind, _ config: ConfigValue, _ call: ConfigValue) throws -> SymbolicOperation {
        let arguments = try arguments(of: call, kind.parameters).map { argument -> SymbolicOperation.Argument in
            switch argument {
            case .object: .tensor
            case .array(let items): .tensors(items.count)
            case .int, .double: .number(argument)
            default: throw ConfigError("expected tensors and numbers as arguments of \(kind.className), found \(argument.kind)")
            }
        }
        guard case .object(let entries) = config, case .string(let name)? = config["name"] else {
            throw ConfigError("missing name: expected a text")
        }
        return try SymbolicOperation(kind, arguments, settings: entries.filter { $0.key != "name" }, name: name)
    }

    /// The arguments of a call, those given by name in the places of `parameters`.
    private func arguments(of call: ConfigValue, _ parameters: [String] = []) throws -> [ConfigValue] {
        guard case .array(var arguments)? = call["args"] else { throw ConfigError("expected a call with args and kwargs") }
        if case .object(let keywords)? = call["kwargs"] {
            for parameter in parameters.dropFirst(arguments.count) {
                if let value = keywords.first(where: { $0.key == parameter })?.value, value != .null { arguments.append(value) }
            }
        }
        return arguments
    }

    /// Calls a layer on the tensors that a call names.
    ///
    /// - Returns: `false` if they are not there yet.
    private func repeatCall(_ call: ConfigValue, of layer: Layer) throws -> Bool {
        var training: Bool?
        var references: [ConfigValue]
        if case .array(let legacy) = call {
            references = legacy
        } else {
            let parameters = (layer as? SymbolicOperation)?.parameters ?? []
            references = try arguments(of: call, parameters)
            if case .object(let keywords)? = call["kwargs"] {
                for keyword in keywords where keyword.value != .null && !parameters.contains(keyword.key) {
                    guard keyword.key == "training", case .bool(let flag) = keyword.value else {
                        throw ConfigError("a call with \(keyword.key) is not supported yet", at: ["kwargs", keyword.key])
                    }
                    training = flag == GraphReader.unsaid(layer) ? nil : flag
                }
            }
        }
        var tensors: [KerasTensor] = []
        for reference in references.flatMap(GraphReader.flat) {
            let history: [ConfigValue]
            switch reference {
            case .array(let items): history = items
            case .object: if case .array(let items)? = reference["config"]?["keras_history"] { history = items } else { history = [] }
            default: continue
            }
            guard let tensor = try tensor(history) else { return false }
            tensors.append(tensor)
        }
        guard !tensors.isEmpty else { throw ConfigError("expected a call on at least one tensor, found none") }
        let made = layer.noted(tensors, training)
        calls[layer.name, default: []].append(made[0].node)
        return true
    }

    /// Tensors in lists and mappings, in order: a layer takes them as a list.
    private static func flat(_ value: ConfigValue) -> [ConfigValue] {
        switch value {
        case .array(let items) where items.contains { if case .string = $0 { true } else { false } }: [value]
        case .array(let items): items.flatMap(flat)
        case .object(let entries) where value["class_name"] == nil: entries.flatMap { flat($0.value) }
        default: [value]
        }
    }

    /// The tensor at `[layer, call, output]`; `nil` if the call is not made yet.
    ///
    /// - Parameter isEnd: it is an input or an output of the model, where Keras counts the graph that a model was made of as its first
    ///   call.
    private func tensor(_ history: [ConfigValue], isEnd: Bool = false) throws -> KerasTensor? {
        guard history.count >= 3, case .string(let name) = history[0], case .int(var call) = history[1], case .int(let index) = history[2]
        else { throw ConfigError("expected a tensor as [layer, call, output]") }
        guard let layer = layers[name] else { throw ConfigError(unknownName("layer", name, layers.keys.sorted())) }
        if isEnd, layer is Model, !(layer is Sequential) { call -= 1 }
        guard call >= 0, let made = calls[name], call < made.count else { return nil }
        guard index >= 0, index < made[call].outputs.count else {
            throw ConfigError("layer \(name): expected one of \(made[call].outputs.count) outputs, found number \(index)")
        }
        return layer is InputLayer ? inputs[name]! : made[call].tensors[index]
    }

    /// The inputs or outputs of the model.
    func structure(_ value: ConfigValue?, _ key: String) throws -> any TensorStructure {
        func end(_ value: ConfigValue) throws -> KerasTensor {
            guard case .array(let history) = value, let tensor = try tensor(history, isEnd: true) else {
                throw ConfigError("expected a tensor as [layer, call, output], found \(value.kind)")
            }
            return tensor
        }
        return try at([key]) {
            switch value {
            case .array(let items)?:
                if case .string? = items.first { return try end(value!) }
                return try items.map(end)
            case .object(let entries)?: return Dictionary(try entries.map { ($0.key, try end($0.value)) }) { $1 }
            default: throw ConfigError("expected the model's tensors as [layer, call, output]")
            }
        }
    }
}
