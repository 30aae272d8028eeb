import LockstepTensor

/// All calls of layers between some symbolic tensors and others: a directed graph without cycles, in the order of computation.
///
/// Order of layers, of calls and of names as Keras 3.15.1 has them (`keras/src/ops/function.py`, `map_graph`).
package struct FunctionalGraph {
    package let inputs: [KerasTensor]
    package let outputs: [KerasTensor]
    /// The names of a dictionary of inputs, of outputs.
    package let inputKeys: [String]?
    package let outputKeys: [String]?
    package let isSingleInput: Bool, isSingleOutput: Bool
    /// The calls, each behind those that it needs; inputs first.
    package private(set) var nodes: [CallNode] = []
    /// What is called, layers and operators, those of the inputs too: the farther from the outputs the earlier.
    package private(set) var operations: [Layer] = []
    /// The layers among them.
    package var layers: [Layer] { operations.filter { !($0 is SymbolicOperation) } }
    private var callsByLayer: [ObjectIdentifier: [CallNode]] = [:]
    /// How many layers and functions are called to compute the outputs, with those inside of models.
    private(set) var callCount = 0

    /// Stops where an output needs more than the inputs, or names are not unique.
    init(_ inputs: any TensorStructure, _ outputs: any TensorStructure, model: String) {
        (inputKeys, outputKeys) = (inputs.keys, outputs.keys)
        (isSingleInput, isSingleOutput) = (inputs.isSingle, outputs.isSingle)
        let (from, to) = (inputs.tensors, outputs.tensors)
        check(!from.isEmpty, "model \(model): it has no inputs; give at least one Input")
        check(!to.isEmpty, "model \(model): it has no outputs; give at least one tensor that its layers compute")
        let walk = Walk(from: from, to: to, model: model)
        // A part of another graph gets inputs of its own.
        (self.inputs, self.outputs) = from.allSatisfy { $0.node.layer is InputLayer } ? (from, to) : walk.copied(from, to)
        order(from.elementsEqual(self.inputs, by: ===) ? walk : Walk(from: self.inputs, to: self.outputs, model: model))
        callCount = nodes.reduce(0) { count, node in
            let (sum, isTooLarge) = count.addingReportingOverflow((node.layer as? Model)?.graph?.callCount ?? 1)
            return isTooLarge ? .max : sum
        }
        let own = Set(nodes.map { ObjectIdentifier($0) })
        var names: [String: Layer] = [:]
        for layer in operations {
            callsByLayer[ObjectIdentifier(layer)] = layer.inboundNodes.filter { own.contains(ObjectIdentifier($0)) }
            if let other = names.updateValue(layer, forKey: layer.name), other !== layer {
                Failure.report(
                    "model \(model): two layers (\(other.className), \(layer.className)) are called \(layer.name); names are unique in a model, so give one of them another"
                )
            }
        }
    }

    /// The depth of a call is the number of calls between it and the outputs, at most.
    private mutating func order(_ walk: Walk) {
        var depths: [ObjectIdentifier: Int] = [:], layerDepths: [ObjectIdentifier: Int] = [:]
        var byFirstUse: [CallNode] = []
        for node in walk.nodes.reversed() {
            let depth = max(depths[ObjectIdentifier(node)] ?? 0, layerDepths[ObjectIdentifier(node.layer)] ?? 0)
            layerDepths[ObjectIdentifier(node.layer)] = depth
            if depths.updateValue(depth, forKey: ObjectIdentifier(node)) == nil { byFirstUse.append(node) }
            for input in walk.isInput(node) ? [] : node.sources {
                let before = depths.updateValue(
                    max(depth + 1, depths[ObjectIdentifier(input.node)] ?? 0), forKey: ObjectIdentifier(input.node))
                if before == nil { byFirstUse.append(input.node) }
            }
        }
        var places = walk.places
        for input in inputs where layerDepths[ObjectIdentifier(input.node.layer)] == nil {
            // An input that nothing uses.
            layerDepths[ObjectIdentifier(input.node.layer)] = 0
            depths[ObjectIdentifier(input.node)] = 0
            places[ObjectIdentifier(input.node.layer)] = -1
            byFirstUse.append(input.node)
        }
        nodes = byFirstUse.enumerated().sorted {
            let (a, b) = (depths[ObjectIdentifier($0.element)]!, depths[ObjectIdentifier($1.element)]!)
            return a == b ? $0.offset < $1.offset : a > b
        }.map(\.element)
        operations = nodes.map(\.layer).uniqueObjects.sorted {
            let (a, b) = (ObjectIdentifier($0), ObjectIdentifier($1))
            return layerDepths[a]! == layerDepths[b]! ? places[a]! < places[b]! : layerDepths[a]! > layerDepths[b]!
        }
    }

    /// The calls of a layer in this graph, in the order in which they were made.
    func calls(of layer: Layer) -> [CallNode] { callsByLayer[ObjectIdentifier(layer)] ?? [] }

    /// Computes the outputs.
    func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
        var values: [ObjectIdentifier: [Tensor]] = [:]
        for (input, value) in zip(self.inputs, inputs) { values[ObjectIdentifier(input.node)] = [value] }
        for node in nodes where values[ObjectIdentifier(node)] == nil {
            func value(_ tensor: KerasTensor) -> Tensor { values[ObjectIdentifier(tensor.node)]![tensor.index] }
            values[ObjectIdentifier(node)] = node.layer.callAll(
                node.inputs.map(value), node.arguments.map(value), training: node.training)
        }
        return outputs.map { values[ObjectIdentifier($0.node)]![$0.index] }
    }
}

/// The calls that lead from some tensors to others, each behind those that it needs.
private struct Walk {
    private(set) var nodes: [CallNode] = []
    /// For each layer when it was first met, on the way back from the outputs.
    private(set) var places: [ObjectIdentifier: Int] = [:]
    private let inputs: [KerasTensor]
    /// The calls that give the inputs, and which of their outputs these are.
    private var inputPlaces: [ObjectIdentifier: Set<Int>] = [:]
    private var finished: Set<ObjectIdentifier> = []

    init(from inputs: [KerasTensor], to outputs: [KerasTensor], model: String) {
        self.inputs = inputs
        for input in inputs {
            check(
                inputPlaces[ObjectIdentifier(input.node), default: []].insert(input.index).inserted,
                "model \(model): the input \(input.name) is given twice; give each input once")
        }
        for output in outputs { visit(output, model) }
    }

    func isInput(_ node: CallNode) -> Bool { inputPlaces[ObjectIdentifier(node)] != nil }

    /// Goes back from an output, depth first; not by recursion, as a graph may be deeper than the stack.
    private mutating func visit(_ output: KerasTensor, _ model: String) {
        /// The calls on the way to where the walk stands, and which input of each is next.
        var path: [(node: CallNode, next: Int)] = []
        func enter(_ tensor: KerasTensor) {
            let node = tensor.node
            guard finished.insert(ObjectIdentifier(node)).inserted else { return }
            if places[ObjectIdentifier(node.layer)] == nil { places[ObjectIdentifier(node.layer)] = places.count }
            let isInput = inputPlaces[ObjectIdentifier(node)]?.contains(tensor.index) ?? false
            check(
                isInput || !(node.layer is InputLayer),
                "model \(model): the output of \(output.node.layer.name) depends on the input \(tensor.name), which is not among the model's inputs (\(inputs.map(\.name).joined(separator: ", "))): the graph is disconnected; add it to the inputs"
            )
            path.append((node, isInput ? node.sources.count : 0))
        }
        enter(output)
        while let (node, next) = path.last {
            if next < node.sources.count {
                path[path.count - 1].next += 1
                enter(node.sources[next])
            } else {
                nodes.append(node)
                path.removeLast()
            }
        }
    }

    /// The same calls on new inputs in place of `inputs`.
    func copied(_ from: [KerasTensor], _ to: [KerasTensor]) -> (inputs: [KerasTensor], outputs: [KerasTensor]) {
        var copies: [ObjectIdentifier: CallNode] = [:]
        let inputs = from.map { tensor -> KerasTensor in
            tensor.node.layer is InputLayer
                ? tensor : Input(tensor.shape.sample, dtype: tensor.dtype, name: Naming.unique("KerasTensorClone"))
        }
        func copy(_ tensor: KerasTensor) -> KerasTensor {
            if let place = from.firstIndex(where: { $0.isSame(as: tensor) }) { return inputs[place] }
            let node = tensor.node
            let copied =
                copies[ObjectIdentifier(node)]
                ?? CallNode(node.layer, node.inputs.map(copy), node.arguments.map(copy), outputs: node.outputs, training: node.training)
            copies[ObjectIdentifier(node)] = copied
            return KerasTensor(copied, tensor.index)
        }
        return (inputs, to.map(copy))
    }
}
