import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Files that Keras wrote (see golden.py).
final class GoldenFileTests: SavingTestCase {
    private typealias Case = (file: String, variables: [(String, [Float])], optimizer: [(String, [Float])], predictions: [Float])

    private func check(
        _ golden: Case, _ name: String, learningRate: Float = 0.05, iterations: Int = 9, file: StaticString = #filePath, line: UInt = #line
    ) throws {
        let model = try loadModel(try self.golden("\(name).keras", golden.file))
        for (found, expected) in zip(model(inputs).scalars, golden.predictions) {
            XCTAssertEqual(found, expected, accuracy: 1e-6, "predictions", file: file, line: line)
        }
        XCTAssertEqual(model.weights.count, golden.variables.count, file: file, line: line)
        for (weight, (path, expected)) in zip(model.weights, golden.variables) {
            XCTAssertEqual(weight.path, path, file: file, line: line)
            assertSameBits([weight.value.scalars], [expected], path, file: file, line: line)
        }
        assertSameBits(model.optimizerBits, golden.optimizer.map(\.1), "\(golden.optimizer.map(\.0))", file: file, line: line)
        let compilation = try XCTUnwrap(model.compilation)
        XCTAssertEqual(compilation.objective.loss?.className, "SparseCategoricalCrossentropy", file: file, line: line)
        XCTAssertEqual(compilation.objective.metrics.map { $0 as? String }, ["accuracy"], file: file, line: line)
        XCTAssertEqual(compilation.optimizer.iterations, iterations, file: file, line: line)
        XCTAssertEqual(compilation.optimizer.learningRate, learningRate, accuracy: 1e-7, file: file, line: line)
    }

    func testAdam() throws { try check(Golden.adam, "adam") }
    func testRMSprop() throws { try check(Golden.rmsprop, "rmsprop") }
    /// Weights that are not trained among those that are: moving statistics have no optimizer state.
    func testNormalization() throws { try check(Golden.normalized, "normalized") }
    /// Two updates of four batches, and the gradients of a ninth; a schedule in place of a learning rate.
    func testAccumulatedGradients() throws {
        try check(Golden.accumulated, "accumulated", learningRate: 0.05 * pow(0.5, 9 / 4), iterations: 2)
    }

    func testWeightsFile() throws {
        let model = classifier()
        try model.loadWeights(try golden("w.weights.h5", Golden.weights))
        assertSameBits(model.weightBits, Golden.adam.variables.map(\.1))
    }

    func testOtherPrecisionsAreConverted() throws {
        let model = classifier()
        try model.compile(optimizer: Adam(amsgrad: true), loss: "mse")
        try model.loadWeights(try golden("d.weights.h5", Golden.float64Weights))
        assertSameBits(model.weightBits, Golden.adam.variables.map(\.1))
        assertSameBits(model.optimizerBits, Golden.adam.optimizer.map(\.1))

        try model.loadWeights(try golden("h.weights.h5", Golden.float16Weights))
        assertSameBits(model.weightBits, Golden.adam.variables.map { $0.1.map { Float(Float16($0)) } })
    }

    /// What Lockstep writes has the groups, names and types of what Keras writes for the same model.
    func testWritesWhatKerasWrites() throws {
        let keras = try golden("keras.weights.h5", Golden.weights)
        let model = classifier()
        try model.compile(optimizer: Adam(amsgrad: true), loss: "mse")
        try model.loadWeights(keras)
        try model.saveWeights(path("own.weights.h5"))
        func listing(_ path: String) throws -> [String] { try HDF5File(ByteBuffer(contentsOf: path), source: path).listing() }
        XCTAssertEqual(try listing(path("own.weights.h5")), try listing(keras))

        try model.save(path("own.keras"))
        let archive = try ZipArchive(reading: path("own.keras"), kind: "a .keras file")
        XCTAssertEqual(archive.names, ["metadata.json", "config.json", "model.weights.h5"])
        let metadata = try String(decoding: archive.member(0).withBytes { Data($0) }, as: UTF8.self)
        let form = #"^\{"keras_version": "3\.15\.1", "date_saved": "\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d"\}$"#
        XCTAssertNotNil(metadata.range(of: form, options: .regularExpression), metadata)
    }
}

extension HDF5File {
    /// Every group, with the layer's name where it has one, and every dataset with shape and type.
    func listing() throws -> [String] {
        func list(_ group: HDF5Group) throws -> [String] {
            try group.names().flatMap { name -> [String] in
                if group.path.hasSuffix("vars"), let dataset = try group.dataset(name) {
                    return ["\(group.path)/\(name) \(dataset.type) \(try XCTUnwrap(dataset.shape))"]
                }
                let inside = try XCTUnwrap(try group.group(name))
                return ["\(inside.path) \(try inside.attribute("name") ?? ["-"])"] + (try list(inside))
            }
        }
        return try list(root)
    }
}
