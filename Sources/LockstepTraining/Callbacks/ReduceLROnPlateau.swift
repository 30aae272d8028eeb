import LockstepNN
import LockstepTensor

/// Lowers the learning rate when a monitored figure has not become better for some epochs, and adds the rate of each epoch to its
/// logs as `learning_rate`. `keras.callbacks.ReduceLROnPlateau`.
public final class ReduceLROnPlateau: Callback {
    private let factor: Double, patience: Int, cooldown: Int, minLR: Double, verbose: Int
    private var monitor: Monitor
    private var wait = 0
    private var cooldownCounter = 0

    /// - Parameters:
    ///   - monitor: the figure's name.
    ///   - factor: what the learning rate is multiplied by; below 1.
    ///   - patience: epochs without improvement before that.
    ///   - minDelta: what the figure must become better by to count.
    ///   - cooldown: epochs after a reduction in which nothing is counted.
    ///   - minLR: the learning rate goes no lower.
    public init(
        monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, verbose: Int = 0, mode: MonitorMode = .auto,
        minDelta: Float = 1e-4, cooldown: Int = 0, minLR: Double = 0
    ) {
        check(factor < 1, "ReduceLROnPlateau: factor must be below 1, got \(factor)")
        (self.factor, self.patience, self.cooldown, self.minLR, self.verbose) = (factor, patience, cooldown, minLR, verbose)
        self.monitor = Monitor(monitor, mode: mode, minDelta: minDelta)
    }

    /// - Throws: `TrainingError` if there will be no such figure, nobody can tell what makes it better, or a schedule of the
    ///   optimizer gives the rate.
    public override func validate(_ plan: TrainingPlan) throws {
        try plan.requireSettableRate(for: self)
        try monitor.prepare(plan, for: self)
    }
    public override var addedFigures: [String] { ["learning_rate"] }

    public override func onTrainBegin() {
        (wait, cooldownCounter) = (0, 0)
        monitor.best = nil
    }

    public override var state: CallbackState {
        get { CallbackState(.object(["wait": .int(wait), "cooldown": .int(cooldownCounter), "best": ConfigValue(monitor.best)])) }
        set {
            (wait, cooldownCounter) = (newValue.int("wait"), newValue.int("cooldown"))
            monitor.best = newValue.float("best")
        }
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
        guard let optimizer = model?.compilation?.optimizer else { return }
        logs["learning_rate"] = optimizer.learningRate
        guard let value = monitor.value(logs, for: self) else { return }
        if cooldownCounter > 0 {
            cooldownCounter -= 1
            wait = 0
        }
        if monitor.isImprovement(value, over: monitor.best) {
            monitor.best = value
            wait = 0
            return
        }
        guard cooldownCounter == 0 else { return }
        wait += 1
        guard wait >= patience, optimizer.learningRate > Float(minLR) else { return }
        optimizer.learningRate = Float(max(Double(optimizer.learningRate) * factor, minLR))
        if verbose > 0 { say("\nEpoch \(epoch + 1): ReduceLROnPlateau reducing learning rate to \(optimizer.learningRate).") }
        (cooldownCounter, wait) = (cooldown, 0)
    }
}
