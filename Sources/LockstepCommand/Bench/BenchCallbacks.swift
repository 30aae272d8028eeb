import ArgumentParser
import Foundation
import Lockstep

/// `lockstep bench callbacks`: what it costs to watch a training.
struct BenchCallbacks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callbacks",
        abstract: "Measures what TensorBoard and CSV files cost a training.",
        discussion: """
            Trains with and without them in turn: TensorBoard with the figures of every batch and histograms of all weights and gradients \
            after every epoch, CSVLogger with a line an epoch. The time of a step is that of all of the training, ends of epochs and \
            closing the files included, over its steps. The ratio is the median of those of the rounds.

            Example:
              lockstep bench callbacks --workload mlp_300_100
            """)

    @Option(help: ArgumentHelp("One of \(Workload.all.map(\.name).joined(separator: ", ")).")) var workload = "mlp_300_100"
    @Option(help: "Rounds with, and as many without.") var rounds = 9
    @Option(help: "About how long a round is.") var seconds = 2.0
    @Option(help: "Threads of each rank.") var threads = 1

    func validate() throws {
        try validateThreads(threads)
        try validateSeconds(seconds)
        guard 1 ... 1000 ~= rounds else { throw ValidationError("--rounds \(rounds): expected 1 to 1000") }
    }

    func run() {
        Job.run(threads: threads) { job in
            let workload = job.agree { try Workload.named(self.workload) }[0]
            let globalBatch = workload.batch * job.size
            let (model, data) = job.agree { () -> (Model, Dataset) in
                let data = try workload.makeData(globalBatch: globalBatch)
                return (try workload.makeModel(), try data.take(data.count / globalBatch * globalBatch))
            }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            func train(epochs: Int, _ callbacks: [Callback]) throws -> Double {
                job.communicator.barrier()
                let start = DispatchTime.now().uptimeNanoseconds
                try model.fit(data, batchSize: globalBatch, epochs: epochs, verbose: 0, callbacks: callbacks)
                return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            }
            _ = try train(epochs: 1, [])
            var epochs = max(1, Int(seconds / (try train(epochs: 1, []))))
            withUnsafeMutableBytes(of: &epochs) { job.communicator.broadcast($0, from: 0) }
            let steps = Double(epochs * data.count / globalBatch)
            var times: [[Double]] = [[], []]
            for round in 0 ..< rounds {
                times[0].append(try train(epochs: epochs, []) / steps)
                let board = TensorBoard(logDir: "\(folder)/\(round)", histogramFreq: 1, writeStepsPerSecond: true, updateFreq: .batch)
                times[1].append(try train(epochs: epochs, [board, CSVLogger("\(folder)/\(round).csv")]) / steps)
            }
            let (plain, watched) = (median(times[0]), median(times[1])), ratio = median(zip(times[1], times[0]).map { $0 / $1 })
            job.write(json: [
                .init("workload", .string(workload.name)), .init("ranks", .int(job.size)), .init("threads", .int(Threads.count)),
                .init("steps", .int(Int(steps))), .init("epochs", .int(epochs)), .init("step_ms", .double(rounded(1e3 * plain, 5))),
                .init("step_watched_ms", .double(rounded(1e3 * watched, 5))), .init("ratio", .double(rounded(ratio, 4))),
            ])
        }
    }
}
