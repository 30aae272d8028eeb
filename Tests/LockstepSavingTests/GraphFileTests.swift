import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Functional, nested and subclassed models in files that Keras wrote, and in files that Keras would have written (see
/// golden_graphs.py).
final class GraphFileTests: SavingTestCase {
    /// What Keras has for a model.
    private struct Case {
        let name: String
        let values: ConfigValue

        var inputs: [Tensor] { values["inputs"]!.items.map(tensor) }
        var inputNames: [String] { values["input_names"]!.items.map(text) }
        /// The outputs in order, or in that of the names by which they go.
        var outputs: [[Float]] {
            let outputs = values["outputs"]!.items.map { tensor($0).scalars }, keys = values["output_keys"]!.items.map(text)
            return keys.isEmpty ? outputs : zip(keys, outputs).sorted { $0.0 < $1.0 }.map(\.1)
        }
        var weights: [(path: String, value: Tensor, isTrainable: Bool)] {
            values["weights"]!.items.map { (text($0.items[0]), tensor($0.items[1]), $0.items[2] == true) }
        }
        var optimizer: [[Float]] { values["optimizer"]!.items.map { tensor($0.items[1]).scalars } }
        var trainable: [String] { values["trainable"]!.items.map(text) }
        /// A file's bytes, as text.
        func file(_ key: String) -> String? { values[key].map(text) }

        private func text(_ value: ConfigValue) -> String { if case .string(let text) = value { text } else { "" } }
        private func tensor(_ value: ConfigValue) -> Tensor {
            Tensor(value["scalars"]!.items.map { Float($0.double!) }, shape: Shape(value["shape"]!.items.map { Int($0.double!) }))
        }
    }

    private func cases() throws -> [Case] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("graphs.json")
        guard case .object(let entries) = try ConfigValue(json: Data(contentsOf: file)) else { return [] }
        return entries.map { Case(name: $0.key, values: $0.value) }
    }

    private func assertComputes(_ model: Model, _ golden: Case, file: StaticString = #filePath, line: UInt = #line) {
        let outputs: [Tensor] = model(golden.inputs)
        XCTAssertEqual(outputs.count, golden.outputs.count, golden.name, file: file, line: line)
        for (output, expected) in zip(outputs.map(\.scalars), golden.outputs) {
            XCTAssertEqual(output.count, expected.count, golden.name, file: file, line: line)
            for (got, want) in zip(output, expected) {
                XCTAssertEqual(got, want, accuracy: 1e-5 * max(1, abs(want)), golden.name, file: file, line: line)
            }
        }
    }

    private func assertHasWeights(_ model: Model, _ golden: Case, file: StaticString = #filePath, line: UInt = #line) {
        assertSameBits(model.weightBits, golden.weights.map { $0.value.scalars }, golden.name, file: file, line: line)
        XCTAssertEqual(
            model.weights.map(\.name), golden.weights.map { String($0.path.split(separator: "/").last!) }, golden.name, file: file,
            line: line)
        let trainable = Set(model.trainableWeights.map { ObjectIdentifier($0) })
        XCTAssertEqual(
            model.weights.map { trainable.contains(ObjectIdentifier($0)) }, golden.weights.map(\.isTrainable), golden.name, file: file,
            line: line)
    }

    /// The member of an archive that says what the model is.
    private func configuration(_ path: String) throws -> ConfigValue {
        let archive = try ZipArchive(reading: path, kind: "a .keras file")
        return try ConfigValue(json: archive.member(XCTUnwrap(archive.names.firstIndex(of: "config.json"))).withBytes { Data($0) })
    }

    private func weightsFile(_ path: String) throws -> HDF5File {
        let archive = try ZipArchive(reading: path, kind: "a .keras file")
        return try HDF5File(archive.member(XCTUnwrap(archive.names.firstIndex(of: "model.weights.h5"))), source: path)
    }

    /// Files of Keras: the model that they hold, and the same entries, groups and arrays when it is saved again.
    func testFilesOfKeras() throws {
        for golden in try cases() {
            guard let file = golden.file("file") else { continue }
            let path = try self.golden("\(golden.name).keras", file)
            let model = try loadModel(path)
            assertComputes(model, golden)
            assertHasWeights(model, golden)
            if !golden.inputNames.contains(where: { $0.hasPrefix("keras_tensor") }) {
                // Keras counts tensors without a name; here they go by their layer's.
                XCTAssertEqual(model.inputNames, golden.inputNames, golden.name)
            }
            if golden.optimizer.isEmpty {
                XCTAssertNil(model.compilation)
            } else {
                assertSameBits(model.optimizerBits, golden.optimizer, golden.name)
            }

            let own = self.path("own.keras")
            try model.save(own)
            assertSame(try configuration(own), try configuration(path), at: golden.name)
            XCTAssertEqual(try weightsFile(own).listing(), try weightsFile(path).listing(), golden.name)
            let again = try loadModel(own)
            assertComputes(again, golden)
            assertHasWeights(again, golden)
        }
    }

    /// Keras writes such a file, and cannot open it.
    func testALayerOfTwoModelsIsNotSaved() throws {
        let x = Input([3], name: "x"), y = Input([3], name: "y"), both = Dense(3, name: "both")
        let inner = Model(inputs: x, outputs: both(x) as KerasTensor, name: "inner")
        let outer = Model(inputs: y, outputs: [inner(y), both(y)] as [KerasTensor], name: "outer")
        assertSavingError(path("m.keras"), "layer both (Dense) is part of the models", "inner", "outer", "saveWeights keeps the weights") {
            try outer.save(path("m.keras"))
        }
        try outer.saveWeights(path("m.weights.h5"))
        let before = outer.weightBits
        for weight in outer.weights { weight.assign(.zeros(weight.shape)) }
        try outer.loadWeights(path("m.weights.h5"))
        assertSameBits(outer.weightBits, before)
        // The input is no layer with weights.
        try Model(inputs: x, outputs: inner(x) as KerasTensor, name: "whole").save(path("whole.keras"))
        XCTAssertEqual((try loadModel(path("whole.keras"))(Tensor.ones([1, 3])) as Tensor).shape, [1, 3])
    }

    /// Models made by hand are those that Keras has: they write its files and read its weights.
    func testModelsMadeHere() throws {
        let cases = try cases()
        XCTAssertEqual(cases.map(\.name), GraphModels.all.map(\.name))
        for (golden, (name, make)) in zip(cases, GraphModels.all) {
            clearSession()
            let model = try make()
            let weights = try self.golden("\(name).weights.h5", XCTUnwrap(golden.file("weights_file")))
            if let compilation = model.compilation { compilation.optimizer.build(model.trainableWeights) }
            try model.loadWeights(weights)
            assertComputes(model, golden)
            assertHasWeights(model, golden)
            try model.saveWeights(path("own.weights.h5"))
            XCTAssertEqual(
                try HDF5File(ByteBuffer(contentsOf: path("own.weights.h5")), source: "own").listing(),
                try HDF5File(ByteBuffer(contentsOf: weights), source: "keras").listing().map {
                    $0.replacingOccurrences(of: inputOfPart.keras, with: inputOfPart.here)
                }, name)
            for weight in model.weights { weight.assign(.zeros(weight.shape)) }
            try model.loadWeights(path("own.weights.h5"))
            assertHasWeights(model, golden)
            guard let file = golden.file("file") else {
                assertSavingError(path("own.keras"), "is of a class of your own") { try model.save(path("own.keras")) }
                continue
            }
            try model.save(path("own.keras"))
            assertSame(try configuration(path("own.keras")), try configuration(self.golden("keras.keras", file)), at: name)
        }
    }
}

/// The input of a model that was cut out of another: Keras counts all tensors without names.
private let inputOfPart = (keras: "keras_tensorCLONE", here: "keras_tensor_clone")

extension ConfigValue {
    fileprivate var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}

/// Objects in any order of keys; numbers by value. But for numbers that Keras gives to objects in its memory, and the learning rate with
/// the digits of a double.
private func assertSame(_ got: ConfigValue, _ want: ConfigValue, at path: String) {
    switch (got, want) {
    case (.object(let a), .object(let b)):
        XCTAssertEqual(Set(a.map(\.key)), Set(b.map(\.key)).subtracting(["shared_object_id"]), path)
        for entry in b { if let value = got[entry.key] { assertSame(value, entry.value, at: "\(path).\(entry.key)") } }
    case (.array(let a), .array(let b)):
        XCTAssertEqual(a.count, b.count, path)
        for (index, pair) in zip(a, b).enumerated() { assertSame(pair.0, pair.1, at: "\(path).\(index)") }
    default:
        if let a = got.double, let b = want.double { return XCTAssertEqual(Float(a), Float(b), path) }
        if want == .string(inputOfPart.keras), got == .string(inputOfPart.here) { return }
        XCTAssertEqual(got, want, path)
    }
}
