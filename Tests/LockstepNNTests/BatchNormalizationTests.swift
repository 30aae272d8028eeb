import LockstepNN
import LockstepTensor
import XCTest

/// `checkLayer` over ranks and axes; the input has no pattern, so that no channel is constant.
func checkBatchNormalization() throws {
    func input(_ shape: Shape) -> Tensor { .randomUniform(shape, low: -2, high: 2, seed: 3) }
    let all = ["gamma", "beta", "moving_mean", "moving_variance"]
    func weights(_ names: [String], _ channels: Int) -> [(name: String, shape: Shape)] { names.map { ($0, [channels]) } }
    // The function of the input is steep where a channel's values lie close together: small steps.
    let step: Float = 1 / 64, tolerance = 2e-3
    try checkLayer({ BatchNormalization() }, input: input([6, 3]), weights: weights(all, 3), step: step, tolerance: tolerance)
    try checkLayer(
        { BatchNormalization(axis: 1, momentum: 0.5, epsilon: 0.01) }, input: input([3, 2, 4]), weights: weights(all, 2), step: step,
        tolerance: tolerance)
    try checkLayer(
        { BatchNormalization(axis: -2, center: false, synchronized: true) }, input: input([2, 2, 3, 2]),
        weights: weights(["gamma", "moving_mean", "moving_variance"], 3), step: step, tolerance: tolerance)
    try checkLayer(
        { BatchNormalization(center: false, scale: false) }, input: input([5, 2]), weights: weights(["moving_mean", "moving_variance"], 2),
        step: step, tolerance: tolerance)
}

final class BatchNormalizationTests: XCTestCase {
    private func make(_ test: ConfigValue, synchronized: Bool) throws -> BatchNormalization {
        let layer = try Layers.registry.make(
            "BatchNormalization", .object(test["arguments"]!.entries + [.init("synchronized", .bool(synchronized))]))
        layer.build(inputShape: test["batches"]!.items[0].tensor.shape)
        for (variable, value) in zip(layer.weights, test["start"]!.items) { variable.assign(value.tensor) }
        return layer as! BatchNormalization
    }

    /// Outputs of two batches in training and one in inference, and the moving statistics after them: Keras' values. With
    /// one shard, synchronised is the same. Keras computes x·a - mean·a rather than (x - mean)·a, which costs it some units
    /// in the last place of numbers around 100 where a batch has one row.
    func testAgainstKeras() throws {
        for test in try golden("normalization").items {
            for synchronized in [false, true] {
                let layer = try make(test, synchronized: synchronized), note = "\(test["arguments"]!.json)"
                XCTAssertEqual(layer.weights.map(\.name), test["names"]!.items.map { $0.text! }, note)
                for (index, (x, want)) in zip(test["batches"]!.items, test["outputs"]!.items).enumerated() {
                    assertNear(
                        layer(x.tensor, training: index < 2).scalars, want.tensor.scalars, tolerance: 1e-5, floor: 1, "\(note), \(index)")
                    guard index > 0 else { continue }
                    for (variable, moved) in zip(layer.weights, test["moved"]!.items) {
                        assertNear(variable.value.scalars, moved.tensor.scalars, tolerance: 1e-6, "\(note), \(variable.name)")
                    }
                }
            }
        }
    }

    func testGradientsAgainstKeras() throws {
        for test in try golden("normalization").items {
            for (training, key) in [(true, "training"), (false, "inference")] {
                let layer = try make(test, synchronized: false), x = test["batches"]!.items[0].tensor, mix = test["mix"]!.tensor
                let tape = GradientTape(persistent: true)
                tape.watch(x)
                let target = tape.record { (layer(x, training: training) * mix).sum() }
                let found = tape.gradient(target, layer.trainableWeights) + [tape.gradient(target, x)]
                for (gradient, want) in zip(found, test["gradients"]![key]!.items) {
                    assertNear(
                        gradient!.scalars, want.tensor.scalars, tolerance: 1e-5, floor: 1,
                        "\(test["arguments"]!.json), \(key), \(want.tensor.shape)")
                }
            }
        }
    }

    /// As Keras has it, a frozen layer normalizes by its moving statistics and leaves them alone.
    func testFrozen() {
        let layer = BatchNormalization(), x = Tensor.randomUniform([5, 3], low: 0, high: 4, seed: 1)
        _ = layer(x, training: true)
        layer.trainable = false
        let before = layer.weights.map(\.value.scalars)
        XCTAssertEqual(layer(x, training: true).scalars, layer(x).scalars)
        XCTAssertEqual(layer.weights.map(\.value.scalars), before)
        XCTAssertEqual(layer.nonTrainableWeights.count, 4)
        layer.trainable = true
        XCTAssertEqual(layer.trainableWeights.map(\.name), ["gamma", "beta"])
        XCTAssertNotEqual(layer(x, training: true).scalars, layer(x).scalars)
    }

    /// A part of a batch may be empty: nothing becomes NaN, the gradients are zero.
    func testNoRows() {
        for synchronized in [false, true] {
            let layer = BatchNormalization(synchronized: synchronized), empty = Tensor.zeros([0, 3])
            let tape = GradientTape()
            let target = tape.record { layer(empty, training: true).sum() }
            for gradient in tape.gradient(target, layer.trainableWeights) { XCTAssertEqual(gradient?.scalars, [0, 0, 0]) }
            XCTAssertTrue(layer.weights.allSatisfy { $0.value.scalars.allSatisfy(\.isFinite) })
        }
    }

    /// A mean far from zero costs no digits of the variance: two passes.
    func testALargeMean() {
        let layer = BatchNormalization(epsilon: 1e-6), x = Tensor([[4097], [4098], [4099], [4100]] as [[Float]])
        assertNear(layer(x, training: true).scalars, [-1.5, -0.5, 0.5, 1.5].map { $0 / Float(1.25).squareRoot() }, tolerance: 1e-5)
    }

    /// The statistics of the global batch need one sum over shards forward, and the gradients one backward; those of a part alone need none.
    func testSumsOverShards() {
        for (synchronized, forward, all) in [(false, 0, 0), (true, 1, 2)] {
            let layer = BatchNormalization(synchronized: synchronized), x = Tensor.randomUniform([4, 3], low: -1, high: 1, seed: 1)
            _ = layer(x)
            let graph = Graph()
            func sums() -> Int { graph.records.filter { $0.operation.name == "ShardSum" }.count }
            graph.trace {
                let tape = GradientTape()
                tape.watch(x)
                let y = tape.record { square(layer(x, training: true)).sum() }
                XCTAssertEqual(sums(), forward)
                _ = tape.gradient(y, [x])
            }
            XCTAssertEqual(sums(), all)
        }
    }

    func testArgumentsThatAreNotSupported() {
        XCTAssertThrowsError(try Layers.registry.make("BatchNormalization", .object(["renorm": true]))) {
            XCTAssertEqual("\($0)", "BatchNormalization.renorm: renorm is not supported yet")
        }
        XCTAssertThrowsError(try Layers.registry.make("BatchNormalization", .object(["momentun": 0.5])))
    }

    /// What a mask leaves out has no part in the statistics: those are of the other steps alone.
    func testMaskedStepsDoNotCount() {
        let x = Tensor((0 ..< 24).map { Float($0 * $0 % 11) - 3 }, shape: [3, 4, 2])
        let kept = [0, 2, 3, 5, 9], mask = Tensor((0 ..< 12).map { kept.contains($0) }, shape: [3, 4])
        let rows = Tensor(kept.flatMap { [x.scalars[2 * $0], x.scalars[2 * $0 + 1]] }, shape: [kept.count, 2])
        for synchronized in [false, true] {
            let (masked, plain) = (BatchNormalization(synchronized: synchronized), BatchNormalization(synchronized: synchronized))
            let found: Tensor = masked(x.masked(by: mask), training: true), expected: Tensor = plain(rows, training: true)
            for (row, place) in kept.enumerated() {
                for channel in 0 ..< 2 {
                    XCTAssertEqual(found.scalars[2 * place + channel], expected.scalars[2 * row + channel], accuracy: 1e-5)
                }
            }
            for (a, b) in zip(masked.weights, plain.weights) {
                for (a, b) in zip(a.value.scalars, b.value.scalars) { XCTAssertEqual(a, b, accuracy: 1e-6) }
            }
        }
    }
}
