import Foundation
import RankJob
import XCTest

/// The `lockstep` program started as users start it: alone, or by `mpirun` on some ranks.
struct CommandRun {
    /// The project's directory.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// `nil` starts it without a launcher.
    static func run(ranks: Int? = nil, _ arguments: [String], environment: [String: String] = [:]) throws -> RankJob.Result {
        var job = RankJob(ranks: ranks ?? 1, "lockstep")
        job.arguments = arguments
        job.environment = environment
        // Without it mpirun adds paragraphs of its own to those of a program that fails.
        job.launcherOptions = ["--quiet"]
        return try ranks == nil ? job.runAlone() : job.run()
    }

    /// Runs a line of a shell, in which `$LOCKSTEP` is the program: for what becomes of its standard streams, and of the
    /// directory that it is started in.
    static func shell(_ script: String, in folder: Folder? = nil) throws -> (status: Int32, output: String, errors: String) {
        let streams = try Folder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec > \(streams["output"]) 2> \(streams["errors"]); \(script)"]
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder.path) }
        // Beside the test bundle.
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        process.environment = ProcessInfo.processInfo.environment.merging(["LOCKSTEP": products.path + "/lockstep"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (status, try streams.read("output"), try streams.read("errors"))
    }
}

extension RankJob.Result {
    /// The lines on standard error that are not empty.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) } }

    /// The lines that say what went wrong. Warnings of the place where the ranks run, such as too few cores, depend on it and
    /// come before training, whatever happens then.
    var failureLines: [String] { errorLines.filter { !$0.hasPrefix("lockstep: warning: ") } }

    /// Standard output as one JSON object a line.
    func jsonLines() throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            try XCTUnwrap(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "not an object: \(line)")
        }
    }
}

/// A folder for one test's files, removed afterwards.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-command-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
        return self[name]
    }

    /// An IDX file of bytes, all 0 unless `value` says otherwise; `missing` bytes are left off its end.
    @discardableResult
    func writeIDX(_ name: String, _ shape: [Int], missing: Int = 0, value: (Int) -> UInt8 = { _ in 0 }) throws -> String {
        var bytes: [UInt8] = [0, 0, 8, UInt8(shape.count)]
        for length in shape { bytes += withUnsafeBytes(of: UInt32(length).bigEndian) { Array($0) } }
        bytes += (0 ..< shape.reduce(1, *) - missing).map(value)
        return try write(name, bytes)
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self[name])) }
    func read(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }
}

/// A config in the six parts that tests replace.
struct Config {
    var model = """
        model:
          layers:
            - Flatten: {input_shape: [28, 28]}
            - Dense: {units: 16, activation: relu}
            - Dense: {units: 10, activation: softmax, name: answer}
        """
    var data = """
        data:
          train: {digits: {count: 300, seed: 1}}
          validation: {split: 0.2}
          test: {digits: {count: 100, seed: 1}}
        """
    var compile = "compile: {optimizer: {Adam: {learning_rate: 1e-2}}, loss: sparse_categorical_crossentropy, metrics: [accuracy]}"
    var fit = "fit: {epochs: 2, batch_size: 32, seed: 1}"
    var rest = ""

    /// The model takes lines 1 to 5, the data 6 to 9, compile 10, fit 11.
    var text: String { [model, data, compile, fit, rest].joined(separator: "\n") + "\n" }

    static func with(_ change: (inout Config) -> Void) -> String {
        var config = Config()
        change(&config)
        return config.text
    }
}
