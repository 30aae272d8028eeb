// What the kernel tests feed in, and how they compare what comes out.
import XCTest

/// Around every vector width and its remainders.
let oddSizes = [0, 1, 2, 3, 7, 15, 16, 17, 31, 33, 100, 1000, 1023]

let specialValues: [Float] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, .nan, .infinity, -.infinity, .leastNonzeroMagnitude,
    -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e-30, -1e-30,
    1e30, -1e30, 88.7, 88.73, 89, -87.3, -87.4, -104, 16_777_215, 3e9, -3e9,
]

/// The same numbers on every run: a 64-bit linear congruential generator (Knuth's MMIX).
struct Numbers {
    var state: UInt64
    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 16
    }
    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2 ... 2) -> [Float] {
        (0 ..< count).map { _ in
            range.lowerBound + (range.upperBound - range.lowerBound) * Float(next() & 0xFF_FFFF) / 16_777_216
        }
    }
    mutating func indices(_ count: Int, below bound: Int) -> [Int32] {
        (0 ..< count).map { _ in Int32(next() % UInt64(bound)) }
    }
}

/// Distance in units of the last place of `want`; 0 for equal or both NaN. A subnormal result may be zero.
func ulps(_ got: Float, _ want: Double) -> Double {
    let nearest = Float(want)
    if got == nearest || (got.isNaN && nearest.isNaN) { return 0 }
    if nearest.isSubnormal || nearest == 0 { return abs(got) <= .leastNormalMagnitude ? 0 : .infinity }
    if !got.isFinite || !nearest.isFinite { return .infinity }
    return abs(Double(got) - want) / Double(nearest.ulp)
}

func assertUlps(
    _ got: [Float], _ want: [Double], within bound: Double = 0.5, _ note: @autoclosure () -> String = "",
    line: UInt = #line
) {
    XCTAssertEqual(got.count, want.count, note(), line: line)
    for i in 0 ..< min(got.count, want.count) where !(ulps(got[i], want[i]) <= bound) {
        return XCTFail("\(note()) [\(i)]: \(got[i]), expected \(want[i]) within \(bound) ulp", line: line)
    }
}

/// For sums, whose error is in proportion to what was added and not to the result.
func assertClose(
    _ got: [Float], _ want: [Double], tolerance: Double = 2e-6, _ note: @autoclosure () -> String = "",
    line: UInt = #line
) {
    XCTAssertEqual(got.count, want.count, note(), line: line)
    for i in 0 ..< min(got.count, want.count) {
        let w = want[i]
        let g = Double(got[i])
        if g == w || (g.isNaN && w.isNaN) { continue }
        if !(abs(g - w) <= tolerance * max(1, abs(w))) {
            return XCTFail("\(note()) [\(i)]: \(g), expected \(w)", line: line)
        }
    }
}

/// Bit for bit, except that any NaN equals any NaN.
func assertSame(_ got: [Float], _ want: [Float], _ note: @autoclosure () -> String = "", line: UInt = #line) {
    XCTAssertEqual(got.count, want.count, note(), line: line)
    for i in 0 ..< min(got.count, want.count)
    where !(got[i].bitPattern == want[i].bitPattern || (got[i].isNaN && want[i].isNaN)) {
        return XCTFail("\(note()) [\(i)]: \(got[i]), expected \(want[i])", line: line)
    }
}

extension Array {
    /// The array after `body` has written into it: for kernels whose output is an input too.
    func mutated(_ body: (UnsafeMutablePointer<Element>) -> Void) -> [Element] {
        var copy = self
        copy.reserveCapacity(1)
        copy.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
        return copy
    }
}

/// `count` values written by `body` into memory that held 77.
func written(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    [Float](repeating: 77, count: count).mutated(body)
}
