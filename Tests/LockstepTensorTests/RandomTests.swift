import LockstepTensor
import XCTest

final class RandomTests: XCTestCase {
    override func setUp() { Random.setSeed(11) }

    func testSeededDrawsRepeat() {
        for draw in [
            { Tensor.randomUniform($0, seed: $1) }, { Tensor.randomNormal($0, seed: $1) }, { Tensor.truncatedNormal($0, seed: $1) },
        ]
            as [(Shape, Int?) -> Tensor]
        {
            assertSame(draw([100], 5), draw([100], 5))
            XCTAssertNotEqual(draw([100], 5).scalars, draw([100], 6).scalars)
            // A longer draw begins as a shorter one: numbers go by their place.
            XCTAssertEqual(Array(draw([100], 5).scalars.prefix(37)), draw([37], 5).scalars)
            XCTAssertEqual(draw([10, 10], 5).scalars, draw([100], 5).scalars)
            // Without a seed each draw is another, and all repeat after setSeed.
            Random.setSeed(3)
            let (first, second) = (draw([20], nil), draw([20], nil))
            XCTAssertNotEqual(first.scalars, second.scalars)
            Random.setSeed(3)
            assertSame(draw([20], nil), first)
            assertSame(draw([20], nil), second)
            Random.setSeed(4)
            XCTAssertNotEqual(draw([20], nil).scalars, first.scalars)
        }
    }

    /// Moments within five standard errors: a right generator fails once in two million runs, and the numbers are fixed.
    func testStatistics() {
        let n = 100_000
        func moments(_ x: [Float]) -> (mean: Double, variance: Double) {
            let mean = x.reduce(0.0) { $0 + Double($1) } / Double(n)
            return (mean, x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(n))
        }
        let uniform = Tensor.randomUniform([n], low: -1, high: 3, seed: 1).scalars
        XCTAssertTrue(uniform.allSatisfy { $0 >= -1 && $0 < 3 })
        XCTAssertEqual(moments(uniform).mean, 1, accuracy: 0.018)
        XCTAssertEqual(moments(uniform).variance, 16.0 / 12, accuracy: 0.02)
        let normal = Tensor.randomNormal([n], mean: 2, stddev: 3, seed: 1).scalars
        XCTAssertEqual(moments(normal).mean, 2, accuracy: 0.047)
        XCTAssertEqual(moments(normal).variance, 9, accuracy: 0.2)
        XCTAssertEqual(Double(normal.filter { Swift.abs($0 - 2) < 3 }.count) / Double(n), 0.6827, accuracy: 0.0074)
        // Variance of a normal cut at ±2: 1 - 4 φ(2)/(2Φ(2) - 1) = 0.7737.
        let cut = Tensor.truncatedNormal([n], mean: 2, stddev: 3, seed: 1).scalars
        XCTAssertTrue(cut.allSatisfy { Swift.abs($0 - 2) <= 6 })
        XCTAssertEqual(moments(cut).mean, 2, accuracy: 0.042)
        XCTAssertEqual(moments(cut).variance, 9 * 0.7737, accuracy: 0.12)
    }

    func testDropout() {
        let x = Tensor.ones([200, 50])
        let y = dropout(x, rate: 0.3, purpose: "layer").scalars
        let kept = y.filter { $0 != 0 }
        XCTAssertEqual(Double(kept.count) / Double(y.count), 0.7, accuracy: 0.023)
        XCTAssertTrue(kept.allSatisfy { Swift.abs($0 - 1 / 0.7) < 1e-6 })
        XCTAssertEqual(dropout(x, rate: 0, purpose: "layer").scalars, x.scalars)
        XCTAssertEqual(dropout(x, rate: 0.3, purpose: "layer").scalars, y)
        XCTAssertNotEqual(dropout(x, rate: 0.3, purpose: "other").scalars, y)
        Random.state.step = 1
        XCTAssertNotEqual(dropout(x, rate: 0.3, purpose: "layer").scalars, y)
        Random.setSeed(12)
        XCTAssertNotEqual(dropout(x, rate: 0.3, purpose: "layer").scalars, y)
    }

    /// The part of a batch that begins at sample 70 gets the mask that those samples have in the whole.
    func testDropoutDoesNotDependOnTheSplit() {
        let x = Tensor.ones([100, 7])
        let whole = dropout(x, rate: 0.5, purpose: "layer")
        for split in [0, 1, 33, 70, 100] {
            Random.state.firstSample = 0
            let front = dropout(x[..<split], rate: 0.5, purpose: "layer")
            Random.state.firstSample = split
            let back = dropout(x[split...], rate: 0.5, purpose: "layer")
            assertSame(concatenate([front, back], axis: 0), whole, "split at \(split)")
        }
    }

    /// A traced mask is drawn anew at each run, from the state as it then is.
    func testDropoutInAProgram() {
        let x = Tensor.ones([4, 8])
        let graph = Graph()
        let y = graph.trace { dropout(x, rate: 0.5, purpose: "layer") }
        let program = Program(graph, outputs: [y])
        for (seed, step, first) in [(11, 0, 0), (11, 5, 0), (11, 5, 4), (12, 5, 4)] {
            Random.setSeed(seed)
            Random.state.step = UInt64(step)
            Random.state.firstSample = first
            program.run()
            XCTAssertEqual(y.scalars, dropout(x, rate: 0.5, purpose: "layer").scalars, "seed \(seed), step \(step), sample \(first)")
        }
    }
}
