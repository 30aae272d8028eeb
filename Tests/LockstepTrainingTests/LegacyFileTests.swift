import Foundation
import GoldenGraphs
import Lockstep
import XCTest

/// `.h5` files that Keras 2 has written: see golden_legacy.py.
final class LegacyFileTests: XCTestCase {
    private var folder = ""

    override func setUpWithError() throws {
        folder = NSTemporaryDirectory() + "lockstep-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        clearSession()
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(atPath: folder) }

    private func cases() throws -> [ConfigValue] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("legacy.json")
        return try ConfigValue(json: Data(contentsOf: file)).items
    }

    /// Writes a case's file.
    private func file(_ golden: ConfigValue) throws -> String {
        let path = "\(folder)/\(golden["name"]!.text!).h5"
        let zipped = try ByteBuffer([UInt8](XCTUnwrap(Data(base64Encoded: golden["file"]!.text!))))
        try Gzip.prefix(of: zipped, count: 1 << 24, source: path).withBytes { Data($0) }.write(to: URL(fileURLWithPath: path))
        return path
    }

    private func assertNear(_ got: [Float], _ want: [Float], _ tolerance: Float, _ name: String) {
        XCTAssertEqual(got.count, want.count, name)
        for (got, want) in zip(got, want) { XCTAssertEqual(got, want, accuracy: tolerance * max(1, abs(want)), name) }
    }

    private func assertTrainsOn(_ model: Model, _ golden: ConfigValue, _ name: String) throws {
        let inputs = golden["inputs"]!.items.map(\.tensor)
        try model.fit(inputs, golden["targets"]!.tensor, batchSize: 100, epochs: 1, verbose: 0, shuffle: false)
        // RMSprop of before 2.11 adds epsilon to the root, not below it.
        let tolerance: Float = name.hasPrefix("rmsprop_of_before") ? 2e-4 : 2e-5
        for (weight, after) in zip(model.weights, golden["after"]!.items) {
            assertNear(weight.value.scalars, after.tensor.scalars, tolerance, "\(name), \(weight.path) after the next step")
        }
    }

    func testModels() throws {
        for golden in try cases() where golden["name"] != "weights" {
            let name = golden["name"]!.text!, model = try loadModel(file(golden))
            let inputs = golden["inputs"]!.items.map(\.tensor)
            XCTAssertEqual(model.weights.map(\.value.scalars), golden["weights"]!.items.map(\.tensor.scalars), name)
            let predictions: [Tensor] = try model.predict(inputs)
            assertNear(predictions[0].scalars, golden["predictions"]!.tensor.scalars, 1e-5, name)
            XCTAssertEqual(model.compilation?.optimizer.steps, Int(golden["iterations"]!.float!), name)

            // Written again, as Keras 3 does, it is the same model.
            let other = "\(folder)/other.keras"
            try model.save(other)
            let comparison = try ModelComparison("\(folder)/\(name).h5", other)
            XCTAssertTrue(comparison.isEmpty, "\(name): \(comparison)")
            try assertTrainsOn(model, golden, name)
            try assertTrainsOn(loadModel(other), golden, "\(name), written again")
        }
    }

    /// Layers come in order, whatever their names are; and a text describes them.
    func testWeightsAlone() throws {
        let golden = try XCTUnwrap(cases().first { $0["name"] == "weights" }), path = try file(golden)
        XCTAssertThrowsError(try loadModel(path)) { XCTAssertTrue("\($0)".contains("found weights alone"), "\($0)") }
        for model in [
            Sequential([Input([2]), Dense(3, activation: "tanh", name: "a"), Dropout(0), BatchNormalization(), Dense(1, name: "b")]),
            try Model.fromJSON(golden["config"]!.json),
        ] {
            try model.loadWeights(path)
            XCTAssertEqual(model.weights.map(\.value.scalars), golden["weights"]!.items.map(\.tensor.scalars))
            let predictions: [Tensor] = try model.predict(golden["inputs"]!.items.map(\.tensor))
            assertNear(predictions[0].scalars, golden["predictions"]!.tensor.scalars, 1e-5, model.name)
        }
        let other = Sequential([Input([2]), Dense(4), Dropout(0), BatchNormalization(), Dense(1)])
        XCTAssertThrowsError(try other.loadWeights(path)) {
            XCTAssertTrue("\($0)".contains("expected shape (2, 4), found (2, 3)"), "\($0)")
        }
        XCTAssertThrowsError(try Sequential([Input([2]), Dense(3)]).loadWeights(path)) {
            XCTAssertTrue("\($0)".contains("expected weights of 1 layers of model"), "\($0)")
        }
    }

    /// What would train otherwise is refused, not left out.
    func testWhatIsNotUnderstood() throws {
        let golden = try XCTUnwrap(cases().first { $0["name"] == "graph" })
        func refusal(_ old: String, _ new: String) -> String {
            let text = golden["config"]!.json
            XCTAssertTrue(text.contains(old), old)
            do { _ = try Model.fromJSON(text.replacingOccurrences(of: old, with: new)) } catch { return "\(error)" }
            return "no error"
        }
        XCTAssertTrue(refusal("\"time_major\": false", "\"time_major\": true").contains("time_major is not supported; samples come first"))
        XCTAssertTrue(refusal("\"class_name\": \"Masking\"", "\"class_name\": \"TFOpLambda\"").contains("unknown layer \"TFOpLambda\""))
        XCTAssertTrue(
            refusal("[\"inner\", 1, 0, {}]", "[\"inner\", \(Int.min), 0, {}]").contains("expected a tensor as [layer, call, output]"))
        XCTAssertTrue(
            refusal("[\"lstm\", 0, 0, {}]", "[\"lstm\", 0, 0, {\"fancy\": 1}]").contains("a call with fancy is not supported yet"))
    }
}
