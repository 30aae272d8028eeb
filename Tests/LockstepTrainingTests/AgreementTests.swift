import RankJob
import XCTest

/// Ranks that differ are told so before the first step, all of them the same; what they do together outside of `fit`.
final class AgreementTests: XCTestCase {
    private func run(ranks: Int, _ check: String, _ arguments: String...) throws -> RankJob.Result {
        var job = RankJob(ranks: ranks, "rank-checks", check)
        job.arguments += arguments
        job.timeout = 30
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        return result
    }

    /// What all ranks throw where the last one of `ranks` differs.
    private func check(_ difference: String, ranks: Int = 2, says words: [String], line: UInt = #line) throws {
        let output = try run(ranks: ranks, "differ", difference).output
        for word in ["TrainingError: rank \(ranks - 1) on "] + words {
            XCTAssert(output.contains(word), "no \(word): \(output)", line: line)
        }
        XCTAssertEqual(output.filter { $0 == "\n" }.count, 1, output, line: line)
    }

    func testOtherData() throws {
        try check("samples", ranks: 3, says: ["another training data than on rank 0: 40 samples of (8,) and ()", "not 20 samples"])
        try check("values", says: ["another training data", "20 samples of (8,) and (), checksum"])
        try check("validation", says: ["another validation data than on rank 0: 20 samples", "not none"])
        try check("predict", says: ["another data than on rank 0: 10 samples"])
        try check("later", says: ["another training data than on rank 0: 10 samples"])
    }

    func testAnotherModel() throws {
        try check("layer", ranks: 3, says: ["another layer 1 than on rank 0: Dropout dropout", "0.3", "not Dropout dropout"])
        try check("name", says: ["another number of layers than on rank 0: 4, not 3"])
        try check("activity", says: ["another layer 0 than on rank 0:", "\"activity_regularizer\"", "\"L1\""])
        try check("frozen", says: ["another layer 0 than on rank 0:", "not trained"])
        try check("optimizer", says: ["another optimizer than on rank 0:", "0.2"])
    }

    /// As in programs whose rank zero alone loads weights, before the first fit or after it.
    func testRankZerosWeightsHold() throws {
        let output = try run(ranks: 2, "differ", "weights").output
        XCTAssert(output.contains("evaluated alike: true, predicted alike: true"), output)
    }

    func testOtherArguments() throws {
        try check("batchSize", says: ["another batchSize than on rank 0: 8, not 4"])
        try check("seed", says: ["another seed than on rank 0: 1, not 0"])
        try check("shards", says: ["another Distribution.logicalShards than on rank 0: 8, not 4"])
        try check("compression", says: ["another Distribution.communicator than on rank 0:", "compression bfloat16"])
        try check("evaluate", says: ["another call than on rank 0: evaluate, not fit"])
        try check("allReduce", says: ["another call than on rank 0: allReduce, not fit"])
    }

    func testWhatOneRankFindsAllThrow() throws {
        try check("labels", says: ["y: label 0 is 9; with 4 classes"])
        // The callbacks are rank zero's; nothing is wrong on the others.
        XCTAssert(try run(ranks: 2, "differ", "monitor").output.contains("rank 0 on "))
        XCTAssert(try run(ranks: 2, "differ", "monitor").output.contains("unknown figure to monitor \"acc\""))
        for ranks in [1, 3] { XCTAssertEqual(try run(ranks: ranks, "differ", "nothing").output, "none\n") }
    }

    func testSumsOverRanksTrainAsOneProcess() throws {
        let alone = try run(ranks: 1, "all-reduce").output.split(separator: " ").map { Double($0.trimmingCharacters(in: .newlines))! }
        XCTAssertEqual(alone.count, 3)
        for ranks in [2, 3] {
            let together = try run(ranks: ranks, "all-reduce").output.split(separator: " ").map {
                Double($0.trimmingCharacters(in: .newlines))!
            }
            for (a, b) in zip(alone, together) { XCTAssertEqual(a, b, accuracy: 1e-5, "\(ranks) ranks") }
        }
    }

    func testARunThatDivergesEndsOnAnyNumberOfRanks() throws {
        for (ranks, shards) in [(1, []), (2, []), (4, []), (3, ["4"])] {
            var job = RankJob(ranks: ranks, "rank-checks", "diverge")
            job.arguments += shards
            let result = ranks == 1 ? try job.runAlone() : try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.output, "epochs 6 loss nan mae nan ended false\n", result.report)
            let own = result.errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") }
            XCTAssertEqual(own.count, 1, result.report)
            XCTAssert(own.first?.contains(/warning: step \d+, batch \d+ of its epoch: the loss is (nan|infinite)/) ?? false, result.report)
            XCTAssertEqual(own.first?.contains(" on ") ?? false, ranks > 1, result.report)
        }
    }

    func testTheSameObjectsInALaterCompilation() throws {
        let alone = try run(ranks: 1, "recompile").output
        XCTAssertEqual(alone.split(separator: " ").count, 18, alone)
        XCTAssertEqual(try run(ranks: 3, "recompile").output, alone)
        XCTAssertEqual(try run(ranks: 3, "recompile", "sharded").output, alone)
    }

    func testProcessesThatTrainAloneUnderALauncherAreTold() throws {
        let result = try run(ranks: 3, "alone")
        let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") }
        XCTAssertEqual(lines.count, 1, result.report)
        XCTAssert(lines.first?.contains("3 processes were started, and each trains alone") ?? false, result.report)
        XCTAssert(try run(ranks: 1, "alone").errors.isEmpty)
    }
}
