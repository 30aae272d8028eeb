import LockstepNN
import LockstepTensor
import XCTest

final class ModelDrawingTests: XCTestCase {
    /// The texts for Graphviz as Keras and pydot write them, nodes numbered as they come.
    func testAgainstKeras() throws {
        for test in try golden("plots").items {
            let name = test["model"]!.text!
            try compare(TestGraph(rawValue: name)!.make(), test["arguments"]!, test["text"]!.text!, name)
        }
    }

    /// The same of models that are read from Keras' configurations.
    func testReadModelsAgainstKeras() throws {
        for graph in try goldenGraphs()["graphs"]!.items {
            for test in graph["plots"]!.items {
                let arguments = test["options"]!
                // As `model_to_dot` has it where it is not said.
                let named: ConfigValue = .object(
                    arguments.entries + (arguments["show_layer_names"] == nil ? [.init("show_layer_names", true)] : []))
                try compare(Model.make(graph["config"]!), named, test["dot"]!.text!, graph["name"]!.text!)
            }
        }
    }

    private func compare(_ model: Model, _ arguments: ConfigValue, _ want: String, _ name: String) throws {
        var drawing = ModelDrawing()
        for argument in arguments.entries {
            let isOn = argument.value == true
            switch argument.key {
            case "show_shapes": drawing.showShapes = isOn
            case "show_dtype": drawing.showDtype = isOn
            case "show_layer_names": drawing.showLayerNames = isOn
            case "show_layer_activations": drawing.showLayerActivations = isOn
            case "show_trainable": drawing.showTrainable = isOn
            case "expand_nested": drawing.expandNested = isOn
            case "rankdir": drawing.rankdir = PlotDirection(rawValue: argument.value.text!)!
            case "dpi": drawing.dpi = Int(argument.value.number!)
            case "splines": drawing.splines = PlotLines(rawValue: argument.value.text!)!
            default: XCTFail("argument \(argument.key) of the golden file")
            }
        }
        let got = try drawing.dot(model)
        if got != want { XCTFail("\(name) \(arguments.json): \(difference(got, want))") }
    }

    /// Names that Graphviz would take for something else; two models of one name, which it would take for one.
    func testNames() throws {
        func inner() -> Model {
            let x = Input([2], name: "x")
            return Model(inputs: x, outputs: Dense(2, name: "a<b> & \"c\"")(x), name: "node")
        }
        let x = Input([2], name: "x"), y = Input([2], name: "y")
        let other = Model(inputs: y, outputs: inner()(y), name: "tail \\ \"end\"")
        var drawing = ModelDrawing()
        (drawing.expandNested, drawing.showLayerNames) = (true, true)
        let lines = try drawing.dot(Model(inputs: x, outputs: other(inner()(x)))).split(separator: "\n")
        XCTAssertEqual(
            lines.filter { $0.hasPrefix("subgraph") },
            ["subgraph cluster_node {", #"subgraph "cluster_tail \\ \"end\"" {"#, "subgraph cluster_node_2 {"])
        XCTAssertEqual(
            lines.filter { $0.hasPrefix("label=") }, [#"label="node";"#, #"label="tail \\ \"end\"";"#, #"label="node";"#])
        XCTAssertEqual(lines.filter { $0.contains(#"<b>a&lt;b&gt; &amp; "c"</b> (Dense)"#) }.count, 2)
    }

    func testUnbuiltModel() {
        clearSession()
        for (model, name) in [(Sequential([Dense(2)]), "sequential"), (Block(3), "block")] as [(Model, String)] {
            XCTAssertThrowsError(try ModelDrawing().dot(model)) {
                XCTAssertEqual(
                    "\($0)",
                    "model \(name) is not built, so there is nothing to draw yet; give it an Input, call build(inputShape:), or call it on data"
                )
            }
        }
    }
}
