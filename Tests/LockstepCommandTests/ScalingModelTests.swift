import LockstepCommand
import XCTest

/// The model of a step against numbers worked out by hand.
final class ScalingModelTests: XCTestCase {
    /// α = 10 µs, β = 1 ns a byte, compute = 1 ms + 0.1 ms a sample, a million bytes of gradients.
    private let model = ScalingModel(
        latency: 1e-5, secondsPerByte: 1e-9, fixedCompute: 1e-3, computePerSample: 1e-4, gradientBytes: 1_000_000)

    func testReduce() {
        XCTAssertEqual(model.reduce(ranks: 1), 0)
        // 2 · 1 · 10 µs + 2 · 1/2 · 1 ms
        XCTAssertEqual(model.reduce(ranks: 2), 1.02e-3, accuracy: 1e-12)
        // 2 · 2 · 10 µs + 2 · 3/4 · 1 ms
        XCTAssertEqual(model.reduce(ranks: 4), 1.54e-3, accuracy: 1e-12)
        // 2 · 10 · 10 µs + 2 · 1023/1024 · 1 ms
        XCTAssertEqual(model.reduce(ranks: 1024), 2.198046875e-3, accuracy: 1e-12)
    }

    func testStep() {
        // 1 ms + 32 · 0.1 ms
        XCTAssertEqual(model.step(globalBatch: 32, ranks: 1), 4.2e-3, accuracy: 1e-12)
        // 16 samples a rank: 2.6 ms + 1.02 ms
        XCTAssertEqual(model.step(globalBatch: 32, ranks: 2), 3.62e-3, accuracy: 1e-12)
        // The busiest of 3 ranks has 11 samples: 2.1 ms + 2 log2(3) · 10 µs + 4/3 ms
        XCTAssertEqual(model.step(globalBatch: 32, ranks: 3), 3.465032583e-3, accuracy: 1e-9)
        // 1 sample on the busiest ranks, none on others.
        XCTAssertEqual(model.step(globalBatch: 32, ranks: 1024), 1.1e-3 + 2.198046875e-3, accuracy: 1e-12)
    }

    func testOverlap() {
        var model = model
        // Of 1.02 ms only 0.5 ms were waited for in a step that computes 4.2 ms: 0.52 of 4.2 are hidden.
        model.setOverlap(exposed: 5e-4, batch: 32, ranks: 2)
        XCTAssertEqual(model.overlapShare, 0.52 / 4.2, accuracy: 1e-12)
        XCTAssertEqual(model.step(globalBatch: 64, ranks: 2), 4.7e-3, accuracy: 1e-12)
        // More was waited for than the network takes: nothing is hidden.
        model.setOverlap(exposed: 5e-3, batch: 32, ranks: 2)
        XCTAssertEqual(model.overlapShare, 0)
        // No more can be hidden than there is.
        model.overlapShare = 1
        XCTAssertEqual(model.step(globalBatch: 64, ranks: 2), 4.2e-3, accuracy: 1e-12)
    }

    func testEfficiency() {
        XCTAssertEqual(model.efficiency(.weak, batch: 32, ranks: 1), 1, accuracy: 1e-12)
        XCTAssertEqual(model.efficiency(.strong, batch: 32, ranks: 1), 1, accuracy: 1e-12)
        // 4.2 ms alone, 4.2 + 1.02 ms on two.
        XCTAssertEqual(model.efficiency(.weak, batch: 32, ranks: 2), 4.2 / 5.22, accuracy: 1e-12)
        // 4.2 ms alone, 3.62 ms for the same batch on two.
        XCTAssertEqual(model.efficiency(.strong, batch: 32, ranks: 2), 4.2 / 3.62 / 2, accuracy: 1e-12)
    }

    /// Measurements that lie on the formulas give back their constants.
    func testFit() {
        let steps = [8, 32, 128].map { (batch: $0, seconds: 1e-3 + 1e-4 * Double($0)) }
        let reductions = [4096, 65_536, 1_000_000].map { (bytes: $0, seconds: 2e-5 + 1e-9 * Double($0)) }
        let fitted = ScalingModel(steps: steps, reductions: reductions, gradientBytes: 1_000_000)
        XCTAssertEqual(fitted.fixedCompute, 1e-3, accuracy: 1e-9)
        XCTAssertEqual(fitted.computePerSample, 1e-4, accuracy: 1e-10)
        XCTAssertEqual(fitted.latency, 1e-5, accuracy: 1e-11)
        XCTAssertEqual(fitted.secondsPerByte, 1e-9, accuracy: 1e-15)
        XCTAssertEqual(fitted.overlapShare, 0)
    }

    func testLine() {
        // y = 2 + 3 x
        let exact = ScalingModel.line([(1, 5), (2, 8), (10, 32)])
        XCTAssertEqual(exact.intercept, 2, accuracy: 1e-9)
        XCTAssertEqual(exact.slope, 3, accuracy: 1e-9)
        // Falling times have no slope, times through zero no intercept; relative errors count: Σ1/y / Σ1/y² and Σ(x/y) / Σ(x/y)².
        let falling = ScalingModel.line([(1, 4), (2, 2)])
        XCTAssertEqual(falling.slope, 0)
        XCTAssertEqual(falling.intercept, 0.75 / 0.3125, accuracy: 1e-12)
        let steep = ScalingModel.line([(1, 1), (2, 4)])
        XCTAssertEqual(steep.intercept, 0)
        XCTAssertEqual(steep.slope, 1.5 / 1.25, accuracy: 1e-12)
        // One batch alone cannot tell the two apart.
        let one = ScalingModel.line([(32, 4)])
        XCTAssertEqual(one.intercept, 4, accuracy: 1e-12)
        XCTAssertEqual(one.slope, 0)
    }

    func testGlobalBatch() {
        XCTAssertEqual(ScalingModel.Mode.weak.globalBatch(32, ranks: 4), 128)
        XCTAssertEqual(ScalingModel.Mode.strong.globalBatch(32, ranks: 4), 32)
    }
}
