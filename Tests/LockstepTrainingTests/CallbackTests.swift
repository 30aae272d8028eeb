import Lockstep
import XCTest

/// Callbacks that decide, on figures given to them one epoch after another. What must come out is what Keras 3.15.1 does
/// (golden_callbacks.py).
final class CallbackTests: XCTestCase {
    private func model(learningRate: Float = 1) throws -> Sequential {
        let model = Sequential([Input([1]), Dense(1, useBias: false)])
        try model.compile(optimizer: SGD(learningRate: learningRate), loss: "mse")
        return model
    }

    /// Shows the figures to the callback; gives the epoch after which it stopped training, and the rate after each.
    private func run(_ callback: Callback, _ model: Model, name: String = "val_loss", _ values: [Float]) throws -> (
        stop: Int?, rates: [Float]
    ) {
        callback.model = model
        model.stopTraining = false
        try callback.onTrainBegin()
        var (stop, rates) = (Int?.none, [Float]())
        for (epoch, value) in values.enumerated() {
            model.weights[0].assign(.constant(Float(epoch), shape: [1, 1]))
            try callback.onEpochEnd(epoch, Logs(names: [name], values: [value]))
            rates.append(model.compilation!.optimizer.learningRate)
            if model.stopTraining {
                stop = epoch
                break
            }
        }
        try callback.onTrainEnd(Logs(names: [], values: []))
        return (stop, rates)
    }

    private let losses: [Float] = [1, 0.9, 0.95, 0.85, 0.86, 0.87, 0.84, 0.9, 0.9, 0.9, 0.9, 0.9]

    func testEarlyStopping() throws {
        for golden in try CallbackGolden.read().early {
            let model = try model()
            let callback = EarlyStopping(
                minDelta: golden.min_delta, patience: golden.patience, baseline: golden.baseline, restoreBestWeights: golden.restore,
                startFromEpoch: golden.start)
            XCTAssertEqual(try run(callback, model, losses).stop, golden.stop, "\(golden)")
            XCTAssertEqual(model.weights[0].value.scalars, [golden.weight], "\(golden)")
        }
    }

    func testReduceLROnPlateau() throws {
        for golden in try CallbackGolden.read().plateau {
            let callback = ReduceLROnPlateau(
                factor: golden.factor, patience: golden.patience, minDelta: golden.min_delta, cooldown: golden.cooldown,
                minLR: golden.min_lr)
            XCTAssertEqual(try run(callback, try model(), losses).rates, golden.rates, "\(golden)")
        }
    }

    func testTheBetterDirectionFollowsFromTheName() throws {
        for (name, values, stop) in [("val_accuracy", [0.5, 0.6, 0.4], 2), ("loss", [0.5, 0.4, 0.6], 2), ("auc", [0.5, 0.6, 0.7], nil)] {
            XCTAssertEqual(try run(EarlyStopping(monitor: name), try model(), name: name, values.map { Float($0) }).stop, stop, name)
        }
        XCTAssertThrowsError(try run(EarlyStopping(monitor: "taste"), try model(), name: "taste", [1, 2])) {
            XCTAssert("\($0)".contains("set mode to min or max"), "\($0)")
        }
    }

    func testTerminateOnNaNCanThrow() throws {
        let callback = TerminateOnNaN(raiseError: true)
        try callback.onTrainBatchEnd(0, Logs(names: ["loss"], values: [1]))
        XCTAssertThrowsError(try callback.onTrainBatchEnd(1, Logs(names: ["loss"], values: [.infinity])))
    }
}

/// What Keras' callbacks did: written by golden_callbacks.py.
private struct CallbackGolden: Decodable {
    struct Early: Decodable { let min_delta: Float, patience: Int, baseline: Float?, restore: Bool, start: Int, stop: Int?, weight: Float }
    struct Plateau: Decodable { let factor: Double, patience: Int, min_delta: Float, cooldown: Int, min_lr: Double, rates: [Float] }
    let early: [Early]
    let plateau: [Plateau]

    static func read() throws -> CallbackGolden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("callbacks.json")
        return try JSONDecoder().decode(CallbackGolden.self, from: Data(contentsOf: file))
    }
}
