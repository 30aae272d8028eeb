import CKernels
import XCTest

final class RankSumTests: XCTestCase {
    /// tree(lo, hi) = tree(lo, mid) + tree(mid, hi), mid = lo + the largest power of two below hi - lo
    func tree(_ values: ArraySlice<Float>) -> Float {
        if values.count <= 1 { return values.first ?? 0 }
        var half = 1
        while half * 2 < values.count { half *= 2 }
        return tree(values.prefix(half)) + tree(values.dropFirst(half))
    }

    func withPointers(_ arrays: [[Float]], _ body: ([UnsafePointer<Float>?], [UnsafeMutablePointer<Float>]) -> Void) {
        let copies = arrays.map { a in
            let p = UnsafeMutablePointer<Float>.allocate(capacity: max(1, a.count))
            p.initialize(from: a, count: a.count)
            return p
        }
        body(copies.map { UnsafePointer($0) }, copies)
        copies.forEach { $0.deallocate() }
    }

    func testTheTreeBitForBit() {
        var numbers = Numbers(1)
        for count in Array(0 ... 9) + [16, 17, 31, 33, 40] {
            for n in oddSizes + [2500] {
                // Sizes far apart, so that another order gives other bits.
                let arrays = (0 ..< count).map { k in numbers.floats(n).map { $0 * Float(1 << (k * 7 % 13)) } }
                let want = (0 ..< n).map { i in tree(arrays.map { $0[i] }[...]) }
                withPointers(arrays) { x, memory in
                    assertSame(
                        written(n) { lk_sum_arrays(Int64(n), Int64(count), x, $0) }, want, "\(count) arrays of \(n)")
                    guard count > 0 else { return }
                    let k = n % count
                    lk_sum_arrays(Int64(n), Int64(count), x, memory[k])
                    assertSame(
                        Array(UnsafeBufferPointer(start: memory[k], count: n)), want, "into array \(k) of \(count)")
                }
            }
        }
    }

    func testChecksumSeesEveryChange() {
        var numbers = Numbers(2)
        for n in oddSizes {
            let x = numbers.floats(n)
            let sum = lk_checksum(Int64(n), x)
            XCTAssertEqual(sum, lk_checksum(Int64(n), x))
            var seen: Set = [sum, lk_checksum(Int64(n) + 1, x + [0])]
            for i in 0 ..< n {
                var y = x
                y[i] = y[i].nextUp
                seen.insert(lk_checksum(Int64(n), y))
            }
            XCTAssertEqual(seen.count, n + 2, "of \(n)")
            if n > 70 {
                var swapped = x
                swapped.swapAt(3, 67)  // the same lane
                XCTAssertNotEqual(sum, lk_checksum(Int64(n), swapped))
                swapped = x
                swapped.swapAt(3, 4)
                XCTAssertNotEqual(sum, lk_checksum(Int64(n), swapped))
            }
        }
        XCTAssertNotEqual(lk_checksum(1, [0]), lk_checksum(1, [-0.0]))
        // From the definition, worked out in Python: ranks with other CPUs must get the same.
        XCTAssertEqual(lk_checksum(3, [1, 2, 3]), 6_474_842_130_717_362_548)
    }

    func testChecksumOfNumbersTakesAllNaNsForOne() {
        let patterns: [UInt32] = [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xffff_ffff, 0x7fff_fffe]
        var numbers = Numbers(3)
        for n in oddSizes where n > 0 {
            let x = numbers.floats(n).map { $0.isNaN ? 1 : $0 }
            XCTAssertEqual(lk_checksum_numbers(Int64(n), x), lk_checksum(Int64(n), x), "\(n) numbers, none of them NaN")
            for place in Set([0, n / 2, n - 1]) {
                let sums = patterns.map { pattern in
                    var y = x
                    y[place] = Float(bitPattern: pattern)
                    return lk_checksum_numbers(Int64(n), y)
                }
                XCTAssertEqual(Set(sums).count, 1, "NaN \(place) of \(n)")
                for other in [Float.infinity, -.infinity, x[place]] {
                    var y = x
                    y[place] = other
                    XCTAssertNotEqual(sums[0], lk_checksum_numbers(Int64(n), y), "\(other) for NaN \(place) of \(n)")
                }
            }
        }
    }
}
