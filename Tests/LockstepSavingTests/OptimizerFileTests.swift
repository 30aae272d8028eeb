import Foundation
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Numbers that an optimizer goes on with are looked at before it does.
final class OptimizerFileTests: SavingTestCase {
    /// A weights file of a model whose optimizer's iterations and learning rate are these.
    private func file(iteration: Tensor, rate: Tensor) throws -> String {
        let model = classifier(), source = try HDF5Writer(source: "w")
        for (path, index) in [("layers/dense/vars", 0), ("layers/dense_1/vars", 2)] {
            try source.makeGroup(path)
            for place in 0 ..< 2 { try source.write(model.weights[index + place].value, at: "\(path)/\(place)") }
        }
        try source.makeGroup("optimizer/vars")
        try source.write(iteration, at: "optimizer/vars/0")
        try source.write(rate, at: "optimizer/vars/1")
        return try file("w.weights.h5", source.image().data)
    }

    private func load(_ name: String) throws -> Optimizer {
        clearSession()
        let model = classifier()
        try model.compile(optimizer: "adam", loss: "mse")
        try model.loadWeights(name)
        return model.compilation!.optimizer
    }

    func testIterations() throws {
        for iteration: Int32 in [0, 1, 1 << 30] {
            let optimizer = try load(file(iteration: Tensor([iteration], shape: []), rate: Tensor(0.5)))
            XCTAssertEqual(optimizer.iterations, Int(iteration))
            XCTAssertEqual(optimizer.learningRate, 0.5)
        }
        for iteration: Int32 in [-1, .min, .max, (1 << 30) + 1] {
            let name = try file(iteration: Tensor([iteration], shape: []), rate: Tensor(0.5))
            assertSavingError(
                "\(name), optimizer/vars/0", "optimizer Adam: expected 0 to 1073741824 iterations, found \(iteration)"
            ) { try load(name) }
        }
        let name = try file(iteration: Tensor([1, 2] as [Int32]), rate: Tensor(0.5))
        assertSavingError("\(name), optimizer/vars/0", "expected a whole number, found int32 of shape (2,)") { try load(name) }
        let float = try file(iteration: Tensor(1), rate: Tensor(0.5))
        assertSavingError("\(float), optimizer/vars/0", "expected a whole number, found float32") { try load(float) }
    }

    func testLearningRates() throws {
        for rate in [Float.nan, .infinity, -.infinity, -0.1] {
            let name = try file(iteration: Tensor([1 as Int32], shape: []), rate: Tensor(rate))
            assertSavingError(
                "\(name), optimizer/vars/1", "optimizer Adam: expected a learning rate that is finite and not negative, found \(rate)"
            ) { try load(name) }
        }
        let name = try file(iteration: Tensor([1 as Int32], shape: []), rate: Tensor([1, 2] as [Float]))
        assertSavingError("\(name), optimizer/vars/1", "expected shape (), found (2,)") { try load(name) }
        XCTAssertEqual(try load(file(iteration: Tensor([1 as Int32], shape: []), rate: Tensor(0))).learningRate, 0)
    }

    /// Weights that are to be trained again, but have not been yet, keep the state that they had.
    func testStateThatIsSetAside() throws {
        let model = classifier()
        try model.compile(optimizer: Adam(learningRate: 0.1), loss: "sparse_categorical_crossentropy")
        for _ in 0 ..< 3 { step(model) }
        let bits = model.optimizerBits
        let last = Array(model.trainableWeights.suffix(2))
        model.compilation!.optimizer.build(ParameterLayout(last))
        assertSameBits(model.optimizerBits, bits)
        try model.saveWeights(path("w.weights.h5"))
        for slot in [0, 1] { model.compilation!.optimizer.state!.floats(of: model.trainableWeights[0], slot: slot)!.pointee = 7 }
        try model.loadWeights(path("w.weights.h5"))
        assertSameBits(model.optimizerBits, bits)
    }

    /// Ranks that share the state out between them save it when it is together again.
    func testAPartOfTheState() throws {
        let model = classifier()
        try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy")
        step(model)
        try model.saveWeights(path("whole.weights.h5"))
        model.compilation!.optimizer.state!.keep(part: 0 ..< 5)
        let message = "optimizer Adam holds a part of its state only; call gatherOptimizerState() on all ranks first"
        assertSavingError("\(path("m.keras")), member model.weights.h5", message) { try model.save(path("m.keras")) }
        assertSavingError(path("m.weights.h5"), message) { try model.saveWeights(path("m.weights.h5")) }
        assertSavingError("\(path("whole.weights.h5")), optimizer/vars", message) { try model.loadWeights(path("whole.weights.h5")) }
        XCTAssertEqual(try files(), ["whole.weights.h5"])
    }
}
