import Foundation
import GoldenGraphs
import Lockstep
import XCTest

/// Models that go from Lockstep to Keras, from PyPI, and back, and from Keras to Lockstep and back, as `.keras` and as `.h5`: what
/// keras_exchange.py compares, and what is compared here.
final class KerasExchangeTests: XCTestCase {
    private var folder = ""

    override func setUpWithError() throws {
        folder = NSTemporaryDirectory() + "lockstep-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

    func testThereAndBack() throws {
        let python = try Python.require("keras")
        let graphs = try chosenGraphs()
        XCTAssertGreaterThanOrEqual(graphs.count, 40)
        for (id, graph) in graphs {
            let model = try graph.compiled()
            _ = try graph.fit(model)
            for form in forms { try model.save(path(id, form)) }
            try model.saveWeights(path(id, "weights.h5"))
            let predictions = try graph.predict(model), weights = model.weights.map(\.value.scalars)
            let steps = model.compilation!.optimizer.steps
            try train(model, graph)
            let expected: ConfigValue = .object([
                "inputs": graph.json["x"]!, "targets": graph.json["y"]!, "predictions": list(predictions.map(\.scalars)),
                "weights": list(weights), "optimizer": .int(steps), "trained": list(model.weights.map(\.value.scalars)),
            ])
            try expected.json.write(toFile: path(id, "json"), atomically: true, encoding: .utf8)
        }
        try run(python, "open")
        for (id, graph) in graphs {
            let expected = try ConfigValue(json: Data(contentsOf: URL(fileURLWithPath: path(id, "keras.json"))))
            func arrays(_ key: String) -> [[Float]] { expected[key]!.items.map { $0.items.map { $0.float! } } }
            // Weights that Keras has cut into several files, with the optimizer's state.
            let fresh = try graph.compiled()
            try fresh.loadWeights(path(id, "keras.weights.json"))
            XCTAssertEqual(fresh.weights.map(\.value.scalars), arrays("weights"), id)
            XCTAssertEqual(fresh.compilation?.optimizer.steps, Int(expected["optimizer"]!.float!), id)
            for form in expected["forms"]!.items.map({ $0.text! }) {
                let name = "\(id), \(form)", model = try loadModel(path(id, "keras.\(form)"))
                XCTAssertEqual(model.weights.map(\.value.scalars), arrays("weights"), name)
                XCTAssertEqual(model.compilation?.optimizer.steps, Int(expected["optimizer"]!.float!), name)
                try model.save(path(id, "again.\(form)"))
                assertNear(try graph.predict(model).map(\.scalars), arrays("predictions"), 2e-6, "\(name), predictions")
                try train(model, graph)
                assertNear(model.weights.map(\.value.scalars), arrays("trained"), 1e-4, "\(name), trained")
            }
        }
        try run(python, "return")
    }

    private let forms = ["keras", "h5"]

    private func path(_ id: String, _ ending: String) -> String { "\(folder)/\(id).\(ending)" }

    /// Models that have every class of layers and optimizers among them that all golden models have.
    private func chosenGraphs() throws -> [(id: String, graph: GoldenGraph)] {
        var seen: Set<String> = [], chosen: [(String, GoldenGraph)] = []
        func classes(_ value: ConfigValue) -> Set<String> {
            var found = Set((value.entries.map(\.value) + value.items).flatMap(classes))
            if let name = value["class_name"]?.text, ["keras", "keras.layers", "keras.optimizers"].contains(value["module"]?.text) {
                found.insert(name)
            }
            return found
        }
        for family in try GoldenGraph.families() {
            for graph in try GoldenGraph.read(family) {
                let compile = graph.json["compile"]!, found = classes(graph.config).union(classes(compile))
                // Where averages replace the weights, Keras on JAX gives both one buffer, and cannot train again. The keys' bias of an
                // attention has no gradient but rounding errors, which Adam makes large.
                let isFickle =
                    compile["optimizer"]?["config"]?["use_ema"] == true
                    || found.isSuperset(of: ["MultiHeadAttention", "Adam"])
                guard !isFickle, !found.isSubset(of: seen) else { continue }
                seen.formUnion(found)
                chosen.append((URL(fileURLWithPath: family).deletingPathExtension().lastPathComponent + "_" + graph.name, graph))
            }
        }
        return chosen
    }

    /// Ten steps on all samples.
    private func train(_ model: Model, _ graph: GoldenGraph) throws {
        _ = try model.fit(graph.given(graph.x), graph.given(graph.y), batchSize: 1000, epochs: 10, verbose: 0, shuffle: false)
    }

    private func list(_ arrays: [[Float]]) -> ConfigValue { .array(arrays.map { .array($0.map { ConfigValue($0) }) }) }

    /// Differences relative to the largest number of an array, or 1.
    private func assertNear(_ got: [[Float]], _ want: [[Float]], _ tolerance: Float, _ name: String) {
        XCTAssertEqual(got.map(\.count), want.map(\.count), name)
        for (got, want) in zip(got, want) {
            let scale = max(1, want.map(abs).max() ?? 1)
            let error = zip(got, want).map { abs($0 - $1) }.max() ?? 0
            XCTAssertLessThanOrEqual(error / scale, tolerance, name)
        }
    }

    // MARK: Python

    /// The Python with Keras that launch/test has installed.
    private func run(_ python: Python, _ phase: String) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("keras_exchange.py").path
        // Models are small: what takes time is compiling them.
        let text = String(
            decoding: try python.run(script, phase, folder, environment: ["JAX_DISABLE_MOST_OPTIMIZATIONS": "1"]), as: UTF8.self)
        print("keras_exchange.py \(phase): \(text.split(separator: "\n").last ?? "")")
    }
}
