import CKernels
import XCTest

final class ProductTests: XCTestCase {
    private struct Case: CustomStringConvertible {
        let m: Int, n: Int, k: Int
        let transposes: (a: Bool, b: Bool)
        /// Floats between the rows of each matrix.
        var gap = 0
        /// Whether the product is added to ones.
        var adds = false
        var description: String { "\(m) x \(n) x \(k)\(transposes.a ? ", a transposed" : "")\(transposes.b ? ", b transposed" : "")" }

        private var aRow: Int { (transposes.a ? m : k) + gap }
        private var bRow: Int { (transposes.b ? k : n) + gap }
        var aCount: Int { (transposes.a ? k : m) * aRow }
        var bCount: Int { (transposes.b ? n : k) * bRow }

        /// y, written over NaN, of which nothing may remain but what stands between its rows.
        func product(_ a: [Float], _ b: [Float]) -> [Float] {
            let row = n + gap
            var wide = [Float](repeating: .nan, count: m * row)
            if adds { for i in 0 ..< m { for j in 0 ..< n { wide[i * row + j] = 1 } } }
            wide = wide.mutated {
                lk_product(
                    Int64(m), Int64(n), Int64(k), a, Int64(aRow), transposes.a, b, Int64(bRow), transposes.b, adds, $0, Int64(row))
            }
            for i in 0 ..< m { for j in n ..< row where !wide[i * row + j].isNaN { XCTFail("\(self): wrote behind row \(i)") } }
            return (0 ..< m).flatMap { wide[$0 * row ..< $0 * row + n] }
        }

        /// Σ a[i, p] b[p, j], and Σ |a[i, p] b[p, j]|, which bounds the rounding, both in double precision.
        func naive(_ a: [Float], _ b: [Float]) -> (sums: [Double], sizes: [Double]) {
            let start = adds ? 1.0 : 0
            var (sums, sizes) = ([Double](repeating: start, count: m * n), [Double](repeating: start, count: m * n))
            for i in 0 ..< m {
                for p in 0 ..< k {
                    let x = Double(a[transposes.a ? p * aRow + i : i * aRow + p])
                    for j in 0 ..< n {
                        let term = x * Double(b[transposes.b ? j * bRow + p : p * bRow + j])
                        sums[i * n + j] += term
                        sizes[i * n + j] += abs(term)
                    }
                }
            }
            return (sums, sizes)
        }
    }

    /// Around tiles of 6 rows, vectors of 16, panels of 64, blocks 80 deep, or 272 deep and 512 or more wide; two so large that
    /// 8 and 16 tiles fetch what is next; and around the 1088 terms and 48 rows at a time against a transposed b.
    private static let sizes = [
        (0, 5, 3), (3, 0, 4), (3, 4, 0), (1, 1, 1), (5, 15, 17), (6, 16, 16), (7, 17, 15), (12, 63, 31), (13, 64, 33),
        (9, 130, 80), (14, 64, 81), (20, 70, 161), (7, 520, 270), (20, 70, 257), (32, 65, 272), (4, 100, 273), (31, 300, 784),
        (64, 257, 100), (11, 1100, 64), (8, 1030, 300), (97, 40, 545), (43, 4100, 257), (91, 4100, 257),
        (70, 49, 1089), (64, 48, 1088), (129, 97, 300), (5, 100, 2200),
    ]
    private static let transposes = [(a: false, b: false), (a: true, b: false), (a: false, b: true), (a: true, b: true)]

    override func setUpWithError() throws {
        if String(cString: lk_vector_unit()) != "x86-64-v4" {
            print("NOT TESTED: lk_product needs AVX-512, which this processor lacks; products here go to OpenBLAS.")
            throw XCTSkip("lk_product needs AVX-512")
        }
    }

    func testAgainstNaive() {
        var numbers = Numbers(1)
        for (m, n, k) in Self.sizes {
            for (index, transposes) in Self.transposes.enumerated() {
                let isPart = (index + m) % 2 == 1
                let product = Case(m: m, n: n, k: k, transposes: transposes, gap: isPart ? 3 + index : 0, adds: isPart)
                let (a, b) = (numbers.floats(product.aCount), numbers.floats(product.bCount))
                let (want, sizes) = product.naive(a, b)
                let got = product.product(a, b)
                // k additions round; each by at most half a unit in the last place of what was summed.
                for i in want.indices where !(abs(Double(got[i]) - want[i]) <= Double(max(1, k + 1)) * 0x1p-24 * sizes[i]) {
                    return XCTFail("\(product) [\(i / n), \(i % n)]: \(got[i]), expected \(want[i])")
                }
            }
        }
    }

    /// A part of the rows, computed alone, is the same bytes: what a sample gives does not depend on its batch.
    func testRowsDoNotDependOnOneAnother() {
        var numbers = Numbers(2)
        for (n, k) in [(300, 784), (65, 100), (100, 1200)] {
            for transposeB in [false, true] {
                let (a, b) = (numbers.floats(100 * k), numbers.floats(k * n))
                let whole = Case(m: 100, n: n, k: k, transposes: (false, transposeB)).product(a, b)
                for rows in [0 ..< 1, 3 ..< 8, 5 ..< 31, 20 ..< 90] {
                    let part = Case(m: rows.count, n: n, k: k, transposes: (false, transposeB))
                        .product(Array(a[rows.lowerBound * k ..< rows.upperBound * k]), b)
                    assertSame(
                        part, Array(whole[rows.lowerBound * n ..< rows.upperBound * n]),
                        "rows \(rows) against \(k) x \(n)\(transposeB ? " transposed" : "")")
                }
            }
        }
    }

    /// NaN and infinities reach the row and the column they stand in, and no other.
    func testNaNAndInfinity() {
        for transposes in Self.transposes {
            let product = Case(m: 7, n: 70, k: 20, transposes: transposes)
            var (a, b) = ([Float](repeating: 1, count: 7 * 20), [Float](repeating: 1, count: 20 * 70))
            a[transposes.a ? 4 * 7 + 2 : 2 * 20 + 4] = .nan
            b[transposes.b ? 69 * 20 + 5 : 5 * 70 + 69] = .infinity
            for (i, y) in product.product(a, b).enumerated() {
                let (row, col) = (i / 70, i % 70)
                if row == 2 {
                    XCTAssertTrue(y.isNaN, "\(product) [\(row), \(col)]: \(y)")
                } else {
                    XCTAssertEqual(y, col == 69 ? .infinity : 20, "\(product) [\(row), \(col)]")
                }
            }
        }
    }
}
