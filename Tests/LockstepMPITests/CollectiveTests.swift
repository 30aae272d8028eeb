import RankJob
import XCTest

/// The collectives on real ranks. What holds is stated in `RankChecks`; here is on how many ranks it must.
final class CollectiveTests: XCTestCase {
    private func check(_ name: String, ranks: [Int] = [1, 2, 3, 4, 8]) throws {
        for count in ranks {
            let job = try RankJob(ranks: count, "rank-checks", name).run()
            XCTAssertEqual(job.status, 0, job.report)
        }
    }

    func testSumIsTheSumOverRanksAndTheSameBytes() throws { try check("sum") }
    func testBroadcastGivesTheRootsBytes() throws { try check("broadcast") }
    func testAllGatherKeepsBytesAndLengths() throws { try check("gather") }

    func testRanksAreNumberedPerJobAndHost() throws {
        for count in [1, 3] {
            let job = try RankJob(ranks: count, "rank-checks", "identity").run()
            XCTAssertEqual(job.status, 0, job.report)
            let lines = job.output.split(separator: "\n").map(String.init).sorted()
            XCTAssertEqual(lines, (0 ..< count).map { "rank \($0)/\(count) local \($0)/\(count)" })
        }
    }

    func testWithoutALauncherMPIIsNotTouched() throws {
        let job = try RankJob(ranks: 1, "rank-checks", "identity").runAlone()
        XCTAssertEqual(job.status, 0, job.report)
        XCTAssertEqual(job.output, "not launched\n")
    }
}
