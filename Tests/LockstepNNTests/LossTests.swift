import LockstepNN
import LockstepTensor
import XCTest

final class LossTests: XCTestCase {
    /// Every loss with each reduction, without weights, with one a sample, and with those as a column.
    func testAgainstKeras() throws {
        let golden = try golden("losses"), tensors = golden["tensors"]!
        for test in golden["cases"]!.items {
            let arguments = test["arguments"]!.entries + [.init("reduction", test["reduction"]!)]
            let loss = try Losses.registry.make(test["name"]!.text!, .object(arguments))
            let yTrue = tensors[test["y_true"]!.text!]!.tensor
            let got = loss(
                test["y_true"] == "labels" ? yTrue.cast(to: .int32) : yTrue, tensors[test["y_pred"]!.text!]!.tensor,
                sampleWeight: test["weights"]!.text.map { tensors[$0]!.tensor })
            assertNear(
                [got.scalar], [Float(test["value"]!.number!)], tolerance: 2e-6, floor: 1,
                "\(loss.className) \(ConfigValue.object(arguments).json), weights \(test["weights"]!.json)")
            XCTAssertEqual(loss.name, test["default_name"]!.text!)
        }
    }

    /// The gradient through softmax or sigmoid and loss is that of the logits, also where probabilities round to 0 and 1.
    func testProbabilitiesAreTracedBackToLogits() {
        let x = Variable(Tensor([[40, -40, 0], [-90, 5, 90]] as [[Float]])), labels = Tensor([1, 0] as [Int32])
        let (direct, traced) = (GradientTape(), GradientTape())
        let wanted = direct.record { SparseCategoricalCrossentropy(fromLogits: true)(labels, x.value) }
        let got = traced.record { SparseCategoricalCrossentropy()(labels, softmax(x.value)) }
        XCTAssertEqual(got.scalar, wanted.scalar)
        XCTAssertEqual(got.scalar, 130, accuracy: 1e-4)
        XCTAssertEqual(traced.gradient(got, x)?.scalars, direct.gradient(wanted, x)?.scalars)
        let binary = BinaryCrossentropy()(Tensor([[0]] as [[Float]]), sigmoid(Tensor([[90]] as [[Float]])))
        XCTAssertEqual(binary.scalar, 90)
        for (activation, loss): (ActivationFunction, Loss) in [
            ("sigmoid", BinaryCrossentropy()), ("softmax", SparseCategoricalCrossentropy()),
        ] {
            let dense = Dense(activation.name == "sigmoid" ? 1 : 2, activation: activation)
            _ = dense(.ones([1, 1]))
            dense.kernel.assign(activation.name == "sigmoid" ? Tensor([[90]] as [[Float]]) : Tensor([[0, 90]] as [[Float]]))
            XCTAssertEqual(loss(Tensor([[0]] as [[Float]]), dense(.ones([1, 1]))).scalar, 90, "behind a Dense of \(activation.name)")
        }
        let oneHot = CategoricalCrossentropy()(Tensor([[0, 1, 0], [1, 0, 0]] as [[Float]]), softmax(x.value))
        XCTAssertEqual(oneHot.scalar, 130, accuracy: 1e-4)
    }

    /// The sums over the parts of a batch add up to that of the whole, whatever the parts.
    func testPartsAddUp() throws {
        let tensors = try golden("losses")["tensors"]!
        let (y, p, w) = (tensors["real"]!.tensor, tensors["predicted"]!.tensor, tensors["weights"]!.tensor), loss = MeanSquaredError()
        for weight in [nil, w] {
            let parts = [0 ..< 1, 1 ..< 4, 4 ..< 4, 4 ..< 6].map { loss.weightedSum(y[$0], p[$0], sampleWeight: weight?[$0]).value.scalar }
            let whole = loss.weightedSum(y, p, sampleWeight: weight)
            assertNear([parts.reduce(0, +)], [whole.value.scalar])
            assertNear([whole.value.scalar / 6], [loss(y, p, sampleWeight: weight).scalar])
        }
    }

    /// Targets [n] for predictions [n, 1] and the other way round, without a table of n² differences.
    func testAMissingLastAxis() {
        let column = Tensor([[1], [2], [4]] as [[Float]]), flat = Tensor([1, 3, 2] as [Float])
        XCTAssertEqual(MeanSquaredError()(flat, column).scalar, 5.0 / 3, accuracy: 1e-6)
        XCTAssertEqual(MeanSquaredError()(column, flat).scalar, 5.0 / 3, accuracy: 1e-6)
        XCTAssertEqual(MeanAbsoluteError()(flat, column).scalar, 1)
    }

    /// Images of labels: losses over all axes but the last.
    func testMoreAxes() {
        let logits = Tensor((0 ..< 12).map { Float($0 % 5) }, shape: [1, 2, 2, 3]),
            labels = Tensor([0, 1, 2, 0] as [Int32], shape: [1, 2, 2])
        let flat = SparseCategoricalCrossentropy(fromLogits: true)(labels.reshaped([4]), logits.reshaped([4, 3]))
        let loss = SparseCategoricalCrossentropy(fromLogits: true)
        XCTAssertEqual(loss(labels, logits).scalar, flat.scalar, accuracy: 1e-6)
        XCTAssertEqual(loss(labels.expandingDims(axis: -1), logits).scalar, flat.scalar, accuracy: 1e-6)
        XCTAssertEqual(loss(labels, logits, sampleWeight: Tensor([2] as [Float])).scalar, 2 * flat.scalar, accuracy: 1e-5)
        // Equal weights leave a mean as it is, whether a sample has one or each of its losses.
        let mean = SparseCategoricalCrossentropy(fromLogits: true, reduction: .meanWithSampleWeight)
        for shape: Shape in [[1], [1, 1, 1], [1, 2, 2]] {
            XCTAssertEqual(
                mean(labels, logits, sampleWeight: .constant(Float(3), shape: shape)).scalar, flat.scalar, accuracy: 1e-5,
                "weights of \(shape)")
        }
    }

    func testALossOfOnesOwn() {
        final class Cubed: Loss {
            override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { abs(yTrue - yPred).sum(axes: [-1]) * 3 }
        }
        XCTAssertEqual(Cubed(name: "cubed")(Tensor([[1], [2]] as [[Float]]), Tensor([[0], [0]] as [[Float]])).scalar, 4.5)
    }
}
