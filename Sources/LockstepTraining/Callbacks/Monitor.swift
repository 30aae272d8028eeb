import LockstepNN
import LockstepTensor

/// What makes a monitored figure better: less of it, or more.
public enum MonitorMode: String, Sendable {
    /// Less for a loss or an error, more for accuracies and their like: by the figure's name, as Keras decides.
    case auto
    case min, max
}

/// A figure of the logs and its best value so far. `keras.callbacks.MonitorCallback`.
struct Monitor {
    let name: String
    private let mode: MonitorMode
    private let minDelta: Float
    /// The best value; `nil` before the first.
    var best: Float?

    init(_ name: String, mode: MonitorMode, minDelta: Float) {
        (self.name, self.mode, self.minDelta) = (name, mode, Swift.abs(minDelta))
    }

    /// The figure's value.
    ///
    /// - Throws: `TrainingError` if there is no such figure.
    func value(_ logs: Logs, for callback: Callback) throws -> Float {
        if let value = logs[name] { return value }
        throw TrainingError(
            "\(type(of: callback)): there is no figure \"\(name)\" to monitor; known: \(logs.names.joined(separator: ", "))")
    }

    /// Whether `value` is better than `reference` by more than the least change that counts.
    ///
    /// - Throws: `TrainingError` where the name does not tell what is better.
    func isImprovement(_ value: Float, over reference: Float?) throws -> Bool {
        let isMore = try prefersMore
        guard let reference else { return true }
        return isMore ? value - minDelta > reference : value + minDelta < reference
    }

    private var prefersMore: Bool {
        get throws {
            switch mode {
            case .min: return false
            case .max: return true
            case .auto:
                let figure = name.hasPrefix("val_") ? String(name.dropFirst(4)) : name
                if Monitor.lessIsBetter.contains(where: { figure.hasSuffix($0) }) { return false }
                if Monitor.moreIsBetter.contains(where: { figure.contains($0) }) { return true }
                throw TrainingError("cannot tell whether more or less of \"\(name)\" is better; set mode to min or max")
            }
        }
    }

    private static let lessIsBetter = ["loss", "error", "entropy", "mse", "mae", "MSE", "MAE", "false_positives", "false_negatives"]
    private static let moreIsBetter = ["acc", "auc", "precision", "recall", "true_positives", "true_negatives"]
}
