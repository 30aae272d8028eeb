import Lockstep
import LockstepData
import LockstepTraining
import XCTest

/// Training on batches of which nobody knows how many there are, and what is kept from one training to the next.
final class BatchSourceTests: XCTestCase {
    /// A data set that tells the end of an epoch only when it has come.
    private final class Endless: BatchSource {
        private let batches: ArrayBatches
        private(set) var largest = 0

        init(_ data: Dataset, batchSize: Int, shuffle: Bool) {
            batches = ArrayBatches(data, batchSize: batchSize, shuffle: shuffle)
        }

        var specs: BatchSpecs { batches.specs }
        var batchSize: Int { batches.batchSize }
        var batchCount: Int? { nil }
        func begin(epoch: Int, seed: Int) { batches.begin(epoch: epoch, seed: seed) }
        func select(batch: Int) -> Int {
            largest = max(largest, batch)
            return batches.select(batch: batch)
        }
        func fill(_ part: Range<Int>, into arrays: BatchArrays) { batches.fill(part, into: arrays) }
        func weightSum(ofTarget index: Int) -> Float { batches.weightSum(ofTarget: index) }
    }

    private let data = try! Dataset(
        ["in": Tensor((0 ..< 45).map { Float($0 * 7 % 11) / 11 }, shape: [15, 3])],
        ["out": Tensor((0 ..< 15).map { Float($0 % 4) }, shape: [15, 1])], sampleWeight: Tensor((0 ..< 15).map { Float(1 + $0 % 3) }))

    private func model() throws -> Sequential {
        Random.setSeed(1)
        let model = Sequential(
            [Input([3], name: "in"), Dense(4, activation: "tanh", name: "hidden"), Dropout(0.2, name: "dropout"), Dense(1, name: "out")],
            name: "model")
        try model.compile(
            optimizer: SGD(learningRate: 0.1), loss: MeanSquaredError(reduction: .meanWithSampleWeight), weightedMetrics: ["mae"])
        return model
    }

    func testASourceOfUnknownLengthTrainsAsArraysDo() throws {
        let (arrays, unknown) = (try model(), try model())
        let wanted = try arrays.fit(data, batchSize: 4, epochs: 3, verbose: 0, seed: 2)
        let source = Endless(data, batchSize: 4, shuffle: true)
        let arguments = FitArguments(batchSize: 4, epochs: 3, verbose: 0, shuffle: true, seed: 2)
        let validation = Endless(data, batchSize: 4, shuffle: false)
        let pairing = try Pairing(unknown, source.specs, rows: 4)
        let fit = try Fit(unknown, pairing, source, validation: validation, arguments, [])
        let history = try fit.run()
        XCTAssertEqual(source.largest, 4)
        XCTAssertEqual(history.names, ["loss", "mae", "val_loss", "val_mae"])
        for name in wanted.names { XCTAssertEqual(history[name], wanted[name], name) }
        XCTAssertEqual(unknown.getWeights().map(\.scalars), arrays.getWeights().map(\.scalars))
        let evaluated = try arrays.evaluate(data, batchSize: 4, verbose: 0)
        XCTAssertEqual(history["val_loss"].last!, evaluated["loss"]!, accuracy: 1e-6)
    }

    func testABatchHasItsOwnWeights() throws {
        let source = ArrayBatches(data, batchSize: 4)
        source.begin(epoch: 0, seed: 0)
        XCTAssertEqual((0 ..< 5).map { source.select(batch: $0) }, [4, 4, 4, 3, 0])
        XCTAssertEqual([0, 3].map { batch in source.select(batch: batch) == 0 ? 0 : source.weightSum(ofTarget: 0) }, [7, 6])
        XCTAssertEqual(source.specs.weights, [[]])
    }

    func testSettingsThatChangeBetweenTrainingsHold() throws {
        func bytes(_ shards: [Int?]) throws -> Int {
            defer { Distribution.logicalShards = nil }
            let model = try model()
            for shards in shards {
                Distribution.logicalShards = shards
                try model.fit(data, batchSize: 15, verbose: 0)
            }
            return model.activationByteCount
        }
        XCTAssertEqual(try bytes([nil, 5]), try bytes([5]))
        XCTAssertNotEqual(try bytes([nil]), try bytes([5]))
    }

    func testASeedThatWasSetHolds() throws {
        func weights(set: Int, _ seed: Int?) throws -> [[Float]] {
            let model = try model()
            Random.setSeed(set)
            try model.fit(data, batchSize: 4, verbose: 0, seed: seed)
            return model.getWeights().map(\.scalars)
        }
        XCTAssertEqual(try weights(set: 5, nil), try weights(set: 0, 5))
        XCTAssertNotEqual(try weights(set: 5, nil), try weights(set: 5, 0))
    }
}
