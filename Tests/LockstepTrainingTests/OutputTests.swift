import Lockstep
import RankJob
import XCTest

/// What callbacks write: the bar on terminals of any width, the history in files of any kind.
final class OutputTests: XCTestCase {
    private func train(_ callbacks: [Callback], verbose: Int = 0, epochs: Int = 2) throws {
        let model = Sequential([Input([1]), Dense(1, kernelInitializer: Ones())])
        try model.compile(optimizer: SGD(learningRate: 0), loss: "mse")
        try model.fit(.ones([4, 1]), .zeros([4, 1]), batchSize: 2, epochs: epochs, verbose: verbose, callbacks: callbacks)
    }

    // MARK: The bar

    /// What a bar draws for four steps: one text for each time that it writes.
    private func drawings(width: Int?, names: [String]) -> [String] {
        var texts: [String] = [], time = 100.0
        let bar = ProgbarLogger(isTerminal: true, width: { width }, write: { texts.append($0) }, clock: { time })
        bar.parameters = FitParameters(epochs: 1, steps: 4, verbose: 1)
        let logs = Logs(names: names, values: names.indices.map { Float($0) + 0.5 })
        bar.onEpochBegin(0)
        for batch in 0 ..< 4 {
            bar.onTrainBatchEnd(batch, logs)
            time += 0.11
        }
        bar.onEpochEnd(0, logs)
        return Array(texts.dropFirst())
    }

    /// The lines that a terminal shows of a drawing, without colours.
    private func lines(_ drawing: String) -> [String] {
        drawing.replacing(/\u{1b}\[[0-9]*[mK]/, with: "").replacing("\r", with: "").split(separator: "\n").map(String.init)
    }

    /// Columns by wcwidth's rules, for the characters of this test: CJK takes two.
    private func columns(_ line: String) -> Int { line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x3000 ? 2 : 1) } }

    func testTheBarKeepsToTheTerminalsWidth() {
        for width in [1, 10, 40, 80, 200] {
            for names in [
                ["loss"], ["accuracy", "auc", "loss", "precision", "recall", "val_accuracy", "val_loss"],
                ["loss", "val_sparse_categorical_crossentropy"], ["精度", "損失", "検証損失"],
            ] {
                let drawings = drawings(width: width, names: names)
                XCTAssertGreaterThan(drawings.count, 2)
                for drawing in drawings {
                    for line in lines(drawing) { XCTAssertLessThan(columns(line), max(2, width), "\(width): \(line)") }
                }
                for drawing in drawings.dropLast() { XCTAssertEqual(lines(drawing).count, 1, drawing) }
                guard width >= 40 else { continue }
                // Nothing is missing in the end.
                let end = lines(drawings.last!).joined(separator: "\n")
                for (index, name) in names.enumerated() {
                    XCTAssert(end.contains(" - \(name.prefix(20))") && end.contains(": \(index).5000"), end)
                }
            }
        }
    }

    func testWhereThereIsRoomTheBarIsThatOfKeras() {
        let last = lines(drawings(width: 200, names: ["accuracy", "loss"]).last!)
        XCTAssertEqual(last.count, 1)
        XCTAssert(last[0].wholeMatch(of: /4\/4 ━{20} \ds \d+ms\/step - accuracy: 0.5000 - loss: 1.5000/) != nil, last[0])
        XCTAssertEqual(lines(drawings(width: nil, names: ["loss"]).last!).count, 1)
    }

    func testAtMostTenDrawingsASecond() {
        var count = 0, time = 100.0
        let bar = ProgbarLogger(isTerminal: true, width: { 80 }, write: { _ in count += 1 }, clock: { time })
        bar.parameters = FitParameters(epochs: 1, steps: 10_000, verbose: 1)
        bar.onTrainBegin()
        for batch in 0 ..< 2000 {
            bar.onTrainBatchEnd(batch, Logs(names: ["loss"], values: [1]))
            time += 0.001
        }
        XCTAssert(18 ... 20 ~= count, "\(count) drawings in two seconds")
    }

    /// A log file shows that a long epoch lives, how long it has yet to go, and its validation.
    func testLinesOfALongEpoch() {
        var text = "", time = 100.0
        let bar = ProgbarLogger(isTerminal: false, width: { nil }, write: { text += $0 }, clock: { time })
        bar.parameters = FitParameters(epochs: 3, steps: 10, verbose: 1)
        let logs = Logs(names: ["loss"], values: [0.5]), none = Logs(names: [], values: [])
        bar.onTrainBegin()
        bar.onEpochBegin(0)
        for batch in 0 ..< 10 {
            time += 10
            bar.onTrainBatchEnd(batch, logs)
        }
        bar.progress.evaluationSteps = 4
        bar.onTestBegin()
        for batch in 0 ..< 4 {
            time += 20
            bar.onTestBatchEnd(batch, none)
        }
        bar.onTestEnd(logs)
        bar.onEpochEnd(0, logs)
        XCTAssertEqual(
            text,
            """
            Epoch 1/3
            Epoch 1/3: 3/10 - 30s - ETA 1:10 - 10s/step - loss: 0.5000
            Epoch 1/3: 6/10 - 60s - ETA 40s - 10s/step - loss: 0.5000
            Epoch 1/3: 9/10 - 1:30 - ETA 10s - 10s/step - loss: 0.5000
            Epoch 1/3: validation 1/4
            Epoch 1/3: validation 3/4
            10/10 - 180s - 19s/step - loss: 0.5000

            """)
    }

    func testNoNumberIsPrintedWithoutASign() {
        var text = ""
        let bar = ProgbarLogger(isTerminal: false, width: { nil }, write: { text += $0 })
        bar.parameters = FitParameters(epochs: 1, steps: 1, verbose: 2)
        bar.onEpochEnd(0, Logs(names: ["loss"], values: [-Float.nan]))
        XCTAssert(text.hasSuffix(" - loss: nan\n"), text)
    }

    // MARK: The history's file

    private func folder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    func testALinkIsFollowedAndADeviceStaysWhatItIs() throws {
        try folder { folder in
            try "an older and longer history".write(toFile: "\(folder)/there", atomically: false, encoding: .utf8)
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "there")
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/new", withDestinationPath: "made")
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/null", withDestinationPath: "/dev/null")
            try train([CSVLogger("\(folder)/link"), CSVLogger("\(folder)/new"), CSVLogger("\(folder)/null")])
            for name in ["there", "made"] {
                XCTAssertEqual(try text("\(folder)/\(name)"), "epoch,loss,val_loss\n0,1.0,NA\n1,1.0,NA\n", name)
            }
            for (name, target) in [("link", "there"), ("null", "/dev/null")] {
                XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)"), target)
            }
            try train([CSVLogger("\(folder)/there", append: true)], epochs: 1)
            XCTAssertEqual(try text("\(folder)/there"), "epoch,loss,val_loss\n0,1.0,NA\n1,1.0,NA\n0,1.0,NA\n")
        }
        var status = stat()
        XCTAssertEqual(stat("/dev/null", &status), 0)
        XCTAssertEqual(status.st_mode & S_IFMT, S_IFCHR)
    }

    func testAHistoryThatCannotBeWrittenEndsNoTraining() throws {
        for (path, reason) in [("/dev/full", "No space left on device")] {
            let result = try RankJob(ranks: 1, "rank-checks", "csv", path).runAlone()
            XCTAssertEqual(result.status, 0, result.report)
            XCTAssertEqual(result.output, "epochs 3\n", result.report)
            XCTAssertEqual(
                result.errors, "lockstep: warning: \(path): the history cannot be written: \(reason); training goes on without it\n")
        }
    }

    func testWhatKerasWarnsOfIsWarnedOfOnce() throws {
        let result = try RankJob(ranks: 1, "rank-checks", "labels").runAlone()
        XCTAssertEqual(result.output, "epochs 3\n", result.report)
        let lines = result.errors.split(separator: "\n").map(String.init)
        XCTAssertEqual(lines.count, 2, result.report)
        XCTAssertEqual(
            lines.first,
            "lockstep: warning: y: target 2 is 2.0; binary_crossentropy is meant for 0.0 to 1.0, and may fall without end for others")
        XCTAssertEqual(lines.last, "lockstep: warning: EarlyStopping: the logs have no figure f1 to monitor; they have loss")
    }

    func testAPipeIsWrittenTo() throws {
        try folder { folder in
            let pipe = "\(folder)/pipe"
            XCTAssertEqual(mkfifo(pipe, 0o600), 0)
            let reader = open(pipe, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            try train([CSVLogger(pipe)])
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = read(reader, &bytes, 100)
            XCTAssertEqual(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self), "epoch,loss,val_loss\n0,1.0,NA\n1,1.0,NA\n")
            var status = stat()
            XCTAssertEqual(stat(pipe, &status), 0)
            XCTAssertEqual(status.st_mode & S_IFMT, S_IFIFO)
        }
    }
}
