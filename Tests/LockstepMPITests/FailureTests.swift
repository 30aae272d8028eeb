import RankJob
import XCTest

/// What goes wrong on one rank ends the job on all, within seconds, and says what it was.
final class FailureTests: XCTestCase {
    /// Seconds within which the job must be over.
    private let limit = 15.0

    @discardableResult
    private func failing(ranks: Int, _ name: String, _ options: String..., says words: String...) throws -> RankJob.Result {
        var run = RankJob(ranks: ranks, "rank-checks", name)
        run.arguments += options
        run.timeout = limit
        let job = try run.run()
        XCTAssertFalse(job.timedOut, job.report)
        XCTAssertNotEqual(job.status, 0, job.report)
        let own = job.errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") }
        if !words.isEmpty {
            XCTAssert(own.contains { line in words.allSatisfy { line.contains($0) } }, "no line with \(words): \(job.report)")
        }
        return job
    }

    func testMismatchedLayoutsAreNamed() throws {
        try failing(ranks: 3, "mismatched-layout", says: "rank 1 on ", "makeReducer", "4097 floats")
    }

    func testBucketsOutOfOrderAreNamed() throws {
        for reduction in ["sharedMemory", "hierarchical", "exchange", "allReduce"] {
            try failing(ranks: 2, "wrong-order", reduction, says: "rank 1 on ", "ready(bucket: 1)", "expected bucket 0")
        }
    }

    func testFewerShardsThanRanksAreRefused() throws {
        for reduction in ["automatic", "exchange"] {
            try failing(ranks: 3, "too-few-shards", reduction, says: "2 shards for 3 ranks")
        }
    }

    func testCompressionIsRefusedWhereItCannotBe() throws {
        try failing(ranks: 2, "compressed-shards", says: "8 shards on 2 ranks", "'bfloat16'", "leave out one of the two")
        try failing(ranks: 2, "compressed-exchange", says: "'float16'", "'exchange'", "use 'automatic'")
        // Where ranks and shards are equal in number, the training knows that shards were asked for.
        var job = RankJob(ranks: 2, "rank-checks", "train", "plain", "2", "bfloat16")
        job.timeout = limit
        let result = try job.run()
        XCTAssertNotEqual(result.status, 0, result.report)
        XCTAssert(result.errors.contains("logical_shards promises the same bytes"), result.report)
    }

    func testACallThatDependsOnTheNumberOfSamplesIsNamed() throws {
        try failing(ranks: 2, "fickle-call", says: "model/fickle/kernel", "for 1 samples", "must not depend on the number of samples")
    }

    func testPartsWithAGapAreNamed() throws {
        try failing(ranks: 2, "uneven-parts", says: "gather: the parts", "4", "5", "must be 2")
    }

    func testAnErrorOfMPINamesRankHostAndOperation() throws {
        let host = ProcessInfo.processInfo.hostName
        try failing(ranks: 2, "mpi-error", says: "rank 1 on \(host)", "MPI_Ibcast", "MPI_ERR_TRUNCATE")
    }

    func testOtherOperationsAreCalledThat() throws {
        try failing(ranks: 2, "mpi-error", says: "rank 1 on ", "ranks do not call the same operations")
    }

    func testAnotherProgramOnARankIsNamed() throws {
        let job = try failing(
            ranks: 3, "purposes", says: "rank 1 runs 'lockstep predict', rank 0 'lockstep train'; start the same on all ranks")
        XCTAssertEqual(job.status, 2, job.report)
    }

    func testAbortEndsAllRanksWithItsStatus() throws {
        XCTAssertEqual(try failing(ranks: 3, "abort").status, 7)
    }

    func testAKilledRankEndsTheJob() throws {
        for reduction in ["sharedMemory", "hierarchical", "exchange", "allReduce"] {
            for ranks in [2, 4] {
                let job = try failing(ranks: ranks, "killed", reduction)
                XCTAssert(job.errors.contains("signal 9"), job.report)
            }
        }
    }

    // MARK: What was printed

    /// Lines that are still in a buffer when the job ends are written, whoever ends it.
    func testAFailureLosesNothingThatWasPrinted() throws {
        for how in ["fails", "dies", "stops", "own"] {
            let job = try failing(ranks: 2, "printed", how, says: how == "own" ? "rank 0 on " : how == "stops" ? "is stuck" : "rank 1 on ")
            XCTAssertEqual(job.output, (0 ..< 100).map { "line \($0)\n" }.joined(), job.report)
        }
    }

    /// A rank that is stuck with the stream in its hands does not stop the watchdog.
    func testAStuckStreamDoesNotSilenceTheWatchdog() throws {
        try failing(ranks: 2, "printed", "holds", says: "the job is stuck")
    }

    // MARK: Strangers

    func testStrangersDoNotDisturbTheWatchdog() throws {
        let job = try failing(ranks: 2, "strangers", says: "the job is stuck")
        XCTAssertEqual(job.output, "unharmed\n", job.report)
        XCTAssert(job.errors.contains("  rank 1 on "), job.report)
        XCTAssertEqual(job.errors.components(separatedBy: "lockstep: ").count, 2, job.report)
    }

    // MARK: Shared memory

    /// A job whose `/dev/shm` is its own, of 48 MB: two ranks share 24.
    private func filled(_ when: String) throws -> RankJob.Result {
        let ownMemory = ["unshare", "-m", "sh", "-c", #"mount -t tmpfs -o size=48m own /dev/shm && exec "$@""#, "sh"]
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        probe.arguments = ownMemory + ["true"]
        probe.standardError = FileHandle.nullDevice
        try probe.run()
        probe.waitUntilExit()
        guard probe.terminationStatus == 0 else {
            let reason = "NOT TESTED: shared memory that others fill up; it needs a mount namespace (root, `unshare`)"
            FileHandle.standardError.write(Data("\n*** \(reason)\n\n".utf8))
            throw XCTSkip(reason)
        }
        var job = RankJob(ranks: 2, "rank-checks", "filled", when)
        job.wrapper = ownMemory
        job.environment = ["SWIFT_BACKTRACE": "enable=no"]
        job.timeout = limit
        return try job.run()
    }

    func testSharedMemoryIsTakenWhenItIsMade() throws {
        let job = try filled("later")
        XCTAssertEqual(job.status, 0, job.report)
    }

    func testSharedMemoryThatCannotBeHadIsOneLine() throws {
        let job = try filled("window")
        XCTAssertEqual(job.status, 1, job.report)
        let lines = job.errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") }
        XCTAssertEqual(lines.count, 1, job.report)
        XCTAssert(lines.first?.contains("/dev/shm is too small, or others have filled it") ?? false, job.report)
    }
}
