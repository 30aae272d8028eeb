import ArgumentParser
import Foundation
import Lockstep

/// `lockstep runs`: what runs came to, side by side.
struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists runs and compares them: best and last figures, time, ranks, and what differs in their configs.",
        discussion: """
            Examples:
              lockstep runs runs
              lockstep runs runs/quickstart runs/quickstart-2 --json
            """)

    @Argument(help: "Directories of runs, or directories of such.") var directories: [String]
    @Flag(help: "Print one JSON object a run.") var json = false

    func run() {
        Job.run { job in
            job.agreeOnRankZero {
                let runs = try directories.flatMap { try FinishedRun.all(in: $0) }
                let differences = FinishedRun.differences(runs)
                if json {
                    for run in runs { job.write(json: run.entries(differences)) }
                } else {
                    job.write(RunTable(runs, differences).text)
                }
            }
        }
    }
}

/// A run as its directory tells of it.
struct FinishedRun {
    let path: String
    let history: HistoryFile
    /// What `RunRecord` has kept; empty where nothing was.
    let record: ConfigValue
    /// Settings by their place in the config, such as `fit.epochs`.
    let settings: [(place: String, value: String)]

    /// - Throws: `InputError` where there is none.
    static func all(in path: String) throws -> [FinishedRun] {
        guard Files.isDirectory(path) == true else { throw InputError("\(path): no such directory; expected that of a run") }
        if Files.isDirectory("\(path)/\(RunFolder.history)") == false { return [try FinishedRun(path)] }
        let inside = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted {
            $0.compare($1, options: .numeric) == .orderedAscending
        }
        let runs = try inside.map { "\(path)/\($0)" }.filter { Files.isDirectory("\($0)/\(RunFolder.history)") == false }
            .map { try FinishedRun($0) }
        guard !runs.isEmpty else {
            throw InputError("\(path): has no \(RunFolder.history), and no run inside; expected what lockstep train leaves")
        }
        return runs
    }

    private init(_ path: String) throws {
        self.path = path
        let folder = RunFolder(claimed: path)
        history = try HistoryFile(folder[RunFolder.history])
        let record = folder[RunFolder.environment]
        self.record =
            Files.isDirectory(record) == nil
            ? .object([])
            : try Files.at(record) {
                do { return try ConfigValue(json: Files.contents(record)) } catch let error as ConfigError {
                    throw Files.Failure("\(error)")
                }
            }
        let config = folder[KeptConfig.name(in: folder)]
        settings = Files.isDirectory(config) == nil ? [] : try ConfigFile(config).tree.value.settings
    }

    /// The places at which the settings of some runs differ.
    static func differences(_ runs: [FinishedRun]) -> [String] {
        let places = runs.flatMap { $0.settings.map(\.place) }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return places.filter { place in Set(runs.map { $0.setting(place) }).count > 1 }
    }

    func setting(_ place: String) -> String? { settings.first { $0.place == place }?.value }

    /// The best of a figure and the epoch of it, from 1, and the last.
    func figure(_ name: String) -> (best: Double, epoch: Int, last: Double)? {
        let values = zip(history.epochs, history[name] ?? []).compactMap { epoch, value in value.map { (Int(epoch) + 1, $0) } }
        let finite = values.filter { $0.1.isFinite }
        guard let last = values.last, let best = finite.max(by: { isBetter($1.1, $0.1, name) }) else { return nil }
        return (best.1, best.0, last.1)
    }

    /// Keras' rule for a monitor of mode auto: more of an accuracy is better, less of anything else.
    private func isBetter(_ value: Double, _ other: Double, _ name: String) -> Bool {
        name.contains("acc") || name.hasSuffix("auc") || ["precision", "recall", "f1"].contains { name.contains($0) }
            ? value > other : value < other
    }

    /// The figures to compare runs by: those of validation where there are some.
    var names: [String] {
        let names = history.columns.map(\.name).filter { $0 != "learning_rate" }
        return names.filter { !names.contains("val_\($0)") }
    }

    func entries(_ differences: [String]) -> [ConfigValue.Entry] {
        let figures = history.columns.compactMap { column in figure(column.name).map { (column.name, $0) } }
        return [
            .init("run", .string(path)), .init("epochs", .int(history.epochs.count)),
            .init("best", .object(figures.map { .init($0.0, .double($0.1.best)) })),
            .init("last", .object(figures.map { .init($0.0, .double($0.1.last)) })),
            .init("seconds", record["seconds"] ?? .null), .init("ranks", record["ranks"] ?? .null),
            .init("outcome", record["outcome"] ?? .null),
            .init("differences", .object(differences.map { .init($0, setting($0).map { .string($0) } ?? .null) })),
        ]
    }
}

/// Runs as lines of a table; below it the settings in which they differ.
private struct RunTable {
    private let runs: [FinishedRun], differences: [String]
    init(_ runs: [FinishedRun], _ differences: [String]) { (self.runs, self.differences) = (runs, differences) }

    var text: String {
        let figures = runs.flatMap(\.names).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let head = ["run", "epochs"] + figures.flatMap { ["best \($0)", "last"] } + ["time", "ranks"]
        let rows = runs.map { run in
            [run.path, "\(run.history.epochs.count)"]
                + figures.flatMap { name -> [String] in
                    guard let figure = run.figure(name) else { return ["", ""] }
                    return [String(format: "%.4f (%d)", figure.best, figure.epoch), String(format: "%.4f", figure.last)]
                } + [duration(run.record["seconds"]), run.record["ranks"]?.json ?? ""]
        }
        let settings = differences.map { place in [place] + runs.map { $0.setting(place) ?? "" } }
        return table([head] + rows) + (settings.isEmpty ? "" : "\n" + table([["config"] + runs.map(\.path)] + settings))
    }

    private func duration(_ seconds: ConfigValue?) -> String {
        switch seconds {
        case .double(let seconds): String(format: seconds < 100 ? "%.1f s" : "%.0f s", seconds)
        case .int(let seconds): "\(seconds) s"
        default: ""
        }
    }

    /// The first column to the left, the others to the right.
    private func table(_ rows: [[String]]) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
        return rows.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}

extension ConfigValue {
    /// Every value inside by its place, keys and indices with dots between them.
    var settings: [(place: String, value: String)] {
        switch self {
        case .object(let entries):
            return entries.flatMap { entry in
                entry.value.settings.map { (place: $0.place.isEmpty ? entry.key : "\(entry.key).\($0.place)", value: $0.value) }
            }
        case .array(let items):
            return items.enumerated().flatMap { index, item in
                item.settings.map { (place: $0.place.isEmpty ? "\(index)" : "\(index).\($0.place)", value: $0.value) }
            }
        case .string(let text): return [("", text)]
        default: return [("", json)]
        }
    }
}
