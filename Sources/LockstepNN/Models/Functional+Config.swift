import LockstepTensor

// A graph of layers as Keras' `Functional.get_config` writes it, and `from_config` reads it.

extension FunctionalGraph {
    /// - Parameter trainable: the model's.
    func config(name: String, trainable: Bool) -> [ConfigValue.Entry] {
        var numbers: [ObjectIdentifier: Int] = [:]
        for layer in operations { for (number, node) in calls(of: layer).enumerated() { numbers[ObjectIdentifier(node)] = number } }
        /// The number of a call among those of its layer in this graph.
        func number(_ node: CallNode) -> Int { numbers[ObjectIdentifier(node)]! }
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
                arguments = operation.arguments(tensors, one: { $0 }, several: { .array($0) }, constant: { $0 })
            } else {
                let isSpread = node.layer.inputParameters != nil || tensors.count == 1 && !(node.layer is Merge)
                arguments = isSpread ? tensors : [.array(tensors)]
                // What was not said, Keras writes of calls on one tensor and nothing else, and of graphs.
                let isBare = tensors.count == 1 && node.arguments.isEmpty && node.training == nil
                // The mask that the tensor brought counts as not said.
                let bringsMask = tensors.count == 1 && node.arguments.entries.allSatisfy { $0.name == "mask" }
                if let training = node.training ?? (bringsMask ? GraphReader.unsaid(node.layer) : nil) {
                    keywords.append(.init("training", .bool(training)))
                }
                keywords += node.arguments.entries.map { name, value in
                    switch value {
                    case .tensor(let tensor): .init(name, reference(tensor))
                    case .tensors(let tensors): .init(name, .array(tensors.map { $0.map(reference) ?? .null }))
                    case .constant(let constant): .init(name, constant)
                    }
                }
                if node.layer.takesMask, isBare || node.layer.isGraph, node.arguments["mask"] == nil {
                    keywords.append(.init("mask", tensors.count == 1 ? nil : .array(tensors.map { _ in .null })))
                }
            }
            return .object(["args": .array(arguments), "kwargs": .object(keywords)])
        }
        func end(_ tensor: KerasTensor) -> ConfigValue {
            .array([.string(tensor.node.layer.name), .int(number(tensor.node) + tensor.node.layer.firstEnd), .int(tensor.index)])
        }
        func ends(_ tensors: [KerasTensor], _ keys: [String]?, _ isSingle: Bool) -> ConfigValue {
            if let keys { return .object(zip(keys, tensors).map { .init($0, end($1)) }) }
            return isSingle ? end(tensors[0]) : .array(tensors.map(end))
        }
        let layers = operations.map { layer -> ConfigValue in
            let nodes = layer is InputLayer ? [] : calls(of: layer)
            return .object(
                layer.nestedEntries + [.init("name", .string(layer.name)), .init("inbound_nodes", .array(nodes.map(call)))])
        }
        return [
            .init("name", .string(name)), .init("trainable", .bool(trainable)), .init("layers", .array(layers)),
            .init("input_layers", ends(inputs, inputKeys, isSingleInput)),
            .init("output_layers", ends(outputs, outputKeys, isSingleOutput)),
        ]
    }
}

extension Layer {
    /// Whether Keras' class is `Functional`.
    fileprivate var isGraph: Bool { self is Model && !(self is Sequential) }

    /// The number of its first call among inputs and outputs of a model: there Keras counts the graph that a model was made of as its
    /// first.
    fileprivate var firstEnd: Int { isGraph ? 1 : 0 }
}

extension Model {
    /// The model of a configuration that Keras' `Functional.get_config` has written.
    ///
    /// - Throws: `ConfigError` that names the layer and the argument.
    convenience init(config: ConfigValue) throws {
        let reader = try RepeatedCalls.counting { try GraphReader(config) }
        var name: String?
        if case .string(let text)? = config["name"] { name = text }
        self.init(
            inputs: try reader.structure(config["input_layers"], "input_layers"),
            outputs: try reader.structure(config["output_layers"], "output_layers"), name: name)
    }
}

/// Counts the calls of layers that are repeated while a configuration is read, those inside of a model as often as the model is called: a
/// few lines can describe a model that calls another ten times, which calls another ten times, and so on.
enum RepeatedCalls {
    /// The most that one configuration may have: ten times what Keras can, whose graphs are as deep as Python's stack at most.
    private static let most = 10_000
    nonisolated(unsafe) private static var count = 0
    nonisolated(unsafe) private static var depth = 0

    /// Runs `body`, which reads a model, perhaps one inside of another.
    static func counting<Result>(_ body: () throws -> Result) rethrows -> Result {
        if depth == 0 { count = 0 }
        depth += 1
        defer { depth -= 1 }
        return try body()
    }

    /// - Throws: `ConfigError` where a call of `layer` would be one too many.
    static func add(_ layer: Layer) throws {
        let (sum, isTooLarge) = count.addingReportingOverflow((layer as? Model)?.graph?.callCount ?? 1)
        try require(isTooLarge ? .max : sum)
        count = sum
    }

    /// - Throws: `ConfigError` where a model has more layers, or calls of them.
    static func require(_ count: Int) throws {
        guard count <= most else {
            throw ConfigError("the model has more than \(most) calls of layers, those of the models in it included; expected fewer")
        }
    }
}

/// Makes the layers of a configuration and repeats their calls, each as soon as what it needs is there.
private final class GraphReader {
    /// A layer or a function, and its calls.
    private final class Callee {
        let layer: Layer
        /// Where it stands among the layers.
        let place: Int
        let nodes: [ConfigValue]
        /// The calls that are repeated.
        var made: [CallNode] = []
        /// The call that is next, once it is looked at.
        var next: Call?

        init(_ layer: Layer, place: Int, nodes: [ConfigValue]) { (self.layer, self.place, self.nodes) = (layer, place, nodes) }
    }

    /// A call that is being repeated.
    private struct Call {
        let inputs: [Reference]
        let arguments: CallArguments<Reference>
        let training: Bool?
        /// All tensors that it needs, and those of them that are there: the first ones.
        let references: [Reference]
        var tensors: [KerasTensor] = []

        init(_ inputs: [Reference], _ arguments: CallArguments<Reference>, training: Bool?) {
            (self.inputs, self.arguments, self.training) = (inputs, arguments, training)
            references = inputs + arguments.tensors
        }

        /// What stands in place of the references, once all tensors are there.
        var filled: (inputs: [KerasTensor], arguments: CallArguments<KerasTensor>) {
            var rest = tensors.dropFirst(inputs.count)
            return (Array(tensors.prefix(inputs.count)), arguments.map { _ in rest.removeFirst() })
        }
    }

    /// Which tensor is meant: Keras' history of it.
    private struct Reference {
        let callee: Callee
        let call: Int
        let index: Int
    }

    private var callees: [String: Callee] = [:]
    private var inputs: [String: Input] = [:]

    init(_ config: ConfigValue) throws {
        guard case .array(let items)? = config["layers"] else { throw ConfigError("expected a list of layers", at: ["layers"]) }
        try RepeatedCalls.require(items.count)
        var ready: [Callee] = []
        for (place, item) in items.enumerated() {
            try inside("layers", String(place)) {
                let (layer, nodes) = try make(item)
                let callee = Callee(layer, place: place, nodes: nodes)
                guard callees.updateValue(callee, forKey: layer.name) == nil else {
                    throw ConfigError("the name \"\(layer.name)\" is taken by another layer")
                }
                if let layer = layer as? InputLayer {
                    let input = Input(layer)
                    inputs[layer.name] = input
                    callee.made = [input.node]
                } else {
                    ready.append(callee)
                }
            }
        }
        try repeatCalls(ready)
    }

    /// - Parameter ready: all that have calls, in order.
    private func repeatCalls(_ ready: [Callee]) throws {
        /// Who waits for a call, by its layer and its number.
        var waiting: [ObjectIdentifier: [Int: [Callee]]] = [:]
        var queue = ready, place = 0
        while place < queue.count {
            let callee = queue[place]
            place += 1
            while callee.made.count < callee.nodes.count {
                let missing = try inside("layers", String(callee.place), "inbound_nodes", String(callee.made.count)) {
                    try repeatCall(of: callee)
                }
                if let missing {
                    waiting[ObjectIdentifier(missing.callee), default: [:]][missing.call, default: []].append(callee)
                    break
                }
                queue += waiting[ObjectIdentifier(callee)]?.removeValue(forKey: callee.made.count - 1) ?? []
            }
        }
        try requireAll(ready)
    }

    /// Says why calls could not be repeated, if so.
    private func requireAll(_ ready: [Callee]) throws {
        func missing(_ callee: Callee) -> Reference? { callee.next.map { $0.references[$0.tensors.count] } }
        let stuck = ready.filter { $0.made.count < $0.nodes.count }
        guard var callee = stuck.first else { return }
        for callee in stuck {
            guard let missing = missing(callee) else { continue }
            let count = max(missing.callee.nodes.count, missing.callee.made.count)
            guard missing.call >= count else { continue }
            throw ConfigError(
                "expected a call of layer \(missing.callee.layer.name) below \(count), counted from 0; found \(missing.call), which layer \(callee.layer.name) takes",
                at: ["layers", String(callee.place), "inbound_nodes"])
        }
        // Each waits for another: follow them until one comes again.
        var path: [Callee] = []
        while !path.contains(where: { $0 === callee }) {
            path.append(callee)
            callee = missing(callee)!.callee
        }
        let cycle = path.drop { $0 !== callee }
        throw ConfigError(
            "layers \(cycle.map(\.layer.name).joined(separator: ", ")) need each other's outputs, around in a circle; expected a graph without cycles",
            at: ["layers", String(callee.place), "inbound_nodes"])
    }

    /// What Keras writes of a call that says nothing about training: the default of the layer's `call`. In a model's call, which says
    /// it, it means nothing.
    static func unsaid(_ layer: Layer) -> Bool? { layer is RandomLayer || layer is RecurrentLayer ? false : nil }

    /// A layer or a function, and its calls.
    private func make(_ item: ConfigValue) throws -> (Layer, [ConfigValue]) {
        guard case .array(let nodes)? = item["inbound_nodes"] else { throw ConfigError("expected a list of calls", at: ["inbound_nodes"]) }
        if case .string(let module)? = item["module"], module.hasPrefix(SymbolicOperation.modules),
            case .string(let className)? = item["class_name"]
        {
            guard let kind = SymbolicOperation.kinds.first(where: { $0.className == className && $0.module == module }) else {
                throw ConfigError(
                    unknownName("function", className, SymbolicOperation.kinds.map(\.className).sorted()), at: ["class_name"])
            }
            guard nodes.count == 1 else {
                throw ConfigError("expected one call of \(className), found \(nodes.count)", at: ["inbound_nodes"])
            }
            return (try inside("config") { try makeOperation(kind, item["config"] ?? .null, nodes[0]) }, nodes)
        }
        let layer = try Layers.registry.make(item)
        try layer.readCommon(item)
        return (layer, nodes)
    }

    private func makeOperation(_ kind: SymbolicOperation.Kind, _ config: ConfigValue, _ call: ConfigValue) throws -> SymbolicOperation {
        let arguments = try arguments(of: call, kind.parameters).map { argument -> SymbolicOperation.Argument in
            func isTensor(_ value: ConfigValue) -> Bool { value["class_name"] == "__keras_tensor__" }
            if isTensor(argument) { return .tensor }
            if case .array(let items) = argument, !items.isEmpty, items.allSatisfy(isTensor) { return .tensors(items.count) }
            return .constant(argument)
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

    /// Repeats the next call of a layer on the tensors that the call names.
    ///
    /// - Returns: the first of them that is not there yet; `nil` if the call is made.
    private func repeatCall(of callee: Callee) throws -> Reference? {
        var call = try callee.next ?? read(callee.nodes[callee.made.count], of: callee.layer)
        defer { callee.next = call.tensors.count < call.references.count ? call : nil }
        for reference in call.references.dropFirst(call.tensors.count) {
            guard let tensor = try tensor(reference) else { return reference }
            call.tensors.append(tensor)
        }
        try RepeatedCalls.add(callee.layer)
        let (inputs, arguments) = call.filled
        callee.made.append(callee.layer.noted(inputs, arguments, training: call.training)[0].node)
        return nil
    }

    private func read(_ call: ConfigValue, of layer: Layer) throws -> Call {
        var training: Bool?
        var references: [ConfigValue]
        var named: [(name: String, value: CallArguments<Reference>.Value)] = []
        if case .array(let legacy) = call {
            references = legacy
        } else {
            let operation = layer as? SymbolicOperation, parameters = operation?.parameters ?? layer.inputParameters ?? []
            references = try arguments(of: call, parameters)
            // Behind the inputs others may stand without their names.
            if !layer.callParameters.isEmpty {
                let inputCount = max(1, parameters.count)
                guard layer.inputParameters == nil || references.count <= inputCount else {
                    throw ConfigError("expected at most \(parameters.joined(separator: ", ")), found \(references.count)", at: ["args"])
                }
                for (parameter, value) in zip(layer.callParameters, references.dropFirst(inputCount)) where !GraphReader.isNothing(value) {
                    named.append((parameter.name, try argument(parameter.name, value, of: layer)))
                }
                references = Array(references.prefix(inputCount))
            }
            if let operation {
                references = zip(references, operation.arguments).compactMap { if case .constant = $1 { nil } else { $0 } }
            }
            if case .object(let keywords)? = call["kwargs"] {
                for keyword in keywords where !GraphReader.isNothing(keyword.value) && !parameters.contains(keyword.key) {
                    if keyword.key == "training", case .bool(let flag) = keyword.value {
                        training = flag == GraphReader.unsaid(layer) ? nil : flag
                    } else {
                        named.append(
                            (keyword.key, try inside("kwargs", keyword.key) { try argument(keyword.key, keyword.value, of: layer) }))
                    }
                }
            }
        }
        let tensors = try references.flatMap(GraphReader.flat).compactMap(tensorReference)
        guard !tensors.isEmpty else { throw ConfigError("expected a call on at least one tensor, found none") }
        return Call(tensors, CallArguments(named), training: training)
    }

    /// An argument that a call is given by name.
    private func argument(_ name: String, _ value: ConfigValue, of layer: Layer) throws -> CallArguments<Reference>.Value {
        let known = layer.callParameters + (layer.takesMask ? [CallParameter("mask", .tensors)] : [])
        guard let parameter = known.first(where: { $0.name == name }) else { throw ConfigError("a call with \(name) is not supported yet") }
        let argument: CallArguments<Reference>.Value
        if let tensor = try tensorReference(value) {
            argument = .tensor(tensor)
        } else if case .array(let items) = value {
            argument = .tensors(
                try items.map { item in
                    guard item != .null else { return nil }
                    guard let tensor = try tensorReference(item) else {
                        throw ConfigError("expected a list of tensors, found \(item.kind)")
                    }
                    return tensor
                })
        } else {
            argument = .constant(value)
        }
        if let expected = parameter.problem(argument) { throw ConfigError("expected \(expected), found \(value.kind)") }
        return argument
    }

    /// The tensor that an argument of a call is; `nil` if it is something else.
    private func tensorReference(_ value: ConfigValue) throws -> Reference? {
        switch value {
        case .array(let items) where items.contains { if case .string = $0 { true } else { false } }: try reference(value)
        case .object: try reference(value["config"]?["keras_history"] ?? .null)
        default: nil
        }
    }

    /// `null`, or a list of such, as the masks of several inputs are written.
    private static func isNothing(_ value: ConfigValue) -> Bool {
        if case .array(let items) = value { items.allSatisfy { $0 == .null } } else { value == .null }
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

    /// - Parameter isEnd: it is an input or an output of the model.
    private func reference(_ history: ConfigValue, isEnd: Bool = false) throws -> Reference {
        guard case .array(let items) = history, items.count >= 3, case .string(let name) = items[0], case .int(let call) = items[1],
            case .int(let index) = items[2]
        else { throw ConfigError("expected a tensor as [layer, call, output], found \(history.json.prefix(80))") }
        guard let callee = callees[name] else { throw ConfigError(unknownName("layer", name, callees.keys.sorted())) }
        let first = isEnd ? callee.layer.firstEnd : 0
        guard call >= first, index >= 0 else {
            throw ConfigError("expected a tensor as [layer, call, output], counted from \(first) and 0, found \(history.json.prefix(80))")
        }
        return Reference(callee: callee, call: call - first, index: index)
    }

    /// The tensor that is meant; `nil` if its call is not made yet.
    private func tensor(_ reference: Reference) throws -> KerasTensor? {
        let (layer, made) = (reference.callee.layer, reference.callee.made)
        guard reference.call < made.count else { return nil }
        let node = made[reference.call]
        guard reference.index < node.outputs.count else {
            throw ConfigError(
                "expected an output of layer \(layer.name) below \(node.outputs.count), counted from 0; found \(reference.index)")
        }
        return inputs[layer.name] ?? KerasTensor(node, reference.index)
    }

    /// The inputs or outputs of the model.
    func structure(_ value: ConfigValue?, _ key: String) throws -> any TensorStructure {
        func end(_ value: ConfigValue) throws -> KerasTensor {
            let reference = try reference(value, isEnd: true)
            if let tensor = try tensor(reference) { return tensor }
            throw ConfigError(
                "expected a call of layer \(reference.callee.layer.name) below \(reference.callee.made.count), counted from 0; found \(reference.call)"
            )
        }
        return try inside(key) {
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
