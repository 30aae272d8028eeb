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
            let arguments: ConfigValue =
                switch entry.key {
                case "Dense": .object(["units": 1])
                case "Activation": .object(["activation": "relu"])
                case "Dropout": .object(["rate": 0.5])
                case "Reshape": .object(["target_shape": .array([1])])
                case "Permute": .object(["dims": .array([1])])
                case "RepeatVector": .object(["n": 1])
                case "Dot": .object(["axes": 1])
                default: .null
                }
            XCTAssertEqual(.bool(try Layers.registry.make(entry.key, arguments).supportsMasking), entry.value, entry.key)
        }
        let others: Set = ["InputLayer", "Input", "Sequential", "Functional", "Doubled"]
        XCTAssertEqual(Set(Layers.registry.names).subtracting(others), Set(supports.map(\.key)))
    }
}
