import RankJob
import XCTest

/// Every example runs, and comes to the same figures on one process and on several ranks.
final class ExampleTests: XCTestCase {
    private let names = [
        "ticket-classifier", "wide-and-deep", "simple-dense", "root-mean-squared-error", "loss-history", "nested-models",
        "question-answering", "posts-to-profiles", "inception-block", "residual-block", "lenet", "small-resnet",
        "transformer-classifier",
    ]

    /// Deep nets, and many steps of Adam, make rounding grow from step to step; the bytes of these are the same with logical shards.
    private let tolerances = ["inception-block": 0.01, "residual-block": 0.01, "small-resnet": 0.2, "transformer-classifier": 0.05]

    private func output(_ name: String, ranks: Int, _ shards: String? = nil) throws -> String {
        var job = RankJob(ranks: ranks, "examples", name)
        job.arguments += shards.map { [$0] } ?? []
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, "\(name) on \(ranks) ranks: \(result.report)")
        return result.output
    }

    /// The lines of figures, each a title, a name and a number.
    private func figures(_ output: String) -> [(name: String, value: Double)] {
        output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 3, let value = words.last.flatMap({ Double($0) }) else { return nil }
            return (words.dropLast().joined(separator: " "), value)
        }
    }

    func testTheSameFiguresOnAnyNumberOfRanks() throws {
        for name in names {
            let alone = figures(try output(name, ranks: 1))
            XCTAssertGreaterThan(alone.count, 1, name)
            for ranks in [2, 3] {
                let together = figures(try output(name, ranks: ranks))
                XCTAssertEqual(together.map(\.name), alone.map(\.name), "\(name) on \(ranks) ranks")
                for (a, b) in zip(alone, together) {
                    let tolerance = (tolerances[name] ?? 1e-5) * max(1, abs(a.value))
                    XCTAssertEqual(a.value, b.value, accuracy: tolerance, "\(name) on \(ranks) ranks: \(a.name)")
                }
            }
        }
    }

    func testTheSameBytesWithLogicalShards() throws {
        for name in names {
            let alone = try output(name, ranks: 1, "6")
            for ranks in [2, 3] { XCTAssertEqual(try output(name, ranks: ranks, "6"), alone, "\(name) on \(ranks) ranks") }
        }
    }

    func testAnUnknownExample() throws {
        let result = try RankJob(ranks: 1, "examples", "tickets").runAlone()
        XCTAssertEqual(result.status, 2, result.report)
        XCTAssertTrue(result.report.contains("expected the name of an example: ticket-classifier"), result.report)
    }
}
