import RankJob
import XCTest

/// What rank zero's callbacks decide holds on all ranks from the same step on; what they may not do ends the job.
final class DecisionTests: XCTestCase {
    private func run(ranks: Int, _ check: String, _ arguments: String...) throws -> RankJob.Result {
        var job = RankJob(ranks: ranks, "rank-checks", check)
        job.arguments += arguments
        return ranks == 1 ? try job.runAlone() : try job.run()
    }

    /// The same steps, rates, losses and weights on 1, 2 and 4 ranks, and in the first words what was decided.
    private func check(_ decision: String, says words: String, line: UInt = #line) throws {
        let alone = try run(ranks: 1, "decide", decision, "4")
        XCTAssertEqual(alone.status, 0, alone.report, line: line)
        XCTAssert(alone.output.contains(words), alone.report, line: line)
        for ranks in [2, 4] {
            let together = try run(ranks: ranks, "decide", decision, "4")
            XCTAssertEqual(together.status, 0, together.report, line: line)
            XCTAssertEqual(together.output, alone.output, "\(decision) on \(ranks) ranks", line: line)
        }
    }

    // 500 samples in batches of 32: 16 steps an epoch, 4 epochs.
    /// Each rank swaps its weights; shared averages once; parts of them, where each rank has its own.
    func testAveragesInThePlaceOfWeights() throws {
        try check("averages", says: "steps 64 rate 0.1 stop false epochs 4")
        let alone = try run(ranks: 1, "decide", "averages", "4").output.split(separator: "\n").filter { !$0.hasPrefix("evaluated") }
        let sharded = try run(ranks: 3, "decide", "averages", "4", "sharded")
        XCTAssertEqual(sharded.output.split(separator: "\n").filter { !$0.hasPrefix("evaluated") }, alone, sharded.report)
    }
    func testStopping() throws { try check("stop", says: "steps 5 rate 0.1 stop true epochs 1") }
    func testStoppingAtAnEpochsLastStep() throws { try check("stop-at-the-epochs-end", says: "steps 16 rate 0.1 stop true epochs 1") }
    func testLearningRate() throws { try check("rate", says: "steps 64 rate 0.000") }
    func testAssignedWeights() throws {
        try check("assign", says: "steps 64")
        try check("apply", says: "steps 64")
    }
    func testStoppingOnNaN() throws {
        try check("nan", says: "Batch 6: Invalid loss, terminating training\nsteps 7 rate 0.1 stop true epochs 1 NaN true")
    }
    func testEarlyStopping() throws { try check("early", says: "steps 32 rate 0.1 stop true epochs 2") }
    func testReduceLROnPlateau() throws { try check("plateau", says: "steps 64 rate 9.999999e-05 stop false epochs 4 NaN false") }
    func testLearningRateScheduler() throws { try check("schedule", says: ", learning_rate 0.00") }

    /// The job ends, and one line of ours says why.
    private func checkFails(ranks: Int, says words: [String], line: UInt = #line, _ check: String, _ arguments: String...) throws {
        var job = RankJob(ranks: ranks, "rank-checks", check)
        job.arguments += arguments
        job.timeout = 20
        let result = try job.run()
        XCTAssertFalse(result.timedOut, result.report, line: line)
        XCTAssertNotEqual(result.status, 0, result.report, line: line)
        let own = result.errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") }
        XCTAssertEqual(own.count, 1, result.report, line: line)
        for word in words { XCTAssert(own.first?.contains(word) ?? false, "no \(word): \(result.report)", line: line) }
    }

    func testACallbackThatThrowsEndsTheJob() throws {
        try checkFails(ranks: 3, says: ["rank 0 on ", "Steps.onTrainBatchEnd in epoch 1", "the disk is full"], "misbehave", "throw")
    }

    func testCollectivesInCallbacksAreRefused() throws {
        try checkFails(ranks: 2, says: ["rank 0 on ", "evaluate was called in a callback"], "misbehave", "evaluate")
        try checkFails(ranks: 2, says: ["rank 0 on ", "MPI_Ibarrier during a callback"], "misbehave", "barrier")
    }

    func testAFlippedBitIsNamedWithItsRank() throws {
        // Of two ranks nobody can tell which is right: the other one is named.
        try checkFails(ranks: 2, says: ["parameters of rank 1 on ", "differ"], "flip", "1", "20", "8")
        try checkFails(ranks: 4, says: ["parameters of rank 2 on ", "differ", "model/"], "flip", "2", "20", "8")
        try checkFails(ranks: 4, says: ["parameters of rank 0 on "], "flip", "0", "20", "8")
    }

    func testAFlippedBitIsFoundWithinTheInterval() throws {
        var job = RankJob(ranks: 3, "rank-checks", "flip", "1", "20", "5")
        job.timeout = 20
        let report = try job.run().errors
        let step = try XCTUnwrap(report.firstMatch(of: /step (\d+): the parameters/).flatMap { Int($0.1) }, report)
        XCTAssert((20 ... 25).contains(step), report)
    }

    /// Of a table of which a step updates some rows, in a row that none names.
    func testAFlippedBitIsFoundInATableOfRows() throws {
        try checkFails(ranks: 3, says: ["parameters of rank 1 on ", "differ", "table/embeddings"], "flip", "1", "20", "8", "rows")
    }

    func testShardedOptimizerState() throws {
        let runs = [
            ("plain", 0), ("momentum", 1), ("adam-shuffled", 2), ("rmsprop", 3), ("amsgrad", 3), ("adagrad", 1), ("clipped", 2),
            ("accumulated", 2), ("constrained", 2), ("constrained-accumulated", 0),
            ("averaged", 3), ("averaged-accumulated", 3),
        ]
        for ranks in [1, 2, 3, 4, 8] {
            let result = try run(ranks: ranks, "sharded", runs.map(\.0).joined(separator: ","))
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.output, runs.map { "\($0.0) states \($0.1)\n" }.joined(), result.report)
        }
    }
}
