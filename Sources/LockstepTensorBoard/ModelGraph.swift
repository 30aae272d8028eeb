import LockstepNN
import LockstepTensor

/// A model as TensorBoard draws graphs: a node for each call of a layer, those inside of a model under its name.
struct ModelGraph {
    struct Node {
        let name: String, operation: String, shape: Shape
        /// Names of nodes, with `:1` and so on for other outputs than the first.
        let inputs: [String]
    }
    private(set) var nodes: [Node] = []
    private var uses: [String: Int] = [:]

    /// `nil` of a model whose calls are not known before it is called.
    init?(_ model: Model) {
        guard let graph = model.graph else { return nil }
        let inputs = graph.inputs.map { add($0.node.layer.name, "InputLayer", $0.shape, [], in: "") }
        _ = add(graph, inputs, in: "")
    }

    /// - Returns: where the graph's outputs come from.
    private mutating func add(_ graph: FunctionalGraph, _ inputs: [String], in scope: String) -> [String] {
        var sources: [ObjectIdentifier: [String]] = [:]
        for (input, name) in zip(graph.inputs, inputs) { sources[ObjectIdentifier(input.node)] = [name] }
        func source(_ tensor: KerasTensor) -> String { sources[ObjectIdentifier(tensor.node)]![tensor.index] }
        for node in graph.nodes where sources[ObjectIdentifier(node)] == nil {
            let given = node.sources.map(source)
            if let inside = (node.layer as? Model)?.graph {
                sources[ObjectIdentifier(node)] = add(inside, given, in: "\(scope)\(unique(node.layer.name, in: scope))/")
            } else {
                let name = add(node.layer.name, node.layer.className, node.outputs.first?.shape ?? [], given, in: scope)
                sources[ObjectIdentifier(node)] = node.outputs.indices.map { $0 == 0 ? name : "\(name):\($0)" }
            }
        }
        return graph.outputs.map(source)
    }

    private mutating func add(_ name: String, _ operation: String, _ shape: Shape, _ inputs: [String], in scope: String) -> String {
        let name = scope + unique(name, in: scope)
        nodes.append(Node(name: name, operation: operation, shape: shape, inputs: inputs))
        return name
    }

    /// A layer that is called again has a number behind its name.
    private mutating func unique(_ name: String, in scope: String) -> String {
        let count = uses[scope + name, default: 0]
        uses[scope + name] = count + 1
        return count == 0 ? name : "\(name)_\(count)"
    }

    /// In the form of TensorFlow's graphs.
    var definition: ProtoGraphDef {
        .with { definition in
            definition.versions.producer = 22
            definition.node = nodes.map { node in
                .with {
                    ($0.name, $0.op, $0.input) = (node.name, node.operation, node.inputs)
                    $0.attr["_output_shapes"] = .with {
                        $0.list.shape = [
                            .with {
                                $0.dim = node.shape.dimensions.map { length in
                                    .with { $0.size = Int64(length == Shape.unknown ? -1 : length) }
                                }
                            }
                        ]
                    }
                }
            }
        }
    }
}
