import Lockstep
import XCTest

/// What a profile makes of times that are given.
final class ProfileTests: XCTestCase {
    /// Ten steps: [data, forward, backward, reduce, optimizer, callbacks, checkpoint, other] in seconds.
    private let profile = Profile(ranks: [
        .init(rank: 0, host: "a", steps: 10, seconds: [0.1, 2, 4, 2, 1, 0.5, 3, 7], overlapped: 0.5),
        .init(rank: 1, host: "b", steps: 10, seconds: [0.1, 3, 4.4, 1, 1, 0.1, 0, 7], overlapped: 0.4),
    ])

    func testWhatItComesTo() {
        // Work of their own: 0.1 + 2 + (4 - 0.5) + 1 and 0.1 + 3 + (4.4 - 0.4) + 1.
        XCTAssertEqual(profile.ranks[0].busy, 6.6, accuracy: 1e-12)
        XCTAssertEqual(profile.ranks[1].busy, 8.1, accuracy: 1e-12)
        // In steps: 0.1 + 2 + 4 + 2 + 1 + 0.5 and 0.1 + 3 + 4.4 + 1 + 1 + 0.1; neither writing files nor evaluating.
        XCTAssertEqual(profile.ranks[0].total, 9.6, accuracy: 1e-12)
        XCTAssertEqual(profile.ranks[1].total, 9.6, accuracy: 1e-12)
        XCTAssertEqual(profile.efficiency, 14.7 / 19.2, accuracy: 1e-12)
        XCTAssertEqual(profile.slowest.rank, 1)
        XCTAssertEqual(profile.exposedCommunication, 1)
        XCTAssertEqual(profile.waiting, 0.5, accuracy: 1e-12)
    }

    func testReport() {
        let report = profile.report
        let words = report.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        XCTAssert(words.contains("0 10.000 200.000 400.000 200.000 100.000 50.000 960.000 a"), report)
        XCTAssert(report.contains("Efficiency 76.6 %"), report)
        XCTAssert(report.contains("10.4 % exposed, 5.2 % waiting for slower ranks, 4.7 % under cover"), report)
        XCTAssert(report.contains("Slowest: rank 1 on b, 810.000 ms"), report)
    }
}
