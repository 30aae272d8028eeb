import Foundation
import LockstepTensor
import XCTest

final class UnaryTests: XCTestCase {
    /// Each function against its definition in double precision, over lengths around every vector width.
    func testFunctions() {
        let everywhere: ClosedRange<Float> = -3 ... 3, positive: ClosedRange<Float> = 0.01 ... 9
        let table: [(String, (Tensor) -> Tensor, (Double) -> Double, ClosedRange<Float>)] = [
            ("negate", { -$0 }, { -$0 }, everywhere), ("abs", { LockstepTensor.abs($0) }, { Swift.abs($0) }, everywhere),
            ("sign", { sign($0) }, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, everywhere), ("square", { square($0) }, { $0 * $0 }, everywhere),
            ("sqrt", { LockstepTensor.sqrt($0) }, { $0.squareRoot() }, positive),
            ("rsqrt", { rsqrt($0) }, { 1 / $0.squareRoot() }, positive),
            ("reciprocal", { reciprocal($0) }, { 1 / $0 }, positive),
            ("exp", { LockstepTensor.exp($0) }, { Foundation.exp($0) }, everywhere),
            ("expm1", { LockstepTensor.expm1($0) }, { Foundation.expm1($0) }, everywhere),
            ("log", { LockstepTensor.log($0) }, { Foundation.log($0) }, positive),
            ("log1p", { LockstepTensor.log1p($0) }, { Foundation.log1p($0) }, positive),
            ("sin", { LockstepTensor.sin($0) }, { Foundation.sin($0) }, everywhere),
            ("cos", { LockstepTensor.cos($0) }, { Foundation.cos($0) }, everywhere),
            ("tanh", { LockstepTensor.tanh($0) }, { Foundation.tanh($0) }, everywhere),
            ("sigmoid", { sigmoid($0) }, { 1 / (1 + Foundation.exp(-$0)) }, everywhere),
            ("softplus", { softplus($0) }, { Foundation.log1p(Foundation.exp($0)) }, everywhere),
            ("relu", { relu($0) }, { Swift.max($0, 0) }, everywhere),
            ("erf", { LockstepTensor.erf($0) }, { Foundation.erf($0) }, everywhere),
            ("floor", { LockstepTensor.floor($0) }, { Foundation.floor($0) }, everywhere),
            ("ceil", { LockstepTensor.ceil($0) }, { Foundation.ceil($0) }, everywhere),
            ("round", { LockstepTensor.round($0) }, { $0.rounded(.toNearestOrEven) }, everywhere),
        ]
        var numbers = Numbers(1)
        for (name, function, naive, range) in table {
            for count in [0, 1, 3, 15, 16, 17, 33, 1023] {
                let x = numbers.tensor([count], in: range)
                assertClose(function(x), x.scalars.map { naive(Double($0)) }, shape: [count], tolerance: 1e-6, "\(name) of \(count)")
            }
        }
    }

    func testHalvesRoundToEven() {
        XCTAssertEqual(LockstepTensor.round(Tensor([-1.5, -0.5, 0.5, 1.5, 2.5] as [Float])).scalars, [-2, 0, 0, 2, 2])
    }

    /// No overflow on the way to a finite result.
    func testExtremes() {
        let x = Tensor([-1000, -100, 100, 1000] as [Float])
        XCTAssertEqual(sigmoid(x).scalars[3], 1)
        XCTAssertEqual(sigmoid(x).scalars[0], 0)
        XCTAssertEqual(softplus(x).scalars[2...], [100, 1000])
        XCTAssertEqual(LockstepTensor.tanh(x).scalars, [-1, -1, 1, 1])
        XCTAssertEqual(softmax(x).scalars, [0, 0, 0, 1])
        XCTAssertEqual(logSoftmax(x).scalars, [-2000, -1100, -900, 0])
    }
}
