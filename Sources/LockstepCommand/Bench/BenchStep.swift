import ArgumentParser
import Foundation
import Lockstep

/// `lockstep bench step`: how long a training step takes, and where its time goes.
struct BenchStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measures the training steps of reference models, or of a config.",
        discussion: """
            Prints the median time of a step of fit: gathering the shuffled batch, forward, loss, backward, \
            reduction over all ranks, optimizer and metrics.

            Example:
              lockstep bench step --workload mlp_300_100
              mpirun -n 2 lockstep bench step --config configs/quickstart.yaml
            """)

    @Option(help: ArgumentHelp("One of \(Workload.all.map(\.name).joined(separator: ", ")), or all.")) var workload: String?
    @Option(help: "A config, whose model is trained on its data.") var config: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Replaces a value of the config, such as fit.batch_size=64; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "Samples of each rank's part of a batch (default: the workload's own).") var batchSize: Int?
    @Option(help: "Samples of a batch over all ranks (default: the config's own).") var globalBatchSize: Int?
    @Option(help: "How long to measure.") var seconds = 3.0
    @Option(help: "Threads of each rank.") var threads = 1
    @Flag(help: "With --json, also print the model's size and mean milliseconds by phase on the rank with the most work.")
    var phases = false
    @Flag(help: "Print JSON alone, without the line of phases.") var json = false

    func validate() throws {
        try validateThreads(threads)
        guard (workload == nil) != (config == nil) else { throw ValidationError("expected --workload or --config, and not both") }
        if config == nil, !overrides.isEmpty { throw ValidationError("--set changes a config; name one with --config") }
        if batchSize != nil, globalBatchSize != nil { throw ValidationError("expected --batch-size or --global-batch-size, and not both") }
        try validateBatchSize("--batch-size", batchSize)
        try validateBatchSize("--global-batch-size", globalBatchSize)
        try validateSeconds(seconds)
    }

    func run() {
        Job.run(threads: threads) { job in
            if let config {
                let run = job.agree(about: config) { try Run(RunConfig(ConfigFile(config, overrides: overrides))) }
                run.prepare(job)
                try measure(run.config.file.name, globalBatch: globalBatch(job) ?? run.config.fit.batchSize, job) { globalBatch in
                    guard run.training.count / StepMeasurement.fewestBatches >= globalBatch else {
                        throw InputError(
                            "\(config): \(run.training.count) training samples are less than \(StepMeasurement.fewestBatches) batches of \(globalBatch); take a smaller batch or fewer ranks"
                        )
                    }
                    return (run.model, run.training)
                }
            }
            guard let workload else { return }
            for workload in job.agree({ try Workload.named(workload) }) {
                try measure(workload.name, globalBatch: globalBatch(job) ?? workload.batch * job.size, job) { globalBatch in
                    (try workload.makeModel(), try workload.makeData(globalBatch: globalBatch))
                }
            }
        }
    }

    /// What the options say about it.
    private func globalBatch(_ job: Job) -> Int? { globalBatchSize ?? batchSize.map { $0 * job.size } }

    private func measure(_ name: String, globalBatch: Int, _ job: Job, _ load: (Int) throws -> (Model, Dataset)) throws {
        let (model, data) = job.agree { () -> (Model, Dataset) in
            let (model, data) = try load(globalBatch)
            // Full batches only, so that all steps are of one size.
            return (model, try data.take(data.count / globalBatch * globalBatch))
        }
        let measurement = try StepMeasurement(model, data, globalBatch: globalBatch, seconds: seconds, job: job)
        var entries: [ConfigValue.Entry] = [
            .init("workload", .string(name)), .init("system", "lockstep"), .init("ranks", .int(job.size)),
            .init("threads", .int(Threads.count)), .init("batch", .int((globalBatch + job.size - 1) / job.size)),
            .init("step_ms", .double(rounded(1e3 * measurement.step, 4))),
            .init("samples_per_s", .double(rounded(Double(globalBatch) / measurement.step, 1))),
        ]
        if phases {
            entries += [
                .init("global_batch", .int(globalBatch)), .init("parameters", .int(model.countParams())),
                .init("gradient_bytes", .int(model.gradientByteCount(batchSize: globalBatch))),
                .init("oversubscribed", .bool(Findings(job).isOversubscribed)),
                .init("exposed_reduction_ms", .double(rounded(1e3 * measurement.exposedReduction, 5))),
            ]
            entries += measurement.phases.map { .init("\($0.phase)_ms", .double(rounded(1e3 * $0.seconds, 5))) }
        }
        job.write(json: entries)
        if !json {
            let phases = measurement.phases.map { "\($0.phase) \(String(format: "%.4f", 1e3 * $0.seconds))" }
            job.write("  mean ms of the rank with the most work: \(phases.joined(separator: ", "))\n")
        }
    }
}

/// Refuses a batch that no memory holds: measurements make data for twenty.
func validateBatchSize(_ name: String, _ size: Int?) throws {
    guard let size else { return }
    guard 1 ... 1_000_000 ~= size else { throw ValidationError("\(name) \(size): expected 1 to 1000000") }
}
