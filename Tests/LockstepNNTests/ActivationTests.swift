import LockstepNN
import LockstepTensor
import XCTest

final class ActivationTests: XCTestCase {
    /// Every known function; Keras itself is accurate to a few units in the last place.
    func testAgainstKeras() throws {
        let golden = try golden("activations"), x = golden["x"]!.tensor
        let known = ActivationFunction.known.map(\.name).filter { $0 != "half" }  // registered below
        XCTAssertEqual(Set(golden["y"]!.entries.map(\.key)), Set(known), "golden.py and the table name the same functions")
        for entry in golden["y"]!.entries {
            let got = try ActivationFunction.named(entry.key)(x.reshaped([1, -1]))
            assertNear(got.scalars, entry.value.tensor.scalars, tolerance: 3e-6, entry.key)
        }
    }

    func testNames() throws {
        XCTAssertEqual(try ActivationFunction.named("swish").name, "silu")
        XCTAssertThrowsError(try ActivationFunction.named("rleu")) {
            XCTAssertTrue("\($0)".hasPrefix("unknown activation \"rleu\"; did you mean relu? Known: linear, "))
        }
        ActivationFunction.register(.init("half") { $0 / 2 })
        XCTAssertEqual(try ActivationFunction.named("half")(Tensor(3)).scalar, 1.5)
        ActivationFunction.register(.init("half") { $0 * 0.5 + 0 })
        XCTAssertEqual(ActivationFunction.known.filter { $0.name == "half" }.count, 1)
    }

    /// Fused with the bias of a Dense or applied after it: the same.
    func testFusedWithABias() throws {
        for function in ActivationFunction.known {
            let dense = Dense(5, activation: function, biasInitializer: RandomNormal(stddev: 1, seed: 1))
            let plain = Dense(5, activation: "linear")
            let x = Tensor.randomNormal([4, 3], seed: 2)
            _ = (dense(x), plain(x))
            plain.kernel.assign(dense.kernel.value)
            plain.bias!.assign(dense.bias!.value)
            assertNear(dense(x).scalars, function(plain(x)).scalars, function.name)
        }
    }
}
