import Foundation
import Lockstep
import XCTest

/// Models of every kind of graph against Keras 3.15.1: what Golden/graphs.py wrote.
final class GoldenGraphTests: XCTestCase {
    /// Orders and names, and what the model says of itself.
    func testLayersAndConfigurations() throws {
        try forEachGraph { graph in
            let model = try graph.untrained()
            XCTAssertEqual(model.layers.map(\.name), graph.layers, graph.name)
            if let outputs = graph.outputs {
                XCTAssertEqual(model.outputNames, outputs, graph.name)
                XCTAssertEqual(model.inputNames, graph.inputs, graph.name)
            }
            XCTAssertEqual(model.weights.map(\.value.shape), graph.weights.map(\.value.shape), graph.name)
            let trainable = Set(model.trainableWeights.map { ObjectIdentifier($0) })
            XCTAssertEqual(model.weights.map { trainable.contains(ObjectIdentifier($0)) }, graph.weights.map(\.isTrainable), graph.name)
            XCTAssertEqual(
                model.weights.map { "\($0.path.split(separator: "/").last!)" },
                graph.weights.map { "\($0.path.split(separator: "/").last!)" },
                graph.name)
            XCTAssertNil(difference(model.serialized, graph.config, at: graph.name))
        }
    }

    func testPredictions() throws {
        try forEachGraph { graph in
            let model = try graph.untrained(), data = try graph.data()
            let outputs: [Tensor] = model(data.inputs.map(\.column.tensor))
            assertNear(outputs.map(\.scalars), graph.predictions.map(\.scalars), 1e-5, "\(graph.name), predictions")
            XCTAssertEqual(outputs.map(\.shape), graph.predictions.map(\.shape), graph.name)
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
        for graph in try GoldenGraph.all() {
            do { try body(graph) } catch { XCTFail("\(graph.name): \(error)") }
        }
    }

    private func assertNear(
        _ got: [[Float]], _ want: [[Float]], _ tolerance: Float, _ what: String, file: StaticString = #filePath, line: UInt = #line
    ) {
        guard got.map(\.count) == want.map(\.count) else {
            return XCTFail("\(what): \(got.map(\.count)) numbers, Keras has \(want.map(\.count))", file: file, line: line)
        }
        for (place, (got, want)) in zip(got, want).enumerated() {
            for (index, (got, want)) in zip(got, want).enumerated() where !(abs(got - want) <= tolerance * max(1, abs(want))) {
                return XCTFail("\(what) [\(place)][\(index)]: \(got), Keras has \(want)", file: file, line: line)
            }
        }
    }

    /// The first place where two configurations differ; numbers are compared as floats.
    private func difference(_ got: ConfigValue, _ want: ConfigValue, at path: String) -> String? {
        switch (got, want) {
        case (.object(let a), .object(let b)):
            for key in a.map(\.key) + b.map(\.key) {
                guard let x = got[key], let y = want[key] else { return "\(path).\(key): only in \(got[key] == nil ? "Keras'" : "ours")" }
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

/// One graph of Golden/graphs.json.
private struct GoldenGraph {
    struct Weight {
        let path: String, isTrainable: Bool, value: Tensor
    }

    let json: ConfigValue

    static func all() throws -> [GoldenGraph] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/graphs.json")
        return try ConfigValue(json: Data(contentsOf: file))["graphs"]!.items.map { GoldenGraph(json: $0) }
    }

    var name: String { json["name"]!.text! }
    var config: ConfigValue { json["config"]! }
    var layers: [String] { json["layers"]!.items.map { $0.text! } }
    var inputs: [String] { json["x"]!.entries.map(\.key) }
    /// `nil` of a `Sequential`.
    var outputs: [String]? { json["outputs"]! == .null ? nil : json["outputs"]!.items.map { $0.text! } }
    var weights: [Weight] {
        json["weights"]!.items.map { Weight(path: $0["path"]!.text!, isTrainable: $0["trainable"] == true, value: $0.tensor) }
    }
    var predictions: [Tensor] { json["predictions"]!.entries.map(\.value.tensor) }

    func untrained() throws -> Model {
        clearSession()
        let model = try Model.make(config)
        model.setWeights(weights.map(\.value))
        return model
    }

    func data(isWeighted: Bool = true) throws -> Dataset {
        func columns(_ key: String) throws -> [(name: String, column: Column)] {
            try json[key]!.entries.map { ($0.key, try Column($0.value.tensor, source: $0.key)) }
        }
        let weights =
            try isWeighted ? json["sample_weight"]?.entries.map { try Column($0.value.tensor, source: "weights of \($0.key)") } : nil
        return try Dataset(inputs: columns("x"), targets: columns("y"), sampleWeights: weights ?? [])
    }
}

extension ConfigValue {
    fileprivate var entries: [Entry] { if case .object(let entries) = self { entries } else { [] } }
    fileprivate var items: [ConfigValue] { if case .array(let items) = self { items } else { [] } }
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
    fileprivate var float: Float? {
        switch self {
        case .int(let value): Float(value)
        case .double(let value): Float(value)
        default: nil
        }
    }
    /// `{"shape": …, "scalars": …}`.
    fileprivate var tensor: Tensor {
        Tensor(self["scalars"]!.items.map { $0.float! }, shape: Shape(self["shape"]!.items.map { Int($0.float!) }))
    }
}
