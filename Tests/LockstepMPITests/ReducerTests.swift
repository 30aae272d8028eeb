import RankJob
import XCTest

/// Gradient reduction on real ranks, by every method.
final class ReducerTests: XCTestCase {
    /// Runs the check, which compares with the written-out sum, and returns the checksum of all sums.
    ///
    /// - Parameter hosts: a digit a rank; ranks with the same one pass for a host.
    private func checksum(
        ranks: Int, _ reduction: String, shards: String, largestMessage: Int? = nil, hosts: String? = nil
    ) throws -> String {
        var run = RankJob(ranks: ranks, "rank-checks", "reducer", reduction, shards)
        if largestMessage != nil || hosts != nil { run.arguments.append(largestMessage.map { String($0) } ?? "-") }
        if let hosts { run.arguments.append(hosts) }
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

    /// Hosts of any number of ranks, side by side or dealt in turn.
    func testHostsDoNotChangeTheBytes() throws {
        let hosts = ["0", "00", "01", "010", "0011", "0001", "0101", "00111", "01234", "0011222", "00001111", "00000112"]
        for shards in ["8", "11"] {
            var checksums: Set = [try checksum(ranks: 2, "exchange", shards: shards)]
            for hosts in shards == "8" ? hosts : ["001", "0110"] {
                checksums.insert(try checksum(ranks: hosts.count, "hierarchical", shards: shards, hosts: hosts))
            }
            XCTAssertEqual(checksums.count, 1, "\(shards) shards: hosts change the sums")
        }
        for hosts in ["001", "00111", "0011222"] {
            XCTAssertEqual(
                try checksum(ranks: hosts.count, "hierarchical", shards: "ranks", hosts: hosts),
                try checksum(ranks: hosts.count, "exchange", shards: "ranks"), "one shard a rank, hosts \(hosts)")
        }
    }

    func testCompressedSumsLoseNothingInTheLongRun() throws {
        for format in ["bfloat16", "float16"] {
            for hosts in ["01", "001", "0101", "0011122"] {
                let job = try RankJob(ranks: hosts.count, "rank-checks", "compression", format, hosts).run()
                XCTAssertEqual(job.status, 0, job.report)
            }
        }
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
        XCTAssertEqual(try checksum(ranks: 3, "hierarchical", shards: "8", largestMessage: 700, hosts: "001"), whole)
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
