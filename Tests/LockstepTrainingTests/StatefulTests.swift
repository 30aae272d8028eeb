import Lockstep
import RankJob
import XCTest

/// Layers that go on with the states of the batch before.
final class StatefulTests: XCTestCase {
    override func setUp() {
        clearSession()
    }

    private func numbers(_ shape: Shape, _ seed: Int) -> Tensor { Tensor.randomUniform(shape, low: -1, high: 1, seed: seed) }

    /// Two halves of sequences give what whole ones do; then from the beginning.
    func testHalvesOfSequences() {
        let x = numbers([4, 6, 3], 1)
        for make in [
            { LSTM(2, returnSequences: true, stateful: $0) }, { GRU(2, returnSequences: true, stateful: $0) },
            { SimpleRNN(2, activation: "softsign", returnSequences: true, stateful: $0) },
        ] as [(Bool) -> RecurrentLayer] {
            let (once, kept) = (make(false), make(true))
            let whole: Tensor = once(x)
            kept.build(inputShape: [4, 3, 3])
            kept.setWeights(once.getWeights())
            XCTAssertEqual(kept.weights.count, 3, "states are no weights")
            func close(_ a: Tensor, _ b: Tensor) { for (a, b) in zip(a.scalars, b.scalars) { XCTAssertEqual(a, b, accuracy: 1e-6) } }
            for _ in 0 ..< 2 {
                close(kept(x[all, 0 ..< 3]), whole[all, 0 ..< 3])
                close(kept(x[all, 3 ..< 6]), whole[all, 3 ..< 6])
                kept.resetStates()
            }
        }
    }

    /// Against steps of one's own, in which the states of the batch before are given; on one shard and on several.
    func testTraining() throws {
        let x = numbers([12, 3, 2], 2), y = numbers([12, 2], 3), batch = 4
        func make(stateful: Bool) -> (LSTM, Dense) {
            clearSession()
            return (LSTM(2, returnState: !stateful, stateful: stateful, name: "lstm"), Dense(2, name: "dense"))
        }
        let (lstm, dense) = make(stateful: false), sgd = SGD(learningRate: 0.5), loss = MeanSquaredError()
        var states = [Tensor.zeros([batch, 2]), .zeros([batch, 2])]
        lstm.build(inputShape: [nil, 3, 2])
        dense.build(inputShape: [nil, 2])
        let start = (lstm.getWeights(), dense.getWeights()), variables = lstm.weights + dense.weights
        for first in [0, 4, 8, 0, 4, 8] {
            let tape = GradientTape(), rows = first ..< first + batch
            var next: [Tensor] = []
            let value = tape.record { () -> Tensor in
                next = lstm(x[rows], initialState: states)
                return loss(y[rows], dense(next[0]))
            }
            sgd.apply(tape.gradient(value, variables).map { $0! }, to: variables)
            states = Array(next[1...])
        }
        for shards in [nil, 1, 2, 3, 7] {
            Distribution.logicalShards = shards
            defer { Distribution.logicalShards = nil }
            let (lstm, dense) = make(stateful: true), model = Sequential([Input([3, 2], batchSize: batch), lstm, dense])
            lstm.setWeights(start.0)
            dense.setWeights(start.1)
            try model.compile(optimizer: SGD(learningRate: 0.5), loss: "mse")
            _ = try model.fit(x, y, batchSize: batch, epochs: 2, verbose: 0, shuffle: false)
            for (a, b) in zip(model.weights.flatMap { $0.value.scalars }, variables.flatMap { $0.value.scalars }) {
                XCTAssertEqual(a, b, accuracy: 1e-5, "\(shards ?? 0) shards")
            }
        }
    }

    func testRanks() throws {
        func lines(ranks: Int, shards: Int? = nil) throws -> [String] {
            var job = RankJob(ranks: ranks, "rank-checks", "stateful")
            job.arguments += shards.map { [String($0)] } ?? []
            let result = ranks == 1 ? try job.runAlone() : try job.run()
            XCTAssertEqual(result.status, 0, result.report)
            return result.output.split(separator: "\n").map(String.init)
        }
        func numbers(_ lines: [String]) -> [Float] { lines[1].split(separator: " ").map { Float($0)! } }
        let alone = numbers(try lines(ranks: 1)), shards = try lines(ranks: 1, shards: 4)
        for ranks in [2, 3] {
            let together = numbers(try lines(ranks: ranks))
            XCTAssertEqual(together.count, alone.count)
            for (a, b) in zip(together, alone) { XCTAssertEqual(a, b, accuracy: 1e-5, "\(ranks) ranks") }
            XCTAssertEqual(try lines(ranks: ranks, shards: 4), shards, "\(ranks) ranks")
        }
    }
}
