import RankJob
import XCTest

/// The exchange of rows on real ranks: see `checkRows` of RankChecks.
final class RowTests: XCTestCase {
    private func check(ranks: Int, shards: String, hosts: String? = nil) throws {
        var job = RankJob(ranks: ranks, "rank-checks", "rows", shards)
        if let hosts { job.arguments.append(hosts) }
        let result = try job.run()
        XCTAssertEqual(result.status, 0, result.report)
    }

    func testOneHost() throws {
        for ranks in [1, 2, 3, 5] { for shards in ["ranks", "8"] { try check(ranks: ranks, shards: shards) } }
    }

    /// Hosts of any number of ranks, side by side or dealt in turn.
    func testHosts() throws {
        for hosts in ["01", "010", "0011", "01234"] {
            for shards in ["ranks", "7"] { try check(ranks: hosts.count, shards: shards, hosts: hosts) }
        }
    }
}
