import GoldenGraphs
import RankJob
import XCTest

/// The models whose values Keras gave, every kind of graph and every layer among them, on real ranks against one process. With their
/// batches of two, some ranks have no samples.
final class GoldenRankTests: XCTestCase {
    /// Numbers by model and name.
    private func figures(of family: String, ranks: Int, shards: Int? = nil) throws -> [String: [String]] {
        var job = RankJob(ranks: ranks, "rank-checks", "golden")
        job.arguments += [family] + (shards.map { [String($0)] } ?? [])
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(lines.map { ("\($0[0]) \($0[1])", Array($0.dropFirst(2))) }) { first, _ in first }
    }

    func testRanksComeToTheFiguresOfOneProcess() throws {
        for family in try GoldenGraph.families() {
            let alone = try figures(of: family, ranks: 1)
            for ranks in [2, 3] {
                let together = try figures(of: family, ranks: ranks)
                XCTAssertEqual(together.keys.sorted(), alone.keys.sorted())
                for (name, values) in alone where !name.hasSuffix("checksum") {
                    for (a, b) in zip(values, together[name] ?? []) {
                        let (a, b) = (Double(a)!, Double(b)!)
                        XCTAssert(abs(a - b) <= 1e-4 * max(1, abs(a)), "\(name) on \(ranks) ranks: \(b), alone \(a), in \(family)")
                    }
                }
            }
        }
    }

    func testLogicalShardsGiveTheSameBytesOnAnyNumberOfRanks() throws {
        for family in try GoldenGraph.families() {
            let alone = try figures(of: family, ranks: 1, shards: 4)
            for ranks in [2, 3] {
                let together = try figures(of: family, ranks: ranks, shards: 4)
                for (name, values) in alone { XCTAssertEqual(together[name], values, "\(name) on \(ranks) ranks, in \(family)") }
            }
        }
    }

    /// Models with every way of sharing work: convolutions in blocks, statistics of the whole batch, rows of tables, recurrence.
    func testModelsOfAllKindsAreTheSameBytesOnAnyNumberOfRanks() throws {
        var alone: String?
        for ranks in [1, 2, 3, 5, 8] {
            let job = RankJob(ranks: ranks, "rank-checks", "models"), result = ranks == 1 ? try job.runAlone() : try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.output.split(separator: "\n").count, 5, result.report)
            if alone == nil { alone = result.output }
            XCTAssertEqual(result.output, alone, "\(ranks) ranks")
        }
    }
}
