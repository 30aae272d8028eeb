import LockstepTensor
import XCTest

final class ArithmeticTests: XCTestCase {
    /// Equal shapes, rows, columns, scalars, both sides spread, inner and outer axes, empty ones, odd lengths.
    let shapes: [(Shape, Shape)] = [
        ([], []), ([7], [7]), ([3, 17], [3, 17]), ([3, 5], [5]), ([3, 5], [1, 5]), ([3, 5], [3, 1]), ([3, 5], []), ([3, 5], [1]),
        ([3, 1], [1, 5]), ([2, 3, 4], [3, 1]), ([2, 3, 4], [2, 1, 4]), ([2, 3, 4], [1, 3, 1]), ([2, 1, 4], [3, 1]),
        ([8, 1, 6, 1], [7, 1, 5]),
        ([2, 1, 3, 1, 2], [1, 4, 1, 5, 1]), ([0, 3], [3]), ([2, 0], [1]), ([1, 1], [1]), ([33, 31], [31]), ([2, 2, 2, 2], [2, 2]),
    ]

    func testBinaryFunctionsBroadcast() {
        let table: [(String, (Tensor, Tensor) -> Tensor, (Double, Double) -> Double)] = [
            ("+", { $0 + $1 }, { $0 + $1 }), ("-", { $0 - $1 }, { $0 - $1 }), ("*", { $0 * $1 }, { $0 * $1 }),
            ("/", { $0 / $1 }, { $0 / $1 }),
            ("maximum", { maximum($0, $1) }, { Swift.max($0, $1) }), ("minimum", { minimum($0, $1) }, { Swift.min($0, $1) }),
            ("pow", { LockstepTensor.pow($0, $1) }, { Foundation.pow($0, $1) }),
        ]
        var numbers = Numbers(1)
        for (name, function, naive) in table {
            for (p, q) in shapes.flatMap({ [($0, $1), ($1, $0)] }) {
                let (a, b) = (numbers.tensor(p, in: 0.5 ... 2), numbers.tensor(q, in: 0.5 ... 2))
                assertBroadcast(function(a, b), a, b, tolerance: 5e-7, "\(p) \(name) \(q)") { naive($0, $1) }
            }
        }
    }

    func testNumbers() {
        var numbers = Numbers(2)
        let x = numbers.tensor([5, 7], in: 0.5 ... 2), s: Float = 1.25
        let table: [(String, Tensor, (Double) -> Double)] = [
            ("x + s", x + s, { $0 + 1.25 }), ("x - s", x - s, { $0 - 1.25 }), ("x * s", x * s, { $0 * 1.25 }),
            ("x / s", x / s, { $0 / 1.25 }),
            ("s + x", s + x, { 1.25 + $0 }), ("s - x", s - x, { 1.25 - $0 }), ("s * x", s * x, { 1.25 * $0 }),
            ("s / x", s / x, { 1.25 / $0 }),
            ("maximum", maximum(x, s), { Swift.max($0, 1.25) }), ("minimum", minimum(x, s), { Swift.min($0, 1.25) }),
            ("pow(x, s)", LockstepTensor.pow(x, s), { Foundation.pow($0, 1.25) }),
            ("pow(s, x)", LockstepTensor.pow(s, x), { Foundation.pow(1.25, $0) }),
            ("-x", -x, { -$0 }), ("clip", clip(x, 1, 1.5), { Swift.min(Swift.max($0, 1), 1.5) }),
        ]
        for (name, got, naive) in table { assertClose(got, x.scalars.map { naive(Double($0)) }, shape: x.shape, tolerance: 5e-7, name) }
    }

    func testInt32() {
        let (a, b) = (Tensor([7, -7, 1, 0] as [Int32]), Tensor([2] as [Int32]))
        XCTAssertEqual((a + b).int32Scalars, [9, -5, 3, 2])
        XCTAssertEqual((a - b).int32Scalars, [5, -9, -1, -2])
        XCTAssertEqual((b * a).int32Scalars, [14, -14, 2, 0])
        XCTAssertEqual((a / b).int32Scalars, [3, -3, 0, 0])
        XCTAssertEqual(maximum(a, b).int32Scalars, [7, 2, 2, 2])
        XCTAssertEqual(minimum(a, b).int32Scalars, [2, -7, 1, 0])
        let table = Tensor([1, 2, 3, 4, 5, 6] as [Int32], shape: [2, 3])
        XCTAssertEqual((table + Tensor([10, 20] as [Int32], shape: [2, 1])).int32Scalars, [11, 12, 13, 24, 25, 26])
    }

    func testNaNPasses() {
        let x = Tensor([.nan, 1, .nan] as [Float]), y = Tensor([1, .nan, .nan] as [Float])
        for result in [x + y, x * y, maximum(x, y), minimum(x, y), maximum(y, x)] {
            XCTAssertTrue(result.scalars.allSatisfy(\.isNaN))
        }
        XCTAssertTrue(maximum(x, 0).scalars[0].isNaN)
    }

    /// A tensor beside itself, and a result that is fed in again: an input must not be overwritten.
    func testInputsStayAsTheyWere() {
        let x = Tensor([1, 2, 3] as [Float])
        _ = x + x; _ = x * 2; _ = -x; _ = LockstepTensor.exp(x)
        XCTAssertEqual(x.scalars, [1, 2, 3])
    }

    // MARK: Comparison

    func testRelationsBroadcast() {
        let table: [(String, (Tensor, Tensor) -> Tensor, (Double, Double) -> Bool)] = [
            ("==", { $0 .== $1 }, { $0 == $1 }), ("!=", { $0 .!= $1 }, { $0 != $1 }), ("<", { $0 .< $1 }, { $0 < $1 }),
            ("<=", { $0 .<= $1 }, { $0 <= $1 }), (">", { $0 .> $1 }, { $0 > $1 }), (">=", { $0 .>= $1 }, { $0 >= $1 }),
        ]
        var numbers = Numbers(3)
        for (name, function, naive) in table {
            for (p, q) in shapes.flatMap({ [($0, $1), ($1, $0)] }) {
                let (a, b) = (numbers.labels(p, below: 3), numbers.labels(q, below: 3))  // few values: many are equal
                for type in [DType.float32, .int32, .uint8] {
                    let got = function(a.cast(to: type), b.cast(to: type))
                    XCTAssertEqual(got.dtype, .bool)
                    assertBroadcast(got, a, b, tolerance: 0, "\(p) \(name) \(q) of \(type)") { naive($0, $1) ? 1 : 0 }
                }
            }
        }
        let x = Tensor([1, 2, 3] as [Float])
        XCTAssertEqual((x .> 2).boolScalars, [false, false, true])
        XCTAssertEqual((x .>= 2).boolScalars, [false, true, true])
        XCTAssertEqual((x .< 2).boolScalars, [true, false, false])
        XCTAssertEqual((x .<= 2).boolScalars, [true, true, false])
    }

    func testWhereBroadcasts() {
        let condition = Tensor([true, false, true]), a = Tensor([[1], [2]] as [[Float]]), b = Tensor(-1)
        assertSame(`where`(condition, a, b), Tensor([[1, -1, 1], [2, -1, 2]] as [[Float]]))
        assertSame(
            `where`(Tensor([[true], [false]]), Tensor([1, 2] as [Float]), Tensor([3, 4] as [Float])),
            Tensor([[1, 2], [3, 4]] as [[Float]]))
    }

    private func assertBroadcast(
        _ got: Tensor, _ a: Tensor, _ b: Tensor, tolerance: Double, _ note: String, line: UInt = #line,
        _ naive: (Double, Double) -> Double
    ) {
        let shape = a.shape.broadcast(with: b.shape)!, (x, y) = (a.scalars, b.scalars)
        var want: [Double] = []
        forEachPlace(shape) { _, place in
            want.append(naive(Double(x[offset(of: place, in: a.shape)]), Double(y[offset(of: place, in: b.shape)])))
        }
        assertClose(got, want, shape: shape, tolerance: tolerance, note, line: line)
    }
}
