import XCTest

/// Standard output and standard error that are full, closed, or whose reader is gone.
final class StreamTests: XCTestCase {
    /// Results that are lost are a failure: one line, status 1.
    func testResultsThatCannotBeWritten() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        for command in [
            "--help", "train --help", "--version", "summary \(config)", "summary \(config) --json", "doctor --json",
            "train \(config) --output \(folder["out"]) --json", "train \(config) --output \(folder["out"])",
            "evaluate \(folder["out/model.keras"]) --config \(config)",
        ] {
            let result = try CommandRun.shell("exec $LOCKSTEP \(command) > /dev/full")
            XCTAssertEqual(result.status, 1, "\(command): \(result.errors)")
            let failures = result.errors.split(separator: "\n").filter { !$0.hasPrefix("lockstep: warning: ") }
            XCTAssertEqual(failures.count, 1, "\(command): \(result.errors)")
            XCTAssert(failures.first?.contains("standard output: cannot be written: No space left on device") ?? false, result.errors)
        }
        XCTAssert(folder.exists("out/model.keras"), "the model is saved whatever becomes of the text")
    }

    /// Lines of progress that are lost harm nobody.
    func testProgressThatCannotBeWritten() throws {
        let folder = try Folder()
        try folder.write("config.yaml", Config.with { $0.data = "data: {train: {digits: {count: 100}}}" })
        for (name, end) in [
            ("full", "> /dev/full"), ("closed", ">&-"), ("all-closed", "<&- >&- 2>&-"), ("gone", "| head -c 1 > /dev/null"),
        ] {
            // The status of the first of a pipe.
            let script =
                "trap '' PIPE; { $LOCKSTEP train config.yaml --set fit.epochs=20 --output \(name); echo $? > \(name).status; } \(end)"
            _ = try CommandRun.shell(script, in: folder)
            XCTAssertEqual(try folder.read("\(name).status"), "0\n", name)
            XCTAssert(folder.exists("\(name)/model.keras"), name)
            let history = try folder.read("\(name)/history.csv").split(separator: "\n")
            XCTAssertEqual(history.count, 21, name)
            XCTAssertEqual(history.first, "epoch,accuracy,loss,val_accuracy,val_loss", name)
        }
    }

    func testErrorsThatCannotBeWritten() throws {
        for command in ["train none.yaml", "summary none.keras", "trian", "train", "predict a.keras --input b.npz --output none/c.npz"] {
            for end in ["2> /dev/full", "2>&-", ">&- 2>&-"] {
                XCTAssertEqual(try CommandRun.shell("$LOCKSTEP \(command) \(end)").status, 2, "\(command) \(end)")
            }
        }
    }

    /// Standard output has JSON alone, for readers that know no NaN; what callbacks say goes elsewhere.
    func testJSONAlone() throws {
        let folder = try Folder()
        let config = try folder.write(
            "config.yaml",
            Config.with {
                $0.compile = "compile: {optimizer: {SGD: {learning_rate: 1e30}}, loss: mse, metrics: [mae]}"
                $0.model = "model: {layers: [{Flatten: {input_shape: [28, 28]}}, {Dense: {units: 1}}]}"
                $0.fit = "fit: {epochs: 9}"
            })
        for callback in ["EarlyStopping: {patience: 1, verbose: 1, restore_best_weights: true}", "TerminateOnNaN"] {
            let train = try CommandRun.run(
                ["train", config, "--json", "--profile", "--output", folder["out"], "--set", "callbacks=[{\(callback)}]"])
            let lines = try train.jsonLines()
            XCTAssert(lines.contains { $0["loss"] is NSNull }, train.report)
            XCTAssertFalse(train.output.contains("NaN"), train.report)
            XCTAssert(train.errors.contains("erminating training") || train.errors.contains("Restoring model weights"), train.report)
        }
    }

    func testQuiet() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        let train = try CommandRun.run(
            [
                "train", config, "--quiet", "--output", folder["out"], "--set",
                "callbacks=[{EarlyStopping: {patience: 0, mode: max, verbose: 1}}]",
            ])
        XCTAssertEqual(train.status, 0, train.report)
        XCTAssertNotNil(train.output.wholeMatch(of: /test_loss: \d+\.\d{4} - test_accuracy: \d\.\d{4}\n/), train.report)
    }

    /// A message is one short line, whatever is in the names of files and arguments.
    func testMessagesAreLines() throws {
        for name in ["a\nb.keras", "\u{1b}[2Ja.keras", String(repeating: "long/", count: 700) + "a.keras"] {
            let result = try CommandRun.run(["summary", name])
            expectRefusal(result, [])
            XCTAssertLessThan(result.errors.utf8.count, 1000)
            XCTAssertFalse(result.errors.contains("\u{1b}"))
        }
    }
}
