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
        let unknown = ["Mean", "Sum", "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"]
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
        let more: [(Metric, Shape, Shape, String?)] = [
            (
                F1Score(), [n, 3, 2], [n, 3, 2],
                "targets of shape (None, 3, 2) for predictions of shape (None, 3, 2); expected both of shape (batch, classes)"
            ),
            (R2Score(), [n, 3, 2], [n, 3, 2], "expected predictions of shape (batch, outputs), not (None, 3, 2)"),
            (R2Score(), [n], [n, 1], nil),
            (AUC(multiLabel: true), [n], [n], "multi_label needs predictions of shape (batch, labels), not (None,)"),
            (AUC(multiLabel: true, numLabels: 4), [n, 3], [n, 3], "counts of 4 labels for predictions of shape (None, 3)"),
            (AUC(labelWeights: [1, 2]), [n, 3], [n, 3], "2 label_weights for predictions of shape (None, 3)"),
            (MeanIoU(numClasses: 3), [n, 8, 8], [n, 8, 8], nil),
            (MeanIoU(numClasses: 3, sparseYPred: false), [n, 8, 8], [n, 8, 8, 3], nil),
            (
                MeanIoU(numClasses: 3), [n, 8, 8], [n, 8, 8, 3],
                "targets of shape (None, 8, 8) for predictions of shape (None, 8, 8, 3); expected classes and classes, or other sparse_y_true and sparse_y_pred"
            ),
            (OneHotIoU(numClasses: 3, targetClassIDs: [1]), [n, 3], [n, 3], nil),
            (Metrics.CosineSimilarity(axis: 2), [n, 3], [n, 3], "axis 2 is not one behind the samples of an output of shape (None, 3)"),
            (Metrics.PearsonCorrelation(axis: 0), [n, 3], [n, 3], "axis 0 is not one behind the samples of an output of shape (None, 3)"),
            (MeanRelativeError(normalizer: [1, 2]), [n, 3], [n, 3], "a normalizer of 2 numbers for predictions of shape (None, 3)"),
            (
                TopKCategoricalAccuracy(), [n], [n, 3],
                "targets of shape (None,) for predictions of shape (None, 3); integer labels need the sparse form"
            ),
        ]
        for (metric, yTrue, yPred, want) in more { XCTAssertEqual(metric.problem(yTrue: yTrue, yPred: yPred), want, metric.name) }
        let score = F1Score(average: .macro)
        score.updateState(.ones([2, 3]), .ones([2, 3]))
        XCTAssertEqual(score.problem(yTrue: [n, 4], yPred: [n, 4]), "counts of 3 classes for predictions of shape (None, 4)")
    }

    /// In a program states of whatever kind grow run by run; parts without samples add nothing.
    func testAllStatesInAProgram() throws {
        let metrics: [Metric] = [
            F1Score(average: .micro), R2Score(), MeanIoU(numClasses: 2, sparseYTrue: false, sparseYPred: false), AUC(multiLabel: true),
            TopKCategoricalAccuracy(k: 1), SensitivityAtSpecificity(specificity: 0.5), RootMeanSquaredError(), Metrics.Hinge(),
            MeanRelativeError(normalizer: [2]), Metrics.PearsonCorrelation(),
        ]
        let y = Tensor([[1, 0], [0, 1], [1, 0]] as [[Float]]), p = Tensor([[0.7, 0.6], [0.8, 0.4], [0.9, 0.1]] as [[Float]]),
            graph = Graph()
        graph.trace {
            for metric in metrics {
                metric.updateState(y, p, sampleWeight: Tensor([1, 2, 1] as [Float]))
                metric.updateState(.zeros([0, 2]), .zeros([0, 2]), sampleWeight: .zeros([0]))
            }
        }
        let program = Program(graph, outputs: [])
        XCTAssertTrue(metrics.allSatisfy { $0.variables.allSatisfy { $0.value.scalars.allSatisfy { $0 == 0 } } })
        for _ in 0 ..< 3 { program.run() }
        for metric in metrics {
            let sums = metric.variables.map(\.value.scalars)
            metric.resetState()
            for _ in 0 ..< 3 { metric.updateState(y, p, sampleWeight: Tensor([1, 2, 1] as [Float])) }
            XCTAssertEqual(metric.variables.map(\.value.scalars), sums, metric.name)
            XCTAssertFalse(sums.joined().allSatisfy { $0 == 0 }, metric.name)
        }
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
