import Foundation
import GoldenGraphs
import Lockstep
import LockstepTraining
import XCTest

/// Whole numbers as inputs, and those that a table has no row for: found in the data, before anything is computed.
final class EmbeddingTests: XCTestCase {
    override func setUp() {
        Random.setSeed(3)
        clearSession()
    }

    private func model(_ dtype: DType = .int32) throws -> Model {
        let x = Input([3], dtype: dtype, name: "words"), other = Input([2], name: "other")
        let h = Flatten()(Embedding(10, 2, name: "table")(x))
        let model = Model(inputs: [x, other], outputs: Dense(1, name: "y")(Concatenate()([h, other])), name: "m")
        try model.compile(optimizer: SGD(learningRate: 0.1), loss: "mse")
        return model
    }
    private let words = Tensor([[1, 2, 3], [9, 0, 4], [5, 5, 5], [7, 1, 2]] as [[Int32]])
    private let other = Tensor([[0.5, 1], [1, 0], [0, 1], [1, 1]] as [[Float]]), y = Tensor([[1], [0], [2], [1]] as [[Float]])

    /// The same numbers, of any type, for inputs of both types.
    func testTypesMakeNoDifference() throws {
        var trained: Set<[Float]> = []
        for dtype in [DType.int32, .float32] {
            for given in [words, words.cast(to: .float32), words.cast(to: .uint8)] {
                Random.setSeed(3)
                clearSession()
                let model = try model(dtype)
                try model.fit([given, other], [y], batchSize: 2, epochs: 2, verbose: 0)
                let predicted: Tensor = try model.predict([given, other], batchSize: 3)
                trained.insert(predicted.scalars + (try model.evaluate([given, other], [y], verbose: 0)).list)
            }
        }
        XCTAssertEqual(trained.count, 1)
    }

    func testIndicesBeyondTheVocabularyAreFoundInTheData() throws {
        for dtype in [DType.int32, .float32] {
            for (bad, text) in [(Int32(10), "10"), (-1, "-1")] {
                let model = try model(dtype)
                let wrong = Tensor([1, 2, 3, 9, 0, 4, 5, bad, 5, 7, 1, 2], shape: [4, 3])
                let before = model.weights.map(\.value.scalars)
                for given in [wrong, wrong.cast(to: .float32)] {
                    func refused(_ body: () throws -> Void, line: UInt = #line) {
                        XCTAssertThrowsError(try body(), line: line) {
                            XCTAssert(
                                "\($0)".hasSuffix(
                                    ": index \(text) at [2, 1], for input words, is not in the vocabulary of layer table (Embedding), which has 10: expected 0 to 9; give the layer a larger inputDim, or the data other numbers"
                                ) && !"\($0)".contains("\n"), "\($0)", line: line)
                        }
                    }
                    refused { try model.fit([given, other], [y], verbose: 0) }
                    refused {
                        try model.fit([words, other], [y], verbose: 0, validationData: ValidationData([given, other], [y]))
                    }
                    refused { try model.evaluate([given, other], [y], verbose: 0) }
                    refused { _ = try model.predict([given, other]) as Tensor }
                }
                XCTAssertEqual(model.weights.map(\.value.scalars), before)
            }
        }
    }

    /// Through models in models, reshaped, and in a model that is called for the first time.
    func testIndicesAreFollowed() throws {
        func refused(_ model: Model, line: UInt = #line) throws {
            try model.compile(optimizer: "sgd", loss: "mse")
            for call in [{ _ = try model.predict(self.words) as Tensor }, { try model.fit(self.words, self.y, verbose: 0) }] {
                XCTAssertThrowsError(try call(), line: line) {
                    XCTAssert("\($0)".contains("index 9 at [1, 0]"), "\($0)", line: line)
                }
            }
        }
        let x = Input([3], dtype: .int32), inner = Input([3, 1], dtype: .int32)
        let nested = Model(inputs: inner, outputs: Embedding(9, 2)(inner))
        try refused(Model(inputs: x, outputs: Dense(1)(Flatten()(nested(Reshape([3, 1])(x))))))
        try refused(Sequential([Embedding(9, 2), Flatten(), Dense(1)]))
    }

    /// Which of Keras' models train row by row, and which cannot. What both come to is compared with Keras by GoldenGraphTests.
    func testWhichTablesTrainRowByRow() throws {
        let family = try XCTUnwrap(GoldenGraph.families().first { $0.hasSuffix("/embedding.json") })
        var found: [String: [String]] = [:]
        for graph in try GoldenGraph.read(family) {
            let model = try graph.compiled()
            _ = try graph.fit(model)
            found[graph.name] = model.rowGradients.map { String($0.split(separator: "/").dropLast().last!) }.sorted()
        }
        let table = ["embedding"]
        XCTAssertEqual(
            found,
            [
                "sgd": table, "adagrad": table, "rmsprop": table, "floats": table, "masked": ["table"], "shared_table": ["other", "table"],
                "scalars": ["items", "users"], "nothing_else": ["table"],
                // What an optimizer does to all of a table, or looks at of it, is done to all of it.
                "adam": [], "momentum": [], "centered": [], "decayed": [], "clipped": [], "accumulated": [], "regularized_table": [],
                "constrained_table": [], "frozen_table": [],
            ])
    }
}
