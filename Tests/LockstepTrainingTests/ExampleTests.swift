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

    /// What each example prints; one job for all of them.
    private func outputs(ranks: Int, _ shards: String? = nil) throws -> [String: String] {
        var job = RankJob(ranks: ranks, "examples", "all")
        job.arguments += shards.map { [$0] } ?? []
        job.timeout = 120
        let result = ranks == 1 ? try job.runAlone() : try job.run()
        XCTAssertEqual(result.status, 0, "\(ranks) ranks: \(result.report)")
        let parts = result.output.components(separatedBy: "example ").dropFirst().map { $0.split(separator: "\n", maxSplits: 1) }
        return Dictionary(parts.map { (String($0[0]), String($0.last!)) }) { $0 + $1 }
    }

    /// The lines of figures, each a title, a name and a number.
    private func figures(_ output: String) -> [(name: String, value: Double)] {
        output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count >= 3 ? Double(words.last!).map { (words.dropLast().joined(separator: " "), $0) } : nil
        }
    }

    func testTheSameFiguresOnAnyNumberOfRanks() throws {
        let alone = try outputs(ranks: 1)
        XCTAssertEqual(alone.keys.sorted(), names.sorted())
        for ranks in [2, 3] {
            let together = try outputs(ranks: ranks)
            for name in names {
                let (own, others) = (figures(alone[name]!), figures(together[name] ?? ""))
                XCTAssertGreaterThan(own.count, 1, name)
                XCTAssertEqual(others.map(\.name), own.map(\.name), "\(name) on \(ranks) ranks")
                for (a, b) in zip(own, others) {
                    let tolerance = (tolerances[name] ?? 1e-5) * max(1, abs(a.value))
                    XCTAssertEqual(a.value, b.value, accuracy: tolerance, "\(name) on \(ranks) ranks: \(a.name)")
                }
            }
        }
    }

    func testTheSameBytesWithLogicalShards() throws {
        let alone = try outputs(ranks: 1, "6")
        for ranks in [2, 3] {
            let together = try outputs(ranks: ranks, "6")
            for name in names { XCTAssertEqual(together[name], alone[name], "\(name) on \(ranks) ranks") }
        }
    }

    func testAnUnknownExample() throws {
        let result = try RankJob(ranks: 1, "examples", "tickets").runAlone()
        XCTAssertEqual(result.status, 2, result.report)
        XCTAssertTrue(result.report.contains("expected the name of an example, or all: ticket-classifier"), result.report)
    }
}
