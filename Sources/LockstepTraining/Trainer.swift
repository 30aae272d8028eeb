import LockstepCommunication
import LockstepData
import LockstepNN

/// What a model keeps between calls of `fit` and `evaluate`: the set-up of its training, and the steps that were traced for the
/// batches it saw last.
final class Trainer {
    let setup: TrainingSetup
    private(set) var trainStep: TrainStep?
    private var evaluationStep: EvaluationStep?

    private init(_ setup: TrainingSetup) { self.setup = setup }

    /// The trainer of `model`, made on first use, and again where another model has taken its variables, or ranks are to share the
    /// work in another way. Collective.
    ///
    /// - Parameters:
    ///   - batchSize: samples of a global batch. - trains: whether the step of training will be asked for.
    /// - Throws: `TrainingError` for settings that cannot be had.
    static func of(_ model: Model, _ compilation: Compilation, _ pairing: Pairing, batchSize: Int, trains: Bool) throws -> Trainer {
        if let trainer = model.trainer as? Trainer, trainer.setup.isInPlace, trainer.setup.pairing.isSame(as: pairing),
            !trains || trainer.setup.suits(batchSize: batchSize)
        {
            trainer.setup.states.takeVariables()
            trainer.setup.takeRankZeros()
            return trainer
        }
        let trainer = Trainer(try TrainingSetup(model, compilation, pairing, batchSize: batchSize))
        model.trainer = trainer
        return trainer
    }

    /// The training step for the batches of a source. Collective.
    func step(for source: any BatchSource) -> TrainStep {
        let capacity = setup.capacity(source.batchSize)
        if let trainStep, trainStep.fits(source.specs, capacity: capacity) { return trainStep }
        let step = TrainStep(setup, source.specs, capacity: capacity)
        trainStep = step
        return step
    }

    /// Loss and metrics over an epoch of a source; the same numbers on every rank. Collective.
    func evaluate(_ source: any BatchSource, onBatch: (Int, BatchMoment) -> Void) -> [Float] {
        let capacity = setup.capacity(source.batchSize)
        if let evaluationStep, evaluationStep.fits(source.specs, capacity: capacity) {
            return evaluationStep.run(over: source, onBatch: onBatch)
        }
        let step = EvaluationStep(setup, source.specs, capacity: capacity)
        evaluationStep = step
        return step.run(over: source, onBatch: onBatch)
    }
}

extension Model {
    private var trainerInUse: Trainer? { trainer as? Trainer }

    /// Where the time of training went so far; `nil` before any.
    package var phaseClock: PhaseClock? { trainerInUse?.setup.clock }

    /// The weights whose gradients the ranks of this host compute together in training; see `GradientFactors`.
    package var jointGradients: [String] { trainerInUse?.trainStep?.factors?.paths ?? [] }

    /// The weights of which training updates the rows that a batch names; see `RowGradients`.
    package var rowGradients: [String] { trainerInUse?.setup.rowGradients ?? [] }

    /// Bytes of gradients of a step on `batchSize` samples: of tables whose gradients are those of rows, as many as samples may name.
    package func gradientByteCount(batchSize: Int) -> Int { trainerInUse?.setup.gradientByteCount(batchSize: batchSize) ?? 0 }

    /// Bytes of intermediate results that training and evaluation keep; 0 before any.
    package var activationByteCount: Int { trainerInUse?.setup.activationByteCount ?? 0 }

    /// Gives rank zero the optimizer's state of all parameters, of which it may have kept its part only: before saving.
    /// Collective.
    public func gatherOptimizerState() { trainerInUse?.setup.update.gatherState() }
}
