import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSaving
import LockstepSystem
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
    ///   - classWeight: how much samples of each class count in the loss, 1 where nothing is said; of a model with one output.
    ///   - sampleWeight: how much each sample counts in the loss, `[samples]`.
    ///   - seed: of the order and all other random numbers; by default what `Random.setSeed` has set, on rank zero.
    ///   - resuming: a checkpoint to go on from, or a directory of them: its last one that is whole. See `Checkpoints`.
    /// - Throws: `TrainingError`, `DataError` or `ConfigError` where data, model, metrics or callbacks do not fit, or ranks differ,
    ///   `SavingError` for a checkpoint that cannot be read, or is of something else, on all ranks and before the first step; what
    ///   callbacks throw; and `TrainingInterrupted`, on all ranks together, when a signal has asked one of them to end.
    @discardableResult
    public func fit(
        _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validationSplit: Double = 0, validationData: (x: Tensor, y: Tensor)? = nil, shuffle: Bool = true,
        classWeight: [Int: Float]? = nil, sampleWeight: Tensor? = nil, initialEpoch: Int = 0, seed: Int? = nil,
        resuming: String? = nil
    ) throws -> History {
        try fit(
            x as any ModelArrays, y, batchSize: batchSize, epochs: epochs, verbose: verbose, callbacks: callbacks,
            validationSplit: validationSplit, validationData: validationData.map { .init($0.x, $0.y) }, shuffle: shuffle,
            classWeight: classWeight, sampleWeight: sampleWeight, initialEpoch: initialEpoch, seed: seed, resuming: resuming)
    }

    /// As above, for a model of several inputs or outputs: lists of arrays in their order, or dictionaries of arrays by name.
    ///
    ///     try model.fit([titles, tags], ["priority": priorities, "department": departments], epochs: 3)
    ///
    /// - Parameters:
    ///   - validationData: arrays of the same kinds, and weights of their samples.
    ///   - sampleWeight: one array for all targets, a list of one for each, or some by the targets' names.
    @_disfavoredOverload @discardableResult
    public func fit(
        _ x: any ModelArrays, _ y: any ModelArrays, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validationSplit: Double = 0, validationData: ValidationData? = nil, shuffle: Bool = true, classWeight: [Int: Float]? = nil,
        sampleWeight: (any ModelArrays)? = nil, initialEpoch: Int = 0, seed: Int? = nil,
        resuming: String? = nil
    ) throws -> History {
        let arguments = FitArguments(
            batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, verbose: verbose, shuffle: shuffle, seed: seed)
        return try prepareFit(arguments, callbacks, resuming: resuming) {
            try FitArguments.validate(split: validationSplit)
            let data = try Dataset(x, y, sampleWeight: sampleWeight)
            var (training, validation): (Dataset, Dataset?) = (data, nil)
            if let validationData {
                validation = try Dataset(validationData.x, validationData.y, sampleWeight: validationData.sampleWeight)
            } else if validationSplit > 0 {
                (training, validation) = try data.split(validationSplit)
            }
            if let classWeight { training = try training.weighted(by: classWeight) }
            return (training, validation)
        }.run()
    }

    /// As above, on a data set.
    @discardableResult
    public func fit(
        _ data: Dataset, batchSize: Int = 32, epochs: Int = 1, verbose: Int = 1, callbacks: [Callback] = [],
        validation: Dataset? = nil, shuffle: Bool = true, initialEpoch: Int = 0, seed: Int? = nil,
        resuming: String? = nil
    ) throws -> History {
        let arguments = FitArguments(
            batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch, verbose: verbose, shuffle: shuffle, seed: seed)
        return try prepareFit(arguments, callbacks, resuming: resuming) { (data, validation) }.run()
    }

    /// Prepares a training, together with the other ranks: checks what was given, and that all ranks were given the same.
    ///
    /// - Parameter path: a checkpoint, or a directory of them, to go on from.
    package func prepareFit(
        _ arguments: FitArguments, _ callbacks: [Callback], resuming path: String? = nil,
        on makeData: () throws -> (training: Dataset, validation: Dataset?)
    ) throws -> Fit {
        let communicator = Distribution.communicator
        var (found, facts): (Checkpoint?, [RunState.Fact]) = (nil, [])
        let (training, validation) = try Identity.agree(on: "fit") { identity in
            try arguments.validate()
            let given = try makeData()
            let training = try fitting(given.training, batchSize: arguments.batchSize)
            let validation = try given.validation.map { try fitting($0, batchSize: arguments.batchSize) }
            let compilation = self.compilation!
            try Trainer.requireUsable(compilation.optimizer, for: self)
            var plan = try TrainingPlan(training.pairing, compilation.optimizer, hasValidation: validation != nil)
            if communicator.rank == 0 { for callback in callbacks { try plan.admit(callback) } }
            let isSaved = communicator.rank == 0 && (path != nil || callbacks.contains { $0 is Checkpoints || $0 is ModelCheckpoint })
            guard communicator.size > 1 || isSaved else { return (training, validation) }
            let subject = Identity(
                ofRun: self, compilation, batchSize: arguments.batchSize, shuffle: arguments.shuffle, training: given.training,
                validation: given.validation)
            if isSaved {
                facts = subject.runFacts
                found = try findCheckpoint(path, callbacks, facts, seed: arguments.seed)
            }
            arguments.add(to: &identity)
            identity.add(subject)
            return (training, validation)
        }
        let checkpoint = try Checkpoint.share(found, communicator)
        if let checkpoint {
            try checkpoint.restore(self)
            Console.tell("Going on from \(checkpoint.path): \(checkpoint.position)\n")
        }
        return try Fit(
            self, training.pairing, ArrayBatches(training.data, batchSize: arguments.batchSize, shuffle: arguments.shuffle),
            validation: validation.map { ArrayBatches($0.data, batchSize: arguments.batchSize) }, arguments, callbacks,
            from: checkpoint?.run, facts: facts)
    }

    /// The checkpoint that a run of `facts` is to go on from; `nil` if it begins anew.
    private func findCheckpoint(
        _ path: String?, _ callbacks: [Callback], _ facts: [RunState.Fact], seed: Int?
    ) throws -> Checkpoint? {
        let backup = callbacks.lazy.compactMap { $0 as? BackupAndRestore }.first?.folder.path
        guard let place = path ?? backup else { return nil }
        let checkpoint = try Checkpoint.latest(place)
        guard checkpoint != nil || path == nil else {
            throw SavingError(place, "has no checkpoints to go on from; name another directory, or begin anew")
        }
        try checkpoint?.requireSame(facts, seed: seed)
        return checkpoint
    }
}

/// Data that a model is evaluated on after each epoch of its training.
public struct ValidationData {
    public let x: any ModelArrays, y: any ModelArrays
    public let sampleWeight: (any ModelArrays)?

    public init(_ x: any ModelArrays, _ y: any ModelArrays, sampleWeight: (any ModelArrays)? = nil) {
        (self.x, self.y, self.sampleWeight) = (x, y, sampleWeight)
    }
}

extension Dataset {
    /// Samples that count as their class does: the largest of several numbers, or one that is rounded.
    ///
    /// - Throws: `TrainingError` where there is more than one target, or samples have weights already.
    fileprivate func weighted(by classWeight: [Int: Float]) throws -> Dataset {
        guard targets.count == 1 else {
            throw TrainingError("fit: classWeight is for models with one output, the data has \(targets.count) targets; use sampleWeight")
        }
        guard sampleWeights.allSatisfy({ $0 == nil }) else {
            throw TrainingError("fit: classWeight and sampleWeight were both given; multiply them into sampleWeight")
        }
        let target = targets[0].column
        let isDistribution = target.sampleShape.rank > 0 && target.sampleShape.last != 1
        let classes = isDistribution ? target.tensor.argmax(axis: -1) : target.tensor.cast(to: .float32)
        guard classes.shape.count == count else {
            throw TrainingError(
                "fit: classWeight needs one class a sample, targets have the shape \(target.tensor.shape); use sampleWeight")
        }
        let divisor = isDistribution ? 1 : target.divisor
        let weights = classes.scalars.map { number in
            number.isFinite && Swift.abs(number) < 1e9 ? classWeight[Int((number / divisor).rounded())] ?? 1 : 1
        }
        return try Dataset(
            inputs: inputs, targets: targets, sampleWeights: [Column(Tensor(weights), source: "class_weight")],
            inputsAreNamed: inputsAreNamed, targetsAreNamed: targetsAreNamed)
    }
}
