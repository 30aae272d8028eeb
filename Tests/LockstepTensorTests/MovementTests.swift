import LockstepTensor
import XCTest

final class MovementTests: XCTestCase {
    func testReshape() {
        let x = Tensor((0 ..< 12).map { Float($0) })
        XCTAssertEqual(x.reshaped([3, -1]).shape, [3, 4])
        XCTAssertEqual(x.reshaped([-1]).shape, [12])
        XCTAssertEqual(x.reshaped([2, 2, 3]).scalars, x.scalars)
        XCTAssertEqual(Tensor.zeros([0, 4]).reshaped([-1, 2]).shape, [0, 2])
        XCTAssertEqual(x.expandingDims(axis: 0).shape, [1, 12])
        XCTAssertEqual(x.expandingDims(axis: -1).shape, [12, 1])
        XCTAssertEqual(Tensor.zeros([2, 3]).expandingDims(axis: -2).shape, [2, 1, 3])
        XCTAssertEqual(Tensor.zeros([1, 3, 1]).squeezed().shape, [3])
        XCTAssertEqual(Tensor.zeros([1, 3, 1]).squeezed(axes: [-1]).shape, [1, 3])
    }

    /// Every order of the axes of shapes with up to four.
    func testTranspose() {
        func orders(_ axes: [Int]) -> [[Int]] {
            axes.isEmpty ? [[]] : axes.flatMap { first in orders(axes.filter { $0 != first }).map { [first] + $0 } }
        }
        for shape: Shape in [[], [5], [3, 4], [1, 7], [33, 17], [2, 3, 4], [2, 0, 3], [2, 3, 4, 5]] {
            let x = Tensor((0 ..< shape.count).map { Float($0) }, shape: shape)
            for order in orders(Array(0 ..< shape.rank)) {
                let target = Shape(order.map { shape[$0] })
                var want = [Double](repeating: 0, count: shape.count)
                forEachPlace(shape) { source, place in want[offset(of: order.map { place[$0] }, in: target)] = Double(source) }
                assertClose(x.transposed(order), want, shape: target, tolerance: 0, "\(shape) by \(order)")
            }
            XCTAssertEqual(x.transposed().shape, Shape(shape.dimensions.reversed()))
        }
        XCTAssertEqual(Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2]).transposed().int32Scalars, [1, 3, 2, 4])
    }

    func testConcatenate() {
        for (shapes, axis): ([Shape], Int) in [
            ([[2], [3]], 0), ([[2, 3], [1, 3], [0, 3]], 0), ([[2, 1], [2, 4]], -1), ([[2, 1, 3], [2, 2, 3]], 1),
        ] {
            var next: Float = 0
            let parts = shapes.map { shape in
                Tensor(
                    (0 ..< shape.count).map { _ in
                        next += 1; return next
                    }, shape: shape)
            }
            let whole = concatenate(parts, axis: axis), along = axis < 0 ? axis + shapes[0].rank : axis
            var start = 0
            for part in parts {
                let scalars = part.scalars, all = whole.scalars
                forEachPlace(part.shape) { source, place in
                    var moved = place
                    moved[along] += start
                    XCTAssertEqual(all[offset(of: moved, in: whole.shape)], scalars[source], "\(shapes) along \(axis)")
                }
                start += part.shape[along]
            }
            XCTAssertEqual(whole.shape[along], start)
        }
        XCTAssertEqual(concatenate([Tensor([true]), Tensor([false, true])], axis: 0).boolScalars, [true, false, true])
        let (a, b) = (Tensor([1, 2] as [Float]), Tensor([3, 4] as [Float]))
        assertSame(stack([a, b]), Tensor([[1, 2], [3, 4]] as [[Float]]))
        assertSame(stack([a, b], axis: 1), Tensor([[1, 3], [2, 4]] as [[Float]]))
        assertSame(stack([a, b], axis: -1), Tensor([[1, 3], [2, 4]] as [[Float]]))
    }

    func testGather() {
        let table = Tensor((0 ..< 12).map { Float($0) }, shape: [4, 3])
        assertSame(table.gathered(Tensor([3, 0, 3] as [Int32])), Tensor([[9, 10, 11], [0, 1, 2], [9, 10, 11]] as [[Float]]))
        XCTAssertEqual(table.gathered(Tensor([1, 2] as [Int32], shape: [2, 1])).shape, [2, 1, 3])
        XCTAssertEqual(Tensor([5, 6] as [Float]).gathered(Tensor([1, 1, 0] as [Int32])).scalars, [6, 6, 5])
        XCTAssertEqual(oneHot(Tensor([2, 0] as [Int32]), 3).scalars, [0, 0, 1, 1, 0, 0])
    }

    /// float32 to int32 truncates, as in NumPy; anything but zero is true.
    func testCast() {
        let numbers: [Float] = [-2.7, -1, -0.5, 0, 0.5, 1, 2.7, 200]
        XCTAssertEqual(Tensor(numbers).cast(to: .int32).int32Scalars, [-2, -1, 0, 0, 0, 1, 2, 200])
        XCTAssertEqual(Tensor(numbers).cast(to: .bool).boolScalars, numbers.map { $0 != 0 })
        XCTAssertEqual(Tensor([0, 1, 2.7, 255] as [Float]).cast(to: .uint8).scalars, [0, 1, 2, 255])
        XCTAssertEqual(Tensor([-3, 0, 7] as [Int32]).cast(to: .float32).scalars, [-3, 0, 7])
        XCTAssertEqual(Tensor([-3, 0, 7] as [Int32]).cast(to: .bool).boolScalars, [true, false, true])
        XCTAssertEqual(Tensor([0, 7, 255] as [UInt8]).cast(to: .bool).boolScalars, [false, true, true])
        XCTAssertEqual(Tensor([0, 7, 255] as [UInt8]).cast(to: .int32).int32Scalars, [0, 7, 255])
        for type in DType.allCases {
            for other in DType.allCases {
                XCTAssertEqual(Tensor([true, false]).cast(to: type).cast(to: other).scalars, [1, 0], "\(type) to \(other)")
            }
        }
    }

    func testBroadcastTo() {
        assertSame(
            Tensor([[1], [2]] as [[Float]]).broadcast(to: [2, 2, 3]),
            Tensor([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2] as [Float], shape: [2, 2, 3]))
        XCTAssertEqual(Tensor(3).broadcast(to: [2]).scalars, [3, 3])
    }
}
