import ArgumentParser
import Foundation
import Lockstep

/// `lockstep bench saving`: what it costs to save and load a model, against the bare bytes.
struct BenchSaving: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saving",
        abstract: "Measures saving and loading a model against writing, syncing and reading its bytes.",
        discussion: """
            All in turn in one run, on the disk of a directory; times are medians. Files are read from the system's memory of them, on \
            either side. Then a model is trained with checkpoints in the background: how much longer the step takes before which the \
            model is copied, and the steps beside which it is written.

            Example:
              lockstep bench saving --megabytes 100
            """)

    @Option(help: "The size of the weights.") var megabytes = 100
    @Option(help: "Where the files are written; they are removed.") var directory = "."
    @Option(help: "How often each is measured.") var rounds = 9
    @Flag(help: "Print one JSON object a form of file.") var json = false

    func validate() throws {
        guard 1 ... 2000 ~= megabytes else { throw ValidationError("--megabytes \(megabytes): expected 1 to 2000") }
        guard 1 ... 1000 ~= rounds else { throw ValidationError("--rounds \(rounds): expected 1 to 1000") }
    }

    func run() {
        Job.run(threads: 1) { job in
            job.agreeOnRankZero {
                let folder = "\(directory)/lockstep-saving-\(getpid())"
                do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false) } catch {
                    throw InputError("\(directory): no directory can be made there; name another one with --directory")
                }
                defer { try? FileManager.default.removeItem(atPath: folder) }
                for form in ["keras", "h5"] { report(try measure("\(folder)/model.\(form)"), form, job) }
                report(try delays(folder), "checkpoints", job)
            }
        }
    }

    private func report(_ figures: [(name: String, value: Double)], _ form: String, _ job: Job) {
        if json {
            job.write(json: [.init("form", .string(form))] + figures.map { .init($0.name, .double(rounded($0.value, 3))) })
        } else {
            job.write("\(form): \(figures.map { "\($0.name) \(String(format: "%.2f", $0.value))" }.joined(separator: ", "))\n")
        }
    }

    private static let width = 1024

    /// A stack of square matrices.
    private func makeModel() -> Sequential {
        let layers = max(1, megabytes * 1_000_000 / (4 * BenchSaving.width * BenchSaving.width))
        return Sequential([Input([BenchSaving.width])] + (0 ..< layers).map { _ in Dense(BenchSaving.width, activation: "relu") as Layer })
    }

    private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }

    private func measure(_ path: String) throws -> [(name: String, value: Double)] {
        let model = makeModel()
        try model.save(path)
        let bytes = try ByteBuffer(contentsOf: path)
        var times = [[Double]](repeating: [], count: 4)
        for _ in 0 ..< rounds {
            times[0].append(try milliseconds { try bytes.withBytes { try Files.replace("\(path).bare", with: [$0]) } })
            times[1].append(try milliseconds { try model.save(path) })
            times[2].append(try milliseconds { _ = try ByteBuffer(contentsOf: path) })
            times[3].append(try milliseconds { _ = try Naming.preserving { try loadModel(path) } })
        }
        let medians = times.map(median)
        return [
            ("megabytes", Double(bytes.count) / 1e6), ("write_ms", medians[0]), ("save_ms", medians[1]),
            ("save_ratio", medians[1] / medians[0]),
            ("read_ms", medians[2]), ("load_ms", medians[3]), ("load_ratio", medians[3] / medians[2]),
        ]
    }

    /// The model, trained with a checkpoint every ten steps in the background.
    private func delays(_ folder: String) throws -> [(name: String, value: Double)] {
        let model = makeModel()
        try model.compile(optimizer: SGD(), loss: "mse")
        var copies: [Double] = []
        for _ in 0 ..< rounds { copies.append(try milliseconds { _ = try ModelImage(model, for: "\(folder)/copy.keras", isCopy: true) }) }
        let every = 10, clock = StepTimes(), before = Moments(every), after = Moments(every)
        let x = Tensor.zeros([32 * every * (rounds + 1), BenchSaving.width])
        for isSaving in [false, true] {
            clock.begin()
            let checkpoints = Checkpoints(folder, every: [.steps(every)], inBackground: true)
            let saving: [Callback] = isSaving ? [before, checkpoints, after] : []
            try model.fit(x, x, batchSize: 32, epochs: 1, verbose: 0, callbacks: saving + [clock], shuffle: false)
            clock.end()
        }
        // The first steps trace the program.
        let (plain, saving) = (clock.runs[0].dropFirst(every), Array(clock.runs[1].enumerated().dropFirst(every)))
        return [
            ("copy_ms", median(copies)), ("copy_in_training_ms", median(zip(after.times, before.times).map { Double($0 - $1) / 1e6 })),
            ("step_ms", median(Array(plain))),
            ("step_with_copy_ms", median(saving.filter { $0.offset % every == 0 }.map(\.element))),
            ("step_beside_writing_ms", median(saving.filter { 1 ... 3 ~= $0.offset % every }.map(\.element))),
        ]
    }
}

/// When, between two steps, those before it in the list have done what they asked all ranks to come together for.
private final class Moments: Callback {
    private(set) var times: [UInt64] = []
    private let every: Int

    init(_ every: Int) { self.every = every }

    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) {
        if (batch + 1) % every == 0 { requestTogether { [unowned self] _ in times.append(DispatchTime.now().uptimeNanoseconds) } }
    }
}

/// When steps end.
private final class StepTimes: Callback {
    /// Milliseconds by step.
    private(set) var runs: [[Double]] = []
    private var times: [UInt64] = []

    func begin() { times = [DispatchTime.now().uptimeNanoseconds] }
    func end() { runs.append(zip(times.dropFirst(), times).map { Double($0 - $1) / 1e6 }) }
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { times.append(DispatchTime.now().uptimeNanoseconds) }
}
