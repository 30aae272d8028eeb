import Foundation
import Lockstep
import RankJob
import XCTest

import LockstepCommand

/// What a run leaves to be compared by: its record, its curves, `lockstep runs`, learning curves of several runs, confusion matrices.
final class RunComparisonTests: XCTestCase {
    func testRunsSideBySide() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config.with { $0.fit = "fit: {epochs: 3, batch_size: 64}" })
        for (name, ranks, options) in [("a", nil, []), ("b", 2, ["--set", "fit.epochs=2", "--set", "fit.batch_size=32"])]
            as [(String, Int?, [String])]
        {
            let run = try CommandRun.run(ranks: ranks, ["train", config, "--quiet", "--output", folder["runs/\(name)"]] + options)
            XCTAssertEqual(run.status, 0, run.report)
        }
        let record = try ConfigValue(json: Data(contentsOf: URL(fileURLWithPath: folder["runs/b/environment.json"])))
        XCTAssertEqual(record["ranks"], 2)
        XCTAssertEqual(record["outcome"], "finished")
        for key in ["lockstep", "openblas", "onednn", "mpi", "system", "started", "command", "hosts", "threads", "blas_core", "seconds"] {
            XCTAssertNotNil(record[key], key)
        }

        let lines = try CommandRun.run(["runs", folder["runs"], "--json"]).jsonLines()
        XCTAssertEqual(lines.count, 2)
        let history = try HistoryFile(folder["runs/a/history.csv"])
        let losses = try XCTUnwrap(history["val_loss"]).compactMap { $0 }
        XCTAssertEqual(losses.count, 3)
        let table = try CommandRun.run(ranks: 2, ["runs", folder["runs/a"], folder["runs/b"]])
        XCTAssertEqual(table.status, 0, table.report)
        XCTAssert(table.output.contains("best val_loss"), table.report)
        XCTAssert(table.output.contains(String(format: "%.4f", losses.min()!)), table.report)
        XCTAssert(table.output.contains(/\nfit\.epochs +3 +2\nfit\.batch_size +64 +32\n/), table.report)

        // Both in one picture, as text and as pixels.
        let histories = ["a", "b"].map { folder["runs/\($0)/history.csv"] }
        XCTAssertEqual(try CommandRun.run(["plot"] + histories + [folder["curves.svg"]]).status, 0)
        let picture = String(decoding: try folder.bytes("curves.svg"), as: UTF8.self)
        XCTAssertEqual(picture.components(separatedBy: "<polyline").count - 1, 2 * history.columns.count, picture)
        for name in histories { XCTAssert(picture.contains(name)) }
        XCTAssertEqual(try CommandRun.run(["plot", histories[0], folder["curves.png"]]).status, 0)
        XCTAssertEqual(Array(try folder.bytes("curves.png").prefix(4)), [0x89, 0x50, 0x4e, 0x47])
        XCTAssert(String(decoding: try folder.bytes("runs/a/curves.svg"), as: UTF8.self).hasPrefix("<svg"))

        try folder.write("bad.csv", "epoch,loss\n0,one\n")
        try folder.write("short.csv", "epoch,loss\n0\n")
        try folder.write("empty.csv", "")
        for (arguments, parts) in [
            (["runs", folder["none"]], ["none: no such directory"]), (["runs", folder["runs/a/logs"]], ["logs: no such directory"]),
            (["plot", folder["bad.csv"], folder["x.svg"]], ["bad.csv: line 2: expected a number, found one"]),
            (["plot", folder["short.csv"], folder["x.svg"]], ["short.csv: line 2: expected 2 fields"]),
            (["plot", folder["empty.csv"], folder["x.svg"]], ["empty.csv: is empty"]),
            (["plot", histories[0], histories[0]], ["expected a name that ends in .svg or .png"]),
            (["plot", histories[0], "model.keras", folder["x.svg"]], ["model.keras: expected a history"]),
        ] {
            expectRefusal(try CommandRun.run(arguments), parts)
        }
    }

    /// Curves are of what was trained, not of what could be written of it; and the model comes first.
    func testAHistoryThatFindsNoRoomLosesNoModel() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config.with { _ in })
        try FileManager.default.createDirectory(atPath: folder["run"], withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder["run/history.csv"], withDestinationPath: "/dev/full")
        let run = try CommandRun.run(["train", config, "--quiet", "--output", folder["run"]])
        XCTAssertEqual(run.status, 0, run.report)
        XCTAssert(folder.exists("run/model.keras"), run.report)
        XCTAssert(String(decoding: try folder.bytes("run/curves.svg"), as: UTF8.self).contains("<polyline"), run.report)
    }

    /// Against loops over samples.
    func testConfusionMatrices() throws {
        let labels: [Int32] = [0, 2, 1, 1, 0, 2, 2]
        let predictions: [Float] = [
            0.9, 0.1, 0, 0.2, 0.2, 0.6, 0.8, 0.1, 0.1, 0, 1, 0, 0.3, 0.4, 0.3, 0.1, 0.8, 0.1, 0, 0, 1,
        ]
        let expected = [[1, 1, 0], [1, 1, 0], [0, 1, 2]]
        let outputs = Tensor(predictions, shape: [7, 3])
        XCTAssertEqual(try ConfusionMatrix(Tensor(labels), outputs).counts, expected)
        XCTAssertEqual(try ConfusionMatrix(Tensor(labels, shape: [7, 1]), outputs).counts, expected)
        XCTAssertEqual(try ConfusionMatrix(oneHot(Tensor(labels), 3), outputs).counts, expected)
        let one = Tensor([0.2, 0.7, 0.5, 0.9] as [Float], shape: [4, 1])
        XCTAssertEqual(try ConfusionMatrix(Tensor([0, 1, 1, 0] as [Int32]), one).counts, [[1, 1], [1, 1]])
        XCTAssertThrowsError(try ConfusionMatrix(Tensor([0, 1, 3, 0, 0, 0, 0] as [Int32]), outputs))
        XCTAssertThrowsError(try ConfusionMatrix(Tensor([0, 1] as [Int32]), Tensor.zeros([2, 4, 4])))
    }

    func testTheCommandDrawsAConfusionMatrix() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config.with { _ in })
        let run = try CommandRun.run(["train", config, "--quiet", "--output", folder["run"]])
        XCTAssertEqual(run.status, 0, run.report)
        var pictures: [[UInt8]] = []
        for ranks in [nil, 3] as [Int?] {
            let result = try CommandRun.run(
                ranks: ranks, ["evaluate", folder["run/model.keras"], "--config", config, "--confusion", folder["c.svg"]])
            XCTAssertEqual(result.status, 0, result.report)
            pictures.append([UInt8](try folder.bytes("c.svg")))
        }
        XCTAssertEqual(pictures[0], pictures[1])
        let text = String(decoding: pictures[0], as: UTF8.self)
        XCTAssert(text.contains("samples, "), text)
        expectRefusal(
            try CommandRun.run(["evaluate", folder["run/model.keras"], "--config", config, "--confusion", folder["c.txt"]]),
            ["c.txt: expected a name that ends in .svg or .png"])
    }

    func testCurvesInATerminal() {
        var history = History()
        history.append(epoch: 0, Logs(names: ["loss"], values: [4]))
        history.append(epoch: 1, Logs(names: ["loss"], values: [2]))
        history.append(epoch: 2, Logs(names: ["loss"], values: [.nan]))
        history.append(epoch: 3, Logs(names: ["loss"], values: [0]))
        XCTAssertEqual(TerminalCurves(history).text(width: 80), "loss  █▅×▁  4 → 0\n")
    }
}
