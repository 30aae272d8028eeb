import Lockstep
import RankJob
import XCTest

/// Mistakes with models of several inputs and outputs: status 2, and one line that names place, layer or output, what was expected, what
/// was found, and the way out. What a library's user can do wrong is in FailureChecks.
final class GraphMisuseTests: XCTestCase {
    /// Pieces of the config, what they are replaced by, and parts of the message.
    func testConfigs() throws {
        let layers: [(String, String, [String])] = [
            (
                "Dense, config: {units: 8", "Dens, config: {units: 8",
                ["people.yaml:8:", "model.config.layers.2", "unknown layer \"Dens\"; did you mean Dense?"]
            ),
            (
                "units: 8", "unit: 8",
                ["people.yaml:8:", "model.config.layers.2.Dense.unit: unknown argument \"unit\"; did you mean units?"]
            ),
            ("[[[posts, 0, 0]]]", "[[[post, 0, 0]]]", ["people.yaml:8:", "unknown layer \"post\"; did you mean posts?"]),
            (
                "[[[posts, 0, 0]]]", "[[[posts, 1, 0]]]",
                ["expected a call of layer posts below 1, counted from 0; found 1, which layer hidden takes"]
            ),
            ("[[[posts, 0, 0]]]", "[[[posts, 0, 2]]]", ["expected an output of layer posts below 1, counted from 0; found 2"]),
            (
                "[[[posts, 0, 0]]]", "[[[age, 0, 0]]]",
                ["people.yaml:", "hidden, age, dropout, joined need each other's outputs", "a graph without cycles"]
            ),
            (
                "[[[posts, 0, 0]]]", "[[[posts, 0]]]",
                ["people.yaml:8:", "expected a tensor as [layer, call, output], found [\"posts\", 0]"]
            ),
            ("[[[posts, 0, 0]]]", "[[]]", ["expected a call on at least one tensor, found none"]),
            ("[[[posts, 0, 0]]]", "3", ["people.yaml:8:", "inbound_nodes: expected a list of calls"]),
            ("name: dropout}", "name: hidden}", ["people.yaml:10:", "the name \"hidden\" is taken by another layer"]),
            (
                "input_layers: [[posts, 0, 0], [tags, 0, 0]]", "input_layers: [[posts, 0, 0]]",
                [
                    "people.yaml: model people: the output of age depends on the input tags, which is not among the model's inputs (posts)",
                    "disconnected",
                ]
            ),
            (
                "input_layers: [[posts, 0, 0], [tags, 0, 0]]", "input_layers: []",
                ["people.yaml: model people: it has no inputs; give at least one Input"]
            ),
            (
                "input_layers: [[posts, 0, 0], [tags, 0, 0]]", "input_layers: [[posts, 0, 0], [tags, 0, 0], [posts, 0, 0]]",
                ["people.yaml: model people: the input posts is given twice"]
            ),
            ("output_layers: [[age, 0, 0], [income, 0, 0]]", "output_layers: []", ["people.yaml: model people: it has no outputs"]),
            (
                "output_layers: [[age, 0, 0], [income, 0, 0]]", "output_layers: [[age, 0, 0], [incme, 0, 0]]",
                ["people.yaml:14:", "model.config.output_layers: unknown layer \"incme\"; did you mean income?"]
            ),
            (
                "output_layers: [[age, 0, 0], [income, 0, 0]]", "outputs: [[age, 0, 0]]",
                ["expected the model's tensors as [layer, call, output]"]
            ),
            (
                "class_name: Functional", "class_name: Functionl",
                ["people.yaml:2:", "unknown model class \"Functionl\"; did you mean Functional?"]
            ),
            ("{units: 1, name: age}", "{units: 1, name: age, axis: 2}", ["unknown argument \"axis\""]),
            (
                "joined}, inbound_nodes: [[[hidden, 0, 0], [tags, 0, 0]]]",
                "joined, axis: 0}, inbound_nodes: [[[hidden, 0, 0], [tags, 0, 0]]]", ["people.yaml: in joined: Concatenate: "]
            ),
        ]
        for (piece, other, says) in layers {
            var config = GraphConfig()
            XCTAssert(config.model.contains(piece), piece)
            config.model = config.model.replacing(piece, with: other)
            try check(config, says)
        }
        let compiled: [(String, String, [String])] = [
            (
                "{age: mse, income:", "{age: mse, incme:",
                ["people.yaml:18:20: compile.loss.incme: unknown output \"incme\"; did you mean income? Known: age, income"]
            ),
            ("{age: mse, ", "{age: msw, ", ["people.yaml:18:10: compile.loss.age: unknown loss \"msw\"; did you mean mse?"]),
            (
                "loss: {age: mse, income: sparse_categorical_crossentropy}", "loss: [mse]",
                ["people.yaml:18:3: compile.loss: expected one for each of the 2 outputs (age, income), found 1"]
            ),
            ("{age: 0.25,", "{agee: 0.25,", ["people.yaml:19:18: compile.loss_weights.agee: unknown output \"agee\"; did you mean age?"]),
            ("{age: 0.25,", "{age: much,", ["people.yaml:19:18: compile.loss_weights.age: expected a number, found \"much\""]),
            (
                "{income: [accuracy],", "{incom: [accuracy],",
                ["people.yaml:20:13: compile.metrics.incom: unknown output \"incom\"; did you mean income?"]
            ),
            (
                "[accuracy]", "[accuracy, acuracy]",
                ["people.yaml:20:", "compile.metrics.income.1: unknown metric \"acuracy\"; did you mean"]
            ),
            (
                "metrics: {income: [accuracy], age: mae}", "metrics: [mae, mse, mae]",
                ["people.yaml:20:3: compile.metrics: expected one for each of the 2 outputs (age, income), found 3"]
            ),
        ]
        for (piece, other, says) in compiled {
            var config = GraphConfig()
            XCTAssert(config.compile.contains(piece), piece)
            config.compile = config.compile.replacing(piece, with: other)
            try check(config, says)
        }
    }

    /// Arrays that do not go with the inputs and outputs.
    func testArrays() throws {
        let all = GraphConfig.arrays(12, seed: 4), x = Tensor.zeros([12, 4])
        func without(_ names: String...) -> [(name: String, tensor: Tensor)] { all.filter { !names.contains($0.name) } }
        for (arrays, says) in [
            (without("tags"), ["bad.npz: no array for the input tags; expected one, named x_tags or tags, found x_posts"]),
            (without("x_posts") + [("x", x)], ["bad.npz: unknown array \"x\"", "Known: x_posts, x_tags, y_age, y_income"]),
            (all + [("posts", x)], ["bad.npz: the arrays x_posts and posts are the same to model people; leave one out"]),
            (without("y_income"), ["bad.npz: no target for the output income; expected an array y_income"]),
            (
                without("y_income", "y_age", "sample_weight_age"),
                ["bad.npz: no target for the outputs age, income; expected arrays y_age, y_income"]
            ),
            (without("y_age") + [("y_ages", x)], ["bad.npz: unknown array \"y_ages\"; did you mean y_age?"]),
            (all + [("sample_weight_incme", x)], ["unknown array \"sample_weight_incme\"; did you mean sample_weight_income?"]),
            (
                all + [("sample_weight", Tensor.ones([12]))],
                ["sample_weight weighs the samples of all outputs, sample_weight_age those of one"]
            ),
            (
                without("tags") + [("tags", Tensor.zeros([12, 5]))],
                ["bad.npz, array tags: samples of shape (5,) do not fit model people", "(3,)"]
            ),
            (without("tags") + [("tags", Tensor.zeros([11, 3]))], ["12 samples", "tags has 11"]),
            (
                without("y_income") + [("y_income", Tensor([Int32](repeating: 3, count: 12)))],
                ["bad.npz, array y_income: label 0 is 3; with 3 classes"]
            ),
            (
                without("y_age") + [("y_age", Tensor.zeros([12, 2]))],
                ["bad.npz, array y_age: targets of shape (None, 2) do not fit the output"]
            ),
        ] as [([(name: String, tensor: Tensor)], [String])] {
            let folder = try Folder()
            var config = GraphConfig()
            config.data = "data: {train: {npz: bad.npz}}"
            try NPZ.write(arrays, to: folder["bad.npz"])
            try check(config, says, in: folder)
        }
        var config = GraphConfig()
        for (data, says) in [
            ("{digits: {}}", "digits: one array of inputs, but model people has 2 inputs; give an .npz file with x_posts, x_tags"),
            ("{npy: {x: x.npy, y: y.npy}}", "x.npy: one array of inputs, but model people has 2 inputs"),
        ] {
            config.data = "data: {train: \(data)}"
            try check(config, [says])
        }
    }

    private func check(_ config: GraphConfig, _ says: [String], in folder: Folder? = nil, line: UInt = #line) throws {
        let folder = try folder ?? Folder()
        expectRefusal(try CommandRun.run(["train", try config.write(to: folder), "--output", folder["out"]]), says, line: line)
    }
}
