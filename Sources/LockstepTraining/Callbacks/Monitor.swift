import LockstepNN
import LockstepSystem
import LockstepTensor

/// What makes a monitored figure better: less of it, or more.
public enum MonitorMode: String, Sendable {
    /// As the figure's metric says: less of a loss or an error, more of an accuracy and its like.
    case auto
    case min, max
}

/// A figure of the logs and its best value so far. `keras.callbacks.MonitorCallback`.
struct Monitor {
    let name: String
    private let mode: MonitorMode
    private let minDelta: Float
    /// Of the metric; for mode `auto`.
    private var direction: Metric.Direction?
    /// The best value; `nil` before the first.
    var best: Float?

    init(_ name: String, mode: MonitorMode, minDelta: Float) {
        (self.name, self.mode, self.minDelta) = (name, mode, Swift.abs(minDelta))
    }

    /// Sees that there will be such a figure, and which way it is better.
    ///
    /// - Throws: `TrainingError` if not.
    mutating func prepare(_ plan: TrainingPlan, for callback: Callback) throws {
        try plan.requireFigure(name, mode: mode, for: callback)
        direction = plan.direction(of: name)
    }

    /// The figure's value; `nil` where there is none after all, which is warned of.
    func value(_ logs: Logs, for callback: Callback) -> Float? {
        let value = logs[name]
        if value == nil {
            Console.warn(
                "\(type(of: callback)): the logs have no figure \(name) to monitor; they have \(logs.names.joined(separator: ", "))")
        }
        return value
    }

    /// Whether `value` is better than `reference` by more than the least change that counts.
    func isImprovement(_ value: Float, over reference: Float?) -> Bool {
        guard let reference else { return true }
        return prefersMore ? value - minDelta > reference : value + minDelta < reference
    }

    private var prefersMore: Bool {
        switch mode {
        case .min: false
        case .max: true
        case .auto: direction == .up
        }
    }
}
