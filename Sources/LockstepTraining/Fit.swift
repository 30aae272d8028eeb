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
    /// - Throws: `TrainingError`, `DataError` or `ConfigError` where data, model, metrics or callbacks do not fit, or ranks differ,
    ///   on all ranks and before the first step; and what callbacks throw.
    @discardableResult
    public func fit(
        _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validationSplit: Double = 0, validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true,
        sampleWeight: Tensor? = nil, initialEpoch: Int = 0, seed: Int = 0
    ) throws -> History {
        let arguments = FitArguments(
            batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, verbose: verbose, shuffle: shuffle, seed: seed)
        return try fit(arguments, callbacks) {
            try FitArguments.validate(split: validationSplit)
            let data = try Dataset(x, y, sampleWeight: sampleWeight)
            if let validationData { return (data, try Dataset(validationData.x, validationData.y)) }
            return validationSplit > 0 ? try data.split(validationSplit) : (data, nil)
        }
    }

    /// As above, on a data set.
    @discardableResult
    public func fit(
        _ data: Dataset, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validation: Dataset? = nil, shuffle: Bool = true, initialEpoch: Int = 0, seed: Int = 0
    ) throws -> History {
        let arguments = FitArguments(
            batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, verbose: verbose, shuffle: shuffle, seed: seed)
        return try fit(arguments, callbacks) { (data, validation) }
    }

    /// Prepares a training, together with the other ranks, and runs it.
    private func fit(
        _ arguments: FitArguments, _ callbacks: [Callback], on makeData: () throws -> (training: Dataset, validation: Dataset?)
    ) throws -> History {
        let (data, validation, compilation) = try Identity.agree(on: "fit") { identity throws -> (Dataset, Dataset?, Compilation) in
            try arguments.validate()
            let given = try makeData()
            let training = try fitting(given.training, batchSize: arguments.batchSize)
            let validation = try given.validation.map { try fitting($0, batchSize: arguments.batchSize) }
            let compilation = self.compilation!
            try Trainer.requireUsable(compilation.optimizer, for: self)
            var plan = try TrainingPlan(self, training, hasValidation: validation != nil)
            if Distribution.communicator.rank == 0 { for callback in callbacks { try plan.admit(callback) } }
            guard Distribution.communicator.size > 1 else { return (training, validation, compilation) }
            arguments.add(to: &identity)
            identity.add(self)
            identity.add(compilation)
            identity.add("training data", given.training)
            identity.add("validation data", given.validation)
            return (training, validation, compilation)
        }
        let trainer = try Trainer.of(self, compilation, for: data)
        return try train(trainer, arguments, callbacks, data, validation)
    }

    private func train(
        _ trainer: Trainer, _ arguments: FitArguments, _ callbacks: [Callback], _ data: Dataset, _ validation: Dataset?
    ) throws -> History {
        let batchSize = min(arguments.batchSize, data.count)
        let step = trainer.step(for: data, batchSize: batchSize)
        let batches = Batches(sampleCount: data.count, batchSize: batchSize)
        let decisions = Decisions(self, trainer.communicator)
        stopTraining = false
        // The bar comes last, as in Keras: it shows what the others add.
        let list = CallbackList(
            callbacks + (arguments.verbose > 0 ? [ProgressBar()] : []), model: self,
            parameters: FitParameters(epochs: arguments.epochs, steps: batches.count, verbose: arguments.verbose),
            communicator: trainer.communicator, decisions: decisions)
        let shuffling = Shuffle(seed: arguments.seed, isEnabled: arguments.shuffle)
        let order = UnsafeMutableBufferPointer<Int32>.allocate(capacity: data.count)
        defer { order.deallocate() }
        let batchLogs = Logs(names: trainer.states.figures.names) { trainer.states.results() }
        var history = History()
        Random.state.seed = UInt64(bitPattern: Int64(arguments.seed))

        trainer.update.begin()
        defer { trainer.update.end() }
        step.watchLoss()
        try list.each("onTrainBegin") { try $0.onTrainBegin() }
        var logs = Logs(names: [], values: [])
        for epoch in arguments.initialEpoch ..< arguments.epochs {
            list.epoch = epoch
            try list.each("onEpochBegin") { try $0.onEpochBegin(epoch) }
            shuffling.fill(order, epoch: epoch)
            trainer.states.reset()
            batchLogs.invalidate()
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
            // Stopped before its first batch: there is nothing to say about this epoch.
            if batch == 0 { break }
            batchLogs.invalidate()
            logs = batchLogs.snapshot()
            if let validation {
                decisions.agree()
                let values = trainer.evaluate(validation, batchSize: arguments.batchSize) { _ in }
                logs = logs.adding(Logs(names: trainer.states.figures.names, values: values), prefix: "val_")
                trainer.clock.begin(.callbacks)
            }
            try list.each("onEpochEnd") { try $0.onEpochEnd(epoch, logs) }
            decisions.share(logs)
            history.append(epoch: epoch, logs)
            decisions.agree()
            if stopTraining { break }
        }
        try list.each("onTrainEnd") { try $0.onTrainEnd(logs) }
        decisions.agree()
        history.endedByNaN = decisions.share(list.haveSeenNaN)
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
