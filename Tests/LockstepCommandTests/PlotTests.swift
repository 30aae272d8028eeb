import Lockstep
import XCTest

/// `lockstep plot`, and what `lockstep summary` shows of a graph.
final class PlotTests: XCTestCase {
    /// Two inputs, a model inside, two outputs; as Keras' JSON, which configs take.
    private func config(_ folder: Folder) throws -> String {
        clearSession()
        let left = Input([3], name: "left"), right = Input([3], name: "right"), x = Input([3], name: "inside")
        let inner = Model(inputs: x, outputs: Dense(4, activation: "relu", name: "hidden")(x), name: "encoder")
        inner.trainable = false
        let sum: KerasTensor = inner(left) + inner(right)
        let outputs = [Dense(1, activation: "sigmoid", name: "answer")(sum), Dense(2, name: "other")(sum)]
        try folder.write("model.json", Model(inputs: [left, right], outputs: outputs, name: "pair").toJSON())
        return try folder.write("config.yaml", "model: model.json\n")
    }

    /// Each format, alone and on ranks, by option.
    func testFormats() throws {
        let folder = try Folder(), config = try config(folder)
        for ranks in [nil, 2] {
            for name in ["plain.dot", "plain.svg", "plain.png"] {
                try? FileManager.default.removeItem(atPath: folder[name])
                let result = try CommandRun.run(ranks: ranks, ["plot", config, folder[name]])
                XCTAssertEqual(result.status, 0, result.report)
                XCTAssertEqual(result.output, "", result.report)
                XCTAssertEqual(result.failureLines, [], result.report)
            }
            XCTAssertEqual(try folder.bytes("plain.png").prefix(8), Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
            XCTAssert(try folder.read("plain.svg").hasSuffix("</svg>\n"))
        }
        let plain = try folder.read("plain.dot")
        XCTAssert(plain.hasPrefix("digraph G {\nrankdir=TB;\n"), plain)
        for absent in ["shape: ", "cluster", "encoder", "rainable", "Activation", "dtype"] {
            XCTAssertFalse(plain.contains(absent), absent)
        }
        for (options, parts) in [
            (["--show-shapes"], ["Input shape: <b>[(None, 4), (None, 4)]</b>", "Output shape: <b>(None, 4)</b>"]),
            (["--show-dtype"], ["Output dtype: <b>float32</b>"]),
            (["--show-layer-names"], ["<b>encoder</b> (Functional)", "<b>add</b> (Add)"]),
            (["--show-layer-activations"], ["Activation: <b>sigmoid</b>"]),
            (["--show-trainable"], ["<b>Non-trainable</b>", "<b>Trainable</b>"]),
            (["--expand-nested"], ["subgraph cluster_encoder {"]), (["--rankdir", "LR", "--dpi", "72"], ["rankdir=LR;\n", "dpi=72;\n"]),
        ] {
            let result = try CommandRun.run(["plot", config, folder["option.dot"]] + options)
            XCTAssertEqual(result.status, 0, result.report)
            let text = try folder.read("option.dot")
            for part in parts { XCTAssert(text.contains(part), "\(options): \(part) is not in \(text)") }
        }
        let svg = try CommandRun.run(["plot", config, folder["named.svg"], "--show-layer-names", "--expand-nested"])
        XCTAssertEqual(svg.status, 0, svg.report)
        for name in ["left", "hidden", "answer", "encoder"] { XCTAssert(try folder.read("named.svg").contains(">\(name)</text>"), name) }
    }

    /// A file that was there stays as it was, and nothing is left beside it.
    func testRefusals() throws {
        let folder = try Folder(), config = try config(folder)
        try folder.write("old.png", "old")
        try folder.write("history.csv", "epoch,loss\n0,1\n")
        let unbuilt = try folder.write("unbuilt.yaml", "model: {layers: [{Dense: {units: 2}}]}\n")
        // A program that draws half a picture and fails.
        try FileManager.default.createDirectory(atPath: folder["bin"], withIntermediateDirectories: true)
        try folder.write("bin/dot", "#!/bin/sh\necho half\necho 'Error: out of ink' >&2\nexit 3\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder["bin/dot"])
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()

        func check(_ arguments: [String], path: String? = nil, ranks: Int? = nil, _ parts: String..., line: UInt = #line) throws {
            let environment = path.map { ["PATH": $0] } ?? [:]
            expectRefusal(try CommandRun.run(ranks: ranks, ["plot"] + arguments, environment: environment), parts, line: line)
        }
        try check(
            [config, folder["old.png"]], path: folder["nowhere"], "old.png: ", "no program dot on the PATH", "apt-get install graphviz")
        try check([config, folder["old.png"]], path: folder["bin"], "old.png: ", "(status 3): Error: out of ink")
        try check([folder["history.csv"], folder["out.dot"]], "out.dot: expected a name that ends in .svg or .png")
        try check([config, folder["out.jpg"]], "out.jpg: expected a name that ends in .svg, .png or .dot")
        try check([config, folder["none/out.svg"]], "none/out.svg: cannot be written: there is no directory", "name another file")
        try check([folder["none.keras"], folder["out.svg"]], "none.keras")
        try check([unbuilt, folder["out.svg"]], ranks: 2, "model sequential is not built", "give it an Input")
        try check([config, folder["out.svg"], "--dpi", "0"], "dpi 0: expected 1 to 10000")
        try check([config, folder["out.svg"], "--rankdir", "UP"], "rankdir", "UP", "TB")
        XCTAssertEqual(try folder.read("old.png"), "old")
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted(), before)
    }

    func testSummary() throws {
        let folder = try Folder(), config = try config(folder)
        let plain = try CommandRun.run(["summary", config, "--line-length", "100"])
        XCTAssertEqual(plain.status, 0, plain.report)
        XCTAssert(plain.output.contains("┃ Connected to "), plain.report)
        XCTAssert(plain.output.contains("│ encoder[0][0],"), plain.report)
        XCTAssertEqual(plain.output.split(separator: "\n")[1].count, 100, plain.report)
        XCTAssertFalse(plain.output.contains("└ hidden"), plain.report)
        let nested = try CommandRun.run(["summary", config, "--line-length", "100", "--expand-nested", "--show-trainable"])
        XCTAssert(nested.output.contains("│    └ hidden (Dense) "), nested.report)
        XCTAssert(nested.output.contains("│    N    │"), nested.report)
        XCTAssert(nested.output.contains(" Non-trainable params: 16 (64.00 B)"), nested.report)
    }
}
