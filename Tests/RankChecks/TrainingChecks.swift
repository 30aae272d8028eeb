import AllocationCounter
import CKernels
import Foundation
import Lockstep
import LockstepMPI

// Training on all ranks of the job; prints figures that the tests compare between numbers of ranks.

/// A run: what is trained, and on what.
private struct Run {
    var samples = 500
    var batchSize = 32
    var epochs = 1
    var optimizer: Optimizer = SGD(learningRate: 0.1)
    var shuffle = false
    /// Zero for the first part of each batch: all samples of the first rank, where there are several.
    var hasWeights = false
    var dropout: Float = 0
    var reduction = Loss.Reduction.sumOverBatchSize
}

private var runs: [String: Run] {
    [
        "plain": Run(),
        "short-last-batch": Run(samples: 97),
        "fewer-samples-than-ranks": Run(samples: 3, epochs: 4),
        "batch-of-one": Run(samples: 20, batchSize: 1),
        "weights": Run(hasWeights: true),
        "weighted-mean": Run(hasWeights: true, reduction: .meanWithSampleWeight),
        "dropout": Run(epochs: 2, dropout: 0.3),
        "adam-shuffled": Run(epochs: 2, optimizer: Adam(learningRate: 0.01), shuffle: true),
        "momentum": Run(optimizer: SGD(learningRate: 0.05, momentum: 0.9, nesterov: true)),
    ]
}

private func meetRanks() -> any Communicator {
    if MPICommunicator.launched {
        let compression = arguments.count > 3 ? MPICommunicator.Compression(rawValue: arguments[3])! : .none
        Distribution.communicator = MPICommunicator(compression: compression)
    }
    Threads.count = 1
    return Distribution.communicator
}

private func leave() { (Distribution.communicator as? MPICommunicator)?.finalize() }

private func failTraining(_ message: String) -> Never {
    FileHandle.standardError.write(Data("rank-checks: \(message)\n".utf8))
    Distribution.communicator.abort(status: 3)
}

/// A number in (0, 1) from a formula, the same on every machine.
private func fraction(_ index: Int) -> Float { Float((index &* 7919 &+ 13) % 997) / 997 }

/// Samples whose gradients differ from each other: eight features, four classes.
private func makeData(_ run: Run) throws -> Dataset {
    let x = Tensor((0 ..< run.samples * 8).map { fraction($0) - 0.5 }, shape: [run.samples, 8])
    let y = Tensor((0 ..< run.samples).map { Int32(fraction($0 * 8 + 3) * 4) })
    let weights = (0 ..< run.samples).map { $0 % run.batchSize < run.batchSize / 2 ? 0 : 1 + fraction($0) }
    return try Dataset(x, y, sampleWeight: run.hasWeights ? Tensor(weights) : nil)
}

private func makeModel(_ run: Run) throws -> Sequential {
    let model = Sequential(
        [
            Input([8]), Dense(16, activation: "relu", name: "hidden"), Dropout(run.dropout, name: "dropout"),
            Dense(4, activation: "softmax", name: "classes"),
        ], name: "model")
    try model.compile(
        optimizer: run.optimizer, loss: SparseCategoricalCrossentropy(reduction: run.reduction), metrics: ["accuracy"],
        weightedMetrics: [SparseCategoricalAccuracy(name: "weighted_accuracy")])
    return model
}

/// `train NAME [LOGICAL-SHARDS|- [COMPRESSION]]`: prints the history, an evaluation, predictions' checksum and the weights' checksum.
func checkTraining() {
    guard var run = runs[option(0)] else { failTraining("no run \(option(0)); one of \(runs.keys.sorted())") }
    let communicator = meetRanks()
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    do {
        if communicator.rank > 0 { Random.setSeed(communicator.rank) }  // other initial weights: rank zero's must win
        let (model, data) = (try makeModel(run), try makeData(run))
        let history = try model.fit(
            data, batchSize: run.batchSize, epochs: run.epochs, verbose: 0, validation: data, shuffle: run.shuffle, seed: 7)
        run.hasWeights = false
        let evaluation = try model.evaluate(try makeData(run), batchSize: 50, verbose: 0)
        let predictions = try model.predict(data, batchSize: 64)[0]

        let weights = model.weights.map { $0.value.scalars }.flatMap { $0 }
        let checksum = lk_checksum(Int64(weights.count), weights)
        let all = communicator.allGather(withUnsafeBytes(of: checksum) { Array($0) })
        guard Set(all).count == 1 else { failTraining("rank \(communicator.rank): ranks hold different weights after training") }
        if communicator.rank == 0 {
            for name in history.names { print(name, history[name].map { String($0) }.joined(separator: " ")) }
            for (name, value) in zip(evaluation.names, evaluation.allValues) { print("test_\(name)", value) }
            print("predicted", predictions.sum().scalar, predictions[0, 0].scalar)
            print("checksum", checksum)
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `steady-state NAME`: counts the heap allocations of training steps, those of callbacks that look at nothing included.
func checkSteadyState() {
    final class Counter: Callback {
        var counts: [UInt64] = []
        override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { counts[batch] = heap_allocations() }
    }
    guard let run = runs[option(0)] else { failTraining("no run \(option(0))") }
    let communicator = meetRanks()
    do {
        var long = run
        (long.samples, long.epochs) = (run.batchSize * 200, 1)
        let counter = Counter()
        counter.counts = [UInt64](repeating: 0, count: 200)
        try makeModel(long).fit(makeData(long), batchSize: long.batchSize, verbose: 0, callbacks: [counter], shuffle: long.shuffle)
        let steady = counter.counts[199] - counter.counts[10]
        if communicator.rank == 0, steady != 0 { failTraining("\(steady) heap allocations in 189 steps; expected none") }
        if communicator.rank == 0, counter.counts[10] == 0 { failTraining("the counter counts nothing") }
    } catch {
        failTraining("\(error)")
    }
    leave()
}
