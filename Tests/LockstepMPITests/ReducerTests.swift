import RankJob
import XCTest

/// Gradient reduction on real ranks, by every method.
final class ReducerTests: XCTestCase {
    /// Runs the check, which compares with the written-out sum, in one job for all of `variants`, and returns the checksums of all sums.
    ///
    /// - Parameter variants: "REDUCTION,SHARDS|ranks[,LARGEST-MESSAGE|-[,HOSTS]]"; HOSTS has a digit a rank, and ranks with the same one
    ///   pass for a host.
    private func checksums(ranks: Int, _ variants: [String]) throws -> [String: String] {
        var run = RankJob(ranks: ranks, "rank-checks", "reducer")
        run.arguments += variants
        let job = try run.run()
        XCTAssertEqual(job.status, 0, job.report)
        let lines = job.output.split(separator: "\n").map(String.init)
        XCTAssertEqual(lines.count, variants.count, job.report)
        return Dictionary(zip(variants, lines)) { first, _ in first }
    }

    /// By every method, on any number of ranks and hosts, side by side or dealt in turn.
    func testSums() throws {
        let methods = ["automatic", "sharedMemory", "exchange"]
        let hosts = ["0", "00", "01", "010", "001", "0011", "0001", "0101", "0110", "00111", "01234", "0011222", "00001111", "00000112"]
        // With so many shards the bytes are the same on any number of ranks.
        var sums: [String: Set<String>] = ["8": [], "11": []]
        for ranks in [1, 2, 3, 4, 5, 7, 8] {
            var variants = methods.map { "\($0),ranks" } + ["sharedMemory,8", "exchange,8"]
            if [1, 2, 3, 4].contains(ranks) { variants += ["automatic,11", "exchange,11"] }
            if [1, 2, 3, 8].contains(ranks) { variants += ["allReduce,ranks", "allReduce,8"] }
            if ranks == 3 { variants += ["exchange,8,700", "allReduce,8,7", "hierarchical,8,700,001"] }
            for hosts in hosts where hosts.count == ranks {
                variants += ["hierarchical,8,-,\(hosts)"]
                if ["001", "0110"].contains(hosts) { variants += ["hierarchical,11,-,\(hosts)"] }
                if ["001", "00111", "0011222"].contains(hosts) { variants += ["hierarchical,ranks,-,\(hosts)"] }
            }
            let found = try checksums(ranks: ranks, variants)
            let exact = found.filter { !$0.key.hasPrefix("allReduce") }
            XCTAssertEqual(
                Set(exact.filter { $0.key.contains(",ranks") }.values).count, 1, "\(ranks) ranks, one shard each: methods differ \(found)")
            for shards in ["8", "11"] { sums[shards]!.formUnion(exact.filter { $0.key.split(separator: ",")[1] == shards }.values) }
        }
        for (shards, sums) in sums { XCTAssertEqual(sums.count, 1, "\(shards) shards: sums depend on ranks, hosts or method") }
    }

    func testCompressedSumsLoseNothingInTheLongRun() throws {
        for format in ["bfloat16", "float16"] {
            for hosts in ["01", "001", "0101", "0011122"] {
                let job = try RankJob(ranks: hosts.count, "rank-checks", "compression", format, hosts).run()
                XCTAssertEqual(job.status, 0, job.report)
            }
        }
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
