import LockstepNN
import LockstepTensor
import XCTest

final class ConfusionMetricTests: XCTestCase {
    override func setUp() { clearSession() }

    /// States, results, names and configurations after each of two batches: Keras' values. Counts without weights are equal
    /// to the last bit; sums of weights are rounded in another order, and a result may take a difference of two of them.
    func testAgainstKeras() throws {
        let golden = try golden("confusion"), tensors = golden["tensors"]!
        for test in golden["cases"]!.items {
            clearSession()
            let metric = try Metrics.registry.make(test["name"]!.text!, test["arguments"]!), weighted = test["weighted"] == true
            let note = "\(test["name"]!.text!) \(test["arguments"]!.json), weighted \(weighted)"
            XCTAssertEqual(metric.name, test["default_name"]!.text!)
            XCTAssertEqual(metric.variables.map(\.name), test["variables"]!.items.map { $0.text! }, note)
            for index in 0 ..< 2 {
                func batch(_ name: String) -> Tensor { tensors[name]!.items[index].tensor }
                metric.updateState(
                    batch(test["y_true"]!.text!), batch(test["y_pred"]!.text!), sampleWeight: weighted ? batch("weights") : nil)
                for (variable, want) in zip(metric.variables, test["states"]!.items.dropFirst(index).first?.items ?? []) {
                    if weighted {
                        assertNear(variable.value.scalars, want.tensor.scalars, tolerance: 2e-6, floor: 50, "\(note), \(variable.name)")
                    } else {
                        XCTAssertEqual(variable.value.scalars, want.tensor.scalars, "\(note), \(variable.name)")
                    }
                }
                let (result, want) = (metric.result(), test["results"]!.items[index].tensor)
                XCTAssertEqual(result.shape, want.shape, note)
                assertNear(result.scalars, want.scalars, tolerance: 2e-6, floor: 1, note)
            }
            for entry in test["config"]!.entries {
                let got = try ConfigValue(json: .init(ConfigValue.object(metric.config).json.utf8))[entry.key]
                XCTAssertEqual(got?.json, entry.value.json, "\(note), \(entry.key)")
            }
            XCTAssertEqual(Set(metric.config.map(\.key)), Set(test["config"]!.entries.map(\.key)), note)
            let copy = try Metrics.registry.make(metric.className, .object(metric.config))
            XCTAssertEqual(copy.config, metric.config, note)
        }
    }

    /// The states of parts of a batch, empty ones too, add up to those of the whole, bit for bit.
    func testStatesOfPartsAddUp() throws {
        let tensors = try golden("confusion")["tensors"]!
        let (scores, rows) = (tensors["scores"]!.items[0].tensor, tensors["rows"]!.items[0].tensor)
        let make: [() -> Metric] = [{ AUC() }, { Precision() }, { Recall(topK: 2) }, { TrueNegatives(thresholds: [0.1, 0.9]) }]
        for make in make {
            let whole = make()
            whole.updateState(rows, scores)
            let parts = [0 ..< 20, 20 ..< 20, 20 ..< 21, 21 ..< 57].map { range in
                let metric = make()
                metric.updateState(rows[range], scores[range])
                return metric
            }
            for (index, variable) in whole.variables.enumerated() {
                let sum = parts.dropFirst().reduce(parts[0].variables[index].value) { $0 + $1.variables[index].value }
                XCTAssertEqual(sum.scalars, variable.value.scalars, whole.name)
            }
        }
    }

    /// In a program the states grow run by run; integers serve as targets; empty parts add nothing.
    func testInAProgram() throws {
        let metrics: [Metric] = [AUC(numThresholds: 3), Precision(topK: 1), FalseNegatives(thresholds: [0.5, 0.25])], graph = Graph()
        graph.trace {
            for metric in metrics {
                metric.updateState(
                    Tensor([1, 0, 0, 1] as [Int32], shape: [2, 2]), Tensor([[0.7, 0.6], [0.8, 0.4]] as [[Float]]),
                    sampleWeight: Tensor([1, 2] as [Float]))
                metric.updateState(.zeros([0, 2]), .zeros([0, 2]), sampleWeight: .zeros([0]))
            }
        }
        let program = Program(graph, outputs: [])
        XCTAssertTrue(metrics.allSatisfy { $0.variables.allSatisfy { $0.value.scalars.allSatisfy { $0 == 0 } } })
        for _ in 0 ..< 3 { program.run() }
        XCTAssertEqual(metrics[0].variables.map(\.value.scalars), [[9, 3, 0], [9, 9, 0], [0, 0, 9], [0, 6, 9]])
        XCTAssertEqual(metrics[1].variables.map(\.value.scalars), [[3], [6]])
        XCTAssertEqual(metrics[2].variables[0].value.scalars, [6, 0])
        assertNear([metrics[1].result().scalar], [1 / 3], tolerance: 1e-7)
    }

    /// Numbers that are none are above no threshold, and nothing is written where it must not be.
    func testNaN() {
        let auc = AUC(), precision = Precision()
        for metric in [auc, precision] {
            metric.updateState(Tensor([1, 0] as [Float]), Tensor([.nan, .infinity] as [Float]))
        }
        XCTAssertEqual(precision.variables.map(\.value.scalars), [[0], [1]])
        XCTAssertTrue(auc.variables.allSatisfy { $0.value.scalars.allSatisfy { $0 == 0 || $0 == 1 } })
    }

    func testWhatAModelCannotReport() throws {
        XCTAssertThrowsError(try Precision(thresholds: [0.1, 0.2], name: "p").validate()) {
            XCTAssertEqual("\($0)", "metric p gives 2 numbers, of which a history can keep one; make a metric for each threshold")
        }
        XCTAssertThrowsError(try "f1_score".validate()) {
            XCTAssertEqual(
                "\($0)",
                "metric f1_score gives a number for each class, of which a history can keep one; set average to micro, macro or weighted")
        }
        XCTAssertThrowsError(try R2Score(classAggregation: nil).validate()) {
            XCTAssertEqual(
                "\($0)",
                "metric r2_score gives a number for each output, of which a history can keep one; "
                    + "set class_aggregation to uniform_average or variance_weighted_average")
        }
        for metric in [F1Score(average: .macro), R2Score(), RecallAtPrecision(precision: 0.5)] { XCTAssertNoThrow(try metric.validate()) }
        XCTAssertNoThrow(try Precision(thresholds: [0.1]).validate())
        XCTAssertNoThrow(try AUC().validate())
        XCTAssertEqual(try "auc".makeMetric(yTrue: [8, 1], yPred: [8, 1]).name, "auc")
    }

    func testWrongArguments() {
        let cases: [(String, ConfigValue, String)] = [
            ("AUC", .object(["num_labels": 3]), "AUC.num_labels: is for multi_label: true alone"),
            (
                "AUC", .object(["multi_label": true, "num_labels": 3, "label_weights": .array([1, 2])]),
                "AUC.label_weights: expected 3 numbers, one for each label, found 2"
            ),
            ("AUC", .object(["label_weights": .array([1, "a"])]), "AUC.label_weights.1: expected a finite number, found \"a\""),
            ("RecallAtPrecision", .object(["precision": 1.5]), "RecallAtPrecision.precision: expected a number between 0 and 1, found 1.5"),
            ("SensitivityAtSpecificity", .null, "SensitivityAtSpecificity: missing specificity: expected a number"),
            (
                "PrecisionAtRecall", .object(["recall": 0.5, "num_thresholds": 0]),
                "PrecisionAtRecall.num_thresholds: expected a number between 1 and 16777216, found 0"
            ),
            ("AUC", .object(["curve": "RCO"]), "AUC.curve: unknown curve \"RCO\"; did you mean ROC? Known: ROC, PR, PRGAIN"),
            ("AUC", .object(["num_thresholds": 1]), "AUC.num_thresholds: expected a number greater than 1, found 1"),
            ("Recall", .object(["thresholds": 1.5]), "Recall.thresholds: expected numbers between 0 and 1, found the number 1.5"),
            ("Recall", .object(["thresholds": .array([0.5, "a"])]), "Recall.thresholds.1: expected numbers between 0 and 1, found \"a\""),
            ("Precision", .object(["top_k": 0]), "Precision.top_k: expected a number of at least 1, found 0"),
            (
                "Precision", .object(["topk": 1]),
                "Precision.topk: unknown argument \"topk\"; did you mean top_k? Known: thresholds, top_k, class_id, name"
            ),
        ]
        for (name, arguments, want) in cases {
            XCTAssertThrowsError(try Metrics.registry.make(name, arguments)) { XCTAssertEqual("\($0)", want) }
        }
    }
}
