import LockstepTensor
import XCTest

final class MatMulTests: XCTestCase {
    /// Σ a[i, k] b[k, j] in double precision, for each of the leading axes.
    private func naive(_ a: Tensor, _ b: Tensor, _ transposeA: Bool, _ transposeB: Bool) -> [Double] {
        let (p, q) = (a.scalars.map { Double($0) }, b.scalars.map { Double($0) })
        let (rowsA, colsA, rowsB, colsB) = (a.shape[-2], a.shape[-1], b.shape[-2], b.shape[-1])
        let (m, k, n) = transposeA ? (colsA, rowsA, transposeB ? rowsB : colsB) : (rowsA, colsA, transposeB ? rowsB : colsB)
        var result: [Double] = []
        for batch in 0 ..< a.shape.dimensions.dropLast(2).reduce(1, *) {
            let (startA, startB) = (batch * rowsA * colsA, b.shape.rank == 2 ? 0 : batch * rowsB * colsB)
            for i in 0 ..< m {
                for j in 0 ..< n {
                    var sum = 0.0
                    for l in 0 ..< k {
                        sum +=
                            p[startA + (transposeA ? l * colsA + i : i * colsA + l)]
                            * q[startB + (transposeB ? j * colsB + l : l * colsB + j)]
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    /// Odd sizes, none square, both transposes, without and with leading axes, one matrix for all of a batch.
    func testAgainstNaive() {
        var numbers = Numbers(1)
        let sizes = [(1, 1, 1), (2, 3, 5), (7, 1, 3), (1, 17, 2), (5, 4, 1), (33, 31, 17), (16, 64, 15), (9, 20, 70), (0, 3, 2), (3, 2, 0)]
        let leadings: [([Int], [Int])] = [([], []), ([3], [3]), ([2, 2], [2, 2]), ([3], []), ([2, 3], []), ([0], [0])]
        for (m, k, n) in sizes {
            for (leadingA, leadingB) in leadings {
                for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
                    let a = numbers.tensor(Shape(leadingA + (transposeA ? [k, m] : [m, k])))
                    let b = numbers.tensor(Shape(leadingB + (transposeB ? [n, k] : [k, n])))
                    assertClose(
                        a.matmul(b, transposeA: transposeA, transposeB: transposeB), naive(a, b, transposeA, transposeB),
                        shape: Shape(leadingA + [m, n]), tolerance: 1e-5,
                        "\(a.shape)\(transposeA ? "ᵀ" : "")·\(b.shape)\(transposeB ? "ᵀ" : "")")
                }
            }
        }
    }

    /// Some columns of a wider matrix, transposed: with our kernel, with OpenBLAS, and on two threads.
    func testColumnsOfAWiderMatrix() {
        var numbers = Numbers(2)
        defer { Threads.count = 1 }
        for threads in [1, 2] {
            Threads.count = threads
            for (m, n, k, first, width) in [(40, 33, 64, 7, 90), (392, 40, 100, 0, 784), (5, 3, 9, 2, 7), (1, 64, 300, 3, 4)] {
                let (wide, b) = (numbers.tensor([k, width]), numbers.tensor([k, n]))
                let columns = Tensor((0 ..< k).flatMap { wide.scalars[$0 * width + first ..< $0 * width + first + m] }, shape: [k, m])
                let product = Tensor(shape: [m, n]) { (y: UnsafeMutableBufferPointer<Float>) in
                    wide.scalars.withUnsafeBufferPointer { a in
                        b.scalars.withUnsafeBufferPointer { b in
                            multiply(
                                m, n, k, a.baseAddress! + first, row: width, transposed: true, b.baseAddress!, transposed: false,
                                y.baseAddress!)
                        }
                    }
                }
                // Partial sums of up to 300 terms reach 30 or so, and what a processor rounds of them is up to 2e-6 a term.
                assertClose(
                    product, naive(columns, b, true, false), shape: [m, n], tolerance: 4e-5, "\(m) of \(width) columns, \(threads) threads")
            }
        }
    }

    /// No inner axis: a sum of nothing.
    func testAnEmptySumIsZero() {
        _ = Tensor.constant(Float(5), shape: [2, 3])  // leaves fives in the block that the result takes
        XCTAssertEqual(matmul(.zeros([2, 0]), .zeros([0, 3])).scalars, [0, 0, 0, 0, 0, 0])
    }
}
