import LockstepNN
import LockstepTensor
import XCTest

final class MergingTests: XCTestCase {
    override func setUp() { clearSession() }

    private func mask(_ value: ConfigValue) -> Tensor? { value == .null ? nil : value.tensor.cast(to: .bool) }

    /// Outputs, masks and configurations that Keras has made (Golden/golden.py), of merging layers and of Masking.
    func testAgainstKeras() throws {
        for (index, golden) in try golden("merging")["cases"]!.items.enumerated() {
            let layer = try Layers.registry.make(golden["layer"]!), want = golden["y"]!.tensor
            let masks = golden["masks"]!.items.map(mask)
            let inputs = golden["inputs"]!.items.enumerated().map { place, input -> Tensor in
                guard place < masks.count, let mask = masks[place] else { return input.tensor }
                return input.tensor.masked(by: mask)
            }
            let note = "case \(index), \(layer.className) of \(inputs.map(\.shape)), masks of \(masks.map { $0?.shape })"
            let y: Tensor = layer(inputs)
            XCTAssertEqual(y.shape, want.shape, note)
            assertNear(y.scalars, want.scalars, tolerance: 2e-6, note)
            XCTAssertEqual(y.mask?.shape, mask(golden["mask"]!)?.shape, note)
            XCTAssertEqual(y.mask?.cast(to: .float32).scalars, mask(golden["mask"]!)?.cast(to: .float32).scalars, note)
            for entry in layer.config {
                assertSame(entry.value, golden["layer"]!["config"]![entry.key] ?? "missing", at: "\(note).\(entry.key)")
            }
            XCTAssertEqual(
                Set(golden["layer"]!["config"]!.entries.map(\.key)).subtracting(["name", "trainable", "dtype"]),
                Set(layer.config.map(\.key)),
                note)
        }
    }

    /// Which layers pass masks on is Keras' `supports_masking`, of all that are registered.
    func testSupportsMaskingAsKeras() throws {
        let supports = try golden("merging")["supports"]!.entries
        for entry in supports {
            let layer = try Layers.registry.make(entry.key, entry.value["config"]!)
            XCTAssertEqual(.bool(layer.supportsMasking), entry.value["supports"], entry.key)
        }
        let others: Set = ["InputLayer", "Input", "Sequential", "Functional", "Doubled"]
        XCTAssertEqual(Set(Layers.registry.names).subtracting(others), Set(supports.map(\.key)))
    }

    /// The functions make layers of symbolic tensors, and compute with tensors.
    func testFunctions() {
        let (x, y) = (Tensor([[1, -2], [3, 4]] as [[Float]]), Tensor([[2, 0.5], [-1, 4]] as [[Float]]))
        let symbolic: [KerasTensor] = [Input([2]), Input([2])]
        let table: [(KerasTensor, Tensor, [Float], String)] = [
            (add(symbolic), add([x, y]), [3, -1.5, 2, 8], "add"),
            (subtract(symbolic), subtract([x, y]), [-1, -2.5, 4, 0], "subtract"),
            (multiply(symbolic), multiply([x, y]), [2, -1, -3, 16], "multiply"),
            (average(symbolic), average([x, y]), [1.5, -0.75, 1, 4], "average"),
            (maximum(symbolic), maximum([x, y]), [2, 0.5, 3, 4], "maximum"),
            (minimum(symbolic), minimum([x, y]), [1, -2, -1, 4], "minimum"),
            (concatenate(symbolic), concatenate([x, y]), [1, -2, 2, 0.5, 3, 4, -1, 4], "concatenate"),
            (dot(symbolic, axes: 1), dot([x, y], axes: 1), [1, 13], "dot"),
            (dot(symbolic, axes: (1, 1)), dot([x, y], axes: (1, 1)), [1, 13], "dot_1"),
        ]
        for (symbol, value, want, _) in table {
            XCTAssertEqual(value.scalars, want)
            let y: Tensor = Model(inputs: symbolic, outputs: symbol)([x, y])
            XCTAssertEqual(y.scalars, want)
            XCTAssertEqual(symbol.shape, y.shape.sample.batched())
        }
        XCTAssertEqual(add(symbolic, name: "both").name, "both/output")
    }

    /// Unknown lengths follow from those of other inputs.
    func testUnknownLengths() {
        let (open, fixed): (KerasTensor, KerasTensor) = (Input([nil, 4]), Input([5, 4]))
        XCTAssertEqual(add([open, fixed]).shape, [nil, 5, 4])
        XCTAssertEqual(concatenate([open, fixed]).shape, [nil, 5, 8])
        XCTAssertEqual(concatenate([open, fixed], axis: 1).shape, [nil, nil, 4])
        XCTAssertEqual(dot([open, fixed], axes: 1).shape, [nil, 4, 4])
        XCTAssertEqual(dot([open, fixed], axes: 2).shape, [nil, nil, 5])
        XCTAssertEqual(add([open, open]).shape, [nil, nil, 4])
    }
}
