import Lockstep
import RankJob
import XCTest

/// A model of several inputs and outputs from its config to its predictions, on one process and on ranks.
final class GraphTests: XCTestCase {
    private let figures = ["age_loss", "age_mae", "income_accuracy", "income_loss", "loss"]

    func testTrainsEvaluatesAndPredicts() throws {
        let folder = try Folder()
        let config = try GraphConfig().write(to: folder)
        var tested: [String: Double] = [:]
        for ranks in [nil, 2, 3] {
            let train = try CommandRun.run(ranks: ranks, ["train", config, "--json", "--output", folder["out"]])
            XCTAssertEqual(train.status, 0, train.report)
            let lines = try train.jsonLines()
            XCTAssertEqual(Set(lines[0].keys), Set(["epoch"] + figures + figures.map { "val_\($0)" }))
            XCTAssertLessThan(try number(lines[2], "loss"), try number(lines[0], "loss"), train.report)
            let header = try folder.read("out/history.csv").split(separator: "\n")[0]
            XCTAssertEqual(header, "epoch,\((figures + figures.map { "val_\($0)" }).joined(separator: ","))")
            let test = try XCTUnwrap(lines.last)
            XCTAssertEqual(Set(test.keys), Set(figures.map { "test_\($0)" }))
            for name in figures {
                let figure = try number(test, "test_\(name)")
                XCTAssertEqual(figure, tested[name] ?? figure, accuracy: 1e-5, "\(name) on \(ranks ?? 1) ranks")
                tested[name] = figure
            }

            let evaluate = try CommandRun.run(
                ranks: ranks, ["evaluate", folder["out/model.keras"], "--input", folder["test.npz"], "--json"])
            XCTAssertEqual(evaluate.status, 0, evaluate.report)
            let evaluated = try XCTUnwrap(evaluate.jsonLines().first)
            for name in figures { XCTAssertEqual(try number(evaluated, name), try XCTUnwrap(tested[name]), accuracy: 1e-5, name) }

            try predictAndCompare(folder, ranks)
        }
        let summary = try CommandRun.run(["summary", config])
        XCTAssertEqual(summary.status, 0, summary.report)
        XCTAssert(summary.output.contains("Connected to") && summary.output.contains("joined"), summary.report)
    }

    private func predictAndCompare(_ folder: Folder, _ ranks: Int?) throws {
        let predict = try CommandRun.run(
            ranks: ranks,
            ["predict", folder["out/model.keras"], "--input", folder["test.npz"], "--output", folder["answers.npz"], "--batch-size", "7"])
        XCTAssertEqual(predict.status, 0, predict.report)
        let answers = try NPZ.read(folder["answers.npz"])
        XCTAssertEqual(answers.map(\.name), ["age", "income"])
        XCTAssertEqual(answers.map(\.tensor.shape), [[30, 1], [30, 3]])
        let model = try loadModel(folder["out/model.keras"]), arrays = try NPZ.read(folder["test.npz"])
        let outputs: [Tensor] = model([arrays[0].tensor, arrays[1].tensor])
        for (answer, output) in zip(answers, outputs) {
            for (got, want) in zip(answer.tensor.scalars, output.scalars) { XCTAssertEqual(got, want, accuracy: 1e-6, answer.name) }
        }
    }

    /// With logical shards the weights are the same bytes on any number of ranks.
    func testLogicalShards() throws {
        let folder = try Folder()
        var config = GraphConfig()
        config.rest = "distributed: {logical_shards: 3}"
        let path = try config.write(to: folder)
        var weights: [[Float]]?
        for ranks in [nil, 2, 3] {
            let train = try CommandRun.run(ranks: ranks, ["train", path, "--output", folder["out"]])
            XCTAssertEqual(train.status, 0, train.report)
            let found = try loadModel(folder["out/model.keras"]).weights.map(\.value.scalars)
            XCTAssertEqual(found.map { $0.map(\.bitPattern) }, (weights ?? found).map { $0.map(\.bitPattern) }, "\(ranks ?? 1) ranks")
            weights = found
        }
    }

    /// Lists in the order of outputs, a loss for all, outputs that are not trained, weights for all.
    func testOtherForms() throws {
        let folder = try Folder()
        for (compile, names, left) in [
            ("compile: {optimizer: sgd, loss: [mse, null], metrics: [[mae], []]}", ["age_mae", "loss"], ["y_income"]),
            ("compile: {optimizer: sgd, loss: {income: {SparseCategoricalCrossentropy: {}}}}", ["loss"], ["y_age", "sample_weight_age"]),
            (
                "compile: {optimizer: sgd, loss: [mse, sparse_categorical_crossentropy], weighted_metrics: {age: [mae]}}",
                ["age_loss", "age_mae", "income_loss", "loss"], []
            ),
        ] {
            var config = GraphConfig()
            config.compile = compile
            config.data = "data: {train: {npz: part.npz}}"
            let path = try config.write(to: folder)
            try NPZ.write(GraphConfig.arrays(20, seed: 3).filter { !left.contains($0.name) }, to: folder["part.npz"])
            let train = try CommandRun.run(["train", path, "--json", "--output", folder["out"]])
            XCTAssertEqual(train.status, 0, train.report)
            XCTAssertEqual(Set(try XCTUnwrap(train.jsonLines().first).keys), Set(["epoch"] + names), compile)
        }
    }

    /// The weights of one output's samples are not those of another's.
    func testSampleWeightsOfAnOutput() throws {
        let folder = try Folder()
        var config = GraphConfig()
        config.compile =
            "compile: {optimizer: sgd, loss: [mse, sparse_categorical_crossentropy], metrics: &m [[mae], [accuracy]], weighted_metrics: *m}"
        let path = try config.write(to: folder)
        let train = try CommandRun.run(["train", path, "--json", "--output", folder["out"], "--set", "fit.epochs=1"])
        XCTAssertEqual(train.status, 0, train.report)
        let test = try XCTUnwrap(train.jsonLines().last)
        XCTAssertNotEqual(try number(test, "test_age_mae"), try number(test, "test_age_weighted_mae"), accuracy: 1e-4)
        XCTAssertEqual(try number(test, "test_income_accuracy"), try number(test, "test_income_weighted_accuracy"))
    }

    private func number(_ line: [String: Any], _ name: String) throws -> Double {
        try XCTUnwrap(line[name] as? Double ?? (line[name] as? Int).map(Double.init), "no \(name) in \(line)")
    }
}
