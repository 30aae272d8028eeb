import ArgumentParser
import Lockstep

/// `lockstep verify`: whether files of models and checkpoints are whole.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads model files and checkpoints, checks their checksums, and prints where runs stand.",
        discussion: """
            Status 2 where a file is damaged, after a line for each.

            Example:
              lockstep verify runs/quickstart/model.keras runs/quickstart/checkpoints/*.keras
            """)

    @Argument(help: "Model files and checkpoints.") var files: [String]
    @Flag(help: "Print one JSON object for each file.") var json = false

    func run() {
        Job.run { job in
            // All of them, whatever the first ones are.
            let verdict = job.fromRankZero { files.map { isWhole($0, job) }.allSatisfy { $0 } ? "whole" : "" }
            if verdict.isEmpty { job.leave(status: 2) }
        }
    }

    /// Prints what a file is.
    private func isWhole(_ path: String, _ job: Job) -> Bool {
        do {
            let report = try Failure.reading(path) { try FileReport(path) }
            if json { job.write(json: report.json) } else { job.write("\(report.text)\n") }
            return true
        } catch {
            let reason = RankProcess.message(of: error)
            Console.report(reason)
            if json { job.write(json: [.init("file", .string(path)), .init("whole", false), .init("reason", .string(reason))]) }
            return false
        }
    }
}

/// What a whole file is.
private struct FileReport {
    let path: String
    /// `nil` for a checkpoint of a model that only its program can make.
    let model: Model?
    let checkpoint: Checkpoint?
    let checksums: Int

    init(_ path: String) throws {
        self.path = path
        let contents = try ModelContents(path)
        checksums = contents.checksums
        checkpoint = contents.hasRun ? try Checkpoint(path) : nil
        model = contents.hasLayers ? try Naming.preserving { try loadModel(path, compile: .none) } : nil
    }

    var text: String {
        let what = model.map { "model \($0.name), \($0.layers.count) layers, \($0.countParams()) parameters" } ?? "weights alone"
        let sums = checksums == 0 ? "no checksums" : "\(checksums) checksums"
        return "\(path): whole; \(what); \(sums)" + (checkpoint.map { "; a run at \($0.position)" } ?? "")
    }

    var json: [ConfigValue.Entry] {
        [
            .init("file", .string(path)), .init("whole", true), .init("model", model.map { .string($0.name) } ?? .null),
            .init("params", model.map { .int($0.countParams()) } ?? .null), .init("checksums", .int(checksums)),
            .init("step", checkpoint.map { .int($0.steps) } ?? .null), .init("epoch", checkpoint.map { .int($0.run.epoch) } ?? .null),
            .init("batch", checkpoint.map { .int($0.run.batch) } ?? .null),
        ]
    }
}
