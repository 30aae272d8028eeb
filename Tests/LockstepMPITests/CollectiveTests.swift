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

    func testGatherOfPartsFillsInTheOthers() throws { try check("gather-parts", ranks: [1, 2, 3, 4, 5, 7, 8]) }

    /// Counts beyond what an Int32 of bytes can say.
    func testBuffersBeyondTwoGigabytes() throws {
        let memory = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8).split(separator: "\n")
        let words = memory.first { $0.hasPrefix("MemAvailable") }?.split(separator: " ") ?? []
        let available = words.count > 1 ? Int(words[1]) ?? 0 : 0
        guard available >= 10 << 20 else {
            let reason = "NOT TESTED: buffers beyond 2^31 bytes; they need 10 GiB of free memory, there are \(available >> 20)"
            FileHandle.standardError.write(Data("\n*** \(reason)\n\n".utf8))
            throw XCTSkip(reason)
        }
        for part in ["sum", "broadcast", "allGather", "gather", "sharedMemory"] {
            var run = RankJob(ranks: 2, "rank-checks", "large", part)
            run.timeout = 120
            let job = try run.run()
            XCTAssertEqual(job.status, 0, job.report)
        }
    }

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
