import ArgumentParser
import Foundation
import Lockstep
import LockstepMPI

/// `lockstep train`: from a config to a trained model.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model as a config says.",
        discussion: """
            Leaves model.keras, history.csv and a picture of it, curves.svg, the config as it was run, config.yaml, where and with what \
            it was run, environment.json, and checksums for lockstep audit, audit.jsonl, in the output directory. With checkpoints in the config, SIGTERM, SIGINT or SIGUSR1 ends it with one, behind the step at hand.

            Example:
              lockstep train configs/quickstart.yaml --set fit.epochs=3 --output runs/short
            """)

    @Argument(help: "The config, a YAML file.") var config: String
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Replaces a value of the config, such as fit.epochs=3; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "Another seed than the config's: for initial weights, dropout and the order of samples.") var seed: Int?
    @Option(help: "Go on from a checkpoint: its path, or latest, the last that is whole in the output directory.") var resume: String?
    @Option(
        help: """
            The directory for the run's files, which replace those of an earlier run there (default: runs/<config name>, or \
            runs/<config name>-2 and so on where earlier runs have left theirs).
            """)
    var output: String?
    @Option(help: "Threads of each rank (default: an equal share of its host's cores).") var threads: Int?
    @Flag(help: "Report where each rank's time went, and leave trace.json for Perfetto in the output directory.") var profile = false
    @Flag(help: "Print one JSON object an epoch, and one for the test data.") var json = false
    @Flag(name: .shortAndLong, help: "Show no progress: only the figures of the test data, warnings and errors.") var quiet = false
    @Flag(name: .shortAndLong, help: "Begin with the model's summary and what the run runs on; with --log-dir, log every step.")
    var verbose = false
    @Option(help: "A directory in which each rank keeps a log of its own, rank-N.log.") var logDir: String?

    func validate() throws {
        try validateThreads(threads)
        if quiet, verbose { throw ValidationError("--quiet and --verbose: expected one of them") }
        if output == "" { throw ValidationError("--output: expected the name of a directory, found none") }
    }

    func run() {
        if json { Console.people = STDERR_FILENO }
        if quiet { Console.people = open("/dev/null", O_WRONLY | O_CLOEXEC) }
        Job.run(threads: threads) { job in
            let run = job.agree(about: config) { () -> Run in
                let overrides = overrides + (seed.map { ["fit.seed=\($0)"] } ?? [])
                return try Run(RunConfig(ConfigFile(config, overrides: overrides)))
            }
            run.prepare(job)
            if let logDir {
                job.agree { try Files.at(logDir) { try RankLog.begin(in: logDir, rank: job.rank, level: verbose ? .debug : .info) } }
            }
            var callbacks: [Callback] = []
            let record = RunRecord(job)
            if verbose {
                Console.tell(run.model.summaryText())
                for entry in record.entries { Console.tell("\(entry.key): \(entry.value.json)\n") }
            }
            let path = job.fromRankZero {
                let folder = try makeFolder(run.config.file.name)
                callbacks = try run.makeCallbacks(in: folder)
                try prepare(folder, run.config)
                try record.write(to: folder)
                return folder.path
            }
            try train(run, job, RunFolder(claimed: path), callbacks, record)
        }
    }

    /// The run's directory: a new one, or of the run that is gone on with. On rank zero.
    private func makeFolder(_ name: String) throws -> RunFolder {
        if let output {
            let folder = try RunFolder(output)
            guard resume != "latest" || Files.isDirectory(folder[RunFolder.checkpoints]) == true else {
                throw InputError("--resume latest: \(output) has no checkpoints; name another directory, or begin anew")
            }
            return folder
        }
        guard let resume else { return try RunFolder(forRunOf: name) }
        if resume == "latest" { return try RunFolder(ofLastRunOf: name) }
        let folder = Files.folder(of: resume)
        return Files.name(of: folder) == RunFolder.checkpoints
            ? RunFolder(claimed: Files.folder(of: folder)) : try RunFolder(forRunOf: name)
    }

    /// Sees that all of the run's files can be written, and keeps its config. On rank zero.
    private func prepare(_ folder: RunFolder, _ config: RunConfig) throws {
        let kept = try KeptConfig(config.file, command: CommandLine.arguments)
        let names =
            [
                RunFolder.model, RunFolder.history, RunFolder.curves, RunFolder.environment, RunFolder.audit, KeptConfig.name(in: folder),
            ] + (profile ? [RunFolder.trace] : [])
        try folder.checkWritable(names)
        try kept.write(to: folder)
        if output == nil, resume == nil, folder.path != "runs/\(config.file.name)" {
            tell("Writing to \(folder.path): runs/\(config.file.name) has the files of an earlier run\n")
        }
    }

    private func train(_ run: Run, _ job: Job, _ folder: RunFolder, _ callbacks: [Callback], _ record: RunRecord) throws {
        let start = Date()
        let (model, fit) = (run.model, run.config.fit)
        job.warn()
        run.warnOfScales()
        if profile { Profile.traceCapacity = 50_000 }
        // The history has what the config's callbacks add.
        var callbacks = callbacks + [CSVLogger(folder[RunFolder.history])]
        callbacks.append(AuditRecorder(folder[RunFolder.audit], every: fit.auditSteps) { run.auditHeader(job) })
        if json { callbacks.append(JSONEpochs(job)) }
        let resuming = resume == "latest" ? folder[RunFolder.checkpoints] : resume
        let history: History
        do {
            history = try model.fit(
                run.training, batchSize: fit.batchSize, epochs: fit.epochs, verbose: json || quiet ? 0 : 1, callbacks: callbacks,
                validation: run.validation, shuffle: fit.shuffle, seed: fit.seed, resuming: resuming)
        } catch let interruption as TrainingInterrupted {
            let wayOut =
                interruption.checkpoint == nil ? "" : "; go on with: lockstep train \(config) --resume latest --output \(folder.path)"
            job.endTogether("\(interruption)\(wayOut)", status: interruption.exitStatus)
        }
        let seconds = -start.timeIntervalSinceNow
        model.gatherOptimizerState()
        model.phaseClock?.begin(.checkpoint)
        // Before the test, which might fail.
        let isAnother = folder.holdsModel
        let saved = folder[job.fromRankZero(status: 1) { try folder.save(model) }]
        if job.rank == 0 { keep(history, record, of: folder, seconds: seconds) }
        if history.endedByNaN {
            job.endTogether(
                "TerminateOnNaN ended the training in epoch \((history.epochs.last ?? 0) + 1): the loss is \(history["loss"].last ?? .nan); lower the learning rate, or look at the data; the model as it was then is \(saved)",
                status: 1)
        }

        if let test = run.test {
            job.write(try model.evaluate(test, batchSize: fit.batchSize, verbose: 0), prefix: "test_", json: json)
        }
        tell("Saved \(saved)\(isAnother ? ", in place of an earlier run's" : "")\n")
        if profile, let profile = Profile.gather(model) { try report(profile, job, folder) }
        if saved != folder[RunFolder.model] {
            job.endTogether(
                "the trained weights are not finite: \(saved) has them, and \(folder[RunFolder.model]) is left as an earlier run has made it; lower the learning rate, or look at the data",
                status: 1)
        }
    }

    /// How the run has ended, and its learning curves: a picture in the run's directory and, where there is a terminal, lines there. The
    /// model is safe by then, and what cannot be written is warned of.
    private func keep(_ history: History, _ record: RunRecord, of folder: RunFolder, seconds: Double) {
        do {
            try record.write(to: folder, seconds: seconds, outcome: history.endedByNaN ? "ended by TerminateOnNaN" : "finished")
            if !history.epochs.isEmpty {
                try folder.write(LearningCurves([(folder.path, HistoryFile(history))]).svg, to: RunFolder.curves)
            }
        } catch { Console.warn("\(error)") }
        if !quiet, !json, Terminal.isThere, history.epochs.count > 1 {
            Console.tell(TerminalCurves(history).text(width: Terminal.width ?? 80))
        }
    }

    /// Says where files go; who reads JSON knows.
    private func tell(_ text: String) { if !json { Console.tell(text) } }

    private func report(_ profile: Profile, _ job: Job, _ folder: RunFolder) throws {
        job.agreeOnRankZero(status: 1) { try folder.write(profile.chromeTrace, to: RunFolder.trace) }
        if json {
            job.write(json: [.init("profile", .object(profile.entries))])
        } else {
            job.write(profile.report)
            Console.tell("Saved \(folder[RunFolder.trace])\n")
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

/// Refuses a number of threads below one, or that no processor has cores for.
func validateThreads(_ threads: Int?) throws {
    if let threads, threads < 1 || threads > 1024 { throw ValidationError("--threads \(threads): expected at least 1, at most 1024") }
}
