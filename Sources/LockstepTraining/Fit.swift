import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

extension Model {
    /// Trains the model on arrays.
    ///
    /// Collective: every rank calls it with the same arguments and holds all of the data; each computes its part of every
    /// batch.
    ///
    /// - Parameters:
    ///   - x: inputs, `[samples, …]`. - y: targets, `[samples, …]`.
    ///   - batchSize: samples of a *global* batch, over all ranks; the last batch of an epoch may be smaller.
    ///   - verbose: 0 nothing, 1 a progress bar (on a terminal), 2 a line an epoch.
    ///   - validationSplit: the last part of the data, kept from training, on which the model is evaluated after each epoch.
    ///   - shuffle: take samples in a new order each epoch, keyed by `seed` and the epoch.
    ///   - sampleWeight: how much each sample counts in the loss, `[samples]`.
    /// - Throws: `TrainingError` or `DataError` where data and model do not fit, and what callbacks throw.
    @discardableResult
    public func fit(
        _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validationSplit: Double = 0, validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true,
        sampleWeight: Tensor? = nil, initialEpoch: Int = 0, seed: Int = 0
    ) throws -> History {
        var data = try Dataset(x, y, sampleWeight: sampleWeight)
        var validation = try validationData.map { try Dataset($0.x, $0.y) }
        if validation == nil, validationSplit > 0 {
            let parts = try data.split(validationSplit)
            (data, validation) = (parts.training, parts.validation)
        }
        return try fit(
            data, batchSize: batchSize, epochs: epochs, verbose: verbose, callbacks: callbacks, validation: validation,
            shuffle: shuffle, initialEpoch: initialEpoch, seed: seed)
    }

    /// As above, on a data set.
    @discardableResult
    public func fit(
        _ data: Dataset, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validation: Dataset? = nil, shuffle: Bool = true, initialEpoch: Int = 0, seed: Int = 0
    ) throws -> History {
        try Trainer.requireAllRanks("fit")
        guard batchSize > 0, epochs > initialEpoch else {
            throw TrainingError("fit: batch size \(batchSize) and epochs \(initialEpoch) to \(epochs); both need at least one")
        }
        let trainer = try Trainer.of(self, for: data, batchSize: batchSize)
        if let validation { _ = try Trainer.of(self, for: validation, batchSize: batchSize) }
        let step = trainer.step(for: data, batchSize: batchSize)
        let batches = Batches(sampleCount: data.count, batchSize: batchSize)
        let decisions = Decisions(self, trainer.communicator)
        stopTraining = false
        let list = CallbackList(
            (verbose > 0 ? [ProgressBar()] : []) + callbacks, model: self,
            parameters: FitParameters(epochs: epochs, steps: batches.count, verbose: verbose), communicator: trainer.communicator,
            decisions: decisions)
        let shuffling = Shuffle(seed: seed, isEnabled: shuffle)
        let order = UnsafeMutableBufferPointer<Int32>.allocate(capacity: data.count)
        defer { order.deallocate() }
        let batchLogs = Logs(names: trainer.states.names) { trainer.states.results() }
        var history = History()
        Random.state.seed = UInt64(bitPattern: Int64(seed))

        trainer.update.begin()
        defer { trainer.update.end() }
        try list.each("onTrainBegin") { try $0.onTrainBegin() }
        var logs = batchLogs
        for epoch in initialEpoch ..< epochs {
            list.epoch = epoch
            try list.each("onEpochBegin") { try $0.onEpochBegin(epoch) }
            shuffling.fill(order, epoch: epoch)
            trainer.states.reset()
            var (batch, isAgain) = (0, false)
            while batch < batches.count {
                if !isAgain { try list.each("onTrainBatchBegin") { try $0.onTrainBatchBegin(batch) } }
                let counts = step.run(
                    batch, of: batches, data, order: UnsafeBufferPointer(order), interrupting: decisions.areWaiting)
                guard counts else {
                    decisions.agree()
                    if stopTraining { break }
                    isAgain = true
                    continue
                }
                isAgain = false
                batchLogs.invalidate()
                try list.each("onTrainBatchEnd") { try $0.onTrainBatchEnd(batch, batchLogs) }
                batch += 1
            }
            batchLogs.invalidate()
            logs = batchLogs.snapshot()
            if let validation {
                decisions.agree()
                let values = trainer.evaluate(validation, batchSize: batchSize) { _ in }
                logs = logs.adding(Logs(names: trainer.states.names, values: values), prefix: "val_")
                trainer.clock.begin(.callbacks)
            }
            history.append(epoch: epoch, logs)
            try list.each("onEpochEnd") { try $0.onEpochEnd(epoch, logs) }
            decisions.agree()
            if stopTraining { break }
        }
        try list.each("onTrainEnd") { try $0.onTrainEnd(logs) }
        decisions.agree()
        trainer.clock.begin(.other)
        return history
    }
}

extension Dataset {
    /// A data set of one input and one target in memory.
    ///
    /// - Throws: `DataError` where their numbers of samples differ.
    public init(_ x: Tensor, _ y: Tensor, sampleWeight: Tensor? = nil) throws {
        try self.init(
            inputs: [("x", Column(x, source: "x"))], targets: [("y", Column(y, source: "y"))],
            sampleWeights: sampleWeight.map { [try Column($0, source: "sample_weight")] } ?? [])
    }
}
