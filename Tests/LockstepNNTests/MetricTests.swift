import LockstepNN
import LockstepTensor
import XCTest

final class MetricTests: XCTestCase {
    /// Every metric over two batches, without and with weights: Keras' running result after each.
    func testAgainstKeras() throws {
        let golden = try golden("metrics"), tensors = golden["tensors"]!
        func batch(_ name: String, _ index: Int) -> Tensor {
            let tensor = tensors[name]!.items[index].tensor
            return name.hasPrefix("labels") ? tensor.cast(to: .int32) : tensor
        }
        for test in golden["cases"]!.items {
            let metric = try Metrics.registry.make(test["name"]!.text!, test["arguments"]!), weighted = test["weighted"] == true
            let note = "\(test["name"]!.text!) \(test["arguments"]!.json) of \(test["y_true"]!.json), weighted \(weighted)"
            XCTAssertEqual(metric.name, test["default_name"]!.text!)
            XCTAssertEqual(metric.variables.map(\.name), test["variables"]!.items.map { $0.text! }, note)
            for round in 0 ..< 2 {
                for (index, want) in test["results"]!.items.enumerated() {
                    metric.updateState(
                        batch(test["y_true"]!.text!, index), batch(test["y_pred"]!.text!, index),
                        sampleWeight: weighted ? batch("weights", index) : nil)
                    assertNear([metric.result().scalar], [Float(want.number!)], tolerance: 2e-6, note)
                }
                metric.resetState()
                XCTAssertEqual(metric.result().scalar, 0, "round \(round)")
            }
        }
    }

    /// States add up: the result of a sum of states is that of all samples.
    func testStatesOfPartsAddUp() throws {
        let scores = try golden("metrics")["tensors"]!["scores"]!.items[0].tensor, labels = Tensor([0, 1, 2, 0, 1, 2, 0] as [Int32])
        let whole = SparseCategoricalAccuracy(),
            parts = [0 ..< 2, 2 ..< 2, 2 ..< 7].map { range in
                let metric = SparseCategoricalAccuracy()
                metric.updateState(labels[range], scores[range])
                return metric
            }
        whole.updateState(labels, scores)
        for (index, variable) in whole.variables.enumerated() {
            XCTAssertEqual(variable.value.scalar, parts.reduce(0) { $0 + $1.variables[index].value.scalar })
        }
    }

    func testMeanOfNothingAndOfWeights() {
        let mean = Mean()
        XCTAssertEqual(mean.result().scalar, 0)
        mean.update(Tensor([1, 2, 3] as [Float]))
        XCTAssertEqual(mean.result().scalar, 2)
        mean.update(Tensor([10] as [Float]), sampleWeight: Tensor([3] as [Float]))
        XCTAssertEqual(mean.result().scalar, 6)
        mean.resetState()
        mean.update(Tensor([4] as [Float]), sampleWeight: Tensor([0] as [Float]))
        XCTAssertEqual(mean.result().scalar, 0)
    }

    /// Keras' rule for `metrics=["accuracy"]`.
    func testAccuracyByShapes() throws {
        let table: [(Shape, Shape, String)] = [
            ([8, 1], [8, 1], "BinaryAccuracy"), ([8], [8, 1], "BinaryAccuracy"), ([8], [8, 10], "SparseCategoricalAccuracy"),
            ([8, 1], [8, 10], "SparseCategoricalAccuracy"), ([8, 10], [8, 10], "CategoricalAccuracy"),
            ([8, 4], [8, 4, 10], "SparseCategoricalAccuracy"), ([8, 4, 10], [8, 4, 10], "CategoricalAccuracy"),
        ]
        for (yTrue, yPred, want) in table {
            for name in ["accuracy", "acc"] {
                let metric = try name.makeMetric(yTrue: yTrue, yPred: yPred)
                XCTAssertEqual(metric.className, want, "\(yTrue) and \(yPred)")
                XCTAssertEqual(metric.name, name)
            }
        }
        XCTAssertEqual(try "mae".makeMetric(yTrue: [8, 1], yPred: [8, 1]).name, "mae")
        XCTAssertThrowsError(try "acuracy".validate())
    }

    /// Keras' `_direction`, which does not depend on the name; counts and means have none.
    func testDirections() throws {
        let up = ["BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "Precision", "Recall", "AUC"]
        let down = ["mse", "mae", "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
        let unknown = ["Mean", "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"]
        XCTAssertEqual(up.count + down.count + unknown.count, Metrics.registry.names.count)
        for (names, want) in [(up, Metric.Direction.up), (down, .down), (unknown, nil)] {
            for name in names { XCTAssertEqual(try Metrics.registry.make(name).direction, want, name) }
        }
        XCTAssertEqual(try Metrics.registry.make("mae", .object(["name": "acceleration"])).direction, .down)
        XCTAssertEqual(try "accuracy".makeMetric(yTrue: [8], yPred: [8, 3]).direction, .up)
        XCTAssertEqual(Mean(name: "loss").direction, .down)
        XCTAssertNil(MeanMetricWrapper(name: "accuracy") { $0 - $1 }.direction)
        XCTAssertEqual(MeanMetricWrapper(name: "hits", direction: .up) { $0 - $1 }.direction, .up)
    }

    /// What would be broadcast is refused, and nothing else.
    func testTargetsThatDoNotFit() throws {
        let n = Shape.unknown
        let fitting: [(String, Shape, Shape)] = [
            ("mse", [n], [n, 1]), ("mse", [n, 1], [n, 1]), ("mae", [n, 3], [n, 3]), ("mse", [n, 3, 1], [n, 3]),
            ("mse", [n, 3], [n, 3, 1]),
            ("BinaryAccuracy", [n], [n, 1]), ("BinaryCrossentropy", [n, 4], [n, 4]), ("CategoricalAccuracy", [n, 4], [n, 4]),
            ("SparseCategoricalAccuracy", [n], [n, 4]), ("SparseCategoricalAccuracy", [n, 1], [n, 4]),
            ("SparseCategoricalCrossentropy", [n, 5], [n, 5, 4]), ("AUC", [n], [n, 1]), ("Precision", [n, 2], [n, 2]),
            ("Mean", [n], [n, 2]),
        ]
        for (name, yTrue, yPred) in fitting { XCTAssertNil(try Metrics.registry.make(name).problem(yTrue: yTrue, yPred: yPred), name) }
        let misfits: [(String, Shape, Shape, String)] = [
            ("mse", [n], [n, 10], "one target is needed for each number"),
            ("mse", [n, 1], [n, 10], "one target is needed for each number"),
            ("mae", [n, 3], [n, 1], "one target is needed for each number"),
            ("BinaryAccuracy", [n], [n, 2], "one target is needed for each number"),
            ("BinaryCrossentropy", [n, 1], [n, 2], "one target is needed for each number"),
            ("CategoricalAccuracy", [n], [n, 4], "integer labels need the sparse form"),
            ("CategoricalCrossentropy", [n, 3], [n, 4], "expected (None, 4)"),
            ("SparseCategoricalAccuracy", [n, 4], [n, 4], "expected one integer label for each prediction"),
            ("Recall", [n], [n, 2], "one target is needed for each number"),
        ]
        for (name, yTrue, yPred, wayOut) in misfits {
            XCTAssertEqual(
                try Metrics.registry.make(name).problem(yTrue: yTrue, yPred: yPred),
                "targets of shape \(yTrue) for predictions of shape \(yPred); \(wayOut)", name)
        }
        XCTAssertEqual(
            Precision(classID: 3).problem(yTrue: [n, 3], yPred: [n, 3]),
            "class_id 3 is not on the last axis of predictions of shape (None, 3)")
        XCTAssertNil(Precision(classID: 2).problem(yTrue: [n, 3], yPred: [n, 3]))
        XCTAssertEqual(
            Recall(topK: 4).problem(yTrue: [n, 3], yPred: [n, 3]),
            "top_k 4 of predictions of shape (None, 3), whose last axis has 3 numbers")
        XCTAssertNil(Recall(topK: 3).problem(yTrue: [n, 3], yPred: [n, 3]))
    }

    /// States that lie in one arena move into another, with what they hold, and back.
    func testStatesMove() {
        let metrics = [BinaryAccuracy(), BinaryAccuracy()]
        metrics[0].updateState(Tensor([1, 0] as [Float]), Tensor([1, 1] as [Float]))
        let layout = ParameterLayout(metrics.flatMap(\.variables)), own = layout.gatherParameters()
        let second = ParameterLayout(metrics.reversed().flatMap(\.variables))
        second.gatherParameters()
        XCTAssertEqual(second.runs.count, 2, "left where they are")
        second.gatherParameters(movingAll: true)
        XCTAssertEqual(second.runs.count, 1)
        XCTAssertEqual(metrics.map { $0.result().scalar }, [0.5, 0])
        layout.moveParameters(to: own)
        XCTAssertEqual(layout.runs.count, 1)
        XCTAssertEqual(layout.runs[0].parameters, own.floats)
        XCTAssertEqual(metrics.map { $0.result().scalar }, [0.5, 0])
    }

    /// In a program the state grows run by run.
    func testInAProgram() {
        let metric = BinaryAccuracy(), graph = Graph()
        graph.trace { metric.updateState(Tensor([[1], [0]] as [[Float]]), Tensor([[0.7], [0.6]] as [[Float]])) }
        let program = Program(graph, outputs: [])
        XCTAssertEqual(metric.variables.map(\.value.scalar), [0, 0])
        for _ in 0 ..< 3 { program.run() }
        XCTAssertEqual(metric.variables.map(\.value.scalar), [3, 6])
        XCTAssertEqual(metric.result().scalar, 0.5)
    }
}
