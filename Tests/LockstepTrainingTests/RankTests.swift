import RankJob
import XCTest

/// Training on real ranks: `rank-checks train` under mpirun against the same run in one process.
final class RankTests: XCTestCase {
    /// The figures a run printed, by name.
    private func figures(ranks: Int, _ arguments: String...) throws -> [String: [String]] {
        var job = RankJob(ranks: ranks, "rank-checks", "train")
        job.arguments += arguments
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(lines.map { ($0[0], Array($0.dropFirst())) }) { first, _ in first }
    }

    /// Loss, metrics and predictions on 2, 3, 4 and 8 ranks agree with one process to 1e-5 relative.
    private func checkAgrees(_ run: String, line: UInt = #line) throws {
        let alone = try figures(ranks: 1, run)
        XCTAssertGreaterThan(alone.count, 6, line: line)
        for ranks in [2, 3, 4, 8] {
            let together = try figures(ranks: ranks, run)
            XCTAssertEqual(together.keys.sorted(), alone.keys.sorted(), line: line)
            for (name, values) in alone where name != "checksum" {
                for (a, b) in zip(values, together[name] ?? []) {
                    XCTAssertEqual(
                        Double(a)!, Double(b)!, accuracy: 1e-5 * abs(Double(a)!), "\(run) on \(ranks) ranks: \(name)", line: line)
                }
            }
        }
    }

    func testPlain() throws { try checkAgrees("plain") }
    func testLastBatchSmallerThanTheRanks() throws { try checkAgrees("short-last-batch") }
    func testFewerSamplesThanRanks() throws { try checkAgrees("fewer-samples-than-ranks") }
    func testBatchOfOne() throws { try checkAgrees("batch-of-one") }
    func testWeightsThatAreZeroOnOneRank() throws { try checkAgrees("weights") }
    func testMeanOverWeights() throws { try checkAgrees("weighted-mean") }
    func testDropoutDependsOnTheSampleAlone() throws { try checkAgrees("dropout") }
    func testMomentum() throws { try checkAgrees("momentum") }
    func testClippingToTheNormOfAllGradients() throws { try checkAgrees("clipped") }
    func testClippingWhatWasGatheredOverBatches() throws { try checkAgrees("clipped-accumulated") }
    func testLambWithAWarmUp() throws { try checkAgrees("lamb") }

    func testLogicalShardsGiveTheSameBytesOnAnyNumberOfRanks() throws {
        for run in ["dropout", "adam-shuffled", "short-last-batch", "clipped-accumulated", "lamb", "counts"] {
            let alone = try figures(ranks: 1, run, "8")
            for ranks in [2, 3, 4, 5, 8] {
                XCTAssertEqual(try figures(ranks: ranks, run, "8"), alone, "\(run) on \(ranks) ranks")
            }
        }
    }

    func testAStepAllocatesNothing() throws {
        for run in ["plain", "adam-shuffled", "dropout", "weights", "clipped", "clipped-accumulated", "lamb", "counts"] {
            let alone = try RankJob(ranks: 1, "rank-checks", "steady-state", run).runAlone()
            XCTAssertEqual(alone.status, 0, alone.report)
        }
        let together = try RankJob(ranks: 2, "rank-checks", "steady-state", "plain").run()
        XCTAssertEqual(together.status, 0, together.report)
    }
}
