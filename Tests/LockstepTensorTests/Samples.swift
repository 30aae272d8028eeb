// What the tensor tests feed in, and how they compare what comes out.
import LockstepTensor
import XCTest

/// The same numbers on every run: a 64-bit linear congruential generator (Knuth's MMIX).
struct Numbers {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 24
    }
    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2 ... 2) -> [Float] {
        (0 ..< count).map { _ in range.lowerBound + (range.upperBound - range.lowerBound) * Float(next() & 0xFF_FFFF) / 16_777_216 }
    }
    mutating func tensor(_ shape: Shape, in range: ClosedRange<Float> = -2 ... 2) -> Tensor {
        Tensor(floats(shape.count, in: range), shape: shape)
    }
    /// Numbers of which no two are closer than 0.2, and none closer than 0.1 to zero: for functions with kinks.
    mutating func distinct(_ shape: Shape) -> Tensor {
        var numbers = (0 ..< shape.count).map { (Float($0) - Float(shape.count / 2)) * 0.2 + 0.1 }
        for i in stride(from: numbers.count - 1, to: 0, by: -1) { numbers.swapAt(i, Int(next() % UInt64(i + 1))) }
        return Tensor(numbers, shape: shape)
    }
    mutating func labels(_ shape: Shape, below bound: Int) -> Tensor {
        Tensor((0 ..< shape.count).map { _ in Int32(next() % UInt64(bound)) }, shape: shape)
    }
}

/// |got - want| within `tolerance` of the larger of 1 and |want|: for sums, whose error goes with what was added.
func assertClose(
    _ got: Tensor, _ want: [Double], shape: Shape? = nil, tolerance: Double = 2e-6,
    _ note: @autoclosure () -> String = "", file: StaticString = #filePath, line: UInt = #line
) {
    if let shape { XCTAssertEqual(got.shape, shape, note(), file: file, line: line) }
    let scalars = got.scalars
    guard scalars.count == want.count else {
        return XCTFail("\(note()): \(scalars.count) elements, expected \(want.count)", file: file, line: line)
    }
    for (index, (got, want)) in zip(scalars, want).enumerated()
    where !(Swift.abs(Double(got) - want) <= tolerance * Swift.max(1, Swift.abs(want))) {
        return XCTFail("\(note()) [\(index)]: \(got), expected \(want)", file: file, line: line)
    }
}

/// The same shape, type and elements; a NaN equals a NaN.
func assertSame(_ got: Tensor, _ want: Tensor, _ note: @autoclosure () -> String = "", file: StaticString = #filePath, line: UInt = #line) {
    XCTAssertEqual(got.shape, want.shape, note(), file: file, line: line)
    XCTAssertEqual(got.dtype, want.dtype, note(), file: file, line: line)
    XCTAssertEqual(got.scalars.map(\.bitPattern), want.scalars.map(\.bitPattern), note(), file: file, line: line)
}

/// The element at each place of a row-major array of `shape`: `place` counts along each axis.
func forEachPlace(_ shape: Shape, _ body: (_ offset: Int, _ place: [Int]) -> Void) {
    for offset in 0 ..< shape.count {
        var (rest, place) = (offset, [Int](repeating: 0, count: shape.rank))
        for axis in (0 ..< shape.rank).reversed() { (rest, place[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis]) }
        body(offset, place)
    }
}

/// Where `place` of a broadcast result lies in an operand of `shape`, row-major.
func offset(of place: [Int], in shape: Shape) -> Int {
    let own = place.suffix(shape.rank)
    return zip(own, shape.dimensions).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
}
