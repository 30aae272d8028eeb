import Lockstep
import XCTest

/// What the commands do when all is well, on one process and on three ranks.
final class TrainTests: XCTestCase {
    func testTrainsEvaluatesAndPredicts() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        for ranks in [nil, 1, 3] {
            let train = try CommandRun.run(ranks: ranks, ["train", config, "--json", "--output", folder["out"], "--set", "fit.epochs=6"])
            XCTAssertEqual(train.status, 0, train.report)
            XCTAssertEqual(train.failureLines, [])
            let lines = try train.jsonLines()
            XCTAssertEqual(lines.count, 7, train.report)
            for (epoch, line) in lines.dropLast().enumerated() {
                XCTAssertEqual(line["epoch"] as? Int, epoch)
                XCTAssertEqual(Set(line.keys), ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"])
            }
            let first = try figure(lines[0], "loss"), last = try figure(lines[5], "loss")
            XCTAssertLessThan(last, 0.7 * first, "training does not bring the loss down: \(train.report)")
            XCTAssertEqual(Set(lines[6].keys), ["test_loss", "test_accuracy"])

            let history = try String(contentsOfFile: folder["out/history.csv"], encoding: .utf8).split(separator: "\n")
            XCTAssertEqual(history.count, 7)
            XCTAssertEqual(history[0], "epoch,accuracy,loss,val_accuracy,val_loss")

            // The saved model is the one that was tested.
            let evaluate = try CommandRun.run(ranks: ranks, ["evaluate", folder["out/model.keras"], "--config", config, "--json"])
            XCTAssertEqual(evaluate.status, 0, evaluate.report)
            let figures = try XCTUnwrap(evaluate.jsonLines().first)
            XCTAssertEqual(Set(figures.keys), ["loss", "accuracy"])
            XCTAssertEqual(try figure(figures, "loss"), try figure(lines[6], "test_loss"), accuracy: 1e-5)
            XCTAssertEqual(try figure(figures, "accuracy"), try figure(lines[6], "test_accuracy"), accuracy: 1e-6)

            try predictAndCompare(folder, ranks, accuracy: try figure(figures, "accuracy"))
        }
    }

    /// `predict` and `evaluate --input` on arrays in a file give what `evaluate` gave on the same data.
    private func predictAndCompare(_ folder: Folder, _ ranks: Int?, accuracy: Double) throws {
        let model = folder["out/model.keras"]
        let (images, labels) = Digits.make(count: 100, seed: 1, split: .test)
        let x = Tensor(images.scalars.map { $0 / 255 }, shape: images.shape)
        try NPZ.write([("x", x), ("y", labels)], to: folder["digits.npz"])
        try NPY.write(x, to: folder["digits.npy"])
        try NPZ.write([("x", images), ("y", labels)], to: folder["bytes.npz"])

        let inputs = [["digits.npz"], ["digits.npy"], ["bytes.npz", "--scale", "255"]].map { ["--input", folder[$0[0]]] + $0.dropFirst() }
        for input in inputs where !input[1].hasSuffix(".npy") {
            let evaluate = try CommandRun.run(ranks: ranks, ["evaluate", model, "--json"] + input)
            XCTAssertEqual(try figure(try XCTUnwrap(evaluate.jsonLines().first, evaluate.report), "accuracy"), accuracy, accuracy: 1e-6)
        }
        for input in inputs {
            let predict = try CommandRun.run(
                ranks: ranks, ["predict", model, "--output", folder["answers.npz"], "--batch-size", "7"] + input)
            XCTAssertEqual(predict.status, 0, predict.report)
            let arrays = try NPZ.read(folder["answers.npz"])
            XCTAssertEqual(arrays.map(\.name), ["answer"])
            XCTAssertEqual(arrays[0].tensor.shape, [100, 10])
            let rows = arrays[0].tensor.scalars
            let right = labels.int32Scalars.enumerated().filter { index, label in
                let row = rows[index * 10 ..< index * 10 + 10]
                return row.firstIndex(of: row.max()!)! - index * 10 == Int(label)
            }
            XCTAssertEqual(Double(right.count) / 100, accuracy, accuracy: 1e-6)
        }
    }

    func testTextOutput() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        for ranks in [nil, 3] {
            let train = try CommandRun.run(ranks: ranks, ["train", config, "--output", folder["out"]])
            XCTAssertEqual(train.status, 0, train.report)
            let lines = train.output.split(separator: "\n").map(String.init)
            XCTAssertEqual(lines.count, 6, train.report)
            XCTAssertEqual(lines[0], "Epoch 1/2")
            XCTAssert(lines[1].hasPrefix("8/8 - "), train.report)
            XCTAssertNotNil(lines[4].wholeMatch(of: /test_loss: \d+\.\d{4} - test_accuracy: \d\.\d{4}/), train.report)
        }
    }

    /// All ranks compute what one process does.
    func testRanksAgreeWithOneProcess() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        let alone = try CommandRun.run(["train", config, "--json", "--output", folder["out"]]).jsonLines()
        let ranks = try CommandRun.run(ranks: 3, ["train", config, "--json", "--output", folder["out"]]).jsonLines()
        for (one, three) in zip(alone, ranks) {
            for key in one.keys where key != "epoch" { XCTAssertEqual(try figure(three, key), try figure(one, key), accuracy: 2e-4, key) }
        }
        let shards = ["--set", "distributed.logical_shards=4"]
        let exact = try [nil, 3].map {
            try CommandRun.run(ranks: $0, ["train", config, "--json", "--output", folder["out"]] + shards).output
        }
        XCTAssertEqual(exact[0], exact[1], "with logical shards the numbers do not depend on the ranks")
    }

    /// A model file goes on where it was, with the optimizer that it has.
    func testTrainsAModelFile() throws {
        let folder = try Folder()
        let first = try folder.write("first.yaml", Config.with { $0.fit = "fit: {epochs: 4, batch_size: 32}" })
        let second = try folder.write(
            "second.yaml",
            Config.with {
                $0.model = "model: first/model.keras"
                $0.compile = ""
                $0.fit = "fit: {epochs: 3, batch_size: 32}"
                $0.rest =
                    "callbacks: [{CSVLogger: {filename: again.csv}}, {LearningRateScheduler: {schedule: {ExponentialDecay: {initial_learning_rate: 0.01, decay_steps: 1, decay_rate: 0.5}}, verbose: 1}}]"
            })
        let before = try CommandRun.run(["train", first, "--json", "--output", folder["first"]])
        XCTAssertEqual(before.status, 0, before.report)
        let after = try CommandRun.run(ranks: 3, ["train", second, "--json", "--output", folder["second"]])
        XCTAssertEqual(after.status, 0, after.report)
        XCTAssertLessThan(try figure(after.jsonLines()[0], "loss"), try figure(before.jsonLines()[3], "loss"))
        // The schedule's steps are epochs.
        let rows = try folder.read("second/history.csv").split(separator: "\n").map { $0.split(separator: ",") }
        let column = try XCTUnwrap(rows[0].firstIndex(of: "learning_rate"), "\(rows[0])")
        XCTAssertEqual(rows.dropFirst().map { Double($0[column]) }, [0.01, 0.005, 0.0025])
        XCTAssert(after.report.contains("Epoch 3: LearningRateScheduler setting learning rate to 0.0025."), after.report)
        XCTAssert(folder.exists("second/again.csv"))
    }

    func testKerasForm() throws {
        let folder = try Folder()
        let json = """
            {"class_name": "Sequential", "config": {"layers": [
              {"class_name": "InputLayer", "config": {"batch_shape": [null, 28, 28], "dtype": "float32", "name": "in"}},
              {"class_name": "Flatten", "config": {}}, {"class_name": "Dense", "config": {"units": 10, "activation": "softmax"}}]}}
            """
        try folder.write("model.json", json)
        // JSON is YAML.
        for model in ["model: model.json", "model: \(json)"] {
            let config = try folder.write("config.yaml", Config.with { $0.model = model })
            let summary = try CommandRun.run(["summary", config, "--json"])
            XCTAssertEqual(summary.status, 0, summary.report)
            XCTAssertEqual(try summary.jsonLines()[0]["params"] as? Int, 7850)
        }
    }

    func testSummary() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        for ranks in [nil, 3] {
            let summary = try CommandRun.run(ranks: ranks, ["summary", config])
            XCTAssertEqual(summary.status, 0, summary.report)
            XCTAssert(summary.output.hasPrefix("Model: \"sequential\"\n┏"), summary.report)
            XCTAssert(summary.output.contains("│ answer (Dense)"), summary.report)
            XCTAssertEqual(summary.output.components(separatedBy: "Total params: 12,730 ").count, 2, "printed once: \(summary.report)")
        }
    }

    /// Bytes for training and parts of one for the test train badly, and nobody sees why.
    func testInputsOfOtherMagnitude() throws {
        let folder = try Folder()
        let (images, labels) = Digits.make(count: 40, seed: 1)
        try NPZ.write([("x", images), ("y", labels)], to: folder["digits.npz"])
        for (scales, expected) in [
            ([1, 255, 255], ["inputs of data.train reach 255", "those of data.validation 1"]), ([255, 255, 1], ["those of data.test 255"]),
            ([255, 255, 255], []), ([1, 1, 1], []), ([10, 100, 10], []),
        ] {
            let sources = zip(["train", "validation", "test"], scales).map { "\($0): {npz: digits.npz, scale: \($1)}" }
            let config = try folder.write("config.yaml", Config.with { $0.data = "data: {\(sources.joined(separator: ", "))}" })
            let train = try CommandRun.run(["train", config, "--output", folder["out"], "--set", "fit.epochs=1"])
            XCTAssertEqual(train.status, 0, train.report)
            for words in expected { XCTAssert(train.errors.contains(words), "\(words) is not in \(train.report)") }
            if expected.isEmpty { XCTAssertFalse(train.errors.contains("data.train"), train.report) }
        }
    }

    func testVersion() throws {
        let version = try CommandRun.run(["--version"])
        XCTAssertEqual(version.status, 0)
        XCTAssertNotNil(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/), version.report)
    }

    func testHelp() throws {
        for command in [
            ["--help"], ["train", "--help"], ["evaluate", "--help"], ["predict", "--help"], ["summary", "--help"], ["plot", "--help"],
            ["doctor", "--help"],
            ["bench", "step", "--help"], ["bench", "allreduce", "--help"], ["bench", "scaling", "--help"],
        ] {
            let help = try CommandRun.run(command)
            XCTAssertEqual(help.status, 0, help.report)
            XCTAssert(help.output.contains("\n  lockstep ") || help.output.contains("\n  mpirun "), "no example: \(help.report)")
        }
        let help = try CommandRun.run(ranks: 3, ["train", "--help"])
        XCTAssertEqual(help.status, 0, help.report)
        XCTAssertEqual(help.output.components(separatedBy: "USAGE: lockstep train").count, 2, "printed once: \(help.report)")
    }

    func testDoctor() throws {
        for ranks in [nil, 3] {
            let doctor = try CommandRun.run(ranks: ranks, ["doctor", "--json"], environment: ["OPENBLAS_CORETYPE": "Haswell"])
            XCTAssertEqual(doctor.status, 0, doctor.report)
            let findings = try XCTUnwrap(doctor.jsonLines().first)
            XCTAssertEqual(findings["ranks"] as? Int, ranks ?? 1)
            XCTAssertEqual(findings["blas_core"] as? String, "Haswell")
            XCTAssertEqual(findings["reduction"] as? String, ranks == nil ? "none: one process" : "shared memory")
            let warnings = try XCTUnwrap(findings["warnings"] as? [String])
            XCTAssert(warnings.contains { $0.contains("OPENBLAS_CORETYPE=Haswell") }, doctor.report)
        }
    }

    func testBenchStep() throws {
        for ranks in [nil, 2] {
            let bench = try CommandRun.run(ranks: ranks, ["bench", "step", "--workload", "mlp_300_100", "--seconds", "0.2", "--json"])
            XCTAssertEqual(bench.status, 0, bench.report)
            let line = try XCTUnwrap(bench.jsonLines().first)
            XCTAssertEqual(Set(line.keys), ["workload", "system", "ranks", "threads", "batch", "step_ms", "samples_per_s"])
            XCTAssertEqual(line["ranks"] as? Int, ranks ?? 1)
            XCTAssertEqual(line["batch"] as? Int, 32)
            let seconds = try figure(line, "step_ms") / 1e3
            XCTAssertEqual(
                try figure(line, "samples_per_s"), Double(32 * (ranks ?? 1)) / seconds, accuracy: 0.01 * Double(32 * (ranks ?? 1)) / seconds
            )
        }
    }

    private func figure(_ line: [String: Any], _ key: String) throws -> Double {
        try XCTUnwrap((line[key] as? NSNumber)?.doubleValue, "no \(key)")
    }
}
