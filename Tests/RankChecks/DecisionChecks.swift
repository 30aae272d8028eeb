import CKernels
import Foundation
import Lockstep
import LockstepMPI

// What callbacks decide on rank zero, what they may not do, and what happens when ranks fall out of step.

/// A callback made of closures.
private final class Steps: Callback {
    var atBatchEnd: (Steps, Int) throws -> Void = { _, _ in }
    var atEpochEnd: (Steps, Int) throws -> Void = { _, _ in }
    /// Batches seen so far, over all epochs.
    private(set) var count = 0

    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {
        count += 1
        try atBatchEnd(self, count)
    }
    override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws { try atEpochEnd(self, epoch) }
}

private func steps(_ atBatchEnd: @escaping (Steps, Int) throws -> Void) -> Steps {
    let steps = Steps()
    steps.atBatchEnd = atBatchEnd
    return steps
}

private var decisions: [String: [Callback]] {
    [
        "stop": [steps { callback, step in if step == 5 { callback.model!.stopTraining = true } }],
        "stop-at-the-epochs-end": [steps { callback, step in if step == 16 { callback.model!.stopTraining = true } }],
        "rate": [steps { callback, step in if step % 7 == 3 { callback.model!.compilation!.optimizer.learningRate *= 0.5 } }],
        "assign": [
            steps { callback, step in
                if step == 9 { callback.model!.weights[0].assign(callback.model!.weights[0].value * 0.5) }
            }
        ],
        "apply": [
            steps { callback, step in
                let weight = callback.model!.weights[0]
                if step == 9 { SGD(learningRate: 1).apply([weight.value * 0.5], to: [weight]) }
            }
        ],
        "nan": [
            steps { callback, step in if step == 6 { callback.model!.weights[0].assignAdd(Tensor(Float.nan)) } }, TerminateOnNaN(),
        ],
        // More loss is better here, so that patience runs out.
        "early": [EarlyStopping(monitor: "loss", patience: 1, mode: .max, restoreBestWeights: true)],
        "plateau": [ReduceLROnPlateau(monitor: "accuracy", factor: 0.1, patience: 1, mode: .min)],
        "averages": [SwapEMAWeights(swapOnEpoch: true)],
        "schedule": [LearningRateScheduler { epoch, rate in epoch < 2 ? rate : rate * 0.1 }],
    ]
}

/// `decide NAME [LOGICAL-SHARDS]`: prints what every rank must have come to.
func checkDecision() {
    guard let callbacks = decisions[option(0)] else { failTraining("no decision \(option(0)); one of \(decisions.keys.sorted())") }
    let communicator = meetRanks()
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    do {
        let run = TrainingRun(epochs: 4, optimizer: SGD(learningRate: 0.1, momentum: 0.5, useEMA: option(0) == "averages"), dropout: 0.2)
        Distribution.shardsOptimizer = arguments.contains("sharded")
        let (model, data) = (try makeModel(run), try makeData(run))
        // Only rank zero's callbacks may run, although all ranks give some.
        let history = try model.fit(
            data, batchSize: run.batchSize, epochs: run.epochs, verbose: 0, callbacks: callbacks, validation: data, seed: 3)
        let optimizer = model.compilation!.optimizer
        let figures = history.names.map { "\($0) \(history[$0].last!)" }.joined(separator: ", ")
        let own =
            "steps \(optimizer.iterations) rate \(optimizer.learningRate) stop \(model.stopTraining) epochs \(history.epochs.count) "
            + "NaN \(history.endedByNaN) \(figures)"
        let all = Set(communicator.allGather(own))
        guard all.count == 1 else { failTraining("rank \(communicator.rank): \(own); other ranks came to something else") }
        let checksum = commonChecksum(model, communicator)
        let isSwapping = callbacks.contains { $0 is SwapEMAWeights }
        if isSwapping, model.compilation!.optimizer.state!.isWhole {
            // Alone, evaluations and predictions are of the averages, too, and leave the weights as they were.
            let evaluated = try model.evaluate(data, verbose: 0, callbacks: callbacks).list
            guard commonChecksum(model, communicator) == checksum else {
                failTraining("rank \(communicator.rank): an evaluation has changed the weights")
            }
            if communicator.rank == 0 { print("evaluated", evaluated) }
        }
        if communicator.rank == 0 {
            print(own)
            print("loss", history["loss"].map { String($0) }.joined(separator: " "))
            print("checksum", checksum)
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `misbehave NAME`: a callback does what it may not; the job must end with one line.
func failInCallback() {
    let callbacks: [String: (Model, Dataset) -> Callback] = [
        "evaluate": { model, data in steps { _, step in if step == 3 { try model.evaluate(data, verbose: 0) } } },
        "barrier": { _, _ in steps { _, step in if step == 3 { Distribution.communicator.barrier() } } },
        "throw": { _, _ in steps { _, step in if step == 3 { throw TrainingError("the disk is full") } } },
    ]
    _ = meetRanks()
    do {
        let (run, make) = (TrainingRun(), callbacks[option(0)]!)
        let (model, data) = (try makeModel(run), try makeData(run))
        try model.fit(data, batchSize: run.batchSize, verbose: 0, callbacks: [make(model, data)])
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// SGD that flips the lowest bit of one parameter on one rank after one step.
private final class FlippingSGD: Optimizer {
    private let rank: Int, step: Int
    init(rank: Int, step: Int) {
        (self.rank, self.step) = (rank, step)
        super.init(learningRate: 0.01, name: "flipping")
    }
    override var givesChanges: Bool { true }
    override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        for index in 0 ..< run.count {
            let change = -learningRate * run.gradients[index]
            run.parameters[index] += change
            if let changes = run.changes { changes[index] = change }
        }
        guard Distribution.communicator.rank == rank, iteration == step else { return }
        let place = run.count / 2
        run.parameters[place] = Float(bitPattern: run.parameters[place].bitPattern ^ 1)
    }
    /// Of a table the rows that a batch names; a bit flips of one that none names.
    override var canUpdateRows: Bool { true }
    override func updateRows(
        _ rows: UnsafePointer<Int32>, count: Int, of table: ParameterTable, gradients: UnsafeMutablePointer<Float>, learningRate: Float,
        iteration: Int
    ) {
        lk_sgd_rows(Int64(count), Int64(table.width), learningRate, rows, gradients, table.parameters)
        guard Distribution.communicator.rank == rank, iteration == step else { return }
        let place = (table.rows - 1) * table.width
        table.parameters[place] = Float(bitPattern: table.parameters[place].bitPattern ^ 1)
    }
}

/// `flip RANK STEP INTERVAL [rows]`: one bit of one rank's parameters flips; the job must end within INTERVAL steps, naming it.
func failByFlippedBit() {
    _ = meetRanks()
    let (rank, step, interval) = (Int(option(0))!, Int(option(1))!, Int(option(2))!)
    Distribution.checkInterval = interval
    do {
        var run = TrainingRun(epochs: 20, optimizer: FlippingSGD(rank: rank, step: step))
        run.namesRows = arguments.count > 4
        try makeModel(run).fit(makeData(run), batchSize: run.batchSize, epochs: run.epochs, verbose: 0)
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `sharded NAME,…`: the optimizer's state is shared out; weights and, once gathered, state must be those of whole state.
func checkShardedOptimizer() {
    let communicator = meetRanks()
    for name in namesOfRuns { checkShardedOptimizer(name, communicator) }
    leave()
}

private func checkShardedOptimizer(_ name: String, _ communicator: any Communicator) {
    do {
        func train(sharded: Bool) throws -> (weights: [Float], states: [[Float]]) {
            Distribution.shardsOptimizer = sharded
            clearSession()
            Random.setSeed(0)
            let run = run(named: name)
            let (model, data) = (try makeModel(run), try makeData(run))
            // In two parts, so that state is handed from one to the other.
            for epoch in 0 ..< 2 {
                try model.fit(
                    data, batchSize: run.batchSize, epochs: epoch + 1, verbose: 0, shuffle: run.shuffle, initialEpoch: epoch)
            }
            let optimizer = model.compilation!.optimizer
            let weights = model.weights.flatMap { $0.value.scalars }
            if sharded, communicator.size > 1, optimizer.state!.isWhole {
                failTraining("rank \(communicator.rank) holds all of the state")
            }
            model.gatherOptimizerState()
            guard communicator.rank == 0 else { return (weights, []) }
            let count = optimizer.layout!.count
            let state = optimizer.state!
            return (weights, (0 ..< state.slotCount).map { Array(UnsafeBufferPointer(start: state.slot($0), count: count)) })
        }
        let (whole, parts) = (try train(sharded: false), try train(sharded: true))
        guard whole.weights.map(\.bitPattern) == parts.weights.map(\.bitPattern) else {
            failTraining("rank \(communicator.rank): \(name) with sharded state gives other weights")
        }
        guard whole.states.map({ $0.map(\.bitPattern) }) == parts.states.map({ $0.map(\.bitPattern) }) else {
            failTraining("\(name): the parts of the state, gathered, are not the whole state")
        }
        if communicator.rank == 0 { print(name, "states", whole.states.count) }
    } catch {
        failTraining("\(error)")
    }
}
