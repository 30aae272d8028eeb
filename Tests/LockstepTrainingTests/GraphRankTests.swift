import RankJob
import XCTest

/// Models of several inputs and outputs on real ranks against one process.
final class GraphRankTests: XCTestCase {
    private func figures(ranks: Int, _ arguments: String...) throws -> [String: [String]] {
        var job = RankJob(ranks: ranks, "rank-checks", "graph")
        job.arguments += arguments
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(lines.map { ($0[0], Array($0.dropFirst())) }) { first, _ in first }
    }

    /// Figures of outputs, penalties, added losses, masks and predictions: to 1e-5 on 2 and 3 ranks; with logical shards the same bytes.
    private func check(_ graph: String, tag: String, line: UInt = #line) throws {
        let alone = try figures(ranks: 1, graph)
        let figure = ["\(tag)_accuracy", "\(tag)_loss", "\(tag)_weighted_accuracy", "loss", "score_loss", "score_mae"]
        let wanted =
            figure + figure.map { "val_\($0)" } + figure.map { "test_\($0)" } + ["predicted_\(tag)", "predicted_score", "checksum"]
        XCTAssertEqual(alone.keys.sorted(), wanted.sorted(), line: line)
        for ranks in [2, 3] {
            let together = try figures(ranks: ranks, graph)
            XCTAssertEqual(together.keys.sorted(), alone.keys.sorted(), line: line)
            for (name, values) in alone where name != "checksum" {
                for (a, b) in zip(values, together[name] ?? []) {
                    XCTAssertEqual(
                        Double(a)!, Double(b)!, accuracy: 1e-5 * max(1, abs(Double(a)!)), "\(graph) on \(ranks) ranks: \(name)", line: line)
                }
            }
        }
        let sharded = try figures(ranks: 1, graph, "4")
        for ranks in [2, 3] { XCTAssertEqual(try figures(ranks: ranks, graph, "4"), sharded, "\(graph) on \(ranks) ranks", line: line) }
    }

    func testAGraphWithMasksAndPenalties() throws { try check("functional", tag: "tags") }
    func testAModelByNameThatBuildsItselfInItsFirstCall() throws { try check("named", tag: "tag") }

    func testWeightsThatAreMadeTooLateAreRefusedByName() throws {
        // Nine samples in batches of eight: the last one has a single sample.
        for ranks in [1, 2] {
            let job = RankJob(ranks: ranks, "rank-checks", "grow")
            let result = ranks == 1 ? try job.runAlone() : try job.run()
            XCTAssertNotEqual(result.status, 0, result.report)
            let says = "made the weights model/growing/of_1/kernel, model/growing/of_1/bias, after those to train were laid out"
            XCTAssert(result.errors.contains(says), result.report)
        }
    }

    func testAModelWithNothingToTrainOnRanks() throws {
        for ranks in [1, 2] {
            let job = RankJob(ranks: ranks, "rank-checks", "frozen")
            let result = ranks == 1 ? try job.runAlone() : try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.output, "same true\n")
            XCTAssertEqual(result.errors.components(separatedBy: "model model has nothing to train").count, 2, result.report)
        }
    }
}
