import CKernels
import Foundation
import Lockstep
import LockstepMPI

// Runs that are taken up again where another one has been left.

/// A run of four epochs whose every part matters: order, random numbers, weights, moving statistics, metrics, callbacks.
private func longRun() -> TrainingRun {
    TrainingRun(
        epochs: 4, optimizer: Nadam(learningRate: 0.01, useEMA: true, emaMomentum: 0.9, emaOverwriteFrequency: 5), shuffle: true,
        hasWeights: true, dropout: 0.3, synchronized: true)
}

/// More loss is better here, so that patience runs out after the third epoch and the weights of the first come back.
private func patience() -> [Callback] {
    [
        EarlyStopping(monitor: "loss", patience: 2, mode: .max, restoreBestWeights: true),
        ReduceLROnPlateau(monitor: "loss", factor: 0.5, patience: 1, mode: .max),
    ]
}

private func prepare(_ model: Model, _ run: TrainingRun, _ callbacks: [Callback], resuming path: String? = nil) throws -> Fit {
    let data = try makeData(run)
    let arguments = FitArguments(batchSize: run.batchSize, epochs: run.epochs, verbose: 0, shuffle: run.shuffle, seed: 7)
    return try model.prepareFit(arguments, callbacks, resuming: path) { (data, data) }
}

private func finish(_ fit: Fit) throws -> History {
    while try fit.advance() {}
    defer { fit.close() }
    return try fit.end()
}

/// Goes on until the run is interrupted.
private func leave(_ fit: Fit) throws -> TrainingInterrupted {
    do { while try fit.advance() {} } catch let interruption as TrainingInterrupted { return interruption }
    failTraining("the run was not interrupted")
}

/// What all ranks have come to, as a line.
private func outcome(_ model: Model, _ history: History, _ communicator: any Communicator) -> String {
    let figures = history.names.map { "\($0) \(history[$0])" }.joined(separator: ", ")
    return "\(figures), checksum \(commonChecksum(model, communicator)), iterations \(model.compilation!.optimizer.iterations)"
}

/// Weights and the optimizer's state as a saved model has them.
private func contents(_ path: String) throws -> [[Float]] {
    let model = try loadModel(path)
    let optimizer = model.compilation!.optimizer
    optimizer.build(model.trainableWeights)
    let states = (0 ..< optimizer.state!.slotCount).map { slot in
        model.trainableWeights.flatMap { variable in
            Array(UnsafeBufferPointer(start: optimizer.state!.floats(of: variable, slot: slot)!, count: variable.shape.count))
        }
    }
    return model.weights.map { $0.value.scalars } + states + [[Float(optimizer.iterations)]]
}

/// `resume CALLS [LOGICAL-SHARDS [sharded]]`: interrupts a run after so many calls of `advance`, and another model goes on from its
/// checkpoint; prints what that comes to if it is what the whole run comes to. A callback that asks all ranks for their state must get
/// the same state at the same step.
func checkResume() {
    let communicator = meetRanks()
    let calls = Int(option(0))!
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    Distribution.shardsOptimizer = arguments.contains("sharded")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("resume-\(communicator.allGather("\(getpid())")[0])").path
    do {
        if communicator.rank == 0 { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
        defer { if communicator.rank == 0 { try? FileManager.default.removeItem(atPath: folder) } }

        func newModel() throws -> Model {
            Random.setSeed(3)
            return try makeModel(longRun())
        }
        let left = try newModel()
        let first = try prepare(left, longRun(), patience() + [Checkpoints("\(folder)/left", every: [])])
        try first.begin()
        for _ in 0 ..< calls { _ = try first.advance() }
        // The last rank is asked to end, and all of them do, behind the step at hand.
        if communicator.rank == communicator.size - 1 { raise(SIGUSR1) }
        let interruption = try leave(first)
        guard interruption.exitStatus == 128 + SIGUSR1 else { failTraining("another signal: \(interruption)") }
        first.close()
        communicator.barrier()
        let checkpoint = try Checkpoint("\(interruption.checkpoint ?? "")"), state = checkpoint.run

        // The whole run; on its way a callback saves the model when as many steps have been made.
        let asking = Asking(after: state.epoch * 16 + state.batch, file: "\(folder)/asked.keras")
        let whole = try newModel()
        let fit = try prepare(whole, longRun(), patience() + [asking])
        try fit.begin()
        let wanted = outcome(whole, try finish(fit), communicator)

        if Distribution.shardsOptimizer, communicator.size > 1, whole.compilation!.optimizer.state!.isWhole {
            failTraining("rank \(communicator.rank) went on with all of the optimizer's state")
        }
        let model = try newModel()
        let second = try prepare(model, longRun(), patience(), resuming: "\(folder)/left")
        try second.begin()
        let found = outcome(model, try finish(second), communicator)
        guard found == wanted else { failTraining("gone on with, it comes to\n\(found), not\n\(wanted)") }
        // Behind an epoch's last batch all ranks are together before the epoch ends.
        if communicator.rank == 0, state.isInEpoch, state.batch > 0 {
            guard let run = asking.run, run.epoch == state.epoch, run.batch == state.batch, run.metrics == state.metrics else {
                failTraining("a callback was given another run than that of its step: \(String(describing: asking.run))")
            }
            guard try contents("\(folder)/asked.keras") == contents(checkpoint.path) else {
                failTraining("what a callback has saved is not the state of its step")
            }
        }
        if communicator.rank == 0 { print(found) }
        communicator.barrier()
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// Saves the model, with all of the optimizer's state, when `steps` have been made.
private final class Asking: Callback {
    private let steps: Int, file: String
    private var count = 0
    private(set) var run: RunState?

    init(after steps: Int, file: String) { (self.steps, self.file) = (steps, file) }

    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) {
        count += 1
        if count == steps {
            requestTogether { [self] run in
                self.run = run
                try model!.save(file)
            }
        }
    }
}
