import Foundation
import LockstepNN
import LockstepSaving
import LockstepSystem

/// Saves the model, or its weights, after each epoch or every so many batches; all of them, or the best. `keras.callbacks.ModelCheckpoint`.
///
/// A `.keras` file of it is a checkpoint, too: it has the run inside, and `fit(…, resuming:)` can go on from it.
public final class ModelCheckpoint: Callback {
    /// When a model is saved.
    public enum SaveFrequency: Equatable, Sendable {
        case epoch
        /// Every so many batches.
        case batches(Int)
    }

    private let filepath: String
    private let verbose: Int, saveBestOnly: Bool, saveWeightsOnly: Bool, saveFreq: SaveFrequency, threshold: Float?
    private var monitor: Monitor
    private var template: FileTemplate?
    private var batchesSinceSaving = 0

    /// - Parameters:
    ///   - filepath: ends in `.keras`, with `saveWeightsOnly` in `.weights.h5`. Fields in braces, with Python's formats, stand
    ///     for numbers: `{epoch:02d}-{val_loss:.2f}.keras`; epochs, and batches, count from 1. Directories are made.
    ///   - monitor: the figure that tells which is best. - verbose: 1 says what is saved.
    ///   - saveBestOnly: save only when the figure is better than ever before.
    ///   - mode: whether less or more is better; by default what the figure's metric says.
    ///   - initialValueThreshold: what the figure must be better than at first.
    public init(
        _ filepath: String, monitor: String = "val_loss", verbose: Int = 0, saveBestOnly: Bool = false, saveWeightsOnly: Bool = false,
        mode: MonitorMode = .auto, saveFreq: SaveFrequency = .epoch, initialValueThreshold: Float? = nil
    ) {
        (self.filepath, self.verbose, self.saveBestOnly, self.saveWeightsOnly) = (filepath, verbose, saveBestOnly, saveWeightsOnly)
        (self.saveFreq, threshold) = (saveFreq, initialValueThreshold)
        self.monitor = Monitor(monitor, mode: mode, minDelta: 0)
    }

    /// - Throws: `TrainingError` for a file name that cannot be filled in or written, or a figure to monitor that there will not be.
    public override func validate(_ plan: TrainingPlan) throws {
        let isWeights = filepath.hasSuffix(".weights.h5")
        guard saveWeightsOnly ? isWeights : filepath.hasSuffix(".keras") || filepath.hasSuffix(".h5") && !isWeights else {
            throw TrainingError(
                "ModelCheckpoint: \(filepath): expected a name that ends in "
                    + (saveWeightsOnly ? ".weights.h5, as saveWeightsOnly says" : ".keras or .h5"))
        }
        if case .batches(let count) = saveFreq, count < 1 {
            throw TrainingError("ModelCheckpoint: saveFreq: every \(count) batches; expected at least 1")
        }
        if saveBestOnly { try monitor.prepare(plan, for: self) }
        let template = try FileTemplate(filepath)
        try template.validate(counts: ["epoch"] + (saveFreq == .epoch ? [] : ["batch"]), figures: plan.figures)
        self.template = template
        // A folder whose name has no fields is tried now.
        if !Files.folder(of: filepath).contains("{") { try prepare(filepath) }
    }

    public override var state: CallbackState {
        get { CallbackState(.object(["best": ConfigValue(monitor.best), "batches": .int(batchesSinceSaving)])) }
        set { (monitor.best, batchesSinceSaving) = (newValue.float("best"), newValue.int("batches")) }
    }

    public override func onTrainBegin() { (monitor.best, batchesSinceSaving) = (threshold, 0) }

    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {
        guard case .batches(let count) = saveFreq else { return }
        batchesSinceSaving += 1
        guard batchesSinceSaving >= count else { return }
        batchesSinceSaving = 0
        try save(["epoch": progress.epoch + 1, "batch": batch + 1], logs)
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
        if saveFreq == .epoch { try save(["epoch": epoch + 1], logs) }
    }

    private func save(_ counts: [String: Int], _ logs: Logs) throws {
        guard let path = template?(counts, logs) else {
            throw TrainingError("ModelCheckpoint: \(filepath): the logs have \(logs.names.joined(separator: ", "))")
        }
        let place = "Epoch \(counts["epoch"]!): "
        if saveBestOnly, let value = monitor.value(logs, for: self) {
            let best = monitor.best.map { String(format: "%.5f", $0) } ?? "None"
            guard monitor.isImprovement(value, over: monitor.best) else {
                if verbose > 0 { say("\(place)\(monitor.name) did not improve from \(best)") }
                return
            }
            monitor.best = value
            if verbose > 0 {
                say("\(place)\(monitor.name) improved from \(best) to \(String(format: "%.5f", value)), saving model to \(path)")
            }
        } else if verbose > 0 {
            say("\(place)saving model to \(path)")
        }
        requestTogether { [unowned self] run in
            try prepare(path)
            if saveWeightsOnly {
                try model!.saveWeights(path)
            } else {
                try Checkpoint.image(model!, run, for: path, .model, isCopy: false).write(to: path)
            }
            if verbose > 0 { say("\(place)finished saving model to \(path)") }
        }
    }

    /// Makes the file's directory and sees that it can be written.
    private func prepare(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: Files.folder(of: path), withIntermediateDirectories: true)
            try Files.checkWritable(path)
        } catch { throw TrainingError("ModelCheckpoint: \(path): \(error is Files.Failure ? "\(error)" : "its directory cannot be made")") }
    }
}
