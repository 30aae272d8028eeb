import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// What is saved is what is loaded: weights, optimizer state, how to train.
final class RoundTripTests: SavingTestCase {
    func testEveryOptimizerComesBackBitForBit() throws {
        for (index, optimizer) in optimizers().enumerated() {
            let model = classifier()
            try model.compile(optimizer: optimizer, loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
            for _ in 0 ..< 3 { step(model) }
            try model.save(path("\(index).keras"))
            let loaded = try loadModel(path("\(index).keras"))
            let name = "\(optimizer.className) \(optimizer.slotNames)"
            XCTAssertEqual(loaded.toJSON(), model.toJSON(), name)
            assertSameBits(loaded.weightBits, model.weightBits, name)
            assertSameBits(loaded.optimizerBits, model.optimizerBits, name)
            XCTAssertEqual(loaded.compilation?.optimizer.steps, 3, name)
            XCTAssertEqual(loaded.compilation?.optimizer.iterations, optimizer.iterations, name)
            XCTAssertEqual(loaded.compilation?.optimizer.learningRate, optimizer.learningRate, name)
            for _ in 0 ..< 2 { step(model); step(loaded) }
            assertSameBits(loaded.weightBits, model.weightBits, "\(name), two steps later")
            assertSameBits(loaded.optimizerBits, model.optimizerBits, "\(name), two steps later")
        }
    }

    /// Moving statistics come back with the weights, and the steps after that are the same.
    func testWeightsThatAreNotTrained() throws {
        let model = normalizedClassifier()
        try model.compile(optimizer: Adam(learningRate: 0.05), loss: "sparse_categorical_crossentropy")
        for _ in 0 ..< 3 { step(model, training: true) }
        try model.save(path("m.keras"))
        let loaded = try loadModel(path("m.keras"))
        XCTAssertEqual(loaded.toJSON(), model.toJSON())
        XCTAssertEqual(loaded.nonTrainableWeights.count, 4)
        for _ in 0 ..< 2 {
            assertSameBits(loaded.weightBits, model.weightBits)
            assertSameBits(loaded.optimizerBits, model.optimizerBits)
            step(model, training: true)
            step(loaded, training: true)
        }
    }

    /// The trainer keeps parameters and states in reverse order; files do not depend on it.
    func testTheOrderOfTheOptimizersArenasDoesNotMatter() throws {
        let model = classifier()
        try model.compile(optimizer: Adam(amsgrad: true), loss: "sparse_categorical_crossentropy")
        step(model)
        try model.saveWeights(path("forward.weights.h5"))
        let before = model.optimizerBits
        model.compilation!.optimizer.build(ParameterLayout(model.trainableWeights.reversed()))
        assertSameBits(model.optimizerBits, before)
        XCTAssertTrue(model.compilation!.optimizer.layout!.variables.first === model.trainableWeights.last)
        try model.saveWeights(path("reverse.weights.h5"))
        XCTAssertEqual(try bytes(of: "forward.weights.h5"), try bytes(of: "reverse.weights.h5"))

        // Loading into an optimizer that already has the reverse order, and reversing one that was loaded.
        let loaded = classifier()
        try loaded.compile(optimizer: Adam(amsgrad: true), loss: "sparse_categorical_crossentropy")
        loaded.compilation!.optimizer.build(ParameterLayout(loaded.trainableWeights.reversed()))
        try loaded.loadWeights(path("forward.weights.h5"))
        assertSameBits(loaded.optimizerBits, before)
        step(model)
        step(loaded)
        assertSameBits(loaded.weightBits, model.weightBits)
    }

    func testACompiledModelBeforeItsFirstStep() throws {
        let model = classifier()
        try model.compile(optimizer: Adam(learningRate: 0.25), loss: "mse")
        try model.save(path("m.keras"))
        let loaded = try Model.load(path("m.keras"))
        XCTAssertEqual(loaded.compilation?.optimizer.learningRate, 0.25)
        XCTAssertEqual(loaded.compilation?.optimizer.iterations, 0)
        XCTAssertNil(loaded.compilation?.optimizer.layout)

        // Into a model that has made steps: its states go back to their start with its weights.
        let other = classifier()
        try other.compile(optimizer: Adam(), loss: "sparse_categorical_crossentropy")
        step(other)
        try other.loadWeights(path("m.keras"))
        assertSameBits(other.weightBits, model.weightBits)
        XCTAssertEqual(other.optimizerBits.dropFirst(2).joined().filter { $0 != 0 }, [])
    }

    func testModelsThatAreNotCompiledOrNotBuilt() throws {
        let model = classifier()
        try model.save(path("m.keras"))
        let loaded = try loadModel(path("m.keras"))
        XCTAssertNil(loaded.compilation)
        assertSameBits([loaded(inputs).scalars], [model(inputs).scalars])

        let bare = Sequential([Dense(2)])
        try bare.save(path("bare.keras"))
        XCTAssertFalse(try loadModel(path("bare.keras")).built)
    }

    func testHowToTrainComesBack() throws {
        let model = classifier()
        try model.compile(
            optimizer: SGD(momentum: 0.5), loss: SparseCategoricalCrossentropy(),
            metrics: ["accuracy", SparseCategoricalAccuracy(name: "sca")],
            weightedMetrics: [try Metrics.registry.make("mse")])
        try model.save(path("m.keras"))
        let loaded = try loadModel(path("m.keras"))
        XCTAssertEqual(loaded.toJSON(), model.toJSON())
        XCTAssertEqual(loaded.compilation?.objective.metrics.count, 2)
        XCTAssertNil(try loadModel(path("m.keras"), compile: false).compilation)
    }

    func testExtremeValuesKeepTheirBits() throws {
        let model = Sequential([Input([2]), Dense(3)])
        let bits: [UInt32] = [0x7fc0_0001, 0x8000_0000, 0x0000_0001, 0x7f80_0000, 0xff80_0000, 0x3f80_0001]
        model.weights[0].assign(Tensor(bits.map { Float(bitPattern: $0) }, shape: [2, 3]))
        try model.save(path("m.keras"))
        assertSameBits(try loadModel(path("m.keras")).weightBits, model.weightBits)
    }

    func testNamesAndFrozenLayersComeBack() throws {
        let model = Sequential([Input([3]), Dense(4, name: "größe"), Dense(2, name: "b \"quoted\"")], name: "mine")
        model.layers[0].trainable = false
        try model.compile(optimizer: "adam", loss: "mse")
        let tape = GradientTape()
        let loss = tape.record { model.compilation!.objective.loss!(Tensor.zeros([1, 2]), model(Tensor.ones([1, 3]))) }
        model.compilation!.optimizer.apply(tape.gradient(loss, model.trainableWeights).map { $0! }, to: model.trainableWeights)
        try model.save(path("m.keras"))
        let loaded = try loadModel(path("m.keras"))
        XCTAssertEqual(loaded.name, "mine")
        XCTAssertEqual(loaded.layers.map(\.name), model.layers.map(\.name))
        XCTAssertEqual(loaded.trainableWeights.count, 2)
        assertSameBits(loaded.optimizerBits, model.optimizerBits)
    }

    func testTheSameModelMakesTheSameWeightsFile() throws {
        let model = classifier()
        try model.saveWeights(path("1.weights.h5"))
        sleep(1)  // HDF5 would write the second of the change
        try model.saveWeights(path("2.weights.h5"))
        XCTAssertEqual(try bytes(of: "1.weights.h5"), try bytes(of: "2.weights.h5"))
    }

    func testLoadWeightsTakesBothKindsOfFiles() throws {
        let model = classifier()
        try model.save(path("m.keras"))
        try model.saveWeights(path("m.weights.h5"))
        for name in ["m.keras", "m.weights.h5"] {
            Random.setSeed(4)
            clearSession()
            let other = classifier()
            XCTAssertNotEqual(other.weightBits, model.weightBits)
            try other.loadWeights(path(name))
            assertSameBits(other.weightBits, model.weightBits, name)
        }
    }

    func testSavingAgainReplacesTheFileAndLeavesNothingElse() throws {
        let model = classifier()
        try model.save(path("m.keras"))
        model.weights[1].assign(Tensor([1, 2, 3] as [Float]))
        try model.save(path("m.keras"))
        XCTAssertEqual(try loadModel(path("m.keras")).weights[1].value.scalars, [1, 2, 3])
        try model.saveWeights(path("m.weights.h5"))
        XCTAssertEqual(try files(), ["m.keras", "m.weights.h5"])
        let mode = try FileManager.default.attributesOfItem(atPath: path("m.keras"))[.posixPermissions] as? Int
        let mask = umask(0)
        umask(mask)
        XCTAssertEqual(mode, 0o666 & ~Int(mask))
    }
}
