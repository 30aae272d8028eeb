import Foundation
import LockstepCommunication
import LockstepSystem

/// Keras' progress bar on a terminal; in a log file one plain line an epoch.
///
/// Verbosity 1 draws the bar where text for people reaches a terminal, 2 prints the line everywhere, 0 nothing. What is drawn keeps
/// to the terminal's width: figures that do not fit are left out, but for the last drawing of an epoch, where they go into lines of
/// their own.
public final class ProgressBar: Callback {
    /// Seconds between two drawings.
    private static let interval = 0.05

    private let isTerminal: Bool
    private let width: () -> Int?
    private let write: (String) -> Void
    private var start = 0.0, lastDrawn = 0.0, afterFirstStep: Double?
    /// Steps of an epoch, where they are known, and those that were made.
    private var steps = 0, seen = 0

    /// - Parameters:
    ///   - isTerminal: whether to draw; by default if text for people reaches a terminal.
    ///   - width: the columns of the terminal as they are now; `nil` where nobody knows.
    ///   - write: where the text goes.
    public init(
        isTerminal: Bool = Terminal.isThere, width: @escaping () -> Int? = { Terminal.width },
        write: @escaping (String) -> Void = { Console.tell($0) }
    ) {
        (self.isTerminal, self.width, self.write) = (isTerminal, width, write)
    }

    private var isDrawn: Bool { parameters.verbose == 1 && isTerminal }

    /// A run that goes on in mid-epoch does not begin one.
    public override func onTrainBegin() { begin() }

    public override func onEpochBegin(_ epoch: Int) {
        begin()
        if parameters.verbose > 0 { write("Epoch \(epoch + 1)/\(parameters.epochs)\n") }
    }

    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { step(batch, logs) }
    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) { finish(logs) }
    public override func onTestBegin() { begin() }
    public override func onTestBatchEnd(_ batch: Int, _ logs: Logs) { step(batch, logs) }
    public override func onTestEnd(_ logs: Logs) { finish(logs) }

    private var now: Double { Double(monotonicNanoseconds()) / 1e9 }

    private func begin() {
        (start, lastDrawn, afterFirstStep) = (now, 0, nil)
        (steps, seen) = (parameters.steps ?? 0, 0)
    }

    private func step(_ batch: Int, _ logs: Logs) {
        let time = now
        seen = batch + 1
        if afterFirstStep == nil { afterFirstStep = time }
        guard isDrawn, time - lastDrawn >= ProgressBar.interval, batch + 1 < steps else { return }
        lastDrawn = time
        draw(batch + 1, logs, isFinal: false)
    }

    private func finish(_ logs: Logs) {
        if parameters.steps == nil { steps = seen }
        if isDrawn { return draw(steps, logs, isFinal: true) }
        guard parameters.verbose > 0 else { return }
        let seconds = String(format: "%.0fs", now - start)
        write("\(steps)/\(steps) - \(seconds) - \(duration(perStep(steps)))/step\(figures(logs).joined())\n")
    }

    private func draw(_ step: Int, _ logs: Logs, isFinal: Bool) {
        // The last column stays free: some terminals wrap as soon as it is taken.
        let limit = max(1, (width() ?? .max) - 1)
        let count = String(repeating: " ", count: String(steps).count - String(step).count) + "\(step)/\(steps)"
        let bar = min(20, (limit + 1) / 4)
        let filled = steps > 0 ? bar * step / steps : bar
        let time = isFinal ? String(format: "%.0fs", now - start) : remaining(perStep(step) * Double(steps - step))
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
        for figure in figures(logs, limit: limit) {
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
        guard step > 1, let afterFirstStep else { return step > 0 ? (now - start) / Double(step) : 0 }
        return (now - afterFirstStep) / Double(step - 1)
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
