import Foundation
import Lockstep
import XCTest

/// All weights of layers inside of layers are trained, saved and loaded, however their layer holds them.
final class SublayerTrainingTests: XCTestCase {
    /// Layers as a property, in an array, a dictionary and an optional.
    private class Held: Layer {
        let alone = Dense(3), many = [Dense(3), Dense(3)], named = ["one": Dense(3), "two": Dense(3)]
        var maybe: Dense? = Dense(3)
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            let chain = [alone] + many + [named["one"]!, named["two"]!, maybe!]
            return chain.reduce(input) { tanh($1($0)) }
        }
    }

    /// Two deep.
    private final class Deep: Layer {
        let held = Held(), late: [String: [Layer]] = ["layers": [Held(), Dense(3)]]
        override func call(_ input: Tensor, training: Bool) -> Tensor { late["layers"]!.reduce(held(input)) { $1($0) } }
    }

    private func makeModel() -> Model { Sequential([Input([3]), Deep(), Dense(1)]) }

    func testEveryWeightIsTrainedAndKept() throws {
        let model = makeModel()
        XCTAssertEqual(model.trainableWeights.count, 2 * (6 + 6 + 1 + 1))
        let x = Tensor.randomNormal([32, 3], seed: 1), before = model.getWeights()
        try model.compile(optimizer: "adam", loss: "mse")
        try model.fit(x, x.sum(axes: [1], keepDims: true), verbose: 0)
        for (weight, old) in zip(model.weights, before) { XCTAssertNotEqual(weight.value.scalars, old.scalars, weight.path) }

        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).weights.h5").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try model.saveWeights(file)
        let other = makeModel()
        try other.loadWeights(file)
        for (a, b) in zip(model.weights, other.weights) { XCTAssertEqual(a.value.scalars, b.value.scalars, a.path) }
    }
}
