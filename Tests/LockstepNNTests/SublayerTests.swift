import LockstepTensor
import XCTest

@testable import LockstepNN

/// Layers and weights that are stored properties belong to the layer, however they are stored.
final class SublayerTests: XCTestCase {
    override func setUp() { clearSession() }

    /// Dense layers alone, in an array, a dictionary, an optional and two deep; a variable, and things that are none of these.
    private class Everything: Layer {
        let alone = Dense(2, name: "alone")
        let many = [Dense(2, name: "many0"), Dense(2, name: "many1")]
        let named = ["b": Dense(2, name: "b"), "a": Dense(2, name: "a")]
        var maybe: Dense? = Dense(2, name: "maybe"), none: Dense?
        let deep = [[Dense(2, name: "deep0")], [Dense(2, name: "deep1")]]
        let scale = Variable(Tensor(2), name: "scale")
        let numbers = [Float](repeating: 0, count: 10), text = "text"
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            var x = alone(input)
            for layer in many { x = layer(x) }
            for key in named.keys.sorted() { x = named[key]!(x) }
            return deep[1][0](deep[0][0](maybe!(x))) * scale.value
        }
    }

    /// A layer whose class adds layers to another's.
    private final class More: Everything {
        let last = Dense(2, name: "last"), inner = Everything(name: "inner")
        override func call(_ input: Tensor, training: Bool) -> Tensor { inner(last(super.call(input, training: training))) }
    }

    private let names = ["alone", "many0", "many1", "a", "b", "maybe", "deep0", "deep1"]

    func testLayersAreFoundInTheOrderOfProperties() {
        let layer = Everything(name: "everything")
        XCTAssertEqual(layer.sublayers.map(\.name), names)
        XCTAssertEqual(layer.weights.map(\.name), ["scale"])
        _ = layer(.ones([1, 2]))
        XCTAssertEqual(layer.weights.map(\.path), ["scale"] + names.flatMap { ["everything/\($0)/kernel", "everything/\($0)/bias"] })
        XCTAssertEqual(layer.countParams(), 1 + 8 * 6)
        layer.maybe = nil
        XCTAssertEqual(layer.sublayers.map(\.name), names.filter { $0 != "maybe" })
    }

    func testLayersOfAClassAndOfWhatItExtends() {
        let layer = More(name: "more")
        XCTAssertEqual(layer.sublayers.map(\.name), names + ["last", "inner"])
        XCTAssertEqual(layer.sublayers.last?.sublayers.count, 8)
        _ = layer(.ones([1, 2]))
        XCTAssertEqual(layer.weights.count, 1 + 16 + 2 + 1 + 16)
        layer.trainable = false
        XCTAssertEqual(layer.trainableWeights.count, 0)
        XCTAssertFalse(layer.inner.many[1].trainable)
    }

    func testEveryWeightHasAGradient() {
        let layer = More(name: "more"), tape = GradientTape()
        let loss = tape.record { layer(.ones([3, 2])).sum() }
        let weights = layer.trainableWeights
        XCTAssertEqual(tape.gradient(loss, weights).filter { $0 == nil }.count, 0)
        XCTAssertEqual(weights.count, 36)
    }

    /// A layer that is made in the first call is one of the layer's from then on.
    private final class Late: Layer {
        private var inner: Dense?
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            if inner == nil { inner = Dense(1, name: "inner") }
            return inner!(input)
        }
    }

    func testALayerMadeInTheFirstCall() {
        let model = Sequential([Input([3]), Late(name: "late")], name: "net")
        XCTAssertEqual(model.weights.map(\.path), ["net/late/inner/kernel", "net/late/inner/bias"])
    }

    // MARK: Calls in calls

    /// Twice the same dropout.
    private final class Twice: Layer {
        let dropout = Dropout(0.5, name: "dropout")
        override func call(_ input: Tensor, training: Bool) -> Tensor { concatenate([dropout(input), dropout(input)], axis: 1) }
    }

    func testTwoCallsOfADropoutDrawDifferentMasks() {
        let layer = Twice(name: "twice"), x = Tensor.ones([4, 64])
        let y = layer(x, training: true)
        XCTAssertNotEqual(y[0..., 0 ..< 64].scalars, y[0..., 64 ..< 128].scalars)
        XCTAssertEqual(layer(x, training: true).scalars, y.scalars, "a call draws the same again at the same step")
        XCTAssertEqual(layer(x).scalars, [Float](repeating: 1, count: 4 * 128), "training is what the outer call says")
    }

    /// Folds steps into the batch, as TimeDistributed does.
    private final class Folded: Layer {
        let dropout = Dropout(0.5, name: "dropout")
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            let steps = input.shape[1], rows = input.reshaped([input.shape[0] * steps, input.shape[2]])
            return CallContext.current!.folding(steps) { dropout(rows) }.reshaped(input.shape)
        }
    }

    /// The mask of a sample is the same whichever part of the batch is computed.
    func testFoldedRowsDrawByTheirSample() {
        let layer = Folded(name: "folded")
        Random.state.firstSample = 0
        defer { Random.state.firstSample = 0 }
        let whole = layer(.ones([4, 3, 16]), training: true)
        Random.state.firstSample = 2
        XCTAssertEqual(layer(.ones([2, 3, 16]), training: true).scalars, whole[2...].scalars)
    }

    private final class Penalized: Layer {
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            addLoss(input.sum(), reduction: .sum)
            return input
        }
    }

    func testAddedLossesReachTheOutermostCall() {
        let model = Sequential([Input([2]), Penalized(), Penalized()])
        let run = model.run([.ones([3, 2])], names: ["x"], training: true)
        XCTAssertEqual(run.losses.map(\.value.scalar), [6, 6])
    }

    // MARK: Masks

    private final class FirstStep: Layer {
        override var supportsMasking: Bool { true }
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            input.masked(by: Tensor([true, false, true, true], shape: [2, 2]))
        }
    }

    func testMasksTravelWithTensors() {
        let model = Sequential([Input([2, 3]), FirstStep(), Dense(4, activation: "softmax"), Dropout(0.5), Activation("relu")])
        XCTAssertEqual(model(.ones([2, 2, 3])).mask?.boolScalars, [true, false, true, true])
        let ended = Sequential([Input([2, 3]), FirstStep(), Flatten()])
        XCTAssertNil(ended(.ones([2, 2, 3])).mask)
    }
}
