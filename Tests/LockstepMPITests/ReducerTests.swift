import RankJob
import XCTest

/// Gradient reduction on real ranks, by every method.
final class ReducerTests: XCTestCase {
    /// Runs the check, which compares with the written-out sum, and returns the checksum of all sums.
    private func checksum(ranks: Int, _ reduction: String, shards: String, largestMessage: Int? = nil) throws -> String {
        var run = RankJob(ranks: ranks, "rank-checks", "reducer", reduction, shards)
        if let largestMessage { run.arguments.append(String(largestMessage)) }
        let job = try run.run()
        XCTAssertEqual(job.status, 0, job.report)
        XCTAssert(job.output.hasPrefix("checksum "), job.report)
        return job.output
    }

    func testOneShardARank() throws {
        for ranks in [1, 2, 3, 4, 5, 7, 8] {
            var checksums: Set<String> = []
            for reduction in ["automatic", "sharedMemory", "exchange"] {
                checksums.insert(try checksum(ranks: ranks, reduction, shards: "ranks"))
            }
            XCTAssertEqual(checksums.count, 1, "\(ranks) ranks: methods differ")
        }
    }

    func testEightShardsGiveTheSameBytesOnAnyNumberOfRanks() throws {
        var checksums: Set<String> = []
        for ranks in [1, 2, 3, 4, 5, 7, 8] {
            checksums.insert(try checksum(ranks: ranks, "sharedMemory", shards: "8"))
            checksums.insert(try checksum(ranks: ranks, "exchange", shards: "8"))
        }
        XCTAssertEqual(checksums.count, 1, "the sums depend on ranks or method")
    }

    func testElevenShardsAreUneven() throws {
        var checksums: Set<String> = []
        for ranks in [1, 3, 4] {
            checksums.insert(try checksum(ranks: ranks, "automatic", shards: "11"))
            checksums.insert(try checksum(ranks: ranks, "exchange", shards: "11"))
        }
        XCTAssertEqual(checksums.count, 1, "the sums depend on ranks or method")
    }

    func testAllReduceSumsWithinRounding() throws {
        for ranks in [1, 2, 3, 8] {
            _ = try checksum(ranks: ranks, "allReduce", shards: "ranks")
            _ = try checksum(ranks: ranks, "allReduce", shards: "8")
        }
    }

    func testLongBucketsAreCut() throws {
        let whole = try checksum(ranks: 3, "exchange", shards: "8")
        XCTAssertEqual(try checksum(ranks: 3, "exchange", shards: "8", largestMessage: 700), whole)
        _ = try checksum(ranks: 3, "allReduce", shards: "8", largestMessage: 7)
    }

    func testDroppedWindowsAreFreedThoughRanksDropThemAtDifferentTimes() throws {
        for ranks in [1, 2, 5] {
            let job = try RankJob(ranks: ranks, "rank-checks", "windows").run()
            XCTAssertEqual(job.status, 0, job.report)
        }
    }

    func testAStepAllocatesNothing() throws {
        for ranks in [1, 2, 3] {
            let job = try RankJob(ranks: ranks, "rank-checks", "allocations").run()
            XCTAssertEqual(job.status, 0, job.report)
        }
    }
}
