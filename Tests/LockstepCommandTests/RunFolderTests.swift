import Lockstep
import XCTest

/// What a run leaves behind, and what it leaves alone.
final class RunFolderTests: XCTestCase {
    private let digits = "data: {train: {digits: {count: 60}}}"

    func testEachRunHasAFolder() throws {
        let folder = try Folder()
        try folder.write("mine.yaml", Config.with { $0.data = digits })
        let first = try CommandRun.shell("$LOCKSTEP train mine.yaml", in: folder)
        XCTAssertEqual(first.status, 0, first.errors)
        let model = try folder.bytes("runs/mine/model.keras")
        let second = try CommandRun.shell("$LOCKSTEP train mine.yaml --seed 7", in: folder)
        XCTAssertEqual(second.status, 0, second.errors)
        XCTAssert(second.output.hasPrefix("Writing to runs/mine-2: runs/mine has the files of an earlier run\n"), second.output)
        XCTAssert(second.output.hasSuffix("Saved runs/mine-2/model.keras\n"), second.output)
        XCTAssertEqual(try folder.bytes("runs/mine/model.keras"), model)
        // A folder without anything in it is nobody's.
        try FileManager.default.createDirectory(atPath: folder["runs/mine-3"], withIntermediateDirectories: true)
        XCTAssertEqual(try CommandRun.shell("$LOCKSTEP train mine.yaml --quiet", in: folder).status, 0)
        XCTAssert(folder.exists("runs/mine-3/model.keras"))
        XCTAssertFalse(folder.exists("runs/mine-4"))
    }

    /// The kept config runs again from anywhere, with what `--set` and `--seed` had changed.
    func testTheKeptConfigRunsAgain() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder["data"], withIntermediateDirectories: true)
        let (images, labels) = Digits.make(count: 50, seed: 1)
        try NPZ.write([("x", images), ("y", labels)], to: folder["data/digits.npz"])
        let config = Config.with {
            $0.data = "data: {train: {npz: \"${LOCKSTEP_TEST_DATA:-data}/digits.npz\", scale: 255}, validation: {split: 0.2}}"
            $0.rest = "callbacks: [{CSVLogger: {filename: \"12\"}}, {EarlyStopping: {baseline: 1e9, patience: 1}}]"
        }
        try folder.write("mine.yaml", config)
        let first = try CommandRun.shell(
            "$LOCKSTEP train mine.yaml --json --output first --seed 7 --set fit.epochs=3 --set 'compile.loss={SparseCategoricalCrossentropy: {}}'",
            in: folder)
        XCTAssertEqual(first.status, 0, first.errors)
        let again = try CommandRun.shell("cd / && $LOCKSTEP train \(folder["first/config.yaml"]) --json --output \(folder["again"])")
        XCTAssertEqual(again.status, 0, again.errors)
        XCTAssertEqual(again.output, first.output)
        XCTAssertEqual(first.output.split(separator: "\n").count, 3)
        XCTAssert(folder.exists("again/12"))
        // In its own folder, too.
        XCTAssertEqual(try CommandRun.shell("$LOCKSTEP train first/config.yaml --json --output first", in: folder).output, first.output)
    }

    func testTheUsersFilesStay() throws {
        let folder = try Folder()
        try folder.write("config.yaml", Config.with { $0.data = digits })
        try folder.write(".writable", "precious")
        try folder.write("elsewhere.csv", "old")
        try FileManager.default.createSymbolicLink(atPath: folder["history.csv"], withDestinationPath: "elsewhere.csv")
        try folder.write("c", try folder.read("config.yaml"))
        for output in ["o", "p/", "q/r", "./s//"] {
            let short = try CommandRun.shell("$LOCKSTEP train c --quiet --output \(output)", in: folder)
            XCTAssertEqual(short.status, 0, short.errors)
            XCTAssert(folder.exists("\(output)/model.keras"))
        }
        let train = try CommandRun.shell("$LOCKSTEP train config.yaml --output . --set fit.epochs=1", in: folder)
        XCTAssertEqual(train.status, 0, train.errors)
        XCTAssertEqual(try folder.read("config.yaml"), Config.with { $0.data = digits })
        XCTAssert(try folder.read("lockstep-config.yaml").contains("epochs: 1"))
        XCTAssertEqual(try folder.read(".writable"), "precious")
        XCTAssert(try folder.read("elsewhere.csv").hasPrefix("epoch,"))
        XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: folder["history.csv"]), "elsewhere.csv")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".tmp") }
        XCTAssertEqual(left, [])
    }

    // MARK: Weights that are not finite

    private let divergent = ["--set", "compile.optimizer={SGD: {learning_rate: 1e30}}", "--set", "compile.loss=mse"]

    private func divergentFolder() throws -> Folder {
        let folder = try Folder()
        try NPZ.write([("x", .constant(Float(3), shape: [20, 4])), ("y", .constant(Float(1), shape: [20]))], to: folder["data.npz"])
        try folder.write(
            "config.yaml",
            """
            model: {layers: [{Dense: {units: 2, input_shape: [4]}}, {Dense: {units: 1}}]}
            data: {train: {npz: data.npz}, test: {npz: data.npz}}
            compile: {optimizer: {SGD: {learning_rate: 1e-3}}, loss: mse}
            fit: {epochs: 3, batch_size: 4}

            """)
        return folder
    }

    func testAModelThatHasDivergedReplacesNoGoodOne() throws {
        for ranks in [nil, 2] {
            let folder = try divergentFolder()
            func train(_ options: [String]) throws -> (status: Int32, lines: [String], report: String) {
                let result = try CommandRun.run(ranks: ranks, ["train", folder["config.yaml"], "--output", folder["out"]] + options)
                return (result.status, result.failureLines, result.report)
            }
            // Where there is none, it is what the run was asked for, as with Keras.
            let alone = try train(divergent)
            XCTAssertEqual(alone.status, 0, alone.report)
            XCTAssertFalse(folder.exists("out/diverged.keras"))
            XCTAssertEqual(try train([]).status, 0)
            let good = try folder.bytes("out/model.keras")
            let diverged = try train(divergent)
            XCTAssertEqual(diverged.status, 1, diverged.report)
            XCTAssertEqual(diverged.lines.count, 1, diverged.report)
            for part in ["weights are not finite", "out/diverged.keras", "out/model.keras is left"] {
                XCTAssert(diverged.lines.first?.contains(part) ?? false, diverged.report)
            }
            XCTAssertEqual(try folder.bytes("out/model.keras"), good)
            XCTAssertNotNil(try? loadModel(folder["out/diverged.keras"]))
        }
    }

    func testTerminateOnNaNIsAFailure() throws {
        for ranks in [nil, 2] {
            let folder = try divergentFolder()
            let result = try CommandRun.run(
                ranks: ranks,
                ["train", folder["config.yaml"], "--output", folder["out"], "--set", "callbacks=[TerminateOnNaN]"] + divergent)
            XCTAssertEqual(result.status, 1, result.report)
            XCTAssertEqual(result.failureLines.count, 1, result.report)
            XCTAssert(result.failureLines.first?.contains("TerminateOnNaN ended the training in epoch 1") ?? false, result.report)
            XCTAssertFalse(result.output.contains("test_loss"), result.report)
        }
    }
}
