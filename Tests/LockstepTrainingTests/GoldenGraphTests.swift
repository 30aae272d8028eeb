import Foundation
import GoldenGraphs
import Lockstep
import XCTest

/// Models of every kind of graph and of every layer against Keras 3.15.1: what the scripts in Golden wrote.
final class GoldenGraphTests: XCTestCase {
    /// Orders and names, and what the model says of itself.
    func testLayersAndConfigurations() throws {
        try forEachGraph { graph in
            let model = try graph.untrained()
            XCTAssertEqual(model.layers.map(\.name), graph.layers, graph.name)
            if let outputs = graph.outputs {
                XCTAssertEqual(model.outputNames, outputs, graph.name)
                XCTAssertEqual(model.inputNames, graph.x.map(\.name), graph.name)
            }
            XCTAssertEqual(model.weights.map(\.value.shape), graph.weights.map(\.value.shape), graph.name)
            let trainable = Set(model.trainableWeights.map { ObjectIdentifier($0) })
            XCTAssertEqual(
                model.weights.map { trainable.contains(ObjectIdentifier($0)) },
                graph.weights.map(\.isTrainable), graph.name)
            XCTAssertEqual(
                model.weights.map { "\($0.path.split(separator: "/").last!)" },
                graph.weights.map { "\($0.path.split(separator: "/").last!)" },
                graph.name)
            XCTAssertNil(difference(model.serialized, graph.config, at: graph.name))
        }
    }

    func testPredictions() throws {
        try forEachGraph { graph in
            let model = try graph.untrained()
            let called: [Tensor] = model(graph.x.map(\.value)), predicted: [Tensor] = try model.predict(graph.given(graph.x), batchSize: 4)
            for outputs in [called, predicted] {
                assertNear(
                    outputs.map(\.scalars), graph.predictions.map(\.scalars), 1e-5,
                    "\(graph.name), predictions")
                XCTAssertEqual(outputs.map(\.shape), graph.predictions.map(\.shape), graph.name)
            }
        }
    }

    /// Ten steps in two epochs, then an evaluation: figures, their names and order, and the weights.
    func testTraining() throws {
        try forEachGraph { graph in
            let model = try graph.compiled()
            let history = try graph.fit(model)
            XCTAssertEqual(history.names, graph.history.map(\.name), graph.name)
            for (name, values) in graph.history where !values.isEmpty {
                assertNear([history[name]], [values], 1e-4, "\(graph.name), \(name)")
            }
            let evaluated = try model.evaluate(
                graph.given(graph.x), graph.given(graph.y), batchSize: graph.batchSize, verbose: 0, sampleWeight: graph.sampleWeight)
            XCTAssertEqual(evaluated.names, graph.evaluated.map(\.name), graph.name)
            assertNear(
                graph.evaluated.map { [evaluated[$0.name] ?? .nan] }, graph.evaluated.map { [$0.value] },
                1e-4,
                "\(graph.name), evaluated \(graph.evaluated.map(\.name))")
            // Keras' list repeats the figure of a name that is in metrics and weighted metrics.
            if graph.evaluatedList.count == graph.evaluated.count {
                assertNear([evaluated.list], [graph.evaluatedList], 1e-4, "\(graph.name), evaluated as a list")
            }
            // An attention's bias of keys, which adds the same to all scores of a query, has no gradient but rounding errors. Adam makes
            // steps of them.
            let isAdam = graph.json["compile"]?["optimizer"]?["class_name"] == "Adam"
            let compared = model.weights.indices.filter { !isAdam || !graph.weights[$0].path.hasSuffix("key/bias") }
            assertNear(
                compared.map { model.weights[$0].value.scalars }, compared.map { graph.trained[$0] }, 1e-4,
                "\(graph.name), weights \(compared.map { graph.weights[$0].path })")
        }
    }

    /// Trained models that Keras has saved.
    func testFilesOfKeras() throws {
        var count = 0
        try forEachGraph { graph in
            guard let text = graph.json["file"]?.text else { return }
            count += 1
            clearSession()
            let path = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString).keras"
            let zipped = try ByteBuffer([UInt8](XCTUnwrap(Data(base64Encoded: text))))
            try Gzip.prefix(of: zipped, count: 1 << 24, source: graph.name).withBytes { Data($0) }.write(
                to: URL(fileURLWithPath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let model = try loadModel(path)
            XCTAssertEqual(model.layers.map(\.name), graph.layers, graph.name)
            assertNear(
                model.weights.map(\.value.scalars), graph.trained, 1e-5,
                "\(graph.name), weights \(graph.weights.map(\.path))")
            assertNear(
                try graph.predict(model).map(\.scalars),
                graph.json["predicted"]!.entries.map(\.value.tensor.scalars), 1e-5,
                "\(graph.name), predictions")
            XCTAssertEqual(model.compilation?.optimizer.steps, graph.steps, graph.name)
            // The optimizer's state was read, too.
            guard let next = graph.json["after_file"] else { return }
            _ = try model.fit(graph.given(graph.x), graph.given(graph.y), batchSize: graph.count, epochs: 1, verbose: 0, shuffle: false)
            assertNear(
                model.weights.map(\.value.scalars), next.items.map { $0.items.map { $0.float! } }, 1e-5,
                "\(graph.name), weights after the next step")
        }
        XCTAssertGreaterThan(count, 5)
    }

    /// Trained models through `.keras` and `.h5` files and back: the same bits, the same configuration, the same next step.
    func testFiles() throws {
        let folder = NSTemporaryDirectory() + "lockstep-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try forEachGraph { graph in
            let model = try graph.compiled()
            _ = try graph.fit(model)
            let configuration = model.serialized, predictions = try graph.predict(model).map(\.scalars)
            let loaded = try ["keras", "h5"].map { form in
                let path = "\(folder)/model.\(form)", name = "\(graph.name), \(form)"
                try model.save(path)
                let loaded = try loadModel(path)
                XCTAssertEqual(loaded.layers.map(\.name), graph.layers, name)
                XCTAssertEqual(loaded.weights.map(\.value.scalars), model.weights.map(\.value.scalars), name)
                // `.h5` files have the names of losses and metrics in other words.
                let key = form == "h5" ? "config" : nil
                XCTAssertNil(
                    difference(
                        key.map { loaded.serialized[$0]! } ?? loaded.serialized, key.map { configuration[$0]! } ?? configuration, at: name))
                XCTAssertEqual(try graph.predict(loaded).map(\.scalars), predictions, name)
                return loaded
            }
            for each in [model] + loaded {
                _ = try each.fit(graph.given(graph.x), graph.given(graph.y), batchSize: graph.count, epochs: 1, verbose: 0, shuffle: false)
                XCTAssertEqual(each.compilation!.optimizer.steps, graph.steps + 1, graph.name)
            }
            for each in loaded {
                XCTAssertEqual(
                    each.weights.map(\.value.scalars), model.weights.map(\.value.scalars), "\(graph.name), after the next step")
            }
        }
    }

    /// Keras writes `training: false` of every call of a Dropout in a graph; it drops nevertheless when the model trains.
    func testDropoutOfAGraphThatIsReadDrops() throws {
        clearSession()
        let x = Input([64])
        let model = try Model.make(Model(inputs: x, outputs: Dropout(0.5)(x)).serialized)
        XCTAssertTrue(model(.ones([2, 64]), training: true).scalars.contains(0))
        XCTAssertFalse(model(.ones([2, 64])).scalars.contains(0))
    }

    private func forEachGraph(_ body: (GoldenGraph) throws -> Void) throws {
        for family in try GoldenGraph.families() {
            for graph in try GoldenGraph.read(family) {
                do { try body(graph) } catch { XCTFail("\(graph.name): \(error)") }
            }
        }
    }

    private func assertNear(
        _ got: [[Float]], _ want: [[Float]], _ tolerance: Float, _ what: String,
        file: StaticString = #filePath, line: UInt = #line
    ) {
        guard got.map(\.count) == want.map(\.count) else {
            return XCTFail(
                "\(what): \(got.map(\.count)) numbers, Keras has \(want.map(\.count))", file: file,
                line: line)
        }
        for (place, (got, want)) in zip(got, want).enumerated() {
            for (index, (got, want)) in zip(got, want).enumerated()
            where !(abs(got - want) <= tolerance * max(1, abs(want))) {
                return XCTFail(
                    "\(what) [\(place)][\(index)]: \(got), Keras has \(want)", file: file, line: line)
            }
        }
    }

    /// The first place where two configurations differ; numbers are compared as floats.
    private func difference(_ got: ConfigValue, _ want: ConfigValue, at path: String) -> String? {
        switch (got, want) {
        case (.object(let a), .object(let b)):
            for key in a.map(\.key) + b.map(\.key) {
                guard let x = got[key], let y = want[key] else {
                    return "\(path).\(key): only in \(got[key] == nil ? "Keras'" : "ours")"
                }
                if let found = difference(x, y, at: "\(path).\(key)") { return found }
            }
            return nil
        case (.array(let a), .array(let b)) where a.count == b.count:
            for (index, pair) in zip(a, b).enumerated() {
                if let found = difference(pair.0, pair.1, at: "\(path).\(index)") { return found }
            }
            return nil
        default:
            if got == want { return nil }
            if let a = got.float, let b = want.float, a == b { return nil }
            return "\(path): \(got.json), Keras has \(want.json)"
        }
    }
}
