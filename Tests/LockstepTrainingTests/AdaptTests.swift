import Lockstep
import RankJob
import XCTest

/// Mean and variance that `Normalization.adapt` finds.
final class AdaptTests: XCTestCase {
    override func setUp() { clearSession() }

    /// In doubles, over all axes but `kept`.
    private func moments(_ x: Tensor, _ kept: [Int]) -> (mean: [Double], variance: [Double]) {
        let strides = x.shape.strides, count = kept.reduce(1) { $0 * x.shape[$1] }, n = Double(x.shape.count / count)
        func place(_ i: Int) -> Int { kept.reduce(0) { $0 * x.shape[$1] + i / strides[$1] % x.shape[$1] } }
        var (mean, variance) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        for (i, value) in x.scalars.enumerated() { mean[place(i)] += Double(value) / n }
        for (i, value) in x.scalars.enumerated() {
            variance[place(i)] += (Double(value) - mean[place(i)]) * (Double(value) - mean[place(i)]) / n
        }
        return (mean, variance)
    }

    func testMeanAndVariance() throws {
        for offset: Float in [0, 1000] {
            let x = Tensor.randomNormal([50, 3, 4], mean: offset, stddev: 2, seed: 1)
            for (axis, kept): ([Int], [Int]) in [([-1], [2]), ([], []), ([1], [1]), ([2, 1], [1, 2])] {
                let layer = Normalization(axis: axis), want = moments(x, kept)
                try layer.adapt(x)
                for (got, want) in zip(layer.mean!.value.scalars, want.mean) {
                    XCTAssertEqual(Double(got), want, accuracy: 1e-7 * max(1, abs(want)))
                }
                for (got, want) in zip(layer.variance!.value.scalars, want.variance) {
                    XCTAssertEqual(Double(got) / want, 1, accuracy: 1e-6)
                }
                // What comes out of it has mean 0 and variance 1; and the way back.
                let y: Tensor = layer(x), found = moments(y, kept)
                for c in found.mean.indices {
                    XCTAssertEqual(found.mean[c], 0, accuracy: 1e-6 * Double(offset + 1))
                    XCTAssertEqual(found.variance[c], 1, accuracy: 1e-4)
                }
                let back = Normalization(axis: axis, invert: true)
                try back.adapt(x)
                for (a, b) in zip((back(y) as Tensor).scalars, x.scalars) { XCTAssertEqual(a, b, accuracy: 1e-6 * max(1, abs(b))) }
            }
        }
    }

    /// Batches of several sizes count by their samples; integers and bytes as numbers; again from the start.
    func testBatchesAndTypes() throws {
        let layer = Normalization()
        try layer.adapt([Tensor([[1, 10], [2, 20]] as [[Float]]), Tensor([[6, 30]] as [[Float]])])
        XCTAssertEqual(layer.mean!.value.scalars, [3, 20])
        XCTAssertEqual(layer.variance!.value.scalars[1], 200 / 3.0, accuracy: 1e-5)
        try layer.adapt(Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2]))
        XCTAssertEqual(layer.mean!.value.scalars, [2, 3])
        try layer.adapt(Tensor([0, 255, 0, 255] as [UInt8], shape: [2, 2]))
        XCTAssertEqual(layer.mean!.value.scalars, [0, 255])
        XCTAssertEqual(layer.variance!.value.scalars, [0, 0])
    }

    func testMisuse() {
        func message(_ layer: Normalization, _ data: [Tensor]) -> String {
            do {
                try layer.adapt(data)
                return "none"
            } catch { return "\(error)" }
        }
        XCTAssertEqual(message(Normalization(name: "n"), []), "layer n: adapt needs samples, and was given none")
        XCTAssertEqual(message(Normalization(name: "n"), [.zeros([0, 3])]), "layer n: adapt needs samples, and was given none")
        XCTAssertEqual(
            message(Normalization(mean: Tensor(0), variance: Tensor(1), name: "n"), [.zeros([2, 3])]),
            "layer n: adapt finds mean and variance, and this layer was given them")
        XCTAssertEqual(
            message(Normalization(name: "n"), [.zeros([2, 3]), .zeros([2])]),
            "layer n: adapt takes [samples, …] of equal rank, and was given shapes (2, 3) and (2,)")
        XCTAssertEqual(
            message(Normalization(name: "n"), [.zeros([2, 3]), .zeros([2, 4])]),
            "layer n: built for (None, 3), and adapt was given data of shape (2, 4)")
    }

    /// The data in several blocks, of which ranks look at some each.
    func testRanksComeToTheSameBytes() throws {
        let alone = try RankJob(ranks: 1, "rank-checks", "adapt").runAlone()
        XCTAssertEqual(alone.status, 0, alone.report)
        XCTAssertEqual(alone.output.split(separator: "\n").count, 5)
        for ranks in [2, 3] {
            let together = try RankJob(ranks: ranks, "rank-checks", "adapt").run()
            XCTAssertEqual(together.status, 0, together.report)
            XCTAssertEqual(together.output, alone.output, "\(ranks) ranks")
        }
    }
}
