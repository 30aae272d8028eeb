import Foundation
import LockstepNN
import LockstepSystem

/// Writes a line of figures after each epoch: `epoch,accuracy,loss,val_accuracy,val_loss`. `keras.callbacks.CSVLogger`.
///
/// The columns are the figures of the first epoch, those that callbacks before this one have added included, sorted as Keras sorts
/// them, and those of validation, be there any or not; what is missing is `NA`. The file at `path` is written as it is: a symbolic link is followed, a pipe or a device is written to. Lines that
/// cannot be written are warned of once and tried again with the next epoch's; they never end the training.
public final class CSVLogger: Callback {
    private let path: String
    private let append: Bool
    private let separator: String
    private var descriptor: Int32 = -1
    private var names: [String]?
    /// What this run has written and is to write, and how much of it is in the file; where the run's lines begin there.
    private var text = "", written = 0, start = 0

    /// - Parameters:
    ///   - separator: what stands between two fields.
    ///   - append: go on with a file that is there, rather than begin anew.
    public init(_ path: String, separator: String = ",", append: Bool = false) {
        (self.path, self.separator, self.append) = (path, separator, append)
    }

    deinit { shut() }

    /// - Throws: `TrainingError` if no file can be written there.
    public override func validate(_ plan: TrainingPlan) throws {
        // What is there is written in place, also where no other file can be made.
        if Files.isDirectory(path) == false {
            guard access(path, W_OK) == 0 else { throw TrainingError("\(path): cannot be written: \(String(cString: strerror(errno)))") }
            return
        }
        do { try Files.checkWritable(path) } catch { throw TrainingError("\(path): \(error)") }
    }

    /// The lines of the run so far: one that goes on leaves the file as if it had never been left.
    public override var state: CallbackState {
        get {
            let names = names.map { ConfigValue.array($0.map { .string($0) }) } ?? .null
            return CallbackState(.object(["names": names, "text": .string(text), "start": .int(start)]))
        }
        set {
            if case .array(let names)? = newValue.values["names"] {
                self.names = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
            }
            (text, written, start) = (newValue.string("text") ?? "", 0, append ? newValue.int("start") : 0)
            guard descriptor >= 0, isFile else { return }
            if ftruncate(descriptor, off_t(start)) == 0 { lseek(descriptor, off_t(start), SEEK_SET) }
            flush()
        }
    }

    public override func onTrainBegin() {
        shut()
        (names, text, written) = (nil, "", 0)
        // A pipe without a reader fails at once, rather than to wait for one.
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | (append ? O_APPEND : O_TRUNC), 0o666)
        if descriptor < 0 { return warn(errno) }
        var status = stat()
        start = append && fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
        if names == nil {
            var sorted = logs.names.sorted()
            // As Keras: figures of validation may come with a later epoch.
            if !sorted.contains(where: { $0.hasPrefix("val_") }) { sorted += sorted.map { "val_\($0)" } }
            names = sorted
            if start == 0 { text += (["epoch"] + sorted).map(field).joined(separator: separator) + "\n" }
        }
        let values = names!.map { name in logs[name].map(CSVLogger.number) ?? "NA" }
        text += ([String(epoch)] + values).joined(separator: separator) + "\n"
        flush()
    }

    public override func onTrainEnd(_ logs: Logs) {
        flush()
        shut()
    }

    private func shut() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private var isFile: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private func flush() {
        guard descriptor >= 0, written < text.utf8.count else { return }
        var status = stat()
        fstat(descriptor, &status)
        let failure = text.withUTF8 {
            Files.write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[written...]), to: descriptor)
        }
        if let failure {
            // No half of a line.
            if isFile, ftruncate(descriptor, status.st_size) == 0 { lseek(descriptor, 0, SEEK_END) }
            warn(failure)
        } else {
            written = text.utf8.count
        }
    }

    private func warn(_ failure: Int32) {
        Console.warn("\(path): the history cannot be written: \(String(cString: strerror(failure))); training goes on without it")
    }

    /// As Python writes a number.
    private static func number(_ value: Float) -> String {
        value.isFinite ? value.description : value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
    }

    /// A name as a field (RFC 4180).
    private func field(_ name: String) -> String {
        name.contains(separator) || name.contains { "\"\r\n".contains($0) } ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
    }
}
