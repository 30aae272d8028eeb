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
