import RankJob
import XCTest

/// Damaged files of all kinds are opened or refused in one line. `fuzz --count 20000` reads more of them.
final class FuzzTests: XCTestCase {
    func testFiveHundredDamagedFiles() throws {
        let job = try RankJob(ranks: 1, "fuzz", "--seed", "1", "--count", "500").runAlone()
        XCTAssertEqual(job.status, 0, job.report)
        XCTAssertTrue(job.output.contains("cases 0 to 499"), job.report)
    }
}
