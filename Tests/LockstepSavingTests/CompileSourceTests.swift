import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Where a model's optimizer, loss and metrics come from, of files by Keras (see golden_compiled.py).
final class CompileSourceTests: SavingTestCase {
    private func load(_ golden: (file: String, weights: [[Float]], iterations: Int), _ source: CompileSource) throws -> Model {
        clearSession()
        let model = try loadModel(self.golden("m.keras", golden.file), compile: source)
        assertSameBits(model.weightBits, golden.weights)
        return model
    }

    private let section: ConfigValue = .object([
        "optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": .array(["accuracy"]),
    ])

    func testFunctionsOfKerasGoByTheirNames() throws {
        let compilation = try XCTUnwrap(load(GoldenCompiled.functions, .fromFile).compilation)
        XCTAssertEqual(compilation.objective.loss?.className, "SparseCategoricalCrossentropy")
        XCTAssertEqual(compilation.objective.metrics.map { $0 as? String }, ["sparse_categorical_accuracy"])
    }

    func testAccuracyInOtherLetters() throws {
        let compilation = try XCTUnwrap(load(GoldenCompiled.accuracy, .fromFile).compilation)
        let metric = try XCTUnwrap(compilation.objective.metrics.first).makeMetric(yTrue: [5], yPred: [5, 2])
        XCTAssertEqual([metric.className, metric.name], ["SparseCategoricalAccuracy", "Accuracy"])
    }

    /// The optimizer's state lies inside of that of the scaling one.
    func testAnOptimizerThatScalesItsLoss() throws {
        let optimizer = try XCTUnwrap(load(GoldenCompiled.mixed, .fromFile).compilation).optimizer
        XCTAssertEqual(optimizer.className, "Adam")
        XCTAssertEqual(optimizer.iterations, GoldenCompiled.mixed.iterations)
        XCTAssertEqual(optimizer.learningRate, 0.05)
        XCTAssertNotNil(optimizer.layout)
    }

    /// What a section names is not needed of the file, and an optimizer that it names starts anew.
    func testASectionReplacesWhatIsNotKnown() throws {
        for golden in [
            GoldenCompiled.muon, GoldenCompiled.scaled, GoldenCompiled.lossWeights, GoldenCompiled.mixed, GoldenCompiled.functions,
        ] {
            let compilation = try XCTUnwrap(load(golden, .replaced(by: section)).compilation)
            XCTAssertEqual(compilation.optimizer.className, "SGD")
            XCTAssertEqual(compilation.optimizer.iterations, 0)
            XCTAssertNil(try load(golden, .none).compilation)
        }
        // What it does not name is as the file says, the optimizer with its state.
        let kept = try XCTUnwrap(load(GoldenCompiled.functions, .replaced(by: .object(["loss": "mse"]))).compilation)
        XCTAssertEqual([kept.optimizer.className, kept.objective.loss?.className], ["Adam", "MeanSquaredError"])
        XCTAssertEqual(kept.objective.metrics.map { $0 as? String }, ["sparse_categorical_accuracy"])
        XCTAssertEqual(kept.optimizer.iterations, GoldenCompiled.functions.iterations)
    }

    func testWeightsOfLosses() throws {
        XCTAssertEqual(try load(GoldenCompiled.lossWeights, .fromFile).compilation?.objective.weight, 0.5)
    }

    /// To evaluate, loss and metrics are taken, and of the optimizer nothing.
    func testEvaluationNeedsNoOptimizer() throws {
        for golden in [GoldenCompiled.muon, GoldenCompiled.scaled, GoldenCompiled.functions] {
            let compilation = try XCTUnwrap(load(golden, .evaluation(by: .null)).compilation)
            XCTAssertEqual(compilation.objective.loss?.className, "SparseCategoricalCrossentropy")
            XCTAssertEqual(compilation.optimizer.iterations, 0)
        }
        let section = ConfigValue.object(["loss": "mse"])
        XCTAssertEqual(try load(GoldenCompiled.muon, .evaluation(by: section)).compilation?.objective.loss?.className, "MeanSquaredError")
    }

    func testWhatIsNotKnownIsNamed() throws {
        for (golden, key, reason) in [
            (GoldenCompiled.muon, "optimizer", #"unknown optimizer "Muon"; did you mean Lion? Known: "#),
            (GoldenCompiled.scaled, "optimizer.SGD.loss_scale_factor", "loss_scale_factor is not supported yet"),
        ] {
            for source in [CompileSource.fromFile, .replaced(by: .object(["metrics": .array(["mse"])]))] {
                XCTAssertThrowsError(try load(golden, source)) { error in
                    guard let error = error as? SavingError else { return XCTFail("\(error)") }
                    XCTAssertEqual(error.source, "\(path("m.keras")), member config.json")
                    XCTAssertTrue(error.message.hasPrefix("compile_config.\(key): \(reason)"), error.message)
                    XCTAssertFalse(error.message.contains("loadModel"), "advice for another interface: \(error)")
                    XCTAssertEqual(error.subject, .compilation)
                    XCTAssertTrue(error.advising("do this").message.hasSuffix("; do this"))
                }
            }
            assertSavingError("\(path("m.keras")), member config.json", reason, "loadModel(…, compile: false)") {
                try loadModel(path("m.keras"))
            }
            XCTAssertNil(try load(golden, .fromFileIfKnown).compilation)
        }
        XCTAssertNotNil(try load(GoldenCompiled.functions, .fromFileIfKnown).compilation)
    }

    /// What is wrong in the section is not the file's fault.
    func testWhatIsWrongInTheSection() throws {
        for (entries, path) in [
            (["optimizer": "sdg"], ["optimizer"]), (["loss": "mess"], ["loss"]), (["metrics": .array(["acuracy"])], ["metrics", "0"]),
        ] as [(KeyValuePairs<String, ConfigValue>, [String])] {
            XCTAssertThrowsError(try load(GoldenCompiled.functions, .replaced(by: .object(entries)))) { error in
                XCTAssertEqual((error as? ConfigError)?.path, path, "\(error)")
            }
        }
    }
}
