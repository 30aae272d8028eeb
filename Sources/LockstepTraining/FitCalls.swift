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
    ///   - shuffle: take samples in a new order each epoch, keyed by the seed and the epoch.
    ///   - sampleWeight: how much each sample counts in the loss, `[samples]`.
    ///   - seed: of the order and all other random numbers; by default what `Random.setSeed` has set, on rank zero.
    /// - Throws: `TrainingError`, `DataError` or `ConfigError` where data, model, metrics or callbacks do not fit, or ranks differ,
    ///   on all ranks and before the first step; and what callbacks throw.
    @discardableResult
    public func fit(
        _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validationSplit: Double = 0, validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true,
        sampleWeight: Tensor? = nil, initialEpoch: Int = 0, seed: Int? = nil
    ) throws -> History {
        let arguments = FitArguments(
            batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, verbose: verbose, shuffle: shuffle, seed: seed)
        return try prepareFit(arguments, callbacks) {
            try FitArguments.validate(split: validationSplit)
            let data = try Dataset(x, y, sampleWeight: sampleWeight)
            if let validationData { return (data, try Dataset(validationData.x, validationData.y)) }
            return validationSplit > 0 ? try data.split(validationSplit) : (data, nil)
        }.run()
    }

    /// As above, on a data set.
    @discardableResult
    public func fit(
        _ data: Dataset, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validation: Dataset? = nil, shuffle: Bool = true, initialEpoch: Int = 0, seed: Int? = nil
    ) throws -> History {
        let arguments = FitArguments(
            batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, verbose: verbose, shuffle: shuffle, seed: seed)
        return try prepareFit(arguments, callbacks) { (data, validation) }.run()
    }

    /// Prepares a training, together with the other ranks: checks what was given, and that all ranks were given the same.
    ///
    /// - Parameter run: what another one has come to, to go on from there.
    package func prepareFit(
        _ arguments: FitArguments, _ callbacks: [Callback], from run: RunState? = nil,
        on makeData: () throws -> (training: Dataset, validation: Dataset?)
    ) throws -> Fit {
        let (data, validation, compilation) = try Identity.agree(on: "fit") { identity throws -> (Dataset, Dataset?, Compilation) in
            try arguments.validate()
            let given = try makeData()
            let training = try fitting(given.training, batchSize: arguments.batchSize)
            let validation = try given.validation.map { try fitting($0, batchSize: arguments.batchSize) }
            let compilation = self.compilation!
            try Trainer.requireUsable(compilation.optimizer, for: self)
            var plan = try TrainingPlan(self, training, hasValidation: validation != nil)
            if Distribution.communicator.rank == 0 {
                for callback in callbacks { try plan.admit(callback) }
                if let run, run.callbacks.count != callbacks.count {
                    throw TrainingError(
                        "fit: the run that it is to go on from had \(run.callbacks.count) callbacks, now there are \(callbacks.count); give the same ones, in the same order"
                    )
                }
            }
            guard Distribution.communicator.size > 1 else { return (training, validation, compilation) }
            arguments.add(to: &identity)
            identity.add(self)
            identity.add(compilation)
            identity.add("training data", given.training)
            identity.add("validation data", given.validation)
            return (training, validation, compilation)
        }
        return try Fit(
            self, compilation, ArrayBatches(data, batchSize: arguments.batchSize, shuffle: arguments.shuffle),
            validation: validation.map { ArrayBatches($0, batchSize: arguments.batchSize) }, arguments, callbacks, from: run)
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
