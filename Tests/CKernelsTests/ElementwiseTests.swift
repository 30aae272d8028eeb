import CKernels
import XCTest

final class ElementwiseTests: XCTestCase {
    typealias Unary = (Int64, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    typealias VV = (Int64, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    typealias VS = (Int64, UnsafePointer<Float>?, Float, UnsafeMutablePointer<Float>?) -> Void
    typealias SV = (Int64, Float, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void

    func testBinary() {
        let table: [(String, VV, VS, SV, (Float, Float) -> Double, Double)] = [
            ("add", lk_add_vv, lk_add_vs, lk_add_sv, { Double($0 + $1) }, 0),
            ("sub", lk_sub_vv, lk_sub_vs, lk_sub_sv, { Double($0 - $1) }, 0),
            ("mul", lk_mul_vv, lk_mul_vs, lk_mul_sv, { Double($0 * $1) }, 0),
            ("div", lk_div_vv, lk_div_vs, lk_div_sv, { Double($0 / $1) }, 0),
            ("max", lk_max_vv, lk_max_vs, lk_max_sv, { $0.isNaN || $1.isNaN ? .nan : Double(Swift.max($0, $1)) }, 0),
            ("min", lk_min_vv, lk_min_vs, lk_min_sv, { $0.isNaN || $1.isNaN ? .nan : Double(Swift.min($0, $1)) }, 0),
            ("pow", lk_pow_vv, lk_pow_vs, lk_pow_sv, { pow(Double($0), Double($1)) }, 2),
        ]
        var numbers = Numbers(1)
        for (name, vv, vs, sv, reference, bound) in table {
            for n in oddSizes {
                let a = numbers.floats(n)
                let b = numbers.floats(n)
                let size = Int64(n)
                let scalar: Float = 1.75
                let want = zip(a, b).map(reference)
                assertUlps(written(n) { vv(size, a, b, $0) }, want, within: bound, name)
                assertUlps(a.mutated { vv(size, $0, b, $0) }, want, within: bound, "\(name) in place with a")
                assertUlps(b.mutated { vv(size, a, $0, $0) }, want, within: bound, "\(name) in place with b")
                assertUlps(a.mutated { vs(size, $0, scalar, $0) }, a.map { reference($0, scalar) }, within: bound, name)
                assertUlps(b.mutated { sv(size, scalar, $0, $0) }, b.map { reference(scalar, $0) }, within: bound, name)
            }
            for x in specialValues {
                let s = specialValues
                let size = Int64(s.count)
                assertUlps(
                    written(s.count) { vs(size, s, x, $0) }, s.map { reference($0, x) }, within: bound, "\(name) \(x)")
                assertUlps(
                    written(s.count) { sv(size, x, s, $0) }, s.map { reference(x, $0) }, within: bound, "\(name) \(x)")
                let repeated = [Float](repeating: x, count: s.count)
                assertUlps(
                    written(s.count) { vv(size, s, repeated, $0) }, s.map { reference($0, x) }, within: bound,
                    "\(name) \(x)")
            }
        }
    }

    func testPowIsExactForSimpleExponents() {
        let x = specialValues + [3, 7.3, -7.3, 1e-10]
        let n = Int64(x.count)
        let exact: [(Float, (Float) -> Float)] = [
            (0, { _ in 1 }), (1, { $0 }), (2, { $0 * $0 }), (-1, { 1 / $0 }),
            (0.5, { $0 == -.infinity ? .infinity : $0 == 0 ? 0 : $0.squareRoot() }),
        ]
        for (e, reference) in exact {
            assertSame(written(x.count) { lk_pow_vs(n, x, e, $0) }, x.map(reference), "pow \(e)")
            let exponents = [Float](repeating: e, count: x.count)
            assertSame(written(x.count) { lk_pow_vv(n, x, exponents, $0) }, x.map(reference), "pow \(e)")
        }
    }

    func testComparisons() {
        typealias CompareVV = (Int64, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<UInt8>?) ->
            Void
        typealias CompareVS = (Int64, UnsafePointer<Float>?, Float, UnsafeMutablePointer<UInt8>?) -> Void
        let table: [(String, CompareVV, CompareVS, (Float, Float) -> Bool)] = [
            ("equal", lk_equal_vv, lk_equal_vs, { $0 == $1 }),
            ("not_equal", lk_not_equal_vv, lk_not_equal_vs, { $0 != $1 }),
            ("less", lk_less_vv, lk_less_vs, { $0 < $1 }),
            ("less_equal", lk_less_equal_vv, lk_less_equal_vs, { $0 <= $1 }),
            ("greater", lk_greater_vv, lk_greater_vs, { $0 > $1 }),
            ("greater_equal", lk_greater_equal_vv, lk_greater_equal_vs, { $0 >= $1 }),
        ]
        for n in oddSizes {
            let a = (0 ..< n).map { specialValues[$0 % specialValues.count] }
            let b = (0 ..< n).map { specialValues[$0 * 7 % specialValues.count] }
            for (name, vv, vs, reference) in table {
                let got = [UInt8](repeating: 9, count: n).mutated { vv(Int64(n), a, b, $0) }
                XCTAssertEqual(got, zip(a, b).map { reference($0, $1) ? 1 : 0 }, name)
                for s: Float in [0, .nan, .infinity] {
                    let got = [UInt8](repeating: 9, count: n).mutated { vs(Int64(n), a, s, $0) }
                    XCTAssertEqual(got, a.map { reference($0, s) ? 1 : 0 }, "\(name) \(s)")
                }
            }
        }
    }

    func testSelectAxpyClampFill() {
        var numbers = Numbers(3)
        for n in oddSizes {
            let a = numbers.floats(n)
            let b = numbers.floats(n)
            let size = Int64(n)
            let condition = numbers.indices(n, below: 3).map { UInt8($0) }
            assertSame(
                written(n) { lk_select(size, condition, a, b, $0) }, (0 ..< n).map { condition[$0] != 0 ? a[$0] : b[$0] })
            assertClose(
                b.mutated { lk_axpy(size, 0.3, a, $0) }, (0 ..< n).map { Double(b[$0] + 0.3 * a[$0]) }, tolerance: 3e-7)
            assertSame(a.mutated { lk_clamp(size, $0, -0.5, 1, $0) }, a.map { min(max($0, -0.5), 1) })
            assertSame(written(n) { lk_fill(size, 3, $0) }, [Float](repeating: 3, count: n))
        }
        assertSame(written(3) { lk_clamp(3, [.nan, .infinity, -.infinity], -1, 2, $0) }, [.nan, 2, -1])
    }

    func testUnaryArithmetic() {
        let table: [(String, Unary, (Float) -> Float)] = [
            ("neg", lk_neg, { -$0 }), ("abs", lk_abs, { abs($0) }), ("square", lk_square, { $0 * $0 }),
            ("sign", lk_sign, { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }), ("sqrt", lk_sqrt, { $0.squareRoot() }),
            ("rsqrt", lk_rsqrt, { 1 / $0.squareRoot() }), ("reciprocal", lk_reciprocal, { 1 / $0 }),
            ("relu", lk_relu, { $0 < 0 ? 0 : $0 }), ("floor", lk_floor, { $0.rounded(.down) }),
            ("ceil", lk_ceil, { $0.rounded(.up) }), ("round", lk_round, { $0.rounded(.toNearestOrEven) }),
        ]
        var numbers = Numbers(4)
        for (name, kernel, reference) in table {
            for x in oddSizes.map({ numbers.floats($0, in: -9 ... 9) }) + [specialValues] {
                let n = Int64(x.count)
                assertSame(written(x.count) { kernel(n, x, $0) }, x.map(reference), name)
                assertSame(x.mutated { kernel(n, $0, $0) }, x.map(reference), "\(name) in place")
            }
        }
    }

    func testConversions() {
        for n in oddSizes {
            let bytes = (0 ..< n).map { UInt8($0 * 37 % 256) }
            let whole = (0 ..< n).map { Int32($0 * 7919 - 4_000_000) }
            assertSame(written(n) { lk_float_from_uint8(Int64(n), bytes, $0) }, bytes.map { Float($0) })
            assertSame(written(n) { lk_float_from_int32(Int64(n), whole, $0) }, whole.map { Float($0) })
            let x = whole.map { Float($0) / 1000 }
            XCTAssertEqual(
                [Int32](repeating: 9, count: n).mutated { lk_int32_from_float(Int64(n), x, $0) }, x.map { Int32($0) })
            XCTAssertEqual(
                [Int32](repeating: 9, count: n).mutated { lk_int32_from_uint8(Int64(n), bytes, $0) },
                bytes.map { Int32($0) })
        }
        let extremes: [Float] = [.nan, .infinity, -.infinity, 3e9, -0x1p31, 0x1.fffffep30]
        XCTAssertEqual(
            [Int32](repeating: 9, count: 6).mutated { lk_int32_from_float(6, extremes, $0) },
            [.min, .min, .min, .min, .min, 2_147_483_520])
    }
}
