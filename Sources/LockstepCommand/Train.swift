import ArgumentParser
import Foundation
import Lockstep
import LockstepMPI

/// `lockstep train`: from a config to a trained model.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model as a config says.",
        discussion: """
            Leaves model.keras and history.csv in the output directory.

            Example:
              lockstep train configs/quickstart.yaml --set fit.epochs=3 --output runs/short
            """)

    @Argument(help: "The config, a YAML file.") var config: String
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Replaces a value of the config, such as fit.epochs=3; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "Where to go on: a checkpoint, or latest.") var resume: String?
    @Option(help: "The directory for the trained model and its history (default: runs/<config name>).") var output: String?
    @Option(help: "Threads of each rank (default: an equal share of its host's cores).") var threads: Int?
    @Flag(help: "Report where each rank's time went, and leave trace.json for Perfetto in the output directory.") var profile = false
    @Flag(help: "Print one JSON object an epoch, and one for the test data.") var json = false

    func validate() throws { try validateThreads(threads) }

    func run() {
        Job.run(threads: threads) { job in
            let run = job.agree { () -> Run in
                if resume != nil { throw InputError("--resume is not supported yet") }
                return try Run(RunConfig(ConfigFile(config, overrides: overrides)))
            }
            let directory = output ?? "runs/\(run.config.file.name)"
            job.agreeOnRankZero { try Train.prepare(directory, for: ["model.keras", "history.csv"]) }
            try train(run, job, directory)
        }
    }

    private func train(_ run: Run, _ job: Job, _ directory: String) throws {
        let (model, fit) = (run.model, run.config.fit)
        run.prepare(job)
        job.warn()
        if profile { Profile.traceCapacity = 50_000 }
        var callbacks: [Callback] = [CSVLogger("\(directory)/history.csv")] + run.config.callbacks.map { $0.make(in: directory) }
        if json { callbacks.append(JSONEpochs(job)) }
        try model.fit(
            run.training, batchSize: fit.batchSize, epochs: fit.epochs, verbose: json ? 0 : 1, callbacks: callbacks,
            validation: run.validation, shuffle: fit.shuffle, seed: fit.seed)
        model.gatherOptimizerState()
        model.phaseClock?.begin(.checkpoint)
        // Before the test, which might fail.
        job.agreeOnRankZero(status: 1) { try model.save("\(directory)/model.keras") }

        if let test = run.test {
            let logs = try model.evaluate(test, batchSize: fit.batchSize, verbose: 0)
            let figures = zip(logs.names, logs.allValues).map { ("test_\($0)", $1) }
            // Loss first; Keras' own order has the names sorted.
            let sorted = figures.filter { $0.0 == "test_loss" } + figures.filter { $0.0 != "test_loss" }
            if json {
                job.write(json: sorted.map { .init($0, ConfigValue($1)) })
            } else {
                job.write(sorted.map { "\($0): \(String(format: "%.4f", $1))" }.joined(separator: " - ") + "\n")
            }
        }
        if !json { job.write("Saved \(directory)/model.keras\n") }
        if profile, let profile = Profile.gather(model) { try report(profile, job, directory) }
    }

    private func report(_ profile: Profile, _ job: Job, _ directory: String) throws {
        let path = "\(directory)/trace.json"
        job.agreeOnRankZero(status: 1) { try Data(profile.chromeTrace.utf8).write(to: URL(fileURLWithPath: path)) }
        if json {
            job.write(json: [.init("profile", .object(profile.entries))])
        } else {
            job.write(profile.report + "Saved \(path)\n")
        }
    }

    /// Makes the output directory and sees that files can be written there: better now than after hours of training.
    ///
    /// - Parameter names: of the files that will be written.
    static func prepare(_ directory: String, for names: [String]) throws {
        let files = FileManager.default
        var isDirectory: ObjCBool = false
        if !files.fileExists(atPath: directory, isDirectory: &isDirectory) {
            do { try files.createDirectory(atPath: directory, withIntermediateDirectories: true) } catch {
                throw InputError("\(directory): cannot be made: name another directory with --output")
            }
        } else if !isDirectory.boolValue {
            throw InputError("\(directory): is a file; name a directory with --output")
        }
        let probe = "\(directory)/.writable"
        guard files.createFile(atPath: probe, contents: nil) else {
            throw InputError("\(directory): no file can be written there; name another directory with --output")
        }
        try? files.removeItem(atPath: probe)
        for name in names
        where files.fileExists(atPath: "\(directory)/\(name)", isDirectory: &isDirectory) && isDirectory.boolValue {
            throw InputError("\(directory)/\(name): is a directory; a file of this name is to be written")
        }
    }
}

/// A config with its model and its data, in memory.
struct Run {
    let config: RunConfig
    let model: Model
    let training: Dataset
    let validation: Dataset?
    let test: Dataset?

    /// Reads the data and sees that they fit the model.
    init(_ config: RunConfig) throws {
        self.config = config
        model = try config.makeModel()
        guard model.compilation != nil else {
            throw InputError("\(config.file.path): missing compile: expected an optimizer, a loss and metrics")
        }
        (training, validation) = try config.data.loadTraining(for: model)
        test = try config.data.test?.load(for: model)
        for data in [training, validation, test].compactMap({ $0 }) { try model.validate(data, batchSize: config.fit.batchSize) }
    }

    /// Sees that all ranks have found the same, and takes over what the config says about them.
    func prepare(_ job: Job) {
        config.distributed.apply(job.communicator)
        if let shards = config.distributed.logicalShards {
            job.agree {
                guard shards >= job.size else {
                    throw InputError(
                        "\(config.file.path): distributed.logical_shards: \(shards) are fewer than the \(job.size) ranks; set at least \(job.size), or start fewer ranks"
                    )
                }
            }
            // The bytes of a matrix product depend on its threads, whose share of the cores depends on the ranks.
            if job.sharesOutThreads { Threads.count = 1 }
        }
        if job.size > 1 {
            Identity(config: config.file.text, model, ["training data": training, "validation data": validation, "test data": test])
                .requireSame(job)
        }
        if let optimizer = model.compilation?.optimizer {
            let before = optimizer.steps
            job.hasTrained = { optimizer.steps > before }
        }
    }
}

/// Prints an epoch's figures as one JSON object.
private final class JSONEpochs: Callback {
    private let job: Job
    init(_ job: Job) { self.job = job }

    override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
        job.write(json: [.init("epoch", .int(epoch))] + zip(logs.names, logs.allValues).map { .init($0, ConfigValue($1)) })
    }
}

/// Refuses a number of threads below one.
func validateThreads(_ threads: Int?) throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): expected at least 1") }
}
