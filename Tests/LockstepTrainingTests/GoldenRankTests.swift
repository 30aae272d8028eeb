import GoldenGraphs
import RankJob
import XCTest

/// The models whose values Keras gave, every kind of graph and every layer among them, on real ranks against one process. With their
/// batches of two, some ranks have no samples.
final class GoldenRankTests: XCTestCase {
    /// Numbers by file, model and name.
    private func figures(ranks: Int, shards: Int? = nil) throws -> [String: [String]] {
        var job = RankJob(ranks: ranks, "rank-checks", "golden", shards.map { String($0) } ?? "-")
        job.arguments += try GoldenGraph.families()
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, result.report)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let figures = Dictionary(lines.map { ($0.prefix(3).joined(separator: " "), Array($0.dropFirst(3))) }) { first, _ in first }
        XCTAssertEqual(figures.count, lines.count, "two figures have one name")
        return figures
    }

    func testRanksComeToTheFiguresOfOneProcess() throws {
        let alone = try figures(ranks: 1)
        XCTAssertGreaterThan(alone.count, 300)
        for ranks in [2, 3] {
            let together = try figures(ranks: ranks)
            XCTAssertEqual(together.keys.sorted(), alone.keys.sorted())
            for (name, values) in alone where !name.hasSuffix("checksum") {
                for (a, b) in zip(values, together[name] ?? []) {
                    let (a, b) = (Double(a)!, Double(b)!)
                    XCTAssert(abs(a - b) <= 1e-4 * max(1, abs(a)), "\(name) on \(ranks) ranks: \(b), alone \(a)")
                }
            }
        }
    }

    func testLogicalShardsGiveTheSameBytesOnAnyNumberOfRanks() throws {
        let alone = try figures(ranks: 1, shards: 4)
        for ranks in [2, 3] {
            let together = try figures(ranks: ranks, shards: 4)
            for (name, values) in alone { XCTAssertEqual(together[name], values, "\(name) on \(ranks) ranks") }
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
