import LockstepTensor
import XCTest

@testable import LockstepNN

/// Graphs of layers: which layers are part of them, in which order, and what they compute. Figures of whole graphs against Keras are in
/// GoldenGraphTests.
final class FunctionalTests: XCTestCase {
    override func setUp() { clearSession() }

    /// Rows of different numbers.
    private func rows(_ count: Int, _ width: Int, from first: Float = 0.5) -> Tensor {
        Tensor((0 ..< count * width).map { first + Float($0 % 7) * 0.25 - Float($0 % 3) }, shape: [count, width])
    }

    func testAGraphComputesWhatItsLayersDo() {
        let (a, b) = (Input([3], name: "a"), Input([2], name: "b"))
        let (left, right) = (Dense(4, activation: "tanh", name: "left"), Dense(4, name: "right"))
        let model = Model(inputs: [a, b], outputs: [left(a) * 2 + right(b), right(b)])
        let (x, y) = (rows(5, 3), rows(5, 2))
        let outputs: [Tensor] = model([x, y])
        let (l, r): (Tensor, Tensor) = (left(x), right(y))
        XCTAssertEqual(outputs[0].scalars, (l * 2 + r).scalars)
        XCTAssertEqual(outputs[1].scalars, r.scalars)
        let named = model(["a": x, "b": y])
        XCTAssertEqual(named.keys.sorted(), ["add", "right"])
        XCTAssertEqual(named["add"]!.scalars, outputs[0].scalars)
        XCTAssertEqual(model.outputNames, ["add", "right"])
        XCTAssertEqual(model.inputNames, ["a", "b"])
        XCTAssertEqual(model.outputs.map(\.shape), [[Shape.unknown, 4], [Shape.unknown, 4]])
    }

    /// Order of layers, and of their weights, as Keras 3.15.1 gives them for the same graph.
    func testOrderOfLayers() {
        let (a, b) = (Input([3], name: "a"), Input([3], name: "b"))
        let shared = Dense(3, name: "shared")
        let deep = Dense(3, name: "deep2")(Dense(3, name: "deep1")(shared(a)))
        let model = Model(inputs: [b, a], outputs: Dense(1, name: "out")(deep + shared(b)))
        // Printed by Keras for `keras.Model([b, a], Dense(1)(Dense(3)(Dense(3)(shared(a))) + shared(b)))`.
        XCTAssertEqual(model.layers.map(\.name), ["a", "shared", "deep1", "b", "deep2", "out"])
        XCTAssertEqual(
            model.weights.map(\.path),
            ["shared/kernel", "shared/bias", "deep1/kernel", "deep1/bias", "deep2/kernel", "deep2/bias", "out/kernel", "out/bias"])
    }

    func testOneSetOfWeightsForEveryCallOfALayer() {
        let (a, b, shared) = (Input([2]), Input([2]), Dense(1, useBias: false))
        let model = Model(inputs: [a, b], outputs: shared(a) + shared(b))
        XCTAssertEqual(model.weights.count, 1)
        let tape = GradientTape(), x = rows(4, 2)
        let loss = tape.record { (model([x, x * 3]) as Tensor).sum() }
        // d/dw Σ (x·w + 3x·w) = 4 Σ x
        let sums = x.sum(axes: [0]).scalars
        for (found, sum) in zip(tape.gradient(loss, shared.kernel)!.scalars, sums) { XCTAssertEqual(found, 4 * sum, accuracy: 1e-5) }
    }

    func testModelsAreLayersOfModels() {
        let x = Input([2], name: "x")
        let inner = Model(inputs: x, outputs: [Dense(2, name: "p")(x), Dense(1, name: "q")(x)], name: "inner")
        let (a, b) = (Input([2], name: "a"), Input([2], name: "b"))
        let (first, second): ([KerasTensor], [KerasTensor]) = (inner([a]), inner([b]))
        let stack = Sequential([Dense(3, name: "s1"), Dense(1, name: "s2")], name: "stack")
        let middle = Model(inputs: [a, b], outputs: stack(first[0] + second[0]) * first[1], name: "middle")
        let (c, d) = (Input([2], name: "c"), Input([2], name: "d"))
        let outer = Model(inputs: [c, d], outputs: middle([c, d]) as KerasTensor)
        XCTAssertEqual(outer.layers.map(\.name), ["c", "d", "middle"])
        XCTAssertEqual(
            outer.weights.map(\.path),
            ["p/kernel", "p/bias", "q/kernel", "q/bias", "stack/s1/kernel", "stack/s1/bias", "stack/s2/kernel", "stack/s2/bias"])
        let (u, v) = (rows(3, 2), rows(3, 2, from: -1))
        let (i, j): ([Tensor], [Tensor]) = (inner(u), inner(v))
        XCTAssertEqual((outer([u, v]) as Tensor).scalars, (stack(i[0] + j[0]) * i[1]).scalars)
        inner.trainable = false
        XCTAssertEqual(outer.trainableWeights.map(\.name), ["kernel", "bias", "kernel", "bias"])
        XCTAssertEqual(outer.nonTrainableWeights.count, 4)
    }

    func testAModelGrownFromAnInnerOutput() {
        let x = Input([3])
        let hidden = Dense(4, activation: "relu", name: "hidden")(x)
        let small = Model(inputs: x, outputs: Dense(1, name: "small")(hidden))
        let features = small.layer(named: "hidden")!.output
        let grown = Model(inputs: small.inputs, outputs: [small.output, Dense(2, name: "head")(features)])
        XCTAssertTrue(grown.weights.starts(with: small.weights) { $0 === $1 })
        XCTAssertEqual(grown.weights.count, 6)
        let input = rows(4, 3), outputs: [Tensor] = grown(input)
        XCTAssertEqual(outputs[0].scalars, small(input).scalars)
    }

    /// A model between inner tensors has inputs of its own, and the same layers.
    func testAPartOfAGraph() {
        let x = Input([3]), first = Dense(4, name: "first"), second = Dense(2, name: "second")
        let hidden = first(x), whole = Model(inputs: x, outputs: second(hidden))
        let part = Model(inputs: hidden, outputs: whole.output)
        XCTAssertEqual(part.layers.map(\.className), ["InputLayer", "Dense"])
        let input = rows(4, 3)
        XCTAssertEqual(part(first(input)).scalars, whole(input).scalars)
        XCTAssertEqual(part.weights.map(\.path), ["second/kernel", "second/bias"])
    }

    func testDictionariesOfTensors() {
        let (a, b) = (Input([1], name: "a"), Input([1], name: "b"))
        let model = Model(inputs: ["b": b, "a": a], outputs: ["sum": a + b, "difference": a - b])
        XCTAssertEqual([model.inputNames, model.outputNames], [["a", "b"], ["difference", "sum"]])
        let outputs = model(["b": Tensor([[1]] as [[Float]]), "a": Tensor([[5]] as [[Float]])])
        XCTAssertEqual([outputs["sum"]!.scalar, outputs["difference"]!.scalar], [6, 4])
    }

    /// Unknown lengths stay unknown, and types are those of the calls.
    func testSpecsComeFromCalls() {
        let x = Input([nil, 3], dtype: .int32)
        let y = Dense(4)(x)
        XCTAssertEqual(y.shape, [Shape.unknown, Shape.unknown, 4])
        XCTAssertEqual([x.dtype, y.dtype], [.int32, .float32])
        XCTAssertEqual(Flatten()(Input([2, 3])).shape, [Shape.unknown, 6])
        let model = Model(inputs: x, outputs: y)
        XCTAssertEqual(model(.ones([2, 5, 3])).shape, [2, 5, 4])
        XCTAssertEqual(model(.ones([1, 2, 3])).shape, [1, 2, 4])
    }

    /// What a call says about training holds for that call, whatever the model's says.
    func testTrainingOfACall() {
        let x = Input([100])
        let always = Model(inputs: x, outputs: Dropout(0.5)(x, training: true))
        let never = Model(inputs: x, outputs: Dropout(0.5)(x, training: false))
        XCTAssertTrue(always(.ones([1, 100])).scalars.contains(0))
        XCTAssertFalse(never(.ones([1, 100]), training: true).scalars.contains(0))
    }

    /// Models, and the weights in them, go when nobody needs them.
    func testNothingIsKeptForever() {
        weak var (layer, model): (Layer?, Model?)
        do {
            let x = Input([2]), dense = Dense(2)
            let made = Model(inputs: x, outputs: dense(dense(x)))
            (layer, model) = (dense, made)
            XCTAssertEqual(dense.inboundNodes.count, 2)
        }
        XCTAssertNil(layer)
        XCTAssertNil(model)
    }
}
