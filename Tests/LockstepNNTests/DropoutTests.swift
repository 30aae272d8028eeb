import LockstepNN
import LockstepTensor
import XCTest

final class DropoutTests: XCTestCase {
    override func setUp() {
        Random.setSeed(5)
        clearSession()
    }

    private func built(_ rate: Float, seed: Int? = nil, name: String = "dropout") -> LockstepNN.Dropout {
        let layer = LockstepNN.Dropout(rate, seed: seed, name: name)
        _ = layer(.ones([1, 40]))
        return layer
    }

    func testKeepsAndScales() {
        let y = built(0.25)(.ones([400, 40]), training: true).scalars
        let kept = y.filter { $0 != 0 }
        XCTAssertEqual(Double(kept.count) / Double(y.count), 0.75, accuracy: 0.017)  // five standard errors
        XCTAssertTrue(kept.allSatisfy { Swift.abs($0 - 4.0 / 3) < 1e-6 })
        XCTAssertEqual(y.reduce(0, +) / Float(y.count), 1, accuracy: 0.023)
    }

    func testIdentityUnlessTraining() {
        let x = Tensor.randomNormal([3, 40], seed: 1), layer = built(0.5)
        XCTAssertEqual(layer(x).scalars, x.scalars)
        XCTAssertEqual(built(0)(x, training: true).scalars, x.scalars)
        XCTAssertTrue(built(1)(x, training: true).scalars.allSatisfy { $0 == 0 })
    }

    /// The mask goes by the run's seed, the layer's path or seed, and the step; not by the call.
    func testMasksDiffer() {
        let x = Tensor.ones([8, 40]), (a, b) = (built(0.5), built(0.5, name: "other"))
        let mask = a(x, training: true).scalars
        XCTAssertEqual(a(x, training: true).scalars, mask)
        XCTAssertEqual(built(0.5)(x, training: true).scalars, mask)
        XCTAssertNotEqual(b(x, training: true).scalars, mask)
        XCTAssertNotEqual(built(0.5, seed: 1)(x, training: true).scalars, mask)
        Random.state.step += 1
        XCTAssertNotEqual(a(x, training: true).scalars, mask)
        Random.state.step -= 1
        XCTAssertEqual(a(x, training: true).scalars, mask)
        Random.setSeed(6)
        XCTAssertNotEqual(a(x, training: true).scalars, mask)
        // No two samples have the same.
        let rows = (0 ..< 8).map { Array(mask[$0 * 40 ..< $0 * 40 + 40]) }
        XCTAssertEqual(Set(rows).count, 8)
    }

    /// A sample's mask depends on its place in the global batch alone: any split into parts gives the same.
    func testSplitOfTheBatch() {
        let x = Tensor.randomNormal([10, 40], seed: 2), layer = built(0.5)
        let whole = layer(x, training: true)
        for cuts in [[0, 10], [0, 5, 10], [0, 3, 6, 10], [0, 0, 1, 9, 10]] {
            let parts = zip(cuts, cuts.dropFirst()).map { start, end -> Tensor in
                Random.state.firstSample = start
                return layer(x[start ..< end], training: true)
            }
            XCTAssertEqual(concatenate(parts, axis: 0).scalars, whole.scalars, "\(cuts)")
        }
    }

    /// The gradient passes where the element did.
    func testGradient() {
        let x = Tensor.ones([5, 40]), layer = built(0.5), tape = GradientTape()
        tape.watch(x)
        let y = tape.record { layer(x, training: true) }
        XCTAssertEqual(tape.gradient(y, x)?.scalars, y.scalars)
    }
}
