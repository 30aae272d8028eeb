import Foundation
import Lockstep
import RankJob
import XCTest

/// What a run says, and to whom: each rank's log, more words, fewer words.
final class LogTests: XCTestCase {
    func testEachRankKeepsALog() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config.with { $0.fit = "fit: {epochs: 2, batch_size: 60, seed: 1}" })
        for (ranks, isVerbose) in [(nil, false), (3, true)] as [(Int?, Bool)] {
            let logs = folder["logs-\(ranks ?? 1)"]
            let result = try CommandRun.run(
                ranks: ranks, ["train", config, "--output", folder["out"], "--log-dir", logs] + (isVerbose ? ["--verbose"] : []))
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.output.contains("Total params"), isVerbose, result.report)
            XCTAssertEqual(result.output.contains("blas_core"), isVerbose, result.report)
            XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: logs).count, ranks ?? 1)
            for rank in 0 ..< (ranks ?? 1) {
                let text = try String(contentsOfFile: "\(logs)/rank-\(rank).log", encoding: .utf8)
                let lines = text.split(separator: "\n")
                for line in lines {
                    XCTAssert(line.contains(#/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning) rank \d: /#), "\(line)")
                }
                for words in ["rank \(rank) of \(ranks ?? 1), model sequential", "epoch 2 ends behind step", "forward 0.", "training ends"]
                {
                    XCTAssert(text.contains(words), "\(words) in \(text)")
                }
                XCTAssertEqual(text.contains("step 1 is made"), isVerbose, text)
            }
        }
        expectRefusal(try CommandRun.run(["train", config, "--quiet", "--verbose"]), ["--quiet and --verbose"])
        expectRefusal(
            try CommandRun.run(ranks: 2, ["train", config, "--log-dir", "/proc/none"]), ["/proc/none/rank-", "cannot be written"])
    }
}
