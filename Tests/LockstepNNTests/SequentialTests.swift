import Foundation
import LockstepNN
import LockstepTensor
import XCTest

final class SequentialTests: XCTestCase {
    override func setUp() {
        Random.setSeed(1)
        clearSession()
    }

    /// The configuration as Keras' `to_json` gives it, key by key.
    func testJSONAgainstKeras() throws {
        for entry in try golden("configurations").entries {
            let json = try TestModel(rawValue: entry.key)!.make().toJSON()
            assertSame(try ConfigValue(json: Data(json.utf8)), entry.value, at: entry.key)
        }
    }

    /// Keras' own text makes the model, which then writes the same text.
    func testFromKerasJSON() throws {
        for entry in try golden("configurations").entries {
            clearSession()
            let model = try Sequential(config: entry.value["config"]!)
            if let compile = entry.value["compile_config"], !compile.entries.isEmpty { try model.compile(config: compile) }
            assertSame(model.serialized, entry.value, at: entry.key)
            let original = try TestModel(rawValue: entry.key)!.make()
            XCTAssertEqual(model.weights.map(\.path), original.weights.map(\.path))
            XCTAssertEqual(model.weights.map(\.shape), original.weights.map(\.shape))
            XCTAssertEqual(
                model.weights.map(\.value.scalars), original.weights.map(\.value.scalars), "the same seed and paths: the same weights")
            XCTAssertEqual(model.trainableWeights.count, original.trainableWeights.count)
        }
    }

    /// Layers, paths and counted names as Keras has them.
    func testNamesAgainstKeras() throws {
        let golden = try golden("paths")
        let model = Sequential([Input([4]), Dense(3), Dense(2, name: "out"), Dense(2)])
        let other = Sequential([Input([4]), Dense(3)])
        XCTAssertEqual(model.name, golden["model"]!.text)
        XCTAssertEqual(model.layers.map(\.name), golden["layers"]!.items.map { $0.text! })
        XCTAssertEqual(model.weights.map(\.path), golden["paths"]!.items.map { $0.text! })
        XCTAssertEqual(other.name, golden["other"]!.text)
        XCTAssertEqual(other.weights.map(\.path), golden["other_paths"]!.items.map { $0.text! })
    }

    func testNamesAreCounted() {
        XCTAssertEqual([Dense(1).name, Dense(1).name, Flatten().name, Dense(1).name], ["dense", "dense_1", "flatten", "dense_2"])
        XCTAssertEqual([Sequential().name, Sequential().name, Input([1]).name], ["sequential", "sequential_1", "input_layer"])
        clearSession()
        XCTAssertEqual(Dense(1).name, "dense")
        for (name, snake) in [
            ("LayerNormalization", "layer_normalization"), ("Conv2D", "conv2d"), ("LSTM", "lstm"), ("MyLayer2", "my_layer2"),
            ("ReLU", "re_lu"),
        ] {
            XCTAssertEqual(Naming.unique(name), snake)
        }
    }

    /// Weights are made as layers are added, if the shape is known; else by `build` or the first batch.
    func testWhenWeightsAreMade() {
        let model = Sequential([Input([3])])
        model.add(Dense(4))
        XCTAssertEqual(model.countParams(), 16)
        XCTAssertTrue(model.built)
        let late = Sequential([Dense(4), Dense(2)])
        XCTAssertEqual(late.weights.count, 0)
        XCTAssertFalse(late.built)
        XCTAssertEqual(late(.ones([5, 3])).shape, [5, 2])
        XCTAssertEqual(late.weights.map(\.shape), [[3, 4], [4], [4, 2], [2]])
        XCTAssertEqual(late.outputSpecs(for: [Spec(shape: [Shape.unknown, 3])]), [Spec(shape: [Shape.unknown, 2])])
        let again = Sequential([Dense(2)])
        again.build(inputShape: [Shape.unknown, 3])
        again.build(inputShape: [Shape.unknown, 3])
        XCTAssertEqual(again.weights.count, 2)
    }

    func testLayersByNameAndPlace() {
        let model = Sequential([Input([3]), Dense(4, name: "a"), Dense(2, name: "b")])
        XCTAssertEqual(model.layer(named: "b")?.name, "b")
        XCTAssertNil(model.layer(named: "c"))
        XCTAssertEqual([model.layer(at: 0).name, model.layer(at: -1).name], ["a", "b"])
        XCTAssertEqual(model.inputs.map(\.shape), [[Shape.unknown, 3]])
        XCTAssertEqual(model.outputNames, ["b"])
    }

    /// Of a model inside a model, the path goes through both.
    func testNestedModels() {
        let inner = Sequential([Dense(2, name: "a"), Dense(2, name: "b")], name: "inner")
        let outer = Sequential([Input([3]), inner, Dense(1, name: "last")], name: "outer")
        XCTAssertEqual(
            outer.weights.map(\.path),
            [
                "outer/inner/a/kernel", "outer/inner/a/bias", "outer/inner/b/kernel", "outer/inner/b/bias", "outer/last/kernel",
                "outer/last/bias",
            ])
        XCTAssertEqual(outer(.ones([4, 3])).shape, [4, 1])
        inner.trainable = false
        XCTAssertEqual(outer.trainableWeights.count, 2)
    }

    func testCompile() throws {
        let model = Sequential([Input([3]), Dense(1)])
        XCTAssertNil(model.compilation)
        try model.compile(optimizer: "sgd", loss: "mse", metrics: ["mae", "accuracy"])
        XCTAssertEqual(model.compilation!.optimizer.learningRate, 0.01)
        XCTAssertEqual(try model.compilation!.objectives(["y"])[0].loss?.name, "mean_squared_error")
        XCTAssertThrowsError(try model.compile(optimizer: "sdg", loss: "mse")) {
            let known = Optimizers.registry.names.joined(separator: ", ")
            XCTAssertEqual("\($0)", "unknown optimizer \"sdg\"; did you mean SGD? Known: \(known)")
        }
        XCTAssertThrowsError(try model.compile(optimizer: "sgd", loss: "msee"))
        XCTAssertThrowsError(try model.compile(optimizer: "sgd", loss: "mse", metrics: ["acuracy"]))
    }
}
