import Lockstep
import XCTest

/// Files and data that cannot be used: status 2 and one line, on one process and on three ranks.
final class BadInputTests: XCTestCase {
    func testMissingFiles() throws {
        let folder = try Folder()
        try check(folder, ["train", folder["none.yaml"]], says: "none.yaml: no such file")
        try check(folder, ["train", try config(folder, idx: "none.idx", "none.idx")], says: "none.idx: no such file", ranks: 3)
        try check(folder, ["summary", folder["none.keras"]], says: "none.keras")
        try check(folder, ["predict", folder["none.keras"], "--input", "a.npz", "--output", "b.npz"], says: "none.keras", ranks: 3)
        try check(folder, ["evaluate", folder["none.keras"], "--input", "a.npz"], says: "none.keras")
    }

    func testDamagedFiles() throws {
        let folder = try Folder()
        try folder.writeIDX("images", [40, 28, 28])
        try folder.writeIDX("labels", [40])
        try folder.writeIDX("short", [40, 28, 28], missing: 100)
        try folder.write("bad.keras", "not a model")
        try folder.write("bad.npz", "not an archive")
        try check(
            folder, ["train", try config(folder, idx: "short", "labels")], says: "short: its header says shape", "cut short", ranks: 3)
        try check(folder, ["train", try config(folder, idx: "bad.npz", "labels")], says: "expected an IDX file")
        try check(folder, ["summary", folder["bad.keras"]], says: "bad.keras", ranks: 3)
        try check(folder, ["train", try folder.write("model.yaml", Config.with { $0.model = "model: bad.keras" })], says: "bad.keras")
        try check(
            folder, ["train", try folder.write("npz.yaml", Config.with { $0.data = "data: {train: {npz: bad.npz}}" })],
            says: "bad.npz: expected an .npz file")
    }

    func testDataThatDoesNotFit() throws {
        let folder = try Folder()
        try folder.writeIDX("images", [40, 28, 28])
        try folder.writeIDX("small", [40, 14, 14])
        try folder.writeIDX("labels", [40])
        try folder.writeIDX("few", [39])
        try folder.writeIDX("none", [0])
        try folder.writeIDX("no-images", [0, 28, 28])
        try folder.writeIDX("eleven", [40]) { $0 == 7 ? 10 : 0 }
        try check(folder, ["train", try config(folder, idx: "images", "eleven")], says: "eleven: label 7 is 10; with 10 classes", ranks: 3)
        try check(folder, ["train", try config(folder, idx: "images", "few")], says: "has 40 samples", "few has 39", ranks: 3)
        try check(
            folder, ["train", try config(folder, idx: "small", "labels")], says: "small: samples of shape (14, 14) do not fit model",
            ranks: 3)
        try check(
            folder, ["train", try config(folder, idx: "no-images", "none")], says: "expected at least one sample, found none", ranks: 3)
        let digits = try folder.write("digits.yaml", Config().text)
        try check(folder, ["train", digits, "--set", "data.train.take=301"], says: "cannot take 301 samples of 300")
        try check(folder, ["train", digits, "--set", "data.validation.split=0.9999"], says: "both need at least one")
        try check(
            folder, ["train", digits, "--set", "compile.loss=categorical_crossentropy"],
            says: "integer labels need sparse_categorical_crossentropy", ranks: 3)
        try check(folder, ["train", digits, "--set", "model.layers.2.Dense.units=9"], says: "with 9 classes, labels are 0 to 8")
        try check(folder, ["train", try folder.write("no-data.yaml", Config.with { $0.data = "" })], says: "data.train: missing")
        // A model that cannot be built stops in the core, not in a thrown error.
        try check(folder, ["train", digits, "--set", "model.layers.0.Flatten.input_shape=[28, null]"], says: "known", ranks: 3)
    }

    func testArrays() throws {
        let folder = try Folder()
        let x = Tensor.zeros([4, 28, 28])
        try NPZ.write([("x", x), ("z", x)], to: folder["z.npz"])
        try NPZ.write([("y", Tensor.zeros([4]))], to: folder["y.npz"])
        try NPZ.write([("x", x), ("y", Tensor([Float(0), 1, 2.5, 3]))], to: folder["halves.npz"])
        func train(_ name: String) throws -> [String] {
            ["train", try folder.write("config.yaml", Config.with { $0.data = "data: {train: {npz: \(name)}}" })]
        }
        try check(folder, try train("z.npz"), says: "unknown array \"z\"")
        try check(folder, try train("y.npz"), says: "expected one input, named x")
        try NPZ.write([("x", x)], to: folder["x.npz"])
        try check(folder, try train("x.npz"), says: "x.npz, array x: no targets; expected an array y beside x", ranks: 3)
        try NPY.write(x, to: folder["x.npy"])
        let arrays = try folder.write("npy.yaml", Config.with { $0.data = "data: {train: {npy: {x: x.npy}}}" })
        try check(folder, ["train", arrays], says: "x.npy: no targets; name them under y")
        try check(folder, try train("halves.npz"), says: "array y: label 2 is 2.5")
    }

    func testOutput() throws {
        let folder = try Folder()
        let config = try folder.write("config.yaml", Config().text)
        try folder.write("file", "")
        try expectRefusal(CommandRun.run(ranks: 3, ["train", config, "--output", folder["file"]]), ["file: is a file"])
        try expectRefusal(CommandRun.run(ranks: 3, ["train", config, "--output", folder["file/inside"]]), ["file/inside: cannot be made"])
        try expectRefusal(
            CommandRun.run(["train", config, "--output", "/proc"]),
            ["/proc/model.keras: cannot be written: ", "name another directory with --output"])
        try FileManager.default.createDirectory(atPath: folder["out/history.csv"], withIntermediateDirectories: true)
        try expectRefusal(CommandRun.run(["train", config, "--output", folder["out"]]), ["out/history.csv: expected the name of a file"])
        try expectRefusal(
            CommandRun.run(ranks: 3, ["predict", "none.keras", "--input", "a.npz", "--output", folder["none/b.npz"]]),
            ["none/b.npz: cannot be written: there is no directory", "name another file with --output"])
        // What is read must not be what is written, nor a callback's file one of the run's own.
        try NPZ.write([("x", .zeros([2, 4]))], to: folder["x.npz"])
        try FileManager.default.createSymbolicLink(atPath: folder["link.npz"], withDestinationPath: "x.npz")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder["x.npz"]))
        try expectRefusal(
            CommandRun.run(["predict", "none.keras", "--input", folder["x.npz"], "--output", folder["link.npz"]]),
            ["link.npz: is --input itself"])
        XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: folder["x.npz"])), before)
        try expectRefusal(
            CommandRun.run(["train", config, "--set", "callbacks=[{CSVLogger: {filename: model.keras}}]"]),
            ["callbacks.0.CSVLogger.filename: model.keras is a file of the run's own"])
    }

    func testUsage() throws {
        for ranks in [nil, 3] {
            try expectRefusal(CommandRun.run(ranks: ranks, ["trian"]), ["unknown command \"trian\"; did you mean train?"])
            try expectRefusal(
                CommandRun.run(ranks: ranks, ["train"]), ["Missing expected argument '<config>'; see 'lockstep train --help'"])
        }
        try expectRefusal(CommandRun.run(["train", "a.yaml", "--outptu", "b"]), ["--outptu", "see 'lockstep train --help'"])
        for threads in ["0", "4294967296", "9223372036854775807"] {
            try expectRefusal(
                CommandRun.run(["train", "a.yaml", "--threads", threads]), ["--threads \(threads): expected at least 1, at most 1024"])
        }
        let measure = ["bench", "step", "--workload", "mlp_300_100"]
        for wrong in [
            ["--seconds", "1e300"], ["--seconds", "nan"], ["--batch-size", "9223372036854775807"], ["--global-batch-size", "0"],
        ] {
            try expectRefusal(CommandRun.run(measure + wrong), ["\(wrong[0]) ", ": expected "])
        }
        try expectRefusal(CommandRun.run(["evaluate", "a.keras"]), ["expected --config or --input"])
        try expectRefusal(
            CommandRun.run(["predict", "a.keras", "--input", "a.npz", "--output", "b.txt"]), ["expected a name that ends in .npz"])
        try expectRefusal(
            CommandRun.run(["predict", "a.keras", "--input", "a.npz", "--output", "b.npz", "--scale", "0"]),
            ["--scale 0.0: expected a number other than 0"])
        try expectRefusal(
            CommandRun.run(["evaluate", "a.keras", "--config", "a.yaml", "--scale", "255"]), ["--scale goes with --input"])
        try expectRefusal(
            CommandRun.run(["bench", "step", "--workload", "mlp_513"]),
            ["unknown workload \"mlp_513\"; did you mean mlp_512? Known: mlp_300_100, mlp_512, mlp_wide, tickets"])
    }

    /// A config that trains on an IDX file of images and one of labels.
    private func config(_ folder: Folder, idx images: String, _ labels: String) throws -> String {
        try folder.write(
            "config.yaml", Config.with { $0.data = "data: {train: {idx: {images: \(images), labels: \(labels)}, scale: 255}}" })
    }

    private func check(_ folder: Folder, _ arguments: [String], says parts: String..., ranks: Int? = nil, line: UInt = #line) throws {
        let output = arguments[0] == "train" ? ["--output", folder["out"]] : []
        for ranks in [nil] + (ranks.map { [$0] } ?? []) {
            expectRefusal(try CommandRun.run(ranks: ranks, arguments + output), parts, line: line)
        }
        XCTAssertFalse(folder.exists("out/model.keras"), line: line)
    }
}
