import Foundation
import LockstepNN
import LockstepTensor
import XCTest

final class RegularizerTests: XCTestCase {
    /// Penalties and gradients of tensors of every rank, an empty one included.
    func testAgainstKeras() throws {
        for test in try golden("regularizers")["cases"]!.items {
            let name = test["name"]!.text!, note = "\(name) \(test["arguments"]!)"
            let regularizer = try Regularizers.registry.make(name, test["arguments"]!)
            for value in test["values"]!.items {
                let x = value["x"]!.tensor, tape = GradientTape()
                tape.watch(x)
                let penalty = tape.record { regularizer(x) }
                XCTAssertEqual(penalty.shape, [], note)
                assertNear(penalty.scalars, [Float(value["y"]!.number!)], floor: 0.01, "\(note) of \(x.shape)")
                let gradient = tape.gradient(penalty, x)?.scalars ?? [Float](repeating: 0, count: x.shape.count)
                assertNear(gradient, value["gradient"]!.tensor.scalars, "\(note), gradient of \(x.shape)")
            }
        }
    }

    /// What Keras writes, digit by digit, and what its names stand for.
    func testConfigurationsAgainstKeras() throws {
        let golden = try golden("regularizers")
        func assertWritten(_ regularizer: Regularizer, _ want: ConfigValue, _ note: String) {
            XCTAssertEqual(regularizer.className, want["class_name"]!.text, note)
            XCTAssertEqual(.object(regularizer.config), want["config"]!, note)
        }
        for test in golden["cases"]!.items {
            let written = test["serialized"]!, note = "\(test["name"]!) \(test["arguments"]!)"
            assertWritten(try Regularizers.registry.make(test["name"]!.text!, test["arguments"]!), written, note)
            assertWritten(try Regularizers.registry.make(written), written, "\(note), read again")
        }
        for (name, want) in golden["names"]!.entries.map({ ($0.key, $0.value) }) { assertWritten(try name.makeRegularizer(), want, name) }
        assertWritten(try "l1_l2".makeRegularizer(), golden["names"]!["L1L2"]!, "a name of Keras' function")
        let table: [(Regularizer, Regularizer)] = [
            (L1(0.01), L1()), (L2(0.01), L2()), (L1L2(l1: 0, l2: 0), L1L2()),
            (OrthogonalRegularizer(factor: 0.01, mode: .rows), OrthogonalRegularizer()),
        ]
        for (given, made) in table { XCTAssertEqual(given.config, made.config) }
    }

    /// Gradients by finite differences of the penalty in double, at points away from the kinks of |x|.
    func testGradients() throws {
        let x = Tensor((0 ..< 12).map { Float(($0 * 7) % 12 - 6) * 0.2 + 0.1 }, shape: [4, 3]), h: Float = 1 / 64
        let all = [
            L1(0.3), L2(0.2), L1L2(l1: 0.1, l2: 0.2), OrthogonalRegularizer(factor: 2), OrthogonalRegularizer(factor: 2, mode: .columns),
        ]
        for regularizer in all as [Regularizer] {
            let tape = GradientTape()
            tape.watch(x)
            let gradient = tape.gradient(tape.record { regularizer(x) }, x)!.scalars
            for index in gradient.indices {
                func at(_ step: Float) -> Double {
                    var scalars = x.scalars
                    scalars[index] += step
                    return Double(regularizer(Tensor(scalars, shape: x.shape)).scalar)
                }
                func quotient(_ h: Float) -> Double { (at(h) - at(-h)) / Double(2 * h) }
                let want = (4 * quotient(h / 2) - quotient(h)) / 3
                XCTAssertEqual(
                    Double(gradient[index]), want, accuracy: 2e-4 * max(1, Swift.abs(want)), "\(regularizer.className) [\(index)]")
            }
        }
    }

    /// What layers add to the loss: penalties of outputs, by the size of the batch, then those of weights that are trained.
    func testLayersAgainstKeras() throws {
        let golden = try golden("regularizers")["model"]!, model = try TestModel.regularized.make()
        model.setWeights(golden["weights"]!.items.map(\.tensor))
        for run in golden["runs"]!.items {
            for (index, layer) in model.layers.enumerated() { layer.trainable = Double(index) != run["frozen"]!.number }
            let x = golden["x"]!.tensor, wanted = run["losses"]!.items.map { Float($0.number!) }, note = "layer \(run["frozen"]!) is frozen"
            assertNear(penalties(model, x) + model.regularized.map { $0.regularizer($0.variable.value).scalar }, wanted, note)
            _ = model(x)
            assertNear(model.losses.map(\.scalar), wanted, note)
        }
    }

    /// A layer used twice, and once more inside of another model: its weights count once, each of its outputs counts. In a step of
    /// one's own the tape has all of it.
    func testLayersUsedAgainAgainstKeras() throws {
        clearSession()
        let golden = try golden("regularizers")["nested"]!, x = golden["x"]!.tensor
        let shared = Dense(3, kernelRegularizer: "l2", biasRegularizer: L1(0.2), activityRegularizer: L1L2(l1: 0.1, l2: 0.3))
        let inner = Sequential([Input([3]), shared, Dense(3, kernelRegularizer: "l1")])
        let start = Input([3]), model = Model(inputs: start, outputs: inner(shared(shared(start))))
        model.setWeights(golden["weights"]!.items.map(\.tensor))
        let tape = GradientTape()
        let total = tape.record {
            _ = model(x)
            return model.losses.reduce(Tensor(0), +)
        }
        assertNear(model.losses.map(\.scalar), golden["losses"]!.items.map { Float($0.number!) })
        let weights = model.trainableWeights, gradients = tape.gradient(total, weights)
        for (index, want) in golden["gradients"]!.items.enumerated() {
            // The last bias is part of no penalty.
            let got = gradients[index]?.scalars ?? [Float](repeating: 0, count: weights[index].shape.count)
            assertNear(got, want.tensor.scalars, tolerance: 2e-6, weights[index].path)
        }
    }

    /// The penalties of outputs are those of the parts of a batch, each by its share of the samples; of no samples, none.
    func testPartsOfABatch() throws {
        let model = try TestModel.regularized.make(), x = Tensor.randomNormal([5, 4], seed: 3)
        let parts = [0 ..< 3, 3 ..< 3, 3 ..< 5].map { (share: Float($0.count) / 5, penalties: penalties(model, x[$0])) }
        let whole = penalties(model, x)
        XCTAssertEqual(whole.count, 3)
        assertNear(whole.indices.map { index in parts.reduce(0) { $0 + $1.share * $1.penalties[index] } }, whole)
    }

    private func penalties(_ model: Sequential, _ x: Tensor) -> [Float] {
        let losses = model.run([x], names: ["x"], training: false).losses
        XCTAssertTrue(losses.allSatisfy { $0.reduction == .mean })
        return losses.map(\.value.scalar)
    }

    func testMistakes() {
        func assertError(_ want: String, line: UInt = #line, _ body: () throws -> Any) {
            XCTAssertThrowsError(try body(), want, line: line) { XCTAssertEqual("\($0)", want, line: line) }
        }
        assertError("unknown regularizer \"l3\"; did you mean L1? Known: \(Regularizers.registry.names.joined(separator: ", "))") {
            try "l3".makeRegularizer()
        }
        assertError("L2.l2: expected a number that is not negative, found -0.5") {
            try Regularizers.registry.make("L2", .object(["l2": -0.5]))
        }
        assertError("L2.l1: unknown argument \"l1\"; did you mean l2? Known: l2") {
            try Regularizers.registry.make(.object(["l2": .object(["l1": 1])]))
        }
        assertError("OrthogonalRegularizer.mode: expected rows or columns, found \"row\"") {
            try Regularizers.registry.make("orthogonal_regularizer", .object(["mode": "row"]))
        }
    }

    /// A class of one's own, by its name once it is registered.
    func testOwn() throws {
        final class Spread: Regularizer {
            override func callAsFunction(_ x: Tensor) -> Tensor { x.max() - x.min() }
        }
        Regularizers.registry.register("Spread") { _ in Spread() }
        XCTAssertEqual(try "spread".makeRegularizer()(Tensor([1.5, -2, 0])).scalar, 3.5)
    }
}
