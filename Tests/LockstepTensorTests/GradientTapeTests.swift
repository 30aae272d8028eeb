import LockstepTensor
import XCTest

final class GradientTapeTests: XCTestCase {
    func testVariablesAreWatchedByThemselves() {
        let v = Variable(Tensor([1, 2, 3] as [Float])), frozen = Variable(Tensor([2] as [Float]), trainable: false)
        let tape = GradientTape()
        let y = tape.record { (v.value * v.value * frozen.value).sum() }
        let gradients = tape.gradient(y, [v, frozen])
        XCTAssertEqual(gradients[0]?.scalars, [4, 8, 12])
        XCTAssertNil(gradients[1])
    }

    func testTensorsOnlyIfWatched() {
        let x = Tensor(3), v = Variable(Tensor(2))
        var tape = GradientTape()
        var y = tape.record { x * v.value }
        XCTAssertNil(tape.gradient(y, x))
        tape = GradientTape()
        tape.watch(x)
        y = tape.record { x * v.value }
        XCTAssertEqual(tape.gradient(y, x)?.scalar, 2)
    }

    func testIntermediateResults() {
        let x = Tensor(3), tape = GradientTape()
        tape.watch(x)
        let (y, z) = tape.record {
            let y = square(x); return (y, y * y)
        }
        XCTAssertEqual(tape.gradient(z, y)?.scalar, 18)
    }

    func testNoDependence() {
        let (v, w) = (Variable(Tensor(1)), Variable(Tensor(2)))
        let tape = GradientTape(persistent: true)
        let (y, constant, mask) = tape.record { (v.value * 2, Tensor(5) * 2, (v.value .> 0).cast(to: .float32)) }
        XCTAssertEqual(tape.gradient(y, [w, v]).map { $0?.scalar }, [nil, 2])
        XCTAssertNil(tape.gradient(constant, v))
        XCTAssertNil(tape.gradient(mask, v))
        let unread = GradientTape()
        XCTAssertNil(unread.gradient(unread.record { Tensor(1) * 2 }, v))
    }

    /// Of a target with several elements, the gradient of their sum, as TensorFlow's.
    func testTargetOfSeveralElements() {
        let v = Variable(Tensor([1, 2] as [Float])), tape = GradientTape()
        let y = tape.record { square(v.value) }
        XCTAssertEqual(tape.gradient(y, v)?.scalars, [2, 4])
        let same = GradientTape()
        XCTAssertEqual(same.gradient(same.record { v.value }, v)?.scalars, [1, 1])
    }

    func testAVariableReadTwice() {
        let v = Variable(Tensor(3)), tape = GradientTape()
        let y = tape.record {
            let first = v.value; return first * v.value * v.value
        }
        XCTAssertEqual(tape.gradient(y, v)?.scalar, 27)
    }

    /// Read before the tape began as well: what the tape reads is the same value.
    func testReadBeforeTheTape() {
        let v = Variable(Tensor(3)), before = v.value, tape = GradientTape()
        let y = tape.record { v.value * before }
        XCTAssertEqual(tape.gradient(y, v)?.scalar, 6)
        let later = GradientTape()
        XCTAssertNil(later.gradient(later.record { before * 2 }, v), "never read while this tape recorded")
    }

    /// y = v · v', v' = v + 1 assigned in between. Each read counts where it stood; the assignment is no operation.
    func testAssignmentBetweenReads() {
        let v = Variable(Tensor(3)), tape = GradientTape()
        let y = tape.record {
            let first = v.value
            v.assignAdd(Tensor(1))
            return first * v.value
        }
        XCTAssertEqual(y.scalar, 12)
        XCTAssertEqual(tape.gradient(y, v)?.scalar, 7)
        XCTAssertEqual(v.value.scalar, 4)
    }

    func testOutsideOfRecordNothingIsNoted() {
        let v = Variable(Tensor(3)), tape = GradientTape()
        let y = tape.record { square(v.value) }
        let z = y * 5
        XCTAssertNil(tape.gradient(z, v))
    }

    func testPersistentTape() {
        let v = Variable(Tensor(3)), tape = GradientTape(persistent: true)
        let (y, z) = tape.record { (square(v.value), v.value * 5) }
        XCTAssertEqual(tape.gradient(y, v)?.scalar, 6)
        XCTAssertEqual(tape.gradient(z, v)?.scalar, 5)
        XCTAssertEqual(tape.gradient(y, v)?.scalar, 6)
        let more = tape.record { z * z }
        XCTAssertEqual(tape.gradient(more, v)?.scalar, 150)
    }

    func testNestedTapes() {
        XCTAssertEqual((0 ... 4).map { derivative($0) }, [8, 12, 12, 6, 0])
    }

    /// The derivative of x³ at 2, taken `order` times.
    private func derivative(_ order: Int) -> Float {
        let x = Variable(Tensor(2))
        func take(_ order: Int) -> Tensor {
            if order == 0 { return x.value * x.value * x.value }
            let tape = GradientTape()
            let y = tape.record { take(order - 1) }
            return tape.gradient(y, x) ?? Tensor(0)
        }
        return take(order).scalar
    }

    /// A tape inside that ends first does not disturb the one outside.
    func testATapeInsideAnother() {
        let v = Variable(Tensor(3)), outer = GradientTape(), inner = GradientTape()
        let (y, slope) = outer.record { () -> (Tensor, Tensor) in
            let y = inner.record { square(v.value) }
            return (y * 2, inner.gradient(y, v)!)
        }
        XCTAssertEqual(slope.scalar, 6)
        XCTAssertEqual(outer.gradient(y, v)?.scalar, 12)
    }

    /// The gradient of a traced computation is traced too.
    func testInAGraph() {
        let v = Variable(Tensor(3)), graph = Graph()
        let gradient = graph.trace {
            let tape = GradientTape()
            return tape.gradient(tape.record { square(v.value) * v.value }, v)!
        }
        let program = Program(graph, outputs: [gradient])
        program.run()
        XCTAssertEqual(gradient.scalar, 27)
        v.assign(Tensor(2))
        program.run()
        XCTAssertEqual(gradient.scalar, 12)
    }
}
