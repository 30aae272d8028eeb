import Foundation
import Lockstep

/// Opens damaged files: in this process by the library, or by the program.
final class Reader {
    /// What became of a file.
    enum Outcome {
        case opened
        /// One line said why not.
        case refused
        /// Neither.
        case failed(String)
    }

    /// Seconds within which a file is read.
    static let patience = 5.0
    /// The most memory that reading may take, in kilobytes.
    static let mostMemory = 1 << 20

    private let scratch: String
    private let models: [Model]
    /// A model that opens, to predict with.
    private let good: String
    /// The program.
    private let program: String

    init(scratch: String) throws {
        self.scratch = scratch
        models = try Corpus.models()
        good = "\(scratch)/good.keras"
        try models[1].save(good)
        program =
            URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("lockstep").path
    }

    func open(_ file: FuzzCase) throws -> Outcome {
        let path = "\(scratch)/\(file.name)"
        try Data(file.bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        return file.isForProgram ? try runProgram(on: file, path) : openInProcess(file, path)
    }

    private func openInProcess(_ file: FuzzCase, _ path: String) -> Outcome {
        do {
            switch file.kind {
            case .keras, .config, .weights: _ = try loadModel(path)
            case .h5: try models[file.number % models.count].loadWeights(path)
            case .npy: _ = try Column(NPY.open(path), as: .float32)
            case .npz: for (_, array) in try NPZ.open(path) { _ = try array.tensor() }
            case .idx, .gzip: _ = try IDX.read(path)
            case .yaml: return .failed("is for the program")
            }
            return .opened
        } catch let error where error is DataError || error is SavingError || error is ConfigError {
            return Reader.isOneLine("\(error)") ? .refused : .failed("not one line: \(error)")
        } catch {
            return .failed("an error of type \(type(of: error)): \(error)")
        }
    }

    private func runProgram(on file: FuzzCase, _ path: String) throws -> Outcome {
        let folder = "\(scratch)/run"
        let arguments: [String]
        switch file.kind {
        case .keras, .config, .weights, .h5: arguments = ["summary", path]
        case .npy, .npz: arguments = ["predict", good, "--input", path, "--output", "\(scratch)/y.npz"]
        case .idx, .gzip: return openInProcess(file, path)
        case .yaml where file.number % 2 == 0: arguments = ["summary", path]
        case .yaml: arguments = ["train", path, "--output", folder, "--set", "fit.epochs=1"]
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let nothing = Foundation.open("/dev/null", O_RDWR | O_CLOEXEC)
        let errors = Foundation.open("\(scratch)/errors", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer {
            close(nothing)
            close(errors)
        }
        let (end, kilobytes) = try ChildProcess([program] + arguments, input: nothing, output: nothing, errors: errors).wait(
            Reader.patience)
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(scratch)/errors")).prefix(1 << 16), as: UTF8.self)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("lockstep: warning: ") }
        let command = "lockstep \(arguments.joined(separator: " "))"
        guard let end else { return .failed("\(command): did not end within \(Reader.patience) s") }
        guard kilobytes <= Reader.mostMemory else { return .failed("\(command): took \(kilobytes >> 10) MB") }
        switch end {
        case .status(0) where lines.isEmpty: return .opened
        case .status(2) where lines.count == 1 && Reader.isOneLine(String(lines[0])): return .refused
        default: return .failed("\(command): ended with \(end): \(text.prefix(2000))")
        }
    }

    /// A line of bounded length without control characters.
    private static func isOneLine(_ text: String) -> Bool {
        text.count <= 1200 && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
