import LockstepTensor
import XCTest

final class SlicingTests: XCTestCase {
    let table = Tensor((0 ..< 24).map { Float($0) }, shape: [2, 3, 4])

    func testElementsAndRanges() {
        assertSame(table[1, 2, 3], Tensor(23))
        assertSame(table[-1, -1, -1], Tensor(23))
        assertSame(table[0], Tensor((0 ..< 12).map { Float($0) }, shape: [3, 4]))
        assertSame(table[all, 1], Tensor([4, 5, 6, 7, 16, 17, 18, 19] as [Float], shape: [2, 4]))
        assertSame(table[all, all, 0], Tensor([0, 4, 8, 12, 16, 20] as [Float], shape: [2, 3]))
        assertSame(table[0 ..< 1, 1..., 2 ... 3], Tensor([6, 7, 10, 11] as [Float], shape: [1, 2, 2]))
        assertSame(table[1, ..<2, ...0], Tensor([12, 16] as [Float], shape: [2, 1]))
        assertSame(table[all, 2 ..< 2], Tensor([] as [Float], shape: [2, 0, 4]))
        assertSame(table[0..., 0..., 0...], table)
    }

    /// Every box of a small tensor against the definition.
    func testAllBoxes() {
        for (a, b) in runs(2) {
            for (c, d) in runs(3) {
                for (e, f) in runs(4) {
                    var want: [Float] = []
                    for i in a ..< b { for j in c ..< d { for k in e ..< f { want.append(Float(i * 12 + j * 4 + k)) } } }
                    assertSame(
                        table[a ..< b, c ..< d, e ..< f], Tensor(want, shape: [b - a, d - c, f - e]), "\(a ..< b) \(c ..< d) \(e ..< f)")
                }
            }
        }
    }

    func testOtherTypes() {
        XCTAssertEqual(Tensor([1, 2, 3, 4] as [UInt8], shape: [2, 2])[all, 1].scalars, [2, 4])
        XCTAssertEqual(Tensor([true, false, true])[1...].boolScalars, [false, true])
        XCTAssertEqual(Tensor([5, 6, 7] as [Int32])[2].int32Scalars, [7])
    }

    func testAssignment() {
        let v = Variable(.zeros([2, 3]), name: "v")
        v[0, 1] = Tensor(5)
        XCTAssertEqual(v.value.scalars, [0, 5, 0, 0, 0, 0])
        v[1] = Tensor([7, 8, 9] as [Float])
        XCTAssertEqual(v.value.scalars, [0, 5, 0, 7, 8, 9])
        v[all, 1...] = Tensor([[1, 2], [3, 4]] as [[Float]])
        XCTAssertEqual(v.value.scalars, [0, 1, 2, 7, 3, 4])
        v[all, 0] = Tensor(-1)  // a scalar fills the slice
        XCTAssertEqual(v.value.scalars, [-1, 1, 2, -1, 3, 4])
        v[-1, -1] = v[0, 1] + v[0, 2]
        XCTAssertEqual(v.value.scalars, [-1, 1, 2, -1, 3, 3])
        v[all, all] = Tensor(0)
        XCTAssertEqual(v.value.scalars, [0, 0, 0, 0, 0, 0])
        XCTAssertEqual(v[1, 1...].shape, [2])
    }

    func testAssignmentOfEveryBox() {
        for (a, b) in runs(2) {
            for (c, d) in runs(3) {
                for (e, f) in runs(4) {
                    let v = Variable(table, name: "v"), count = (b - a) * (d - c) * (f - e)
                    v[a ..< b, c ..< d, e ..< f] = Tensor((0 ..< count).map { Float(-1 - $0) }, shape: [b - a, d - c, f - e])
                    var want = table.scalars, next: Float = -1
                    for i in a ..< b {
                        for j in c ..< d {
                            for k in e ..< f {
                                want[i * 12 + j * 4 + k] = next
                                next -= 1
                            }
                        }
                    }
                    XCTAssertEqual(v.value.scalars, want, "\(a ..< b) \(c ..< d) \(e ..< f)")
                }
            }
        }
    }

    /// All runs of elements along an axis, the empty one at its start included.
    private func runs(_ count: Int) -> [(Int, Int)] {
        [(0, 0)] + (0 ..< count).flatMap { start in (start + 1 ... count).map { (start, $0) } }
    }
}
