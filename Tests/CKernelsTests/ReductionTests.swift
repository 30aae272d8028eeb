import CKernels
import XCTest

final class ReductionTests: XCTestCase {
    typealias Reduce = (Int64, Int64, Int64, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    typealias Argument = (Int64, Int64, Int64, UnsafePointer<Float>?, UnsafeMutablePointer<Int32>?) -> Void

    /// outer, n, inner
    let shapes: [(Int, Int, Int)] = {
        let odd: [[(Int, Int, Int)]] = oddSizes.map { [(1, $0, 1), (3, $0, 1), (1, 37, $0), (1, $0, 10)] }
        let more = [
            (2, 0, 3), (0, 5, 4), (3, 5, 7), (2, 300, 33), (1, 10_001, 3), (1, 9000, 1), (1, 8, 1500), (1, 1, 600),
        ]
        return odd.flatMap { $0 } + more
    }()

    /// y[o, j] = combine over i of x[o, i, j]
    func naive<R>(_ shape: (Int, Int, Int), _ x: [Float], _ combine: ([Float]) -> R) -> [R] {
        let (outer, n, inner) = shape
        return (0 ..< outer).flatMap { o in
            (0 ..< inner).map { j in combine((0 ..< n).map { x[(o * n + $0) * inner + j] }) }
        }
    }

    func run(_ kernel: Reduce, _ shape: (Int, Int, Int), _ x: [Float]) -> [Float] {
        written(shape.0 * shape.2) { kernel(Int64(shape.0), Int64(shape.1), Int64(shape.2), x, $0) }
    }

    func testSumAndProduct() {
        var numbers = Numbers(1)
        for shape in shapes {
            let count = shape.0 * shape.1 * shape.2
            let x = numbers.floats(count, in: -1 ... 1)
            let near = numbers.floats(count, in: 0.99 ... 1.01)
            assertClose(
                run(lk_reduce_sum, shape, x), naive(shape, x) { $0.reduce(0.0) { $0 + Double($1) } }, "\(shape)")
            assertClose(
                run(lk_reduce_prod, shape, near), naive(shape, near) { $0.reduce(1.0) { $0 * Double($1) } },
                tolerance: 1e-5, "\(shape)")
        }
    }

    func testExtremes() {
        var numbers = Numbers(2)
        for shape in shapes where shape.1 > 0 {
            var x = numbers.floats(shape.0 * shape.1 * shape.2)
            for withNaN in [false, true] {
                if withNaN { for _ in 0 ..< 2 where !x.isEmpty { x[Int(numbers.next() % UInt64(x.count))] = .nan } }
                let nan = { (v: [Float]) in v.contains { $0.isNaN } }
                assertSame(run(lk_reduce_max, shape, x), naive(shape, x) { nan($0) ? .nan : $0.max()! }, "max \(shape)")
                assertSame(run(lk_reduce_min, shape, x), naive(shape, x) { nan($0) ? .nan : $0.min()! }, "min \(shape)")
            }
        }
    }

    func testIndexOfExtremes() {
        var numbers = Numbers(3)
        let table: [(Argument, (Float, Float) -> Bool)] = [(lk_argmax, { $0 > $1 }), (lk_argmin, { $0 < $1 })]
        for shape in shapes where shape.1 > 0 {
            // Few distinct values, so that the first of several equals must be found.
            var x = numbers.indices(shape.0 * shape.1 * shape.2, below: 7).map { Float($0) }
            for withNaN in [false, true] {
                if withNaN { for _ in 0 ..< 3 where !x.isEmpty { x[Int(numbers.next() % UInt64(x.count))] = .nan } }
                for (kernel, better) in table {
                    let got = [Int32](repeating: -7, count: shape.0 * shape.2).mutated {
                        kernel(Int64(shape.0), Int64(shape.1), Int64(shape.2), x, $0)
                    }
                    let want = naive(shape, x) { v in
                        v.indices.dropFirst().reduce(0) {
                            (better(v[$1], v[$0]) && !v[$0].isNaN) || (v[$1].isNaN && !v[$0].isNaN) ? $1 : $0
                        }
                    }
                    XCTAssertEqual(got, want.map { Int32($0) }, "\(shape)")
                }
            }
        }
        let low = [Float](repeating: -.infinity, count: 100)
        XCTAssertEqual([Int32(9)].mutated { lk_argmax(1, 100, 1, low, $0) }, [0])
    }

    /// One running sum in float would stop at 2^24.
    func testLongSumsKeepTheirAccuracy() {
        let n = 3_000_000
        let tenths = [Float](repeating: 0.1, count: n)
        let want = Double(Float(0.1)) * Double(n)
        assertClose(run(lk_reduce_sum, (1, n, 1), tenths), [want], tolerance: 1e-6)
        assertClose(run(lk_reduce_sum, (1, n / 2, 2), tenths), [want / 2, want / 2], tolerance: 3e-5)
    }

    func testSumsInDouble() {
        var numbers = Numbers(4)
        for n in oddSizes {
            let x = numbers.floats(n)
            let y = numbers.floats(n)
            XCTAssertEqual(lk_sum_squares(Int64(n), x), x.reduce(0) { $0 + Double($1) * Double($1) }, accuracy: 1e-10)
            XCTAssertEqual(
                lk_dot(Int64(n), x, y), zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }, accuracy: 1e-10)
        }
        XCTAssertEqual(lk_sum_squares(2, [1e30, 1e30]), 2e60, accuracy: 1e54)
    }

    /// Each range on its own.
    func testHistogram() {
        var numbers = Numbers(11)
        for n in oddSizes + [255, 256, 257] {
            for buckets in [1, 2, 7, 30] {
                let x = numbers.floats(n), low = Double(x.min() ?? 0), width = (Double(x.max() ?? 0) - low) / Double(buckets)
                guard width > 0 else { continue }
                let places = x.map { (Double($0) - low) / width }
                let expected = (0 ..< buckets).map { bucket in
                    Int64(places.filter { $0 >= Double(bucket) && (bucket == buckets - 1 || $0 < Double(bucket + 1)) }.count)
                }
                var counts = [Int64](repeating: 5, count: buckets)
                lk_histogram(Int64(n), x, low, width, Int64(buckets), &counts)
                XCTAssertEqual(counts, expected.map { $0 + 5 }, "\(n) in \(buckets)")
            }
        }
    }

    func testAllFinite() {
        for n in oddSizes + [9000] {
            let x = [Float](repeating: -.greatestFiniteMagnitude, count: n)
            XCTAssertTrue(lk_all_finite(Int64(n), x))
            for bad: Float in [.nan, .infinity, -.infinity] where n > 0 {
                for at in Set([0, n / 2, n - 1]) {
                    var y = x
                    y[at] = bad
                    XCTAssertFalse(lk_all_finite(Int64(n), y), "\(bad) at \(at) of \(n)")
                }
            }
        }
    }
}
