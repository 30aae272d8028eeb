import Foundation
import LockstepNN
import LockstepSaving
import LockstepSystem
import LockstepTensor

/// Writes checkpoints of the run, from which `fit(…, resuming:)` goes on as if it had never been left.
///
/// A checkpoint is written between two steps, by rank zero, as a file that is whole or not there; the last ones are kept. One that
/// cannot be written is warned of, and training goes on: those before it stay. Where weights are no longer finite none is written.
public class Checkpoints: Callback {
    /// When a checkpoint is due.
    public enum Frequency: Equatable, Sendable {
        case epochs(Int)
        case steps(Int)
        /// By rank zero's clock.
        case minutes(Double)
    }

    let folder: CheckpointFolder
    private let every: [Frequency], keep: Int
    private let isInBackground: Bool
    private var monitor: Monitor?
    /// Steps of the checkpoint with the best figure.
    private var bestSteps: Int?
    private var lastTime = Date()
    private let writer = CheckpointWriter()
    /// The last that was written.
    private(set) var latest: String?

    /// - Parameters:
    ///   - directory: made where it is missing.
    ///   - every: a checkpoint is written where one of these is due.
    ///   - keep: how many of the last ones are kept.
    ///   - best: a figure; the checkpoint of the epoch at which it was best is kept, too.
    ///   - mode: whether less or more of it is better; by default what its metric says.
    ///   - inBackground: training waits for the copy of the model alone, and not for the disk.
    public init(
        _ directory: String, every: [Frequency] = [.epochs(1)], keep: Int = 2, best: String? = nil, mode: MonitorMode = .auto,
        inBackground: Bool = false
    ) {
        folder = CheckpointFolder(path: directory)
        (self.every, self.keep, isInBackground) = (every, max(1, keep), inBackground)
        monitor = best.map { Monitor($0, mode: mode, minDelta: 0) }
    }

    /// - Throws: `TrainingError` if no file can be written there, or there will be no such figure.
    public override func validate(_ plan: TrainingPlan) throws {
        for frequency in every {
            let isPositive =
                switch frequency {
                case .epochs(let count), .steps(let count): count > 0
                case .minutes(let minutes): minutes > 0
                }
            guard isPositive else { throw TrainingError("\(type(of: self)): every \(frequency): expected a number above 0") }
        }
        try monitor?.prepare(plan, for: self)
        try folder.prepare()
    }

    public override var state: CallbackState {
        get { CallbackState(.object(["best": ConfigValue(monitor?.best), "best_steps": bestSteps.map { .int($0) } ?? .null])) }
        set {
            monitor?.best = newValue.float("best")
            bestSteps = if case .int(let steps)? = newValue.values["best_steps"] { steps } else { nil }
        }
    }

    /// Checkpoints of steps that are still to come are of another run, or cannot be read.
    public override func onTrainBegin() {
        (lastTime, bestSteps, latest) = (Date(), nil, nil)
        monitor?.best = nil
        let steps = model?.compilation?.optimizer.steps ?? 0
        let others = folder.files.filter { $0.steps > steps }
        if !others.isEmpty {
            say("Removing \(others.count) checkpoints of an earlier run in \(folder.path)")
            folder.remove(others.map(\.path))
        }
    }

    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) {
        let steps = model?.compilation?.optimizer.steps ?? 0
        let isDue = every.contains { frequency in
            switch frequency {
            case .epochs: false
            case .steps(let count): steps % count == 0
            case .minutes(let minutes): Date().timeIntervalSince(lastTime) >= 60 * minutes
            }
        }
        if isDue { request() }
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
        let isDue = every.contains { if case .epochs(let count) = $0 { (epoch + 1) % count == 0 } else { false } }
        var isBest = false
        if let value = monitor.flatMap({ $0.value(logs, for: self) }), monitor!.isImprovement(value, over: monitor!.best) {
            (monitor!.best, bestSteps, isBest) = (value, model?.compilation?.optimizer.steps, true)
        }
        if isDue || isBest { request() }
    }

    public override func onTrainEnd(_ logs: Logs) { settle() }

    /// Asks for a checkpoint before the next step.
    func request() {
        lastTime = Date()
        requestTogether { [unowned self] in write($0) }
    }

    private func write(_ run: RunState) {
        settle()
        let path = folder.file(steps: model!.compilation!.optimizer.steps)
        guard model!.hasFiniteWeights else {
            return Console.warn("\(path): not written, as the weights are not finite; the last checkpoint is as it was")
        }
        do {
            let image = try Checkpoint.image(model!, run, for: path, .atLeastWeights, isCopy: isInBackground)
            let best = bestSteps
            writer.write(image, to: path, inBackground: isInBackground) { [folder, keep] in
                let files = folder.files
                folder.remove(files.dropLast(keep).filter { $0.steps != best }.map(\.path))
            }
        } catch { warn(error) }
        if !isInBackground { settle() }
    }

    /// Waits for what is being written.
    func settle() {
        switch writer.finish() {
        case .success(let path): if let path { latest = path }
        case .failure(let error): warn(error)
        }
    }

    private func warn(_ error: any Error) {
        Console.warn("\(error); training goes on, and \(latest.map { "\($0) stays" } ?? "there is no checkpoint yet")")
    }
}

/// Writes one checkpoint at a time, on a thread of its own if need be.
private final class CheckpointWriter: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var isWriting = false
    private var result: Result<String?, any Error> = .success(nil)

    func write(_ image: ModelImage, to path: String, inBackground: Bool, then clean: @escaping () -> Void) {
        nonisolated(unsafe) let (image, clean) = (image, clean)
        let work = { @Sendable [self] in
            result = Result {
                try image.write(to: path)
                return path
            }
            if case .success = result { clean() }
            done.signal()
        }
        isWriting = true
        guard inBackground else { return work() }
        Thread.detachNewThread {
            // Training comes first: on Linux this is the priority of this thread, and of those that it starts.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
            work()
        }
    }

    /// Waits for the last one.
    ///
    /// - Returns: its file, or what was wrong; `nil` if nothing was written since.
    func finish() -> Result<String?, any Error> {
        guard isWriting else { return .success(nil) }
        done.wait()
        isWriting = false
        return result
    }
}
