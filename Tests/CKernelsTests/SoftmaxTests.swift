import CKernels
import XCTest

final class SoftmaxTests: XCTestCase {
    /// The last row group may be partial, the columns short (up to 16) or long.
    let shapes = [
        (0, 4), (1, 1), (1, 10), (7, 2), (16, 16), (17, 15), (128, 10), (33, 17), (5, 33), (19, 100), (3, 1023),
    ]

    struct Rows {
        let rows: Int, cols: Int, x: [Float]
        /// log(sum(exp(x[r])))
        let logSum: [Double]
        init(_ rows: Int, _ cols: Int, _ x: [Float]) {
            (self.rows, self.cols, self.x) = (rows, cols, x)
            logSum = (0 ..< rows).map { r in
                let row = x[r * cols ..< (r + 1) * cols].map { Double($0) }
                let m = row.max()!
                return m + log(row.reduce(0) { $0 + exp($1 - m) })
            }
        }
        func each(_ value: (_ x: Double, _ r: Int, _ c: Int) -> Double) -> [Double] {
            x.indices.map { value(Double(x[$0]), $0 / cols, $0 % cols) }
        }
        func total(_ value: (_ x: Double, _ r: Int, _ c: Int) -> Double) -> [Double] {
            let all = each(value)
            return (0 ..< rows).map { all[$0 * cols ..< ($0 + 1) * cols].reduce(0, +) }
        }
    }

    func forShapes(_ body: (inout Numbers, Rows, Int64, Int64) -> Void) {
        var numbers = Numbers(1)
        for (rows, cols) in shapes {
            for scale: Float in [1, 60] {  // 60: a plain exp would overflow
                let x = numbers.floats(rows * cols).map { $0 * scale }
                body(&numbers, Rows(rows, cols, x), Int64(rows), Int64(cols))
            }
        }
    }

    func testSoftmaxAndItsLogarithm() {
        forShapes { _, naive, rows, cols in
            let x = naive.x
            let want = naive.each { x, r, _ in exp(x - naive.logSum[r]) }
            assertClose(written(x.count) { lk_softmax(rows, cols, x, $0) }, want, tolerance: 5e-7)
            assertClose(x.mutated { lk_softmax(rows, cols, $0, $0) }, want, tolerance: 5e-7, "in place")
            let logs = naive.each { x, r, _ in x - naive.logSum[r] }
            assertClose(written(x.count) { lk_log_softmax(rows, cols, x, $0) }, logs, tolerance: 5e-7)
            assertClose(x.mutated { lk_log_softmax(rows, cols, $0, $0) }, logs, tolerance: 5e-7, "in place")
        }
    }

    func testSoftmaxGradient() {
        forShapes { numbers, naive, rows, cols in
            let y = naive.x.map { abs($0) / 100 }
            let dy = numbers.floats(y.count)
            let width = Int(cols)
            let dots = naive.total { _, r, c in Double(dy[r * width + c]) * Double(y[r * width + c]) }
            let want = naive.each { _, r, c in Double(y[r * width + c]) * (Double(dy[r * width + c]) - dots[r]) }
            assertClose(written(y.count) { lk_softmax_gradient(rows, cols, dy, y, $0) }, want)
            assertClose(dy.mutated { lk_softmax_gradient(rows, cols, $0, y, $0) }, want, "in place")
        }
    }

    func testSparseCrossEntropy() {
        forShapes { numbers, naive, rows, cols in
            let x = naive.x
            let label = numbers.indices(naive.rows, below: naive.cols)
            let dloss = numbers.floats(naive.rows)
            assertClose(
                written(naive.rows) { lk_sparse_cross_entropy(rows, cols, x, label, $0) },
                (0 ..< naive.rows).map { naive.logSum[$0] - Double(x[$0 * naive.cols + Int(label[$0])]) }, tolerance: 5e-7
            )
            assertClose(
                written(x.count) { lk_sparse_cross_entropy_gradient(rows, cols, x, label, dloss, $0) },
                naive.each { x, r, c in Double(dloss[r]) * (exp(x - naive.logSum[r]) - (c == Int(label[r]) ? 1 : 0)) },
                tolerance: 5e-7)
        }
    }

    func testCrossEntropy() {
        forShapes { numbers, naive, rows, cols in
            let x = naive.x
            let target = numbers.floats(x.count, in: 0 ... 1)
            let dloss = numbers.floats(naive.rows)
            let width = naive.cols
            assertClose(
                written(naive.rows) { lk_cross_entropy(rows, cols, x, target, $0) },
                naive.total { x, r, c in Double(target[r * width + c]) * (naive.logSum[r] - x) })
            let sums = naive.total { _, r, c in Double(target[r * width + c]) }
            assertClose(
                written(x.count) { lk_cross_entropy_gradient(rows, cols, x, target, dloss, $0) },
                naive.each { x, r, c in
                    Double(dloss[r]) * (exp(x - naive.logSum[r]) * sums[r] - Double(target[r * width + c]))
                })
        }
    }

    func testNaNStaysInItsRow() {
        for cols in [10, 40] {
            var x = [Float](repeating: 1, count: 3 * cols)
            x[cols + 3] = .nan
            let y = written(x.count) { lk_softmax(3, Int64(cols), x, $0) }
            for i in y.indices { XCTAssertEqual(y[i].isNaN, i / cols == 1) }
        }
    }
}
