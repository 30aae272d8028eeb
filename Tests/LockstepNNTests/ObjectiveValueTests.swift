import LockstepNN
import LockstepTensor
import XCTest

/// Losses and metrics against what Golden/objectives.py wrote: Keras' values, gradients, states, configurations and names.
final class ObjectiveValueTests: XCTestCase {
    override func setUp() { clearSession() }

    /// Values under every reduction, with weights and masks, and gradients with respect to the predictions.
    func testLosses() throws {
        let golden = try golden("loss_values"), tensors = golden["tensors"]!
        let integers = golden["integers"]!.items.map { $0.text! }
        func tensor(_ key: String) -> Tensor { integers.contains(key) ? tensors[key]!.tensor.cast(to: .int32) : tensors[key]!.tensor }
        for test in golden["cases"]!.items {
            let arguments = test["arguments"]!.entries + [.init("reduction", test["reduction"]!)]
            let loss = try Losses.registry.make(test["name"]!.text!, .object(arguments))
            let note =
                "\(loss.className) \(ConfigValue.object(arguments).json) of \(test["y_true"]!.json) and \(test["y_pred"]!.json), "
                + "weights \(test["weights"]!.json), mask \(test["mask"]!.json)"
            let yTrue = tensor(test["y_true"]!.text!), mask = test["mask"]!.text.map { tensors[$0]!.tensor.cast(to: .bool) }
            let weights = test["weights"]!.text.map { tensors[$0]!.tensor }
            func value(_ yPred: Tensor) -> Tensor {
                loss(yTrue, mask.map { yPred.masked(by: $0) } ?? yPred, sampleWeight: weights)
            }
            let yPred = Variable(tensor(test["y_pred"]!.text!)), tape = GradientTape()
            let got = tape.record { value(yPred.value) }
            // Where no weight is left Keras gives 0, and a mean over no weights none.
            let want = Float(test["value"]!.number!)
            if test["weights"] == "no_weights", got.scalar.isNaN {
                XCTAssertEqual(want, 0, note)
            } else {
                assertNear([got.scalar], [want], tolerance: 1e-5, floor: 0.1, note)
            }
            if let gradient = test["gradient"] {
                assertNear(
                    tape.gradient(got, yPred)?.scalars ?? [Float](repeating: 0, count: yPred.shape.count), gradient.tensor.scalars,
                    tolerance: 1e-5, floor: 0.1, "gradient of \(note)")
            }
            if let serialized = test["serialized"] {
                // What Keras takes, and does not write.
                let written = ConfigValue.object(loss.config.filter { entry in serialized["config"]![entry.key] != nil })
                assertSame(written, serialized["config"]!, at: note)
                XCTAssertEqual(loss.className, serialized["class_name"]!.text!)
                let again = try Losses.registry.make(loss.serialized)
                XCTAssertEqual(again.config, loss.config, note)
                XCTAssertEqual(again.serialized, loss.serialized, note)
                XCTAssertEqual(try Losses.registry.make(serialized).name, loss.name)
            }
        }
    }

    /// The sums over the parts of a batch add up to that of the whole.
    func testSumsOfPartsAddUp() throws {
        let golden = try golden("loss_values"), tensors = golden["tensors"]!, integers = golden["integers"]!.items.map { $0.text! }
        func tensor(_ key: String) -> Tensor { integers.contains(key) ? tensors[key]!.tensor.cast(to: .int32) : tensors[key]!.tensor }
        var count = 0
        for test in golden["cases"]!.items where test["mask"] == .null && test["reduction"] == "sum_over_batch_size" {
            let loss = try Losses.registry.make(test["name"]!.text!, test["arguments"]!)
            // Those whose losses depend on all samples are shown on ranks.
            guard !loss.sumsOverShards else { continue }
            let (y, p, w) = (
                tensor(test["y_true"]!.text!), tensor(test["y_pred"]!.text!), test["weights"]!.text.map { tensors[$0]!.tensor }
            )
            let whole = loss.weightedSum(y, p, sampleWeight: w)
            let parts = [0 ..< 1, 1 ..< 1, 1 ..< 3, 3 ..< 5].map { loss.weightedSum(y[$0], p[$0], sampleWeight: w?[$0]) }
            assertNear([parts.reduce(0) { $0 + $1.value.scalar }], [whole.value.scalar], tolerance: 2e-6, floor: 1, "\(loss.name)")
            if let valid = whole.validEntries {
                XCTAssertEqual(parts.reduce(0) { $0 + $1.validEntries!.scalar }, valid.scalar, loss.name)
            }
            count += 1
        }
        XCTAssertGreaterThan(count, 60)
    }

    /// Results over two batches, states, names, directions and configurations.
    func testMetrics() throws {
        let golden = try golden("metric_values"), tensors = golden["tensors"]!
        let integers = golden["integers"]!.items.map { $0.text! }
        func batch(_ key: String, _ index: Int) -> Tensor {
            let tensor = tensors[key]!.items[index].tensor
            return integers.contains(key) ? tensor.cast(to: .int32) : tensor
        }
        for test in golden["cases"]!.items {
            clearSession()
            let metric = try Metrics.registry.make(test["name"]!.text!, test["arguments"]!), weights = test["weights"]!.text
            let note =
                "\(test["name"]!.text!) \(test["arguments"]!.json) of \(test["y_true"]!.json) and \(test["y_pred"]!.json), "
                + "weights \(test["weights"]!.json)"
            XCTAssertEqual(metric.name, test["default_name"]!.text!, note)
            for index in 0 ..< 2 {
                let (yTrue, yPred) = (batch(test["y_true"]!.text!, index), batch(test["y_pred"]!.text!, index))
                XCTAssertNil(metric.problem(yTrue: yTrue.shape.sample.batched(), yPred: yPred.shape.sample.batched()), note)
                metric.updateState(yTrue, yPred, sampleWeight: weights.map { batch($0, index) })
                let got = metric.result(), want = test["results"]!.items[index]
                XCTAssertEqual(got.shape, Shape(want["shape"]!.items.map { Int($0.number!) }), note)
                assertNearOrNaN(got.scalars, want["scalars"]!.items.map { Float($0.number!) }, note)
            }
            XCTAssertEqual(metric.variables.map(\.name), test["variables"]!.items.map { $0.text! }, note)
            for (variable, want) in zip(metric.variables, test["states"]?.items ?? []) {
                assertNearOrNaN(variable.value.scalars, want.tensor.scalars, "\(note), \(variable.name)")
            }
            if let direction = test["direction"]?.text { XCTAssertEqual(metric.direction, direction == "up" ? .up : .down, note) }
            if let config = test["config"] {
                let written = ConfigValue.object(metric.config.filter { config[$0.key] != nil })
                assertSame(written, config, at: note)
                let again = try Metrics.registry.make(metric.className, .object(metric.config))
                XCTAssertEqual(again.config, metric.config, note)
                XCTAssertEqual(again.serialized, metric.serialized, note)
            }
            metric.resetState()
            XCTAssertTrue(metric.variables.allSatisfy { $0.value.scalars.allSatisfy { $0 == 0 } }, note)
        }
    }

    /// The states of parts of a batch, empty ones too, add up to those of the whole.
    func testStatesOfPartsAddUp() throws {
        let golden = try golden("metric_values"), tensors = golden["tensors"]!
        let integers = golden["integers"]!.items.map { $0.text! }
        func batch(_ key: String) -> Tensor {
            let tensor = tensors[key]!.items[1].tensor
            return integers.contains(key) ? tensor.cast(to: .int32) : tensor
        }
        for test in golden["cases"]!.items {
            let (yTrue, yPred, weights) = (batch(test["y_true"]!.text!), batch(test["y_pred"]!.text!), test["weights"]!.text.map(batch))
            func states(_ ranges: [Range<Int>]) throws -> [[Float]] {
                let metrics = try ranges.map { range in
                    let metric = try Metrics.registry.make(test["name"]!.text!, test["arguments"]!)
                    metric.updateState(yTrue[range], yPred[range], sampleWeight: weights?[range])
                    return metric
                }
                return metrics[0].variables.indices.map { index in
                    metrics.dropFirst().reduce(metrics[0].variables[index].value) { $0 + $1.variables[index].value }.scalars
                }
            }
            guard try !Metrics.registry.make(test["name"]!.text!, test["arguments"]!).sumsOverShards else { continue }
            let whole = try states([0 ..< 9]), parts = try states([0 ..< 4, 4 ..< 4, 4 ..< 5, 5 ..< 9])
            for (part, whole) in zip(parts, whole) { assertNearOrNaN(part, whole, "\(test["name"]!.json) \(test["arguments"]!.json)") }
        }
    }

    private func assertNearOrNaN(_ got: [Float], _ want: [Float], _ note: String, line: UInt = #line) {
        XCTAssertEqual(got.map(\.isNaN), want.map(\.isNaN), note, line: line)
        // An adjusted score may take small differences of large numbers.
        assertNear(got.map { $0.isNaN ? 0 : $0 }, want.map { $0.isNaN ? 0 : $0 }, tolerance: 1e-5, floor: 1, note, line: line)
    }

    func testSums() throws {
        let golden = try golden("objective_names")["sums"]!
        let (values, weights) = (golden["values"]!.tensor, golden["weights"]!.tensor), plain = Sum(), weighted = Sum()
        plain.update(values)
        weighted.update(values[all, 0], sampleWeight: weights)
        assertNear(
            [plain.result().scalar, weighted.result().scalar], [Float(golden["plain"]!.number!), Float(golden["weighted"]!.number!)])
        assertSame(.object(plain.config), golden["config"]!, at: "Sum")
    }

    /// Each name that Keras knows stands for the same class here, but for those that are knowingly absent.
    func testNames() throws {
        let golden = try golden("objective_names")["names"]!
        let absent: [String: Set<String>] = [
            "losses": ["Loss", "LossFunctionWrapper", "CTC", "ctc", "Circle", "circle"],
            "metrics": ["Metric", "metric", "MeanMetricWrapper", "mean_metric_wrapper"],
            "initializers": ["Initializer", "initializer", "STFT", "stft", "STFTInitializer"],
        ]
        // What cannot be made of a name alone.
        let arguments: ConfigValue = .object([
            "IoU": .object(["num_classes": 3, "target_class_ids": .array([0])]),
            "OneHotIoU": .object(["num_classes": 3, "target_class_ids": .array([0])]),
            "MeanIoU": .object(["num_classes": 3]), "OneHotMeanIoU": .object(["num_classes": 3]),
            "SensitivityAtSpecificity": .object(["specificity": 0.5]), "SpecificityAtSensitivity": .object(["sensitivity": 0.5]),
            "PrecisionAtRecall": .object(["recall": 0.5]), "RecallAtPrecision": .object(["precision": 0.5]),
        ])
        for entry in golden["losses"]!.entries where !absent["losses"]!.contains(entry.key) {
            XCTAssertEqual(try Losses.registry.make(entry.key).className, entry.value.text!, "loss \(entry.key)")
            XCTAssertEqual(try entry.key.makeLoss().className, entry.value.text!)
        }
        for entry in golden["metrics"]!.entries where !absent["metrics"]!.contains(entry.key) && entry.key != "accuracy" {
            let metric = try Metrics.registry.make(entry.key, arguments[entry.value.text!] ?? .null)
            XCTAssertEqual(metric.className, entry.value.text!, "metric \(entry.key)")
        }
        for entry in golden["initializers"]!.entries where !absent["initializers"]!.contains(entry.key) {
            XCTAssertEqual(try Initializers.registry.make(entry.key).className, entry.value.text!, "initializer \(entry.key)")
        }
        for name in absent["losses"]! { XCTAssertThrowsError(try Losses.registry.make(name), name) }
        for name in absent["metrics"]! { XCTAssertThrowsError(try Metrics.registry.make(name), name) }
        for name in absent["initializers"]! { XCTAssertThrowsError(try Initializers.registry.make(name), name) }
    }
}
