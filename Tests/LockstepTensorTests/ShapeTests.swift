import LockstepTensor
import XCTest

final class ShapeTests: XCTestCase {
    func testCountsAndStrides() {
        let shape: Shape = [2, 3, 4]
        XCTAssertEqual([shape.rank, shape.count, shape.last], [3, 24, 4])
        XCTAssertEqual(shape.strides, [12, 4, 1])
        XCTAssertEqual(shape.sample, [3, 4])
        XCTAssertEqual([shape[0], shape[-1], shape[-3]], [2, 4, 2])
        let scalar: Shape = []
        XCTAssertEqual([scalar.rank, scalar.count, scalar.last], [0, 1, 1])
        XCTAssertEqual(scalar.strides, [])
        XCTAssertEqual((Shape([3, 0, 5])).count, 0)
    }

    /// Products that no machine can count, and none where an axis is empty.
    func testSizesBeyondMemory() {
        XCTAssertEqual(Shape([1 << 24, 1 << 24]).checkedCount, 1 << 48)
        XCTAssertNil(Shape([1 << 24, 1 << 25]).checkedCount)
        XCTAssertNil(Shape([1 << 32, 1 << 32]).checkedCount)
        XCTAssertNil(Shape([.max, .max, 3]).checkedCount)
        XCTAssertEqual(Shape([.max, .max, 0]).checkedCount, 0)
        XCTAssertEqual(Shape([0, .max, .max]).checkedCount, 0)
        XCTAssertEqual(Shape([]).checkedCount, 1)
    }

    /// `nil` is Keras' `None`.
    func testUnknownLengthsInLiterals() {
        let shape: Shape = [nil, 28, nil]
        XCTAssertEqual(shape, Shape([Shape.unknown, 28, Shape.unknown]))
        XCTAssertEqual("\(shape)", "(None, 28, None)")
        XCTAssertFalse(shape.isKnown)
    }

    func testUnknownAxes() {
        XCTAssertEqual(Shape([28, 28]).batched(), [Shape.unknown, 28, 28])
        XCTAssertEqual(Shape([28]).batched(5), [5, 28])
        XCTAssertFalse(Shape([28]).batched().isKnown)
        XCTAssertTrue(Shape([0]).isKnown)
    }

    /// As Python prints a tuple, and Keras an unknown length.
    func testDescription() {
        let texts: [(Shape, String)] = [
            ([], "()"), ([10], "(10,)"), ([2, 3], "(2, 3)"), ([-1, 28, 28], "(None, 28, 28)"), ([-1], "(None,)"),
        ]
        for (shape, text) in texts { XCTAssertEqual("\(shape)", text) }
    }

    /// The examples of NumPy's manual ("General broadcasting rules"), both ways round.
    func testBroadcast() {
        let table: [(Shape, Shape, Shape?)] = [
            ([256, 256, 3], [3], [256, 256, 3]), ([8, 1, 6, 1], [7, 1, 5], [8, 7, 6, 5]), ([5, 4], [1], [5, 4]), ([5, 4], [4], [5, 4]),
            ([15, 3, 5], [15, 1, 5], [15, 3, 5]), ([15, 3, 5], [3, 1], [15, 3, 5]), ([3], [4], nil), ([2, 1], [8, 4, 3], nil),
            ([], [2, 3], [2, 3]), ([], [], []), ([0, 3], [1, 3], [0, 3]), ([0], [2], nil), ([1], [0], [0]),
        ]
        for (a, b, want) in table {
            XCTAssertEqual(a.broadcast(with: b), want, "\(a) with \(b)")
            XCTAssertEqual(b.broadcast(with: a), want, "\(b) with \(a)")
        }
    }
}
