import Foundation
import LockstepCommunication

/// Keras' progress bar on a terminal; in a log file one plain line an epoch.
///
/// Verbosity 1 draws the bar where standard output is a terminal, 2 prints the line everywhere, 0 nothing.
public final class ProgressBar: Callback {
    private static let width = 20
    /// Seconds between two drawings.
    private static let interval = 0.05

    private let isTerminal: Bool
    private let write: (String) -> Void
    private var start = 0.0, lastDrawn = 0.0, afterFirstStep: Double?
    private var previousWidth = 0
    private var steps = 0

    /// - Parameters:
    ///   - isTerminal: whether to draw; by default if standard output reaches a terminal.
    ///   - write: where the text goes; standard output by default.
    public init(
        isTerminal: Bool = ProgressBar.outputReachesTerminal,
        write: @escaping (String) -> Void = { text in
            FileHandle.standardOutput.write(Data(text.utf8))
        }
    ) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Whether someone sees what is drawn. A launcher gives its ranks a pseudo-terminal even if its own output goes to a
    /// file, so the parent's output is looked at, too.
    public static var outputReachesTerminal: Bool {
        guard isatty(1) != 0 else { return false }
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(getppid())/fd/1") else { return true }
        return target.hasPrefix("/dev/pts/") || target.hasPrefix("/dev/tty") || target.hasPrefix("/dev/console")
    }

    private var isDrawn: Bool { parameters.verbose == 1 && isTerminal }

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
        (start, lastDrawn, afterFirstStep, previousWidth) = (now, 0, nil, 0)
        steps = parameters.steps ?? 0
    }

    private func step(_ batch: Int, _ logs: Logs) {
        let time = now
        if afterFirstStep == nil { afterFirstStep = time }
        guard isDrawn, time - lastDrawn >= ProgressBar.interval, batch + 1 < steps else { return }
        lastDrawn = time
        draw(batch + 1, logs, isFinal: false)
    }

    private func finish(_ logs: Logs) {
        if isDrawn { return draw(steps, logs, isFinal: true) }
        guard parameters.verbose > 0 else { return }
        let seconds = String(format: "%.0fs", now - start)
        write("\(steps)/\(steps) - \(seconds) - \(duration(perStep(steps)))/step\(figures(logs))\n")
    }

    private func draw(_ step: Int, _ logs: Logs, isFinal: Bool) {
        let filled = steps > 0 ? ProgressBar.width * step / steps : ProgressBar.width
        let count = String(repeating: " ", count: String(steps).count - String(step).count) + "\(step)/\(steps)"
        let time = isFinal ? String(format: "%.0fs", now - start) : remaining(perStep(step) * Double(steps - step))
        let tail = " \(duration(perStep(step)))/step\(figures(logs))"
        let width = count.count + 1 + ProgressBar.width + 1 + time.count + tail.count
        var text = "\r\u{1b}[1m\(count)\u{1b}[0m "
        if filled > 0 { text += "\u{1b}[32m" + String(repeating: "━", count: filled) + "\u{1b}[0m" }
        text += "\u{1b}[37m" + String(repeating: "━", count: ProgressBar.width - filled) + "\u{1b}[0m"
        text += " \u{1b}[1m\(time)\u{1b}[0m\(tail)" + String(repeating: " ", count: max(0, previousWidth - width))
        previousWidth = width
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

    private func figures(_ logs: Logs) -> String {
        zip(logs.names, logs.allValues).map { name, value in
            " - \(name): " + (Swift.abs(value) > 1e-3 ? String(format: "%.4f", value) : pythonExponent(value))
        }.joined()
    }

    private func pythonExponent(_ value: Float) -> String { String(format: "%.4e", value) }
}
