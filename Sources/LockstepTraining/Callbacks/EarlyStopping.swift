import LockstepNN
import LockstepTensor

/// Stops training when a monitored figure has not become better for some epochs. `keras.callbacks.EarlyStopping`.
public final class EarlyStopping: Callback {
    private let patience: Int, baseline: Float?, restoreBestWeights: Bool, startFromEpoch: Int, verbose: Int
    private var monitor: Monitor
    private var wait = 0
    private var stoppedEpoch = 0
    private var bestWeights: [Tensor]?
    private var bestEpoch = 0

    /// - Parameters:
    ///   - monitor: the figure's name.
    ///   - minDelta: what it must become better by to count.
    ///   - patience: epochs without that before training stops.
    ///   - mode: whether less or more is better; by default what the figure's metric says.
    ///   - baseline: what the figure must beat, too, for the wait to begin anew.
    ///   - restoreBestWeights: end with the weights of the best epoch, not the last.
    ///   - startFromEpoch: epochs before this one are not looked at.
    public init(
        monitor: String = "val_loss", minDelta: Float = 0, patience: Int = 0, verbose: Int = 0, mode: MonitorMode = .auto,
        baseline: Float? = nil, restoreBestWeights: Bool = false, startFromEpoch: Int = 0
    ) {
        (self.patience, self.baseline, self.restoreBestWeights) = (patience, baseline, restoreBestWeights)
        (self.startFromEpoch, self.verbose) = (startFromEpoch, verbose)
        self.monitor = Monitor(monitor, mode: mode, minDelta: minDelta)
    }

    /// - Throws: `TrainingError` if there will be no such figure, or nobody can tell what makes it better.
    public override func validate(_ plan: TrainingPlan) throws { try monitor.prepare(plan, for: self) }

    public override func onTrainBegin() {
        (wait, stoppedEpoch, bestWeights, bestEpoch) = (0, 0, nil, 0)
        monitor.best = nil
    }

    public override var state: CallbackState {
        get {
            CallbackState(
                .object([
                    "wait": .int(wait), "stopped_epoch": .int(stoppedEpoch), "best": ConfigValue(monitor.best),
                    "best_epoch": .int(bestEpoch),
                ]), tensors: bestWeights ?? [])
        }
        set {
            wait = newValue.int("wait")
            stoppedEpoch = newValue.int("stopped_epoch")
            monitor.best = newValue.float("best")
            bestEpoch = newValue.int("best_epoch")
            bestWeights = newValue.tensors.isEmpty ? nil : newValue.tensors
        }
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
        if epoch < startFromEpoch { return }
        guard let value = monitor.value(logs, for: self) else { return }
        if restoreBestWeights, bestWeights == nil { keepWeights(epoch) }
        wait += 1
        if monitor.isImprovement(value, over: monitor.best) {
            monitor.best = value
            bestEpoch = epoch
            if restoreBestWeights { keepWeights(epoch) }
            if baseline == nil || monitor.isImprovement(value, over: baseline) { wait = 0 }
            return
        }
        if wait >= patience, epoch > 0 {
            stoppedEpoch = epoch
            model?.stopTraining = true
        }
    }

    public override func onTrainEnd(_ logs: Logs) {
        if stoppedEpoch > 0, verbose > 0 { say("Epoch \(stoppedEpoch + 1): early stopping") }
        guard restoreBestWeights, let bestWeights, let model else { return }
        if verbose > 0 { say("Restoring model weights from the end of the best epoch: \(bestEpoch + 1).") }
        for (variable, value) in zip(model.weights, bestWeights) { variable.assign(value) }
    }

    /// What was read from a variable stays what it was when the variable changes.
    private func keepWeights(_ epoch: Int) { (bestWeights, bestEpoch) = (model?.weights.map(\.value), epoch) }
}
