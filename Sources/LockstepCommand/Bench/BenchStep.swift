import ArgumentParser
import Foundation
import Lockstep

/// `lockstep bench step`: how long a training step takes, by the clock of a callback of `fit` itself.
struct BenchStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measures the training steps of reference models.",
        discussion: """
            Prints the median time of a step of fit: gathering the shuffled batch, forward, loss, backward, \
            reduction over all ranks, optimizer and metrics.

            Example:
              lockstep bench step --workload mlp_300_100
            """)

    @Option(help: "mlp_300_100, mlp_512, mlp_wide or all.") var workload: String
    @Option(help: "Samples of each rank's part of a batch (default: the workload's own).") var batchSize: Int?
    @Option(help: "How long to measure.") var seconds = 3.0
    @Option(help: "Threads of each rank.") var threads = 1
    @Flag(help: "Print JSON alone, without the line of phases.") var json = false

    func validate() throws {
        try validateThreads(threads)
        if let batchSize, batchSize < 1 { throw ValidationError("--batch-size \(batchSize): expected at least 1") }
        try validateSeconds(seconds)
    }

    func run() {
        Job.run(threads: threads) { job in
            for workload in job.agree({ try Workload.named(workload) }) { try measure(workload, job) }
        }
    }

    private func measure(_ workload: Workload, _ job: Job) throws {
        let batch = batchSize ?? workload.batch
        let globalBatch = batch * job.size
        let (model, data) = job.agree { () -> (Model, Dataset) in
            let data = try workload.makeData(count: max(workload.samples, 20 * globalBatch))
            // Full batches only, so that all steps are of one size.
            return (try workload.makeModel(), try data.take(data.count / globalBatch * globalBatch))
        }
        let batches = data.count / globalBatch

        // A short run first: it traces the model, warms the caches and says how many steps fill the time.
        let clock = StepClock()
        let trial = min(batches, 50)
        var planned = 0
        while true {
            try model.fit(data.take(trial * globalBatch), batchSize: globalBatch, verbose: 0, callbacks: [clock])
            // Callbacks run on rank zero, so its clock decides for all.
            if job.rank == 0, clock.elapsed >= BenchStep.warmUp { planned = max(20, Int(seconds / clock.median) + 1) }
            withUnsafeMutableBytes(of: &planned) { job.communicator.broadcast($0, from: 0) }
            if planned > 0 { break }
        }

        let before = model.phaseClock!.nanoseconds
        clock.restart()
        let epochs = (planned + batches - 1) / batches
        let part = planned < batches ? try data.take(planned * globalBatch) : data
        try model.fit(part, batchSize: globalBatch, epochs: epochs, verbose: 0, callbacks: [clock])
        guard job.rank == 0 else { return }
        let median = clock.median
        job.write(json: [
            .init("workload", .string(workload.name)), .init("system", "lockstep"), .init("ranks", .int(job.size)),
            .init("threads", .int(Threads.count)),
            .init("batch", .int(batch)), .init("step_ms", .double(rounded(1e3 * median, 4))),
            .init("samples_per_s", .double(rounded(Double(globalBatch) / median, 1))),
        ])
        if !json {
            let steps = Double(epochs * part.count / globalBatch)
            let phases = zip(Phase.allCases, zip(model.phaseClock!.nanoseconds, before)).map { phase, times in
                "\(phase) \(String(format: "%.4f", Double(times.0 - times.1) / steps / 1e6))"
            }
            job.write("  mean ms of rank 0: \(phases.joined(separator: ", "))\n")
        }
    }

    /// Seconds of steps before the first that counts.
    private static let warmUp = 0.5
}

/// Notes how long each step takes, from the end of the one before.
private final class StepClock: Callback {
    private var times: [UInt64] = []
    private var last: UInt64 = 0
    private var start = monotonicNanoseconds()

    override init() { times.reserveCapacity(1 << 16) }

    func restart() {
        times.removeAll(keepingCapacity: true)
        start = monotonicNanoseconds()
    }

    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) {
        let now = monotonicNanoseconds()
        // The first step of an epoch begins with the shuffle, of a run with tracing the model.
        if batch > 0 { times.append(now - last) }
        last = now
    }

    /// Seconds since the start.
    var elapsed: Double { Double(monotonicNanoseconds() - start) / 1e9 }
    /// Seconds.
    var median: Double { times.isEmpty ? 0 : Double(times.sorted()[times.count / 2]) / 1e9 }
}
