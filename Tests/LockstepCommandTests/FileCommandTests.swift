import Lockstep
import RankJob
import XCTest

/// `convert`, `verify` and `diff`, and the other commands on what they make.
final class FileCommandTests: XCTestCase {
    func testConvertVerifyAndDiff() throws {
        let folder = try Folder()
        try folder.write("config.yaml", Config.with { $0.rest = "checkpoints: {every_steps: 4, keep: 9}" })
        let run = try CommandRun.run(["train", folder["config.yaml"], "--quiet", "--output", folder["run"]])
        XCTAssertEqual(run.status, 0, run.report)
        let model = folder["run/model.keras"], legacy = folder["model.h5"], again = folder["again.keras"]

        func ok(_ arguments: String..., ranks: Int? = nil, status: Int32 = 0, line: UInt = #line) throws -> RankJob.Result {
            let result = try CommandRun.run(ranks: ranks, arguments)
            XCTAssertEqual(result.status, status, result.report, line: line)
            return result
        }
        _ = try ok("convert", model, legacy)
        _ = try ok("convert", legacy, again, ranks: 2)
        _ = try ok("convert", model, folder["model.weights.h5"])
        XCTAssertNoThrow(try loadModel(again).loadWeights(folder["model.weights.h5"]))
        XCTAssertEqual(try ok("diff", model, again).output, "\(model) and \(again): the same settings, weights and states\n")
        let summaries = try [model, legacy].map { try ok("summary", $0).output }
        XCTAssertEqual(summaries[0], summaries[1])
        let figures = try [model, legacy].map { try ok("evaluate", $0, "--config", folder["config.yaml"], "--json").output }
        XCTAssertEqual(figures[0], figures[1])

        // What differs, of a run at two places.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder["run/checkpoints"]).sorted()
        XCTAssertEqual(names.count, 4)
        let (first, last) = (folder["run/checkpoints/\(names[0])"], folder["run/checkpoints/\(names[3])"])
        let text = try ok("diff", first, last, ranks: 2, status: 1).output
        XCTAssert(text.contains("setting run.epoch: 0 and 1\n"), text)
        XCTAssert(text.contains(/weight sequential\/dense\/kernel: [0-9]+ of 12544 elements differ, by at most 0\.[0-9]+\n/), text)
        XCTAssert(text.contains("state iteration: 1 of 1 elements differ, by at most 12.0\n"), text)
        let json = try ok("diff", first, last, "--json", status: 1).output
        XCTAssert(json.hasPrefix("{\"same\": false, \"settings\": [{\"place\": \"run.epoch\", \"first\": \"0\", \"second\": \"1\"}"), json)

        let verified = try ok("verify", first, legacy).output
        XCTAssert(
            verified.contains("\(first): whole; model sequential, 3 layers, 12730 parameters; 5 checksums; a run at epoch 1, batch 4"),
            verified)
        XCTAssert(verified.contains("\(legacy): whole; model sequential, 3 layers, 12730 parameters; no checksums\n"), verified)
        var bytes = [UInt8](try folder.bytes("again.keras"))
        bytes[bytes.count / 2] ^= 1
        try folder.write("again.keras", bytes)
        let damaged = try ok("verify", again, legacy, folder["none.keras"], status: 2)
        XCTAssert(damaged.output.hasPrefix("\(legacy): whole"), damaged.report)
        XCTAssert(damaged.errors.contains("\(again), member model.weights.h5: is not what was written"), damaged.report)
        XCTAssert(damaged.errors.contains("\(folder["none.keras"]): no such file"), damaged.report)
        XCTAssertEqual(damaged.errors.split(separator: "\n").count, 2, damaged.report)

        // Nothing is lost, and a name says what is written.
        for (arguments, reason) in [
            (["convert", legacy, legacy], "is the model itself"),
            (["convert", legacy, folder["model.pb"]], "ends in .keras, .h5 or .weights.h5"),
            (["convert", again, folder["new.keras"]], "is not what was written"), (["diff", legacy, folder["none.h5"]], "no such file"),
            (["convert", folder["model.weights.h5"], folder["new.keras"]], "found weights alone"),
        ] {
            let result = try CommandRun.run(arguments)
            XCTAssertEqual(result.status, 2, result.report)
            XCTAssert(result.errors.contains(reason), "\(result.errors), not \(reason)")
        }
        XCTAssertFalse(folder.exists("new.keras"))
    }
}
