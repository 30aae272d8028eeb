import CKernels
import XCTest

final class WireTests: XCTestCase {
    private typealias Compress = (Int64, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<UInt16>?) -> Void
    private typealias Expand = (Int64, UnsafePointer<UInt16>?, UnsafeMutablePointer<Float>?) -> Void

    /// All patterns of the upper half, with lower halves around ties; and numbers at random.
    private let inputs: [Float] = {
        var numbers = Numbers(5)
        return specialValues
            + (0 ... 0xFFFF).flatMap { upper in
                [0, 1, 0x0FFF, 0x1000, 0x1001, 0x3000, 0x7FFF, 0x8000, 0x8001, 0xFFFF].map {
                    Float(bitPattern: UInt32(upper) << 16 | $0)
                }
            } + (0 ..< 10_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: numbers.next())) }
    }()

    /// The finite values of a format, ascending from zero: the oracle looks for the nearest by bisection in double.
    private func nearest(_ x: Float, among values: [Double]) -> Double {
        let magnitude = Double(x.magnitude)
        guard magnitude < values.last! else { return values.last! }
        var (low, high) = (0, values.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if values[middle] <= magnitude { low = middle } else { high = middle }
        }
        let (below, above) = (magnitude - values[low], values[high] - magnitude)
        // A value's position is its bit pattern, so the even one of a tie has the even position.
        return below < above || (below == above && low % 2 == 0) ? values[low] : values[high]
    }

    private func check(_ name: String, _ compress: Compress, _ expand: Expand, values: [Double]) {
        var wire = [UInt16](repeating: 0, count: inputs.count)
        var errors = [Float](repeating: 0, count: inputs.count)
        var back = [Float](repeating: 0, count: inputs.count)
        compress(Int64(inputs.count), inputs, &errors, &wire)
        expand(Int64(inputs.count), wire, &back)
        for (index, x) in inputs.enumerated() {
            if x.isNaN {
                XCTAssert(back[index].isNaN && errors[index] == 0, "\(name): NaN became \(back[index]), error \(errors[index])")
            } else if x.isInfinite {
                XCTAssert(back[index] == x && errors[index] == 0, "\(name): \(x) became \(back[index]), error \(errors[index])")
            } else {
                // An error of zero makes -0 positive.
                let want = Float(nearest(x, among: values)) * ((x + 0).sign == .minus ? -1 : 1)
                if back[index].bitPattern != want.bitPattern || errors[index] != x - want {
                    XCTFail("\(name): \(x) became \(back[index]), expected \(want); error \(errors[index])")
                }
            }
        }
        for n in oddSizes {
            // The error of one step goes into the next: after many, nothing of a constant is lost.
            let x = (0 ..< n).map { Float($0) * 0.001 + 0.01 }
            var (error, total) = ([Float](repeating: 0, count: n), [Double](repeating: 0, count: n))
            for _ in 0 ..< 200 {
                var (wire, y) = ([UInt16](repeating: 0, count: n), [Float](repeating: 0, count: n))
                compress(Int64(n), x, &error, &wire)
                expand(Int64(n), wire, &y)
                for i in 0 ..< n { total[i] += Double(y[i]) }
            }
            for i in 0 ..< n { XCTAssertEqual(total[i] / 200, Double(x[i]), accuracy: Double(x[i]) * 5e-5, "\(name), \(i) of \(n)") }
        }
    }

    func testBfloat16() {
        check("bfloat16", lk_compress_bfloat16, lk_expand_bfloat16, values: (0 ..< 0x7F80).map { Double(Float(bitPattern: $0 << 16)) })
    }

    func testFloat16() {
        // IEEE 754 binary16: fraction / 1024 · 2^(exponent - 15), without the leading one where the exponent is zero.
        let values = (0 ..< 0x7C00).map { bits -> Double in
            let (exponent, fraction) = (bits >> 10, Double(bits & 0x3FF))
            return exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
        }
        check("float16", lk_compress_float16, lk_expand_float16, values: values)
    }
}
