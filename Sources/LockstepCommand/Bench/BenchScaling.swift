import ArgumentParser
import Foundation
import Lockstep
import LockstepMPI

/// `lockstep bench scaling`: how well a model trains on more ranks, here and as predicted for many.
struct BenchScaling: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling",
        abstract: "Measures weak and strong scaling, shows where the time goes, and predicts up to 1,024 ranks.",
        discussion: """
            Starts mpirun itself, one job after another. Weak scaling keeps the batch of each rank, strong scaling the batch \
            of all together. From steps of one process and all-reduces of two ranks it fits a model of the step, whose \
            error against the measured rows is printed with its prediction.

            Examples:
              lockstep bench scaling mlp_512 --ranks 1,2,4
              lockstep bench scaling configs/quickstart.yaml --mode strong --output runs/scaling
              lockstep bench scaling mlp_wide --latency-us 2 --bandwidth-gbs 12 --launcher "mpirun --hostfile hosts"
            """)

    @Argument(help: ArgumentHelp("A config, or one of the workloads \(Workload.all.map(\.name).joined(separator: ", ")).")) var subject:
        String
    @Option(
        help: ArgumentHelp(
            "Numbers of ranks; one process is always measured (default: powers of two up to this host's cores).", valueName: "1,2,4"),
        transform: BenchScaling.rankCounts)
    var ranks = BenchScaling.upToCores
    @Option(help: "weak, strong or both.") var mode: Modes = .both
    @Option(help: "A directory for scaling.csv and scaling.svg.") var output: String?
    @Option(help: "How long to measure each job, over all rounds.") var seconds = 3.0
    @Option(help: "Rounds of all jobs, of which each job's fastest counts: other programs come and go.") var rounds = 3
    @Option(help: "Samples of one process's batch (default: the workload's or the config's own).") var batchSize: Int?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Replaces a value of the config, such as fit.batch_size=64; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []
    @Option(help: "Threads of each rank.") var threads = 1
    @Option(help: "Predict for a network of this latency in microseconds (default: as measured).") var latencyUs: Double?
    @Option(help: "Predict for a network of this bandwidth in GB/s (default: as measured).") var bandwidthGbs: Double?
    @Option(help: "The launcher and its options instead of mpirun on this host; -n RANKS is added.") var launcher: String?
    @Flag(help: "Print one JSON object a row, and one for the model.") var json = false

    enum Modes: String, ExpressibleByArgument, CaseIterable {
        case weak, strong, both
        var modes: [ScalingModel.Mode] { self == .both ? [.weak, .strong] : [self == .weak ? .weak : .strong] }
    }

    private static var upToCores: [Int] {
        let cores = Peer.availableCores().count
        return Array(sequence(first: 1) { $0 * 2 <= cores ? $0 * 2 : nil })
    }

    /// The numbers of `1,2,4`, and 1.
    private static func rankCounts(_ list: String) throws -> [Int] {
        let counts = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard counts.allSatisfy({ 1 ... 1024 ~= $0 }) else {
            throw ValidationError("--ranks \(list): expected numbers from 1 to 1024 between commas, such as 1,2,4")
        }
        return Set(counts + [1]).sorted()
    }

    func validate() throws {
        guard !MPICommunicator.launched else {
            throw ValidationError("bench scaling starts mpirun itself, one job for each number of ranks; run it without a launcher")
        }
        try validateThreads(threads)
        try validateSeconds(seconds)
        if rounds < 1 { throw ValidationError("--rounds \(rounds): expected at least 1") }
        try validateBatchSize("--batch-size", batchSize)
        if let latencyUs, !(latencyUs >= 0 && latencyUs.isFinite) {
            throw ValidationError("--latency-us \(latencyUs): expected a time of 0 or more")
        }
        if let bandwidthGbs, !(bandwidthGbs > 0 && bandwidthGbs.isFinite) {
            throw ValidationError("--bandwidth-gbs \(bandwidthGbs): expected a bandwidth above 0")
        }
    }

    func run() {
        Job.run { job in
            job.warn()
            let batch = try self.batch()
            // Standard output has the report alone.
            Console.people = STDERR_FILENO
            let folder = try output.map { try RunFolder($0) }
            try folder?.checkWritable(["scaling.csv", "scaling.svg"])
            warnIfBusy()
            var report = try measure(batch)
            if latencyUs != nil || bandwidthGbs != nil { report.assume(latencyUs: latencyUs, bandwidthGBs: bandwidthGbs) }
            if json { report.jsonRows.forEach { job.write(json: $0) } } else { job.write(report.text) }
            guard let folder else { return }
            try folder.write(report.csv, to: "scaling.csv")
            try folder.write(ScalingPlot(report).svg, to: "scaling.svg")
            if !json { job.write("Saved \(folder["scaling.csv"]) and \(folder["scaling.svg"])\n") }
        }
    }

    private var isWorkload: Bool { Workload.all.contains { $0.name == subject } }

    /// Samples of one process's batch; sees that the subject is there before anything is started.
    private func batch() throws -> Int {
        if let workload = Workload.all.first(where: { $0.name == subject }) {
            if !overrides.isEmpty { throw InputError("--set changes a config, and \(subject) is a workload") }
            return batchSize ?? workload.batch
        }
        guard subject.contains(".") || Files.isDirectory(subject) != nil else {
            throw InputError("\(unknownName("workload", subject, Workload.all.map(\.name))), or the path of a config")
        }
        let config = try RunConfig(ConfigFile(subject, overrides: overrides))
        return batchSize ?? config.fit.batchSize
    }

    // MARK: Measuring

    private func measure(_ batch: Int) throws -> ScalingReport {
        let launch = RankLaunch(launcher: launcher)
        // Smaller batches tell what a step costs whatever its batch, and what a sample does.
        let batches = [batch] + Set([batch / 4, batch / 16]).filter { $0 > 0 && $0 < batch }.sorted(by: >)
        let rows = mode.modes.flatMap { mode in
            ranks.map { (mode: mode, trial: Trial(ranks: $0, globalBatch: mode.globalBatch(batch, ranks: $0))) }
        }
        var trials = batches.map { Trial(ranks: 1, globalBatch: $0) }
        for row in rows where !trials.contains(row.trial) { trials.append(row.trial) }

        var figures: [Trial: [StepFigures]] = [:]
        var reductions: [Int: [Double]] = [:]
        var hosts = 1
        for round in 1 ... rounds {
            for trial in trials {
                progress("\(trial.ranks) \(trial.ranks == 1 ? "rank" : "ranks"), batch \(trial.globalBatch)", round)
                figures[trial, default: []].append(try step(launch, trial))
            }
            progress("all-reduce on 2 ranks", round)
            let bytes = figures[trials[0]]![0].gradientBytes
            for reduction in try self.reductions(launch, bytes: Set([4096, max(4, bytes / 64 * 4), bytes]).sorted()) {
                reductions[reduction.bytes, default: []].append(reduction.seconds)
                hosts = reduction.hosts
            }
        }
        let fastest = figures.mapValues { all in all.min { $0.step < $1.step }! }
        let one = fastest[trials[0]]!
        let model = ScalingModel(
            steps: batches.map { ($0, fastest[Trial(ranks: 1, globalBatch: $0)]!.step) },
            reductions: reductions.map { ($0.key, $0.value.min()!) }, gradientBytes: one.gradientBytes)
        return ScalingReport(
            name: one.name, batch: batch, threads: threads,
            measured: rows.map { ScalingReport.Measured(mode: $0.mode, figures: fastest[$0.trial]!) }, fittedBatches: batches,
            networkHosts: hosts, model: model, modes: mode.modes)
    }

    /// What is measured by one start of the program.
    private struct Trial: Hashable { let ranks: Int, globalBatch: Int }

    private func step(_ launch: RankLaunch, _ trial: Trial) throws -> StepFigures {
        let subject = isWorkload ? ["--workload", self.subject] : ["--config", self.subject] + overrides.flatMap { ["--set", $0] }
        let size = ["--global-batch-size", String(trial.globalBatch), "--threads", String(threads)]
        let options = ["--seconds", String(seconds / Double(rounds)), "--phases", "--json"]
        let lines = try launch.run(ranks: trial.ranks, ["bench", "step"] + subject + size + options)
        guard let figures = lines.compactMap(StepFigures.init).first else {
            throw InputError("bench step on \(trial.ranks) ranks printed no figures")
        }
        return figures
    }

    /// Seconds of the trainer's own reduction on two ranks, by bytes, and the hosts on which these were.
    private func reductions(_ launch: RankLaunch, bytes: [Int]) throws -> [(bytes: Int, hosts: Int, seconds: Double)] {
        let sizes = bytes.flatMap { ["--bytes", String($0)] }
        let lines = try launch.run(ranks: 2, ["bench", "allreduce", "--json", "--seconds", String(seconds / Double(2 * rounds))] + sizes)
        let times = lines.compactMap { line -> (bytes: Int, hosts: Int, seconds: Double)? in
            guard line["algorithm"] == "lockstep", case .int(let bytes) = line["bytes"], case .int(let hosts) = line["hosts"],
                let time = line.number("microseconds")
            else { return nil }
            return (bytes, hosts, time / 1e6)
        }
        guard !times.isEmpty else { throw InputError("bench allreduce on 2 ranks printed no figures") }
        return times
    }

    /// Warns if other programs keep this host's cores busy: their share changes from job to job.
    private func warnIfBusy() {
        var load = 0.0
        guard getloadavg(&load, 1) == 1, load > 0.5 else { return }
        let text = String(format: "%.1f", load)
        Console.warn("this host is busy (load average \(text)): figures will be of little use; measure on an idle one")
    }

    /// What goes on, for who waits at a terminal.
    private func progress(_ what: String, _ round: Int) {
        if isatty(STDERR_FILENO) == 1 { Console.tell("round \(round) of \(rounds): \(what)\n") }
    }
}

/// What `bench step --phases --json` printed.
struct StepFigures {
    let name: String, ranks: Int, batch: Int, globalBatch: Int, gradientBytes: Int, isOversubscribed: Bool
    /// Seconds.
    let step: Double, exposedReduction: Double, phases: [Double]

    init?(_ line: ConfigValue) {
        guard case .string(let name) = line["workload"], case .int(let ranks) = line["ranks"], case .int(let batch) = line["batch"],
            case .int(let globalBatch) = line["global_batch"], case .int(let gradientBytes) = line["gradient_bytes"],
            case .bool(let isOversubscribed) = line["oversubscribed"], let step = line.number("step_ms"),
            let exposed = line.number("exposed_reduction_ms")
        else { return nil }
        (self.name, self.ranks, self.batch, self.globalBatch) = (name, ranks, batch, globalBatch)
        (self.gradientBytes, self.isOversubscribed) = (gradientBytes, isOversubscribed)
        (self.step, exposedReduction) = (step / 1e3, exposed / 1e3)
        phases = Phase.ofStep.compactMap { line.number("\($0)_ms") }.map { $0 / 1e3 }
    }
}

extension ConfigValue {
    /// A number of an object, whole or not.
    fileprivate func number(_ key: String) -> Double? {
        switch self[key] {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
