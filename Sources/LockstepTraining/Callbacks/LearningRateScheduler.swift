import LockstepNN

/// Sets the learning rate at the beginning of each epoch, and adds it to the epoch's logs as `learning_rate`.
/// `keras.callbacks.LearningRateScheduler`.
///
/// Rates that change from step to step belong into a schedule of the optimizer.
public final class LearningRateScheduler: Callback {
    private let schedule: (_ epoch: Int, _ learningRate: Float) throws -> Float
    private let verbose: Int

    /// - Parameters:
    ///   - schedule: the new rate, given the epoch (from 0) and the rate now.
    ///   - verbose: 1 says what the rate is set to.
    public init(_ schedule: @escaping (_ epoch: Int, _ learningRate: Float) throws -> Float, verbose: Int = 0) {
        (self.schedule, self.verbose) = (schedule, verbose)
    }

    /// As above, with a schedule of the optimizers' own, whose steps are epochs here.
    public convenience init(_ schedule: LearningRateSchedule, verbose: Int = 0) {
        self.init({ epoch, _ in schedule(epoch) }, verbose: verbose)
    }

    /// - Throws: `TrainingError` where a schedule of the optimizer gives the rate.
    public override func validate(_ plan: TrainingPlan) throws { try plan.requireSettableRate(for: self) }
    public override var addedFigures: [String] { ["learning_rate"] }

    /// - Throws: what the schedule throws.
    public override func onEpochBegin(_ epoch: Int) throws {
        guard let optimizer = model?.compilation?.optimizer else { return }
        optimizer.learningRate = try schedule(epoch, optimizer.learningRate)
        if verbose > 0 {
            say("Epoch \(epoch + 1): LearningRateScheduler setting learning rate to \(optimizer.learningRate).")
        }
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) { logs["learning_rate"] = model?.compilation?.optimizer.learningRate }
}
