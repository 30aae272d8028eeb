import RankJob
import XCTest

/// Expects status 2 and one line on standard error that is no warning, with the given parts, and nothing on standard output.
func expectRefusal(_ result: RankJob.Result, _ parts: [String], line: UInt = #line) {
    XCTAssertFalse(result.timedOut, result.report, line: line)
    XCTAssertEqual(result.status, 2, result.report, line: line)
    XCTAssertEqual(result.output, "", result.report, line: line)
    XCTAssertEqual(result.failureLines.count, 1, result.report, line: line)
    let failure = result.failureLines.first ?? ""
    XCTAssert(failure.hasPrefix("lockstep: "), result.report, line: line)
    for part in parts { XCTAssert(failure.contains(part), "\(part) is not in \(result.report)", line: line) }
}
