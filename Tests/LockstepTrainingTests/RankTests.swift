import RankJob
import XCTest

/// Training on real ranks: `rank-checks train` under mpirun against the same run in one process.
final class RankTests: XCTestCase {
    /// The figures that runs printed, by run and name. One job for all of them.
    private func figures(ranks: Int, _ runs: [String], _ arguments: String...) throws -> [String: [String: [String]]] {
        var job = RankJob(ranks: ranks, "rank-checks", "train", runs.joined(separator: ","))
        job.arguments += arguments
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        var figures: [String: [String: [String]]] = [:], run = ""
        for line in result.output.split(separator: "\n").map({ $0.split(separator: " ").map(String.init) }) {
            if line[0] == "run" {
                run = line[1]
            } else if figures[run, default: [:]][line[0]] == nil {
                figures[run, default: [:]][line[0]] = Array(line.dropFirst())
            }
        }
        XCTAssertEqual(figures.keys.sorted(), runs.sorted(), result.report)
        return figures
    }

    /// Loss, metrics and predictions on 2, 3, 4 and 8 ranks agree with one process to 1e-5 relative, norms of gradients to 1e-4, of
    /// synchronized normalization to 5e-4: it makes more of the rounding of sums, and other BLAS kernels in one process make 2e-4.
    ///
    /// - Parameter joint: the weights whose gradients the ranks compute together.
    private func checkAgrees(_ runs: [String], joint: [String] = [], line: UInt = #line) throws {
        let alone = try figures(ranks: 1, runs)
        for ranks in [2, 3, 4, 8] {
            let together = try figures(ranks: ranks, runs)
            for (run, figures) in alone {
                XCTAssertGreaterThan(figures.count, 6, line: line)
                XCTAssertEqual(together[run]?.keys.sorted(), figures.keys.sorted(), line: line)
                XCTAssertEqual(together[run]?["joint"], joint, "\(run) on \(ranks) ranks", line: line)
                for (name, values) in figures where name != "checksum" && name != "joint" {
                    let tolerance = name != "gradients" ? 1e-5 : run.contains("synchronized") ? 5e-4 : 1e-4
                    for (a, b) in zip(values, together[run]?[name] ?? []) {
                        XCTAssertEqual(
                            Double(a)!, Double(b)!, accuracy: tolerance * abs(Double(a)!), "\(run) on \(ranks) ranks: \(name)", line: line)
                    }
                }
            }
        }
    }

    /// Batches that leave ranks with fewer samples than others, or none; weights of samples; optimizers.
    func testRanksComeToTheFiguresOfOneProcess() throws {
        try checkAgrees([
            "plain", "short-last-batch", "fewer-samples-than-ranks", "batch-of-one", "weights", "weighted-mean", "dropout", "momentum",
            "lamb",
            "clipped", "clipped-by-variable", "accumulated", "clipped-accumulated", "constrained", "constrained-accumulated", "averaged",
            "averaged-accumulated", "adafactor", "synchronized", "synchronized-few-samples", "synchronized-short-last-batch",
        ])
    }
    /// Matrices whose gradients are products of what all ranks leave: parts that are short or empty, other batch sizes.
    func testGradientsThatRanksComputeTogether() throws {
        try checkAgrees(
            ["wide", "wide-short-last-batch", "wide-few-samples", "wide-weights", "wide-synchronized", "constrained-wide"],
            joint: ["model/third/kernel", "model/second/kernel", "model/first/kernel"])
    }
    /// A table whose rows some shards name, several, or none; batches for which all of it is updated, in between.
    func testGradientsOfRows() throws { try checkAgrees(["rows", "rows-short-last-batch", "rows-few-samples"]) }

    func testLogicalShardsGiveTheSameBytesOnAnyNumberOfRanks() throws {
        let runs = [
            "dropout", "adam-shuffled", "short-last-batch", "synchronized", "normalized-by-shard", "clipped-accumulated", "lamb", "counts",
            "momentum", "rmsprop", "amsgrad", "adagrad", "wide", "constrained", "constrained-accumulated", "averaged",
            "averaged-accumulated", "adafactor", "rows", "rows-short-last-batch",
        ]
        let alone = try figures(ranks: 1, runs, "8")
        for ranks in [2, 3, 4, 5, 8] {
            let together = try figures(ranks: ranks, runs, "8")
            for run in runs { XCTAssertEqual(together[run], alone[run], "\(run) on \(ranks) ranks") }
        }
    }

    /// Left in mid-epoch, behind an epoch's last batch and between epochs; with logical shards the same bytes on any number of ranks.
    func testARunThatIsTakenUpAgainComesToTheSameBytes() throws {
        func outcome(ranks: Int, _ arguments: String...) throws -> String {
            var job = RankJob(ranks: ranks, "rank-checks", "resume")
            job.arguments += arguments
            let result = ranks == 1 ? try job.runAlone() : try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssert(result.output.contains("iterations 48"), result.report)
            // Before it stands which checkpoint the run goes on from.
            return String(result.output.split(separator: "\n").last ?? "")
        }
        let alone = try outcome(ranks: 1, "23", "4")
        for (ranks, calls) in [(1, "16"), (2, "23"), (2, "17"), (3, "40")] {
            XCTAssertEqual(try outcome(ranks: ranks, calls, "4"), alone, "left after \(calls) on \(ranks) ranks")
        }
        _ = try outcome(ranks: 2, "23", "-")
        XCTAssertEqual(try outcome(ranks: 3, "23", "4", "sharded"), alone, "each rank with a part of the optimizer's state")
    }

    /// Metrics whose results are no means, and one of a user's own, to the last digit, on parts that are uneven or empty.
    func testMetricsOnUnevenParts() throws {
        for samples in [301, 2] {
            for shards in [[], ["8"]] {
                let job = { (ranks: Int) -> RankJob.Result in
                    var job = RankJob(ranks: ranks, "rank-checks", "metrics", "\(samples)")
                    job.arguments += shards
                    return ranks == 1 ? try job.runAlone() : try job.run()
                }
                // Without logical shards the last bits of trained weights differ; counts of an evaluation do not.
                let figures = { (output: String) in
                    output.split(separator: "\n").filter { !shards.isEmpty || ($0.hasPrefix("evaluated") && !$0.contains(" loss ")) }
                }
                let alone = try job(1)
                XCTAssertEqual(alone.status, 0, alone.report)
                XCTAssertEqual(figures(alone.output).count, shards.isEmpty ? 7 : 16, alone.report)
                for ranks in [2, 3, 4, 8] {
                    let together = try job(ranks)
                    XCTAssertEqual(together.status, 0, together.report)
                    XCTAssertEqual(figures(together.output), figures(alone.output), "\(samples) samples on \(ranks) ranks")
                }
            }
        }
    }

    func testMemoryDescriptorsAndWindowsStayFlat() throws {
        var job = RankJob(ranks: 4, "rank-checks", "endurance", "10000")
        job.timeout = 200
        let result = try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        XCTAssert(result.output.hasPrefix("first "), result.report)
    }

    func testAStepAllocatesNothing() throws {
        for run in [
            "plain", "adam-shuffled", "dropout", "weights", "synchronized", "clipped", "clipped-accumulated", "lamb", "counts",
            "constrained", "rows",
        ] {
            let alone = try RankJob(ranks: 1, "rank-checks", "steady-state", run).runAlone()
            XCTAssertEqual(alone.status, 0, alone.report)
        }
        for run in ["plain", "wide"] {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            defer { try? FileManager.default.removeItem(at: folder) }
            let board = try RankJob(ranks: 1, "rank-checks", "steady-state", run, folder.path).runAlone()
            XCTAssertEqual(board.status, 0, board.report)
        }
        for run in ["plain", "adam-shuffled", "clipped", "wide", "constrained", "rows"] {
            let together = try RankJob(ranks: 2, "rank-checks", "steady-state", run).run()
            XCTAssertEqual(together.status, 0, together.report)
        }
    }
}
