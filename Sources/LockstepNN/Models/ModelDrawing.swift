import LockstepTensor

/// The drawing of a model: a box for each layer, an arrow for each way that tensors go from one to another.
///
/// Boxes, labels, arrows, clusters and their order are those of `keras.utils.model_to_dot`.
package struct ModelDrawing {
    package var showShapes = false, showDtype = false, showLayerNames = false, showLayerActivations = false, showTrainable = false
    package var rankdir = PlotDirection.topToBottom
    /// Whether models inside the model are drawn with their layers, in a box with a dashed line.
    package var expandNested = false
    /// Dots per inch.
    package var dpi = 200
    package var splines = PlotLines.ortho

    package init() {}

    /// The drawing in Graphviz' language. A model with a `call` of its own is a single box: it has no graph before it is called.
    ///
    /// - Throws: `ConfigError` where the model is not built.
    package func dot(_ model: Model) throws -> String {
        guard model.built else {
            throw ConfigError(
                "model \(model.name) is not built, so there is nothing to draw yet; give it an Input, call build(inputShape:), or call it on data"
            )
        }
        let text = DotText()
        text.lines = [
            "digraph G {", "rankdir=\(rankdir.rawValue);", "concentrate=true;", "dpi=\(dpi);", "splines=\(splines.rawValue);",
            "node [shape=record];",
        ]
        draw(model, in: text)
        return (text.lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private func draw(_ model: Model, in text: DotText) {
        guard let graph = model.graph else { return text.addNode(model, label(model)) }
        let layers = model is Sequential ? model.layers : graph.operations
        for layer in layers {
            if expandNested, let nested = layer as? Model, nested.graph != nil {
                text.addCluster(nested) { draw(nested, in: text) }
            } else {
                text.addNode(layer, label(layer))
            }
        }
        var drawn: Set<[String]> = []
        for layer in layers {
            for (index, tensor) in graph.calls(of: layer).flatMap({ $0.sources.enumerated() }) {
                // A Sequential has no box for its input.
                if model is Sequential, tensor.node.layer is InputLayer { continue }
                let source = expandNested ? source(tensor) : tensor.node.layer, target = expandNested ? target(layer, index) : layer
                let arrow = [text.name(source), text.name(target)]
                if drawn.insert(arrow).inserted { text.lines.append("\(arrow[0]) -> \(arrow[1]) [penwidth=2];") }
            }
        }
    }

    /// The layer, of a model inside too, that computes a tensor.
    private func source(_ tensor: KerasTensor) -> Layer {
        guard let graph = (tensor.node.layer as? Model)?.graph else { return tensor.node.layer }
        return source(graph.outputs[tensor.index])
    }

    /// The layer, of a model inside too, that takes the input of this number.
    private func target(_ layer: Layer, _ index: Int) -> Layer {
        guard let model = layer as? Model, let graph = model.graph else { return layer }
        return model is Sequential ? target(model.layers[0], index) : graph.inputs[index].node.layer
    }

    /// A table: name, activation, then in one row shapes, type and whether it is trained.
    private func label(_ layer: Layer) -> String {
        let columns = max(1, (showShapes ? 2 : 0) + (showDtype ? 1 : 0) + (showTrainable ? 1 : 0))
        let name = DotText.escaped(layer.name), className = DotText.escaped(layer.className)
        let title = showLayerNames ? "<b>\(name)</b> (\(className))" : "<b>\(className)</b>"
        var table = #"<tr><td colspan="\#(columns)" bgcolor="black"><font point-size="16" color="white">\#(title)</font></td></tr>"#
        func line(_ what: String, _ text: String?) -> String {
            #"<font point-size="14">\#(what): <b>\#(DotText.escaped(text ?? "?"))</b></font></td>"#
        }
        if showLayerActivations, let activation = layer.activationName {
            table += #"<tr><td bgcolor="white" colspan="\#(columns)">\#(line("Activation", activation))</tr>"#
        }
        var cells: [String] = []
        if showShapes, !(layer is InputLayer) { cells.append(#"<td bgcolor="white">"# + line("Input shape", layer.firstInputs?.shapes)) }
        if showShapes { cells.append(#"<td bgcolor="white">"# + line("Output shape", layer.firstOutputs?.shapes)) }
        if showDtype { cells.append(#"<td bgcolor="white">"# + line("Output dtype", layer.firstOutputs?.dtypes)) }
        if showTrainable, !layer.weights.isEmpty {
            let (color, text) = layer.trainable ? ("forestgreen", "Trainable") : ("firebrick", "Non-trainable")
            cells.append(#"<td bgcolor="\#(color)"><font point-size="14" color="white"><b>\#(text)</b></font></td>"#)
        }
        if !cells.isEmpty { table += "<tr>\(cells.joined())</tr>" }
        return #"<<table border="0" cellborder="1" bgcolor="black" cellpadding="10">\#(table)</table>>"#
    }
}

/// Where a drawing has its layers: with `TB` the inputs are at the top.
public enum PlotDirection: String, CaseIterable, Sendable {
    case topToBottom = "TB", leftToRight = "LR", bottomToTop = "BT", rightToLeft = "RL"
}

/// How the arrows of a drawing run; `ortho`: straight and at right angles.
public enum PlotLines: String, CaseIterable, Sendable { case ortho, curved, polyline, spline, line }

/// A text in Graphviz' language, and the names that layers and models have in it.
private final class DotText {
    var lines: [String] = []
    private var nodes: [ObjectIdentifier: String] = [:]
    private var clusters: [ObjectIdentifier: String] = [:]

    func name(_ layer: Layer) -> String {
        let name = nodes[ObjectIdentifier(layer)] ?? "node\(nodes.count)"
        nodes[ObjectIdentifier(layer)] = name
        return name
    }

    func addNode(_ layer: Layer, _ label: String) {
        lines.append("\(name(layer)) [label=\(label), fontname=Helvetica, border=0, margin=0];")
    }

    /// A box around what `body` draws. Graphviz takes clusters of one name for one, so a second model of a name gets a number.
    func addCluster(_ model: Model, _ body: () -> Void) {
        let plain = "cluster_\(model.name)", isTaken = clusters.values.contains(plain)
        let name = clusters[ObjectIdentifier(model)] ?? (isTaken ? "\(plain)_\(clusters.count)" : plain)
        clusters[ObjectIdentifier(model)] = name
        lines += ["subgraph \(DotText.quoted(name)) {", "style=dashed;"]
        lines += ["label=\(DotText.quoted(model.name));", "labeljust=l;"]
        body()
        lines.append("}")
    }

    /// As an identifier: in quotation marks unless it is made of letters, digits and underscores alone.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } && name.first?.isNumber == false
        let isKeyword = ["node", "edge", "graph", "digraph", "subgraph", "strict"].contains(name.lowercased())
        return isPlain && !isKeyword ? name : "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// As a part of a label's HTML.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// Some tensors of a call, as Python writes them: one, a list, or some by name.
private struct TensorsText {
    let specs: [Spec]
    var keys: [String]?
    let isSingle: Bool

    var shapes: String {
        if let keys { return zip(keys, specs).map { "\($0): \($1.shape)" }.joined(separator: ", ") }
        return isSingle ? "\(specs[0].shape)" : "[" + specs.map(\.shape.description).joined(separator: ", ") + "]"
    }

    var dtypes: String {
        if let keys { return "{" + zip(keys, specs).map { "'\($0)': '\($1.dtype)'" }.joined(separator: ", ") + "}" }
        return isSingle ? "\(specs[0].dtype)" : "[" + specs.map { "'\($0.dtype)'" }.joined(separator: ", ") + "]"
    }
}

extension Layer {
    /// What its first call on symbolic tensors took; of a graph, its own inputs. `nil` of a layer that was called on none.
    fileprivate var firstInputs: TensorsText? {
        if let graph = ownGraph {
            return TensorsText(specs: graph.inputs.map(\.spec), keys: graph.inputKeys, isSingle: graph.isSingleInput)
        }
        return inboundNodes.first.map { TensorsText(specs: $0.sources.map(\.spec), isSingle: $0.sources.count == 1) }
    }

    /// What that call gave.
    fileprivate var firstOutputs: TensorsText? {
        if let graph = ownGraph {
            return TensorsText(specs: graph.outputs.map(\.spec), keys: graph.outputKeys, isSingle: graph.isSingleOutput)
        }
        return inboundNodes.first.map { TensorsText(specs: $0.outputs, isSingle: $0.outputs.count == 1) }
    }

    private var ownGraph: FunctionalGraph? { self is Sequential ? nil : (self as? Model)?.graph }

    /// The name of the activation that the layer has as an argument.
    fileprivate var activationName: String? {
        if case .string(let name)? = config.first(where: { $0.key == "activation" })?.value { name } else { nil }
    }
}
