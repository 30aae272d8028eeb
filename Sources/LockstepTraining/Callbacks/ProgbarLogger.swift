import Foundation
import LockstepCommunication
import LockstepSystem

/// Keras' progress bar on a terminal; in a log file plain lines. `keras.callbacks.ProgbarLogger`.
///
/// Verbosity 1 draws the bar where text for people reaches a terminal, 2 prints lines everywhere, 0 nothing. What is drawn keeps to the
/// terminal's width, as it is at each drawing, at most ten times a second: figures that do not fit are left out, but for the last drawing
/// of an epoch, where they go into lines of their own. Lines come at the end of an epoch and, where it takes long, every `lineInterval`
/// seconds, so that a log file shows that the run lives. Both say how many samples a second all ranks together train on.
public final class ProgbarLogger: Callback {
    /// Seconds between two drawings.
    private static let interval = 0.1

    private let isTerminal: Bool
    private let width: () -> Int?
    private let lineInterval: Double
    private let write: (String) -> Void
    private let clock: () -> Double
    private var isInTraining = false
    private var start = 0.0, lastShown = 0.0, afterFirstStep: Double?
    /// Steps of an epoch, where they are known, and those that were made.
    private var steps = 0, seen = 0

    /// - Parameters:
    ///   - isTerminal: whether to draw; by default if text for people reaches a terminal.
    ///   - width: the columns of the terminal as they are now; `nil` where nobody knows.
    ///   - lineInterval: seconds from one line of an epoch to the next, where nothing is drawn.
    ///   - write: where the text goes.
    ///   - clock: seconds; by default one that is never set.
    public init(
        isTerminal: Bool = Terminal.isThere, width: @escaping () -> Int? = { Terminal.width }, lineInterval: Double = 30,
        write: @escaping (String) -> Void = { Console.tell($0) }, clock: (() -> Double)? = nil
    ) {
        (self.isTerminal, self.width, self.lineInterval, self.write, self.clock) = (
            isTerminal, width, lineInterval, write, clock ?? { EpochProgress.now }
        )
    }

    private var isDrawn: Bool { parameters.verbose == 1 && isTerminal }

    /// A run that goes on in mid-epoch does not begin one.
    public override func onTrainBegin() {
        isInTraining = true
        begin()
    }
    public override func onTrainEnd(_ logs: Logs) { isInTraining = false }

    public override func onEpochBegin(_ epoch: Int) {
        begin()
        if parameters.verbose > 0 { write("\(epochName(epoch))\n") }
    }

    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { step(batch, logs) }
    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) { finish(logs) }
    // The validation of an epoch is part of the epoch's line.
    public override func onTestBegin() { if !isInTraining { begin() } }
    public override func onTestBatchEnd(_ batch: Int, _ logs: Logs) {
        if isInTraining { validate(batch) } else { step(batch, logs) }
    }
    public override func onTestEnd(_ logs: Logs) { if !isInTraining { finish(logs) } }
    public override func onPredictBegin() { begin() }
    public override func onPredictBatchEnd(_ batch: Int) { step(batch, Logs(names: [], values: [])) }
    public override func onPredictEnd() { finish(Logs(names: [], values: [])) }

    private func begin() {
        (start, afterFirstStep) = (clock(), nil)
        // The first drawing comes at once, the first line after a while.
        lastShown = isDrawn ? 0 : start
        (steps, seen) = (parameters.steps ?? 0, 0)
    }

    private func epochName(_ epoch: Int) -> String { "Epoch \(epoch + 1)/\(parameters.epochs)" }

    /// Whether it is time to be seen again.
    private func isDue(_ time: Double) -> Bool {
        guard parameters.verbose > 0, time - lastShown >= (isDrawn ? ProgbarLogger.interval : lineInterval) else { return false }
        lastShown = time
        return true
    }

    private func step(_ batch: Int, _ logs: Logs) {
        let time = clock()
        seen = batch + 1
        if afterFirstStep == nil { afterFirstStep = time }
        guard isDue(time), steps == 0 || seen < steps else { return }
        if isDrawn { return draw(seen, logs, isFinal: false) }
        let left = steps > 0 ? " - ETA \(remaining(perStep(seen) * Double(steps - seen)))" : ""
        line("\(seen)\(steps > 0 ? "/\(steps)" : "") - \(remaining(time - start))\(left) - \(duration(perStep(seen)))/step", logs)
    }

    /// How far the evaluation is that ends an epoch.
    private func validate(_ batch: Int) {
        guard isDue(clock()) else { return }
        let count = progress.evaluationSteps.map { "/\($0)" } ?? ""
        let words = "validation \(batch + 1)\(count)"
        if isDrawn { write("\r\(" - \(words)".prefix(columns: max(1, (width() ?? .max) - 1)))\u{1b}[K") } else { line(words, nil) }
    }

    private func finish(_ logs: Logs) {
        if steps == 0 { steps = seen }
        if isDrawn { return draw(steps, logs, isFinal: true) }
        guard parameters.verbose > 0 else { return }
        line("\(steps)/\(steps) - \(String(format: "%.0fs", clock() - start)) - \(duration(perStep(steps)))/step", logs)
    }

    private func line(_ text: String, _ logs: Logs?) {
        let isInEpoch = isInTraining && seen < steps || logs == nil
        write("\(isInEpoch ? "\(epochName(progress.epoch)): " : "")\(text)\(speed ?? "")\(logs.map { figures($0).joined() } ?? "")\n")
    }

    /// Samples a second; `nil` where nothing is trained.
    private var speed: String? {
        let seconds = progress.duration > 0 ? progress.duration : EpochProgress.now - progress.start
        guard isInTraining, progress.samples > 0, seconds > 0 else { return nil }
        return String(format: " - %.0f samples/s", Double(progress.samples) / seconds)
    }

    private func draw(_ step: Int, _ logs: Logs, isFinal: Bool) {
        // The last column stays free: some terminals wrap as soon as it is taken.
        let limit = max(1, (width() ?? .max) - 1)
        let count = String(repeating: " ", count: String(steps).count - String(step).count) + "\(step)/\(steps)"
        let bar = min(20, (limit + 1) / 4)
        let filled = steps > 0 ? bar * step / steps : bar
        let time = isFinal ? String(format: "%.0fs", clock() - start) : remaining(perStep(step) * Double(steps - step))
        let pieces: [(text: String, style: String)] = [
            (count, "\u{1b}[1m"), (" ", ""), (String(repeating: "━", count: filled), "\u{1b}[32m"),
            (String(repeating: "━", count: bar - filled), "\u{1b}[37m"), (" ", ""), (time, "\u{1b}[1m"),
            (" \(duration(perStep(step)))/step", ""),
        ]
        var (text, used) = ("\r", 0)
        for piece in pieces where !piece.text.isEmpty {
            let cut = piece.text.prefix(columns: limit - used)
            used += cut.columns
            text += piece.style.isEmpty ? cut : "\(piece.style)\(cut)\u{1b}[0m"
        }
        for figure in figures(logs, limit: limit) + [speed ?? ""] {
            if used + figure.columns > limit {
                if !isFinal { break }
                text += "\u{1b}[K\n"
                used = 0
            }
            used += figure.columns
            text += figure
        }
        // What an earlier, longer drawing has left.
        text += "\u{1b}[K"
        write(isFinal ? text + "\n" : text)
    }

    /// Seconds a step, the first one left out: it traces the model.
    private func perStep(_ step: Int) -> Double {
        guard step > 1, let afterFirstStep else { return step > 0 ? (clock() - start) / Double(step) : 0 }
        return (clock() - afterFirstStep) / Double(step - 1)
    }

    private func remaining(_ seconds: Double) -> String {
        let s = Int(seconds)
        if s > 3600 { return String(format: "%d:%02d:%02d", s / 3600, s % 3600 / 60, s % 60) }
        return s > 60 ? String(format: "%d:%02d", s / 60, s % 60) : "\(s)s"
    }

    private func duration(_ seconds: Double) -> String {
        if seconds >= 1 || seconds == 0 { return String(format: "%.0fs", seconds) }
        return seconds >= 1e-3 ? String(format: "%.0fms", seconds * 1e3) : String(format: "%.0fus", seconds * 1e6)
    }

    /// ` - name: value`, the name shortened where all of it takes more than `limit` columns.
    private func figures(_ logs: Logs, limit: Int = .max) -> [String] {
        zip(logs.names, logs.allValues).map { name, value in
            let number = value.isNaN ? "nan" : String(format: Swift.abs(value) > 1e-3 ? "%.4f" : "%.4e", value)
            let (name, rest) = (name.asLine(limit: 100), ": \(number)")
            let room = limit - 3 - rest.count
            let short = name.columns <= room ? name : name.prefix(columns: room - 1) + "…"
            return " - \(short)\(rest)".prefix(columns: limit)
        }
    }
}
