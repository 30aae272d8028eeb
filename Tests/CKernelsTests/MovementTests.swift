import CKernels
import XCTest

final class MovementTests: XCTestCase {
    func testTranspose() {
        var numbers = Numbers(1)
        for (rows, cols) in [
            (0, 5), (5, 0), (1, 1), (3, 7), (15, 17), (16, 16), (33, 31), (100, 65), (128, 130), (1, 1000),
        ] {
            let x = numbers.floats(rows * cols)
            let want = (0 ..< cols).flatMap { c in (0 ..< rows).map { x[$0 * cols + c] } }
            assertSame(
                written(rows * cols) { lk_transpose(Int64(rows), Int64(cols), x, $0) }, want, "\(rows) x \(cols)")
        }
    }

    func testGatherAndScatter() {
        var numbers = Numbers(2)
        for cols in oddSizes {
            let x = numbers.floats(9 * cols)
            let bytes = numbers.indices(9 * cols, below: 256).map { UInt8($0) }
            for n in [0, 1, 20] {
                let index = numbers.indices(n, below: 9)
                let from = { (i: Int, c: Int) in Int(index[i]) * cols + c }
                let places = (0 ..< n).flatMap { i in (0 ..< cols).map { from(i, $0) } }
                assertSame(
                    written(n * cols) { lk_gather_rows(Int64(n), Int64(cols), x, index, $0) }, places.map { x[$0] })
                for divisor: Float in [1, 255, 127.5, 3] {
                    assertSame(
                        written(n * cols) { lk_gather_rows_uint8(Int64(n), Int64(cols), bytes, index, divisor, $0) },
                        places.map { Float(bytes[$0]) / divisor })
                }
                let added = numbers.floats(n * cols)
                var want = x
                for (k, place) in places.enumerated() { want[place] += added[k] }
                assertSame(x.mutated { lk_scatter_add_rows(Int64(n), Int64(cols), added, index, $0) }, want)
            }
        }
    }
}
