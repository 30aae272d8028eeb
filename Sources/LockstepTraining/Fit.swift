import Foundation
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// One call of `fit`, step by step. What it has come to is a value, its `state`: see `RunState`.
///
/// All ranks go through the same steps together:
///
///     let fit = try Fit(model, compilation, source, …)
///     try fit.begin()
///     while try fit.advance() {}
///     let history = try fit.end()
package final class Fit {
    private let model: Model
    private let trainer: Trainer
    private let step: TrainStep
    private let source: any BatchSource, validation: (any BatchSource)?
    private let arguments: FitArguments
    private let callbacks: CallbackList
    /// Those that were given, before any of the library's own.
    private let givenCallbacks: Int
    private let decisions: Decisions
    private let batchLogs: Logs
    /// The figures of the last epoch.
    private var logs = Logs(names: [], values: [])
    /// The time of each phase up to the last epoch's end.
    private var lastSeconds: [Double]?
    /// Whether a step is made again that was interrupted.
    private var isAgain = false
    private var state: RunState
    /// Where the gradients of the epoch's last step are noted, if they are wanted.
    private var gradients: GradientRecord?
    /// When averages of the weights stand in their place.
    private let averages: SwapEMAWeights.Use
    /// What is to be gone on with, until it is.
    private var restored: RunState?

    private var setup: TrainingSetup { trainer.setup }
    private var communicator: any Communicator { setup.communicator }
    private var optimizer: Optimizer { setup.compilation.optimizer }

    /// Collective.
    ///
    /// - Parameters:
    ///   - pairing: how arrays and the compiled model go together.
    ///   - source: batches of such arrays.
    ///   - run: what another fit had come to, to go on from there.
    ///   - facts: what the run is of.
    /// - Throws: `TrainingError` for settings that cannot be had.
    package init(
        _ model: Model, _ pairing: Pairing, _ source: any BatchSource, validation: (any BatchSource)?, _ arguments: FitArguments,
        _ callbacks: [Callback], from run: RunState? = nil, facts: [RunState.Fact] = []
    ) throws {
        (self.model, self.source, self.validation, self.arguments) = (model, source, validation, arguments)
        trainer = try Trainer.of(model, model.compilation!, pairing, batchSize: source.batchSize, trains: true)
        step = trainer.step(for: source)
        let (setup, communicator) = (trainer.setup, trainer.setup.communicator)
        decisions = Decisions(model, communicator)
        givenCallbacks = callbacks.count
        // The bar comes last, as in Keras: it shows what the others add.
        self.callbacks = CallbackList(
            callbacks + (arguments.verbose > 0 ? [ProgbarLogger()] : []), model: model,
            parameters: FitParameters(epochs: arguments.epochs, steps: source.batchCount, verbose: arguments.verbose),
            communicator: communicator, decisions: decisions)
        for callback in self.callbacks.callbacks { callback.decisions = decisions }
        averages = self.callbacks.shareUseOfAverages(decisions)
        batchLogs = Logs(names: setup.states.figures.names) { setup.states.appendResults(to: &$0) }
        var seed = arguments.seed ?? Int(bitPattern: UInt(Random.state.seed))
        withUnsafeMutableBytes(of: &seed) { communicator.broadcast($0, from: 0) }
        restored = run
        state = run ?? RunState(epoch: arguments.initialEpoch, seed: seed)
        state.facts = facts
    }

    /// All of it.
    package func run() throws -> History {
        defer { close() }
        try begin()
        while try advance() {}
        return try end()
    }

    /// Training begins. Collective.
    package func begin() throws {
        Interruption.begin()
        model.stopTraining = false
        setup.random.seed = UInt64(bitPattern: Int64(state.seed))
        setup.update.begin()
        step.watchLoss()
        RankLog.note(
            .info,
            "training begins on \(communicator.host), process \(getpid()): rank \(communicator.rank) of \(communicator.size), model \(model.name), epochs \(state.epoch + 1) to \(arguments.epochs), batches of \(source.batchSize), step \(optimizer.steps)"
        )
        try callbacks.each("onTrainBegin") { try $0.onTrainBegin() }
        if let restored { try goOn(from: restored) }
        restored = nil
    }

    /// Trains on the next batch or, behind the last one of an epoch, ends the epoch. Collective.
    ///
    /// - Returns: whether there is more to do.
    package func advance() throws -> Bool {
        if !state.isInEpoch {
            guard state.epoch < arguments.epochs else { return false }
            try beginEpoch()
        }
        let batch = state.batch
        let count = source.select(batch: batch)
        guard count > 0 else { return try endEpoch() }
        // What was decided before this batch holds before it begins.
        if !isAgain, !decisions.areWaiting {
            isAgain = true
            try callbacks.each("onTrainBatchBegin") { try $0.onTrainBatchBegin(batch) }
        }
        let isWaiting = decisions.areWaiting
        guard !(isWaiting && communicator.size == 1),
            step.run(
                batch, of: source, count: count, interrupting: isWaiting, noting: batch + 1 == source.batchCount ? gradients : nil)
        else {
            try meet()
            guard model.stopTraining else { return true }
            // Stopped before its first batch: there is nothing to say about this epoch.
            return state.batch > 0 ? try endEpoch() : false
        }
        isAgain = false
        state.batch += 1
        callbacks.progress.samples += count
        RankLog.note(.debug, "step \(optimizer.steps) is made: epoch \(state.epoch + 1), batch \(batch)")
        batchLogs.invalidate()
        try callbacks.each("onTrainBatchEnd") { try $0.onTrainBatchEnd(batch, batchLogs) }
        return true
    }

    private func beginEpoch() throws {
        let epoch = state.epoch
        if state.hasSwappedAverages { swapAverages() }
        callbacks.progress.begin(epoch)
        try callbacks.each("onEpochBegin") { try $0.onEpochBegin(epoch) }
        gradients = makeGradientRecord()
        source.begin(epoch: epoch, seed: state.seed)
        setup.states.reset()
        batchLogs.invalidate()
        (state.isInEpoch, isAgain) = (true, false)
    }

    /// - Returns: whether there is another epoch.
    private func endEpoch() throws -> Bool {
        let epoch = state.epoch
        batchLogs.invalidate()
        logs = batchLogs.snapshot()
        setup.clock.begin(.other)
        callbacks.progress.end(Profile(setup.clock, communicator), gradients.map { setup.update.gather($0) } ?? [])
        if let validation {
            try meet()
            if averages != .never { swapAverages() }
            logs = logs.adding(
                try callbacks.evaluate(setup.states.figures, steps: validation.batchCount) { trainer.evaluate(validation, onBatch: $0) },
                prefix: "val_")
            if averages != .never { swapAverages() }
            setup.clock.begin(.callbacks)
        }
        if averages == .betweenEpochs { swapAverages() }
        let logs = logs
        try callbacks.each("onEpochEnd") { try $0.onEpochEnd(epoch, logs) }
        decisions.share(logs)
        state.endEpoch(logs)
        noteEpoch(epoch, logs)
        try meet()
        return !model.stopTraining && state.epoch < arguments.epochs
    }

    /// What this rank has done in an epoch.
    private func noteEpoch(_ epoch: Int, _ logs: Logs) {
        let seconds = setup.clock.nanoseconds.map { Double($0) / 1e9 }, before = lastSeconds ?? seconds.map { _ in 0 }
        lastSeconds = seconds
        guard RankLog.isOpen else { return }
        let times = Phase.allCases.map { "\($0) \(String(format: "%.3f", seconds[$0.rawValue] - before[$0.rawValue])) s" }
        let figures = zip(logs.names, logs.allValues).map { "\($0) \($1)" }
        RankLog.note(.info, "epoch \(epoch + 1) ends behind step \(optimizer.steps): \((figures + times).joined(separator: ", "))")
    }

    /// Training has ended. Collective.
    package func end() throws -> History {
        if state.hasSwappedAverages { swapAverages() }
        setup.update.finalize()
        let logs = logs
        try callbacks.each("onTrainEnd") { try $0.onTrainEnd(logs) }
        try meet(isLast: true)
        state.history.endedByNaN = decisions.share(callbacks.haveSeenNaN)
        setup.clock.begin(.other)
        RankLog.note(.info, "training ends behind step \(optimizer.steps)")
        return state.history
    }

    /// Every rank has an optimizer's state of its own again. Not to be called twice.
    package func close() {
        Interruption.end()
        setup.update.end()
    }

    /// Where gradients are noted, if a callback needs those of this epoch. Collective.
    private func makeGradientRecord() -> GradientRecord? {
        decisions.share(callbacks.needGradients(state.epoch)) ? GradientRecord() : nil
    }

    /// Weights and their averages change places. Collective.
    private func swapAverages() {
        setup.update.swapAverages()
        state.hasSwappedAverages.toggle()
    }

    // MARK: Where all ranks are together

    /// A point between two steps: rank zero's decisions reach the others, and what its callbacks have asked all ranks for is done.
    /// Collective.
    ///
    /// - Throws: `TrainingInterrupted` where a rank was asked to end, unless training has.
    private func meet(isLast: Bool = false) throws {
        let isAsked = decisions.agree()
        let isInterrupted = decisions.interruption != 0 && !isLast
        if isInterrupted { callbacks.requestCheckpoints() }
        guard isAsked || isInterrupted else { return }
        let run = snapshot()
        try setup.update.withWholeState { try callbacks.answer(run) }
        guard isInterrupted else { return }
        let path = communicator.allGather(callbacks.latestCheckpoint() ?? "")[0]
        RankLog.note(.warning, "training is interrupted by signal \(decisions.interruption)")
        throw TrainingInterrupted(
            signal: decisions.interruption, position: run.position(steps: optimizer.steps), checkpoint: path.isEmpty ? nil : path)
    }

    /// The run as it stands. Collective.
    package func snapshot() -> RunState {
        var run = state
        if state.isInEpoch { run.metrics = setup.states.snapshot(communicator) }
        (run.stopsTraining, run.learningRate) = (decisions.share(model.stopTraining), optimizer.constantRate)
        run.callbacks = callbacks.states(ofFirst: givenCallbacks)
        return run
    }

    /// - Throws: `TrainingError` where the run had other metrics.
    private func goOn(from run: RunState) throws {
        if run.isInEpoch {
            callbacks.progress.begin(run.epoch)
            gradients = makeGradientRecord()
            source.begin(epoch: run.epoch, seed: run.seed)
            try setup.states.restore(run.metrics, of: setup.shardCount)
        }
        (model.stopTraining, optimizer.constantRate) = (run.stopsTraining, run.learningRate)
        logs = run.history.lastLogs
        callbacks.restore(run.callbacks)
    }
}
