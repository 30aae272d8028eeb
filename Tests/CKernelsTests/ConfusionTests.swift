import CKernels
import XCTest

final class ConfusionTests: XCTestCase {
    /// Each threshold on its own, in double.
    private func naive(_ truth: [Float], _ prediction: [Float], _ weight: [Float]?, _ thresholds: [Double]) -> [Float] {
        let outcomes: [(Bool, Bool)] = [(true, true), (false, true), (false, false), (true, false)]
        return outcomes.flatMap { positive, predicted in
            thresholds.map { threshold in
                Float(
                    truth.indices.reduce(0.0) { sum, i in
                        (truth[i] != 0) == positive && (Double(prediction[i]) > threshold) == predicted
                            ? sum + Double(weight?[i] ?? 1) : sum
                    })
            }
        }
    }

    private func run(_ truth: [Float], _ prediction: [Float], _ weight: [Float]?, _ thresholds: [Float], _ kind: lk_thresholds) -> [Float] {
        var buckets = [Double](repeating: .nan, count: 2 * (thresholds.count + 1))
        let count = thresholds.count
        return written(4 * count) {
            lk_confusion(
                Int64(truth.count), 1, truth, prediction, weight, Int64(count), thresholds, kind, &buckets, $0, $0 + count, $0 + 2 * count,
                $0 + 3 * count)
        }
    }

    func testAgainstEachThresholdAlone() {
        var numbers = Numbers(5)
        for n in oddSizes {
            let truth = numbers.indices(n, below: 3).map { Float($0) }, prediction = numbers.floats(n, in: -0.2 ... 1.2)
            for weight in [nil, numbers.floats(n, in: 0 ... 2)] {
                for count in [1, 2, 3, 7, 200] {
                    let free = numbers.floats(count, in: 0 ... 1).sorted()
                    assertClose(
                        run(truth, prediction, weight, free, LK_SORTED),
                        naive(truth, prediction, weight, free.map { Double($0) }).map { Double($0) }, "sorted, \(n), \(count)")
                    guard count > 1 else { continue }
                    var even = (0 ..< count).map { Double($0) / Double(count - 1) }
                    for kind in [LK_EVEN, LK_EVEN_WITHIN] {
                        // Predictions outside are cut to 0 and 1.
                        if kind == LK_EVEN_WITHIN { (even[0], even[count - 1]) = (-1e-7, 1 + 1e-7) }
                        let cut = prediction.map { min(max($0, 0), 1) }
                        assertClose(
                            run(truth, prediction, weight, even.map { Float($0) }, kind),
                            naive(truth, cut, weight, even).map { Double($0) }, "even, \(n), \(count)")
                    }
                }
            }
        }
    }

    /// Columns of a matrix are counted as if they lay by themselves.
    func testStride() {
        var numbers = Numbers(7)
        let (rows, cols, thresholds) = (37, 3, [0.1, 0.5, 0.9] as [Float])
        let truth = numbers.indices(rows * cols, below: 2).map { Float($0) }, prediction = numbers.floats(rows * cols, in: 0 ... 1)
        let weight = numbers.floats(rows * cols, in: 0 ... 2)
        for col in 0 ..< cols {
            let column = { (x: [Float]) in stride(from: col, to: rows * cols, by: cols).map { x[$0] } }
            for weight in [nil, weight] {
                var buckets = [Double](repeating: .nan, count: 8)
                let got = written(12) { y in
                    truth.withUnsafeBufferPointer { t in
                        prediction.withUnsafeBufferPointer { p in
                            func run(_ w: UnsafePointer<Float>?) {
                                lk_confusion(
                                    Int64(rows), Int64(cols), t.baseAddress! + col, p.baseAddress! + col, w, 3, thresholds, LK_SORTED,
                                    &buckets,
                                    y, y + 3, y + 6, y + 9)
                            }
                            if let weight { weight.withUnsafeBufferPointer { run($0.baseAddress! + col) } } else { run(nil) }
                        }
                    }
                }
                XCTAssertEqual(got, run(column(truth), column(prediction), weight.map(column), thresholds, LK_SORTED), "\(col)")
            }
        }
    }

    func testInTopK() {
        var numbers = Numbers(8)
        for rows in oddSizes {
            for cols in [1, 2, 7, 33] {
                let x = numbers.indices(rows * cols, below: 6).map { Float($0) - 3 }, label = numbers.indices(rows, below: cols)
                for k in [1, 2, 5, 40] {
                    let want = (0 ..< rows).map { row -> Float in
                        let values = x[row * cols ..< (row + 1) * cols]
                        return values.count { $0 > x[row * cols + Int(label[row])] } < k ? 1 : 0
                    }
                    XCTAssertEqual(
                        written(rows) { lk_in_top_k(Int64(rows), Int64(cols), Int64(k), x, label, $0) }, want, "\(rows), \(cols), \(k)")
                }
            }
        }
        // A NaN at the label is smaller than all but -infinity, elsewhere it is not larger; a label that is no column is in no top k.
        let x: [Float] = [.nan, 1, 2, .nan, 1, 2, .nan, -.infinity, -.infinity, 1, 2, 3, 1, 2, 3]
        XCTAssertEqual(written(5) { lk_in_top_k(5, 3, 2, x, [0, 1, 0, 3, -1], $0) }, [0, 1, 1, 0, 0])
    }

    func testConfusionMatrix() {
        var numbers = Numbers(9)
        for n in oddSizes {
            for classes in [1, 2, 5] {
                // Some are no classes: below 0 or too large.
                let truth = numbers.indices(n, below: classes + 2).map { $0 - 1 },
                    prediction = numbers.indices(n, below: classes + 2).map { $0 - 1 }
                for (weight, ignored): ([Float]?, Int32) in [(nil, -1), (numbers.floats(n, in: 0 ... 2), -1), (nil, 0)] {
                    let want = (0 ..< Int32(classes)).flatMap { t in
                        (0 ..< Int32(classes)).map { p in
                            truth.indices.reduce(0.0) {
                                $0 + (truth[$1] == t && prediction[$1] == p && t != ignored ? Double(weight?[$1] ?? 1) : 0)
                            }
                        }
                    }
                    var sums = [Double](repeating: .nan, count: classes * classes)
                    let got = written(classes * classes) {
                        lk_confusion_matrix(Int64(n), Int64(classes), Int64(ignored), truth, prediction, weight, &sums, $0)
                    }
                    assertClose(got, want, "\(n), \(classes)")
                }
            }
        }
    }

    /// A float has 24 bits: a sum in float would stop at 2^24.
    func testSumsAreInDouble() {
        let ones: [Float] = [1, 1, 1]
        XCTAssertEqual(run(ones, ones, [0x1p24, 1, 1], [0.5], LK_SORTED)[0], 0x1p24 + 2)
    }

    func testTopK() {
        var numbers = Numbers(6)
        for cols in [1, 2, 7, 33] {
            for k in [1, 2, 5, 33] where k <= cols {
                // Few different values: many are equal.
                let x = numbers.indices(9 * cols, below: 6).map { Float($0) - 3 }
                let want = (0 ..< 9).flatMap { row -> [Float] in
                    let values = Array(x[row * cols ..< (row + 1) * cols])
                    let best = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(k)
                    return values.indices.map { best.contains($0) ? values[$0] : -99 }
                }
                XCTAssertEqual(written(x.count) { lk_keep_top_k(9, Int64(cols), Int64(k), -99, x, $0) }, want, "\(cols), \(k)")
            }
        }
        XCTAssertEqual(
            written(4) { lk_keep_top_k(1, 4, 2, 0, [-.infinity, .nan, .infinity, -.infinity], $0) }, [-.infinity, 0, .infinity, 0])
    }
}
