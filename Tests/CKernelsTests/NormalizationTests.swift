import CKernels
import XCTest

final class NormalizationTests: XCTestCase {
    /// outer, blocks, inner, lanes
    let forms: [(Int, Int, Int, Int)] = [
        (0, 1, 1, 3), (1, 1, 1, 1), (7, 1, 1, 3), (333, 1, 1, 3), (1000, 1, 1, 10), (65, 1, 1, 16), (130, 1, 1, 100), (9, 1, 1, 600),
        (5, 3, 49, 1), (2, 3, 200, 1), (3, 2, 35, 16), (4, 3, 1, 16), (2, 1, 33, 7), (3, 5, 1, 1), (300, 1, 1, 64), (2, 2, 5, 48),
    ]

    func form(_ f: (Int, Int, Int, Int)) -> lk_channels {
        lk_channels(outer: Int64(f.0), blocks: Int64(f.1), inner: Int64(f.2), lanes: Int64(f.3))
    }
    func scratch(_ f: (Int, Int, Int, Int)) -> [Double] { [Double](repeating: .nan, count: Int(lk_channel_scratch(form(f)))) }
    func count(_ f: (Int, Int, Int, Int)) -> Int { f.0 * f.1 * f.2 * f.3 }
    /// The channel of an element.
    func channel(_ i: Int, _ f: (Int, Int, Int, Int)) -> Int { i / (f.3 * f.2) % f.1 * f.3 + i % f.3 }

    /// By channel: how many elements, their mean and mean squared distance from it; two passes in double.
    func naive(_ x: [Float], _ f: (Int, Int, Int, Int), _ counts: (Int) -> Bool) -> (count: [Double], mean: [Double], variance: [Double]) {
        let channels = f.1 * f.3
        var (n, mean, variance) = (
            [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
        )
        for i in x.indices where counts(i) {
            n[channel(i, f)] += 1
            mean[channel(i, f)] += Double(x[i])
        }
        for c in 0 ..< channels where n[c] > 0 { mean[c] /= n[c] }
        for i in x.indices where counts(i) {
            let d = Double(x[i]) - mean[channel(i, f)]
            variance[channel(i, f)] += d * d
        }
        for c in 0 ..< channels where n[c] > 0 { variance[c] /= n[c] }
        return (n, mean, variance)
    }

    func sums(_ x: [Float], _ f: (Int, Int, Int, Int), _ mask: [UInt8]? = nil, _ stretch: Int = 1) -> [Float] {
        var scratch = scratch(f)
        return written(7 * f.1 * f.3) { lk_channel_sums(form(f), x, mask, Int64(stretch), &scratch, $0) }
    }

    func statistics(_ sums: [Float]) -> (mean: [Float], variance: [Float], count: [Float]) {
        let channels = sums.count / 7
        var (mean, variance, n) = (
            [Float](repeating: 77, count: channels), [Float](repeating: 77, count: channels), [Float](repeating: 77, count: channels)
        )
        lk_channel_statistics(Int64(channels), sums, &mean, &variance, &n)
        return (mean, variance, n)
    }

    func testStatistics() {
        var numbers = Numbers(1)
        for f in forms {
            for offset: Float in [0, 3, 4097, -1e5] {
                let x = numbers.floats(count(f)).map { $0 + offset }, want = naive(x, f) { _ in true }
                let found = statistics(sums(x, f))
                XCTAssertEqual(found.count.map(Double.init), want.count, "\(f)")
                assertClose(found.mean, want.mean, tolerance: 2e-7, "mean \(f), \(offset)")
                for (got, want) in zip(found.variance, want.variance) {
                    XCTAssertEqual(
                        Double(got), want, accuracy: 2e-6 * max(want, 1e-3) + 1e-14 * Double(offset * offset), "variance \(f), \(offset)")
                }
            }
        }
    }

    /// All the variance in one element, wherever it is; the mean far from most others.
    func testAnOutlier() {
        for place in [0, 1, 7, 63, 64, 999] {
            var x = [Float](repeating: 0, count: 1000)
            x[place] = 1000
            for i in x.indices { x[i] += Float(i % 3) }
            for f in [(1000, 1, 1, 1), (1, 1, 1000, 1), (500, 1, 1, 2)] {
                let want = naive(x, f) { _ in true }.variance, found = statistics(sums(x, f)).variance
                for (got, want) in zip(found, want) { XCTAssertEqual(Double(got), want, accuracy: 2e-6 * max(want, 1), "\(place) \(f)") }
            }
        }
    }

    /// Rows of parts add up to those of the whole, variances of numbers far from zero included.
    func testSumsOfPartsAddUp() {
        var numbers = Numbers(2)
        for offset: Float in [0, 300, 1e5] {
            let x = numbers.floats(999 * 5).map { $0 + offset }, want = naive(x, (999, 1, 1, 5)) { _ in true }
            for cuts in [[0, 500, 999], [0, 1, 2, 999], [0, 100, 300, 400, 900, 901, 999, 999]] {
                var total = [Float](repeating: 0, count: 35)
                for (start, end) in zip(cuts, cuts.dropFirst()) {
                    let part = sums(Array(x[start * 5 ..< end * 5]), (end - start, 1, 1, 5))
                    for i in part.indices { total[i] += part[i] }
                }
                let found = statistics(total)
                assertClose(found.mean, want.mean, tolerance: 2e-7, "\(cuts)")
                for (got, want) in zip(found.variance, want.variance) {
                    XCTAssertEqual(Double(got) / want, 1, accuracy: 1e-4 * Double(offset) / 1e5 + 1e-6, "\(cuts), \(offset)")
                }
            }
        }
    }

    func testNumbersThatAreNotFinite() {
        let found = statistics(sums([.nan, 1, 2, 3, .infinity, 1], (2, 1, 1, 3)))
        XCTAssertTrue(found.mean[0].isNaN && found.variance[0].isNaN && !found.mean[1].isFinite && found.variance[1].isNaN)
        XCTAssertEqual([found.mean[2], found.variance[2]], [1.5, 0.25])
    }

    /// What a mask leaves out does not count, in every form; each byte stands for some neighbouring places.
    func testMasks() {
        var numbers = Numbers(3)
        for (f, stretch) in [
            ((40, 1, 1, 3), 1), ((40, 1, 1, 70), 1), ((300, 1, 1, 2), 1), ((3, 4, 12, 1), 4), ((2, 3, 100, 1), 50), ((5, 2, 1, 1), 1),
        ] {
            let x = numbers.floats(count(f)), places = count(f) / f.3 / stretch
            for share in [0, 3, 6, 10] {
                let mask = numbers.indices(places, below: 10).map { UInt8($0 < Int32(share) ? 1 : 0) }
                let counts = { (i: Int) in mask[i / f.3 / stretch] != 0 }, want = naive(x, f, counts)
                let found = statistics(sums(x, f, mask, stretch))
                XCTAssertEqual(found.count.map(Double.init), want.count, "\(f)")
                assertClose(found.mean, want.mean, "\(f)")
                assertClose(found.variance, want.variance, "\(f)")

                let channels = f.1 * f.3, dy = numbers.floats(x.count)
                let p = (0 ..< 6).map { _ in numbers.floats(channels, in: 0.5 ... 2) }
                var room = scratch(f)
                let dx = written(x.count) {
                    lk_channel_gradient(form(f), dy, x, p[0], p[1], p[2], p[3], 0.1, p[4], p[5], mask, Int64(stretch), &room, $0)
                }
                assertClose(dx, gradient(f, x, dy, p, counts), "\(f)")
            }
        }
    }

    /// p: mean, variance, count, gamma, dgamma, dbeta
    private func gradient(_ f: (Int, Int, Int, Int), _ x: [Float], _ dy: [Float], _ p: [[Float]], _ counts: (Int) -> Bool) -> [Double] {
        x.indices.map { i in
            let q = p.map { Double($0[channel(i, f)]) }, s = 1 / (q[1] + Double(Float(0.1))).squareRoot(), n = (Double(x[i]) - q[0]) * s
            return q[3] * s * (Double(dy[i]) - (counts(i) ? (q[5] + n * q[4]) / q[2] : 0))
        }
    }

    func testPasses() {
        var numbers = Numbers(4)
        for f in forms {
            let channels = f.1 * f.3, x = numbers.floats(count(f)), dy = numbers.floats(count(f)), g = form(f)
            let p = (0 ..< 6).map { _ in numbers.floats(channels, in: 0.5 ... 2) }
            var room = scratch(f)
            func each(_ body: (Int, [Double]) -> Double) -> [Double] { x.indices.map { i in body(i, p.map { Double($0[channel(i, f)]) }) } }
            let affine = { lk_channel_affine(g, $0, p[0], p[1], p[2], &room, $1) }
            let wanted = each { (Double(x[$0]) - $1[0]) * $1[1] + $1[2] }
            assertClose(written(x.count) { affine(x, $0) }, wanted, "\(f)")
            assertClose(x.mutated { affine($0, $0) }, wanted, "\(f) in place")
            assertClose(
                written(x.count) { lk_channel_affine(g, x, nil, p[1], nil, &room, $0) }, each { Double(x[$0]) * $1[1] }, "\(f) scaled")
            assertClose(
                written(x.count) { lk_channel_normalize(g, x, p[0], p[1], p[2], p[3], 0.1, &room, $0) },
                each { (Double(x[$0]) - $1[0]) / ($1[1] + Double(Float(0.1))).squareRoot() * $1[2] + $1[3] }, "\(f)")
            let dx = { lk_channel_gradient(g, $0, x, p[0], p[1], p[2], p[3], 0.1, p[4], p[5], nil, 1, &room, $1) }
            assertClose(written(x.count) { dx(dy, $0) }, gradient(f, x, dy, p) { _ in true }, "\(f)")
            assertClose(dy.mutated { dx($0, $0) }, gradient(f, x, dy, p) { _ in true }, "\(f) in place")

            var (sum, product) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
            for i in x.indices {
                sum[channel(i, f)] += Double(dy[i])
                product[channel(i, f)] += Double(dy[i]) * (Double(x[i]) - Double(p[0][channel(i, f)]))
            }
            for variance in [p[1], nil] {
                var dbeta = [Float](repeating: 77, count: channels)
                let dgamma = written(channels) { lk_channel_gradient_sums(g, dy, x, p[0], variance, 0.1, &room, $0, &dbeta) }
                let tolerance = 1e-7 * Double(max(count(f), 100)).squareRoot()
                assertClose(dbeta, sum, tolerance: tolerance, "\(f)")
                let roots = (0 ..< channels).map { c -> Double in
                    guard let variance else { return 1 }
                    return (Double(variance[c]) + Double(Float(0.1))).squareRoot()
                }
                assertClose(dgamma, zip(product, roots).map { $0 / $1 }, tolerance: tolerance, "\(f)")
            }
        }
    }

    func testRows() {
        var numbers = Numbers(5)
        for (rows, cols) in [(0, 3), (1, 1), (3, 7), (70, 16), (5, 17), (130, 65), (3, 300), (2, 9001)] {
            for offset: Float in [0, 50] {
                let x = numbers.floats(rows * cols).map { $0 + offset }, dy = numbers.floats(rows * cols)
                let (gamma, beta) = (numbers.floats(cols), numbers.floats(cols))
                for centered in [true, false] {
                    let of = naive(x, (1, rows, cols, 1)) { _ in true }
                    let means = centered ? of.mean : of.mean.map { _ in 0 }
                    let inverses = (0 ..< rows).map { r -> Double in
                        let square = centered ? 0 : of.mean[r] * of.mean[r]
                        return 1 / (of.variance[r] + square + Double(Float(0.1))).squareRoot()
                    }
                    let normal = x.indices.map { (Double(x[$0]) - means[$0 / cols]) * inverses[$0 / cols] }
                    var (mean, inverse) = ([Float](repeating: 77, count: max(1, rows)), [Float](repeating: 77, count: max(1, rows)))
                    func run(_ from: UnsafePointer<Float>, _ beta: [Float]?, _ to: UnsafeMutablePointer<Float>) {
                        mean.withUnsafeMutableBufferPointer { mean in
                            lk_normalize_rows(
                                Int64(rows), Int64(cols), from, gamma, beta, 0.1, to, centered ? mean.baseAddress : nil, &inverse)
                        }
                    }
                    let note = "\(rows) x \(cols), \(offset), \(centered)", tolerance = offset == 0 ? 2e-6 : 2e-5
                    let plain = normal.indices.map { normal[$0] * Double(gamma[$0 % cols]) }
                    assertClose(written(x.count) { run(x, nil, $0) }, plain, tolerance: tolerance, note)
                    assertClose(
                        x.mutated { run($0, beta, $0) }, plain.indices.map { plain[$0] + Double(beta[$0 % cols]) }, tolerance: tolerance,
                        note)
                    guard rows > 0 else { continue }

                    let g = dy.indices.map { Double(dy[$0]) * Double(gamma[$0 % cols]) }
                    func averages(_ of: (Int) -> Double) -> [Double] {
                        (0 ..< rows).map { r in (r * cols ..< (r + 1) * cols).reduce(0) { $0 + of($1) } / Double(cols) }
                    }
                    let (a, b) = (averages { centered ? g[$0] : 0 }, averages { g[$0] * normal[$0] })
                    let want = dy.indices.map { inverses[$0 / cols] * (g[$0] - (a[$0 / cols] + normal[$0] * b[$0 / cols])) }
                    func sum(_ of: (Int) -> Double) -> [Double] {
                        (0 ..< cols).map { c in (0 ..< rows).reduce(0) { $0 + of($1 * cols + c) } }
                    }
                    var (dgamma, dbeta, room) = (
                        [Float](repeating: 77, count: cols), [Float](repeating: 77, count: cols), [Float](repeating: .nan, count: 2 * cols)
                    )
                    let dx = dy.mutated { dx in
                        mean.withUnsafeBufferPointer { mean in
                            lk_normalize_rows_gradient(
                                Int64(rows), Int64(cols), dx, x, gamma, centered ? mean.baseAddress : nil, inverse, &room, dx, &dgamma,
                                &dbeta)
                        }
                    }
                    assertClose(dx, want, tolerance: tolerance, note)
                    assertClose(dgamma, sum { Double(dy[$0]) * normal[$0] }, tolerance: 10 * tolerance, note)
                    assertClose(dbeta, sum { Double(dy[$0]) }, tolerance: 1e-5, note)
                }
            }
        }
    }

    func testGroups() {
        var numbers = Numbers(6)
        for (f, groups) in [
            ((3, 1, 5, 6), 3), ((2, 1, 70, 32), 4), ((2, 6, 9, 1), 2), ((4, 1, 1, 12), 3), ((2, 2, 7, 16), 4), ((2, 1, 9, 5), 5),
            ((0, 1, 3, 4), 2),
        ] {
            let (channels, samples) = (f.1 * f.3, f.0), size = channels / groups, length = f.1 * f.2 * f.3
            let x = numbers.floats(count(f)), dy = numbers.floats(count(f)),
                (gamma, beta) = (numbers.floats(channels), numbers.floats(channels))
            func group(_ i: Int) -> Int { i / length * groups + channel(i, f) / size }
            func perGroup(_ of: (Int) -> Double) -> [Double] {
                var sums = [Double](repeating: 0, count: samples * groups)
                for i in x.indices { sums[group(i)] += of(i) }
                return sums.map { $0 / Double(size * f.2) }
            }
            let means = perGroup { Double(x[$0]) }
            let inverses = perGroup { (Double(x[$0]) - means[group($0)]) * (Double(x[$0]) - means[group($0)]) }.map {
                1 / ($0 + Double(Float(0.1))).squareRoot()
            }
            let normal = x.indices.map { (Double(x[$0]) - means[group($0)]) * inverses[group($0)] }
            var (room, mean, inverse) = (
                scratch(f), [Float](repeating: 77, count: samples * groups + 1), [Float](repeating: 77, count: samples * groups + 1)
            )
            let y = x.mutated { lk_normalize_groups(form(f), Int64(groups), $0, gamma, beta, 0.1, &room, $0, &mean, &inverse) }
            assertClose(y, x.indices.map { normal[$0] * Double(gamma[channel($0, f)]) + Double(beta[channel($0, f)]) }, "\(f)")
            assertClose(Array(mean.dropLast()), means, "\(f)")
            assertClose(Array(inverse.dropLast()), inverses, "\(f)")

            let g = dy.indices.map { Double(dy[$0]) * Double(gamma[channel($0, f)]) }
            let (a, b) = (perGroup { g[$0] }, perGroup { g[$0] * normal[$0] })
            var (dgamma, dbeta, wantGamma, wantBeta) = (
                [Float](repeating: 77, count: channels), [Float](repeating: 77, count: channels), [Double](repeating: 0, count: channels),
                [Double](repeating: 0, count: channels)
            )
            for i in x.indices {
                wantGamma[channel(i, f)] += Double(dy[i]) * normal[i]
                wantBeta[channel(i, f)] += Double(dy[i])
            }
            let dx = dy.mutated {
                lk_normalize_groups_gradient(form(f), Int64(groups), $0, x, gamma, mean, inverse, &room, $0, &dgamma, &dbeta)
            }
            assertClose(dx, dy.indices.map { inverses[group($0)] * (g[$0] - (a[group($0)] + normal[$0] * b[group($0)])) }, "\(f)")
            assertClose(dgamma, wantGamma, "\(f)")
            assertClose(dbeta, wantBeta, "\(f)")
        }
    }
}
