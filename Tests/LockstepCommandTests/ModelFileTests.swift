import Lockstep
import XCTest

/// Model files that were compiled with what is not known here: all that does not need it works, and what does says what is unknown
/// and the way out.
final class ModelFileTests: XCTestCase {
    func testOptimizersAndLossesThatAreNotKnown() throws {
        let folder = try Folder()
        let model = Sequential([Input([4]), Dense(3, activation: "softmax")])
        try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
        try model.save(folder["known.keras"])
        try NPZ.write([("x", .constant(Float(1), shape: [6, 4])), ("y", .constant(Int32(1), shape: [6]))], to: folder["data.npz"])
        let data = "data: {train: {npz: data.npz}, test: {npz: data.npz}}\n"
        let compile = "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n"

        for (known, unknown) in [("\"Adam\"", "\"AdamZ\""), ("\"sparse_categorical_crossentropy\"", "\"sparse_of_my_own\"")] {
            let file = folder["unknown.keras"]
            try rewrite(folder["known.keras"], to: file) { $0.replacing(known, with: unknown) }
            let name = unknown.replacing("\"", with: "")
            let with = try folder.write("with.yaml", "model: unknown.keras\n" + data + compile)
            let without = try folder.write("without.yaml", "model: unknown.keras\n" + data)
            let half = try folder.write("half.yaml", "model: unknown.keras\n" + data + "compile: {metrics: [accuracy]}\n")

            for arguments in [
                ["predict", file, "--input", folder["data.npz"], "--output", folder["y.npz"]], ["evaluate", file, "--config", with],
                ["train", with, "--output", folder["out"]], ["summary", with],
            ] {
                let result = try CommandRun.run(arguments)
                XCTAssertEqual(result.status, 0, result.report)
                XCTAssertFalse(result.errors.contains(name), result.report)
            }
            let summary = try CommandRun.run(["summary", file])
            XCTAssertEqual(summary.status, 0, summary.report)
            XCTAssert(summary.errors.contains(name), summary.report)

            // Of an optimizer nothing is needed to evaluate; a loss is.
            let evaluation = try CommandRun.run(["evaluate", file, "--input", folder["data.npz"]])
            if known == "\"Adam\"" {
                XCTAssertEqual(evaluation.status, 0, evaluation.report)
                XCTAssert(evaluation.output.contains("accuracy"), evaluation.report)
            } else {
                expectRefusal(evaluation, ["unknown.keras, member config.json: ", name, "--config"])
            }
            for (arguments, wayOut) in [
                (["train", without, "--output", folder["none"]], "compile"),
                (["train", half, "--output", folder["none"]], "compile"),
            ] {
                expectRefusal(try CommandRun.run(arguments), ["unknown.keras, member config.json: ", name, wayOut])
            }
        }
    }

    /// What a layer refuses while a model is read is the file's fault: the line names both.
    func testWhatALayerRefuses() throws {
        let folder = try Folder()
        let layers: [any SequentialElement] = [Input([4, 2]), Dense(3, name: "first"), BatchNormalization(axis: 2, name: "second")]
        try Sequential(layers, name: "model").save(folder["known.keras"])
        for (change, layer, reason) in [
            (("\"axis\": 2", "\"axis\": 2147483646"), "second", "axis 2147483646 is out of range"),
            (("\"batch_shape\": [null, 4, 2]", "\"batch_shape\": [null, 4, null]"), "first", "the last axis of the input must be known"),
        ] {
            let file = folder["changed.keras"]
            try rewrite(folder["known.keras"], to: file) { $0.replacing(change.0, with: change.1) }
            expectRefusal(try CommandRun.run(["summary", file]), ["changed.keras, member config.json: in model/\(layer): ", reason])
        }
    }

    /// Copies a model file, its configuration changed and without checksums.
    private func rewrite(_ path: String, to copy: String, _ change: (String) -> String) throws {
        let archive = try ZipArchive(reading: path, kind: "a model file")
        let members = try archive.names.enumerated().map { index, name in
            let bytes = try archive.member(index).withBytes { Array($0) }
            guard name == "config.json" else { return (name, bytes) }
            return (name, Array(change(String(decoding: bytes, as: UTF8.self)).utf8))
        }
        let buffers = try members.map { ($0.0, try ByteBuffer($0.1)) }
        try ZipArchive.write(buffers.map { name, buffer in (name, [buffer.withBytes { $0 }]) }, to: copy)
        withExtendedLifetime(buffers) {}
    }
}
