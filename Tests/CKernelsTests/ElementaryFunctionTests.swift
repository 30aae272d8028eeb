import CKernels
import XCTest

/// exp, log and their family against the C library in double, over the whole range of floats.
final class ElementaryFunctionTests: XCTestCase {
    let table: [(name: String, kernel: ElementwiseTests.Unary, reference: (Double) -> Double)] = [
        ("exp", lk_exp, { exp($0) }), ("expm1", lk_expm1, { expm1($0) }), ("log", lk_log, { log($0) }),
        ("log1p", lk_log1p, { log1p($0) }), ("tanh", lk_tanh, { tanh($0) }), ("erf", lk_erf, { erf($0) }),
        ("sigmoid", lk_sigmoid, { 1 / (1 + exp(-$0)) }),
        ("softplus", lk_softplus, { max($0, 0) + log1p(exp(-abs($0))) }),
        ("sin", lk_sin, { sin($0) }), ("cos", lk_cos, { cos($0) }),
    ]

    func testOddSizesAndInPlace() {
        var numbers = Numbers(1)
        for (name, kernel, reference) in table {
            for n in oddSizes {
                let x = numbers.floats(n, in: -10 ... 10)
                let want = x.map { reference(Double($0)) }
                assertUlps(written(n) { kernel(Int64(n), x, $0) }, want, within: 3, name)
                assertUlps(x.mutated { kernel(Int64(n), $0, $0) }, want, within: 3, "\(name) in place")
            }
        }
    }

    func testWholeRange() {
        let every = (0 ..< 40_000).map { Float(bitPattern: UInt32($0) &* 107_377) } + specialValues
        for (name, kernel, reference) in table {
            assertUlps(
                written(every.count) { kernel(Int64(every.count), every, $0) }, every.map { reference(Double($0)) },
                within: 3, name)
        }
    }

    func testPlacesWhereReductionsAreHard() {
        let nearMultiples = (1 ..< 2000).map { Float(Double($0 * 31) * .pi / 2) }
        let nearOne = (0 ..< 2000).map { Float(bitPattern: 0x3f80_0000 - 1000 + UInt32($0)) }
        let nearMinusOne = nearOne.map { -$0 }
        let small = (0 ..< 2000).map { Float($0 - 1000) * 1e-6 }
        for (name, kernel, reference) in table {
            for x in [nearMultiples, nearOne, nearMinusOne, small] {
                assertUlps(
                    written(x.count) { kernel(Int64(x.count), x, $0) }, x.map { reference(Double($0)) }, within: 3, name
                )
            }
        }
    }

    func testLimits() {
        let limits: [(ElementwiseTests.Unary, [Float], [Float])] = [
            (lk_exp, [.nan, .infinity, -.infinity, 200, -200, 0], [.nan, .infinity, 0, .infinity, 0, 1]),
            (lk_log, [.nan, .infinity, 0, -0.0, -1, 1], [.nan, .infinity, -.infinity, -.infinity, .nan, 0]),
            (lk_log1p, [.nan, .infinity, -1, -2, 0], [.nan, .infinity, -.infinity, .nan, 0]),
            (lk_expm1, [.nan, .infinity, -.infinity, 100, -100], [.nan, .infinity, -1, .infinity, -1]),
            (lk_tanh, [.nan, .infinity, -.infinity, 20, -20], [.nan, 1, -1, 1, -1]),
            (lk_sigmoid, [.nan, .infinity, -.infinity, 200, -200, 0], [.nan, 1, 0, 1, 0, 0.5]),
            (lk_softplus, [.nan, .infinity, -.infinity, 200, -200], [.nan, .infinity, 0, 200, 0]),
            (lk_erf, [.nan, .infinity, -.infinity, 10, -10], [.nan, 1, -1, 1, -1]),
            (lk_sin, [.nan, .infinity, -.infinity, 0], [.nan, .nan, .nan, 0]),
            (lk_cos, [.nan, .infinity, -.infinity, 0], [.nan, .nan, .nan, 1]),
        ]
        for (kernel, x, want) in limits {
            // Alone, and in the middle of a vector: both loops must agree.
            assertSame(written(x.count) { kernel(Int64(x.count), x, $0) }, want)
            let long = Array(repeatElement(x, count: 9).joined())
            assertSame(
                written(long.count) { kernel(Int64(long.count), long, $0) },
                Array(repeatElement(want, count: 9).joined()))
        }
    }
}
