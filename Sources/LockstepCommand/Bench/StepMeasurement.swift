import Foundation
import Lockstep

/// What a training step takes on the ranks of one job, by the clock of a callback of `fit` itself.
struct StepMeasurement {
    /// Seconds of a step, the median on rank zero; ranks end a step together.
    let step: Double
    /// Mean seconds of a step by phase, on the rank with the most work of its own: the others wait for it.
    let phases: [(phase: Phase, seconds: Double)]
    /// Mean seconds of a step that no rank could hide behind its backward pass: the least that any spent in reduction.
    let exposedReduction: Double

    /// Samples of a global batch, for which there are fewer than two batches of data, cannot be measured.
    static let fewestBatches = 2
    /// Seconds of steps before the first that counts.
    private static let warmUp = 0.5

    /// Trains for about `seconds`. Collective.
    ///
    /// - Parameter data: full batches only, so that all steps are of one size; at least `fewestBatches`.
    init(_ model: Model, _ data: Dataset, globalBatch: Int, seconds: Double, job: Job) throws {
        let batches = data.count / globalBatch

        // A short run first: it traces the model, warms the caches and says how many steps fill the time.
        let clock = StepClock()
        let trial = min(batches, 50)
        var planned = 0
        while true {
            try model.fit(data.take(trial * globalBatch), batchSize: globalBatch, verbose: 0, callbacks: [clock])
            // Callbacks run on rank zero, so its clock decides for all.
            if job.rank == 0, clock.elapsed >= StepMeasurement.warmUp { planned = max(20, Int(seconds / clock.median) + 1) }
            withUnsafeMutableBytes(of: &planned) { job.communicator.broadcast($0, from: 0) }
            if planned > 0 { break }
        }

        let before = Profile.gather(model)!
        clock.restart()
        let epochs = (planned + batches - 1) / batches
        let part = planned < batches ? try data.take(planned * globalBatch) : data
        try model.fit(part, batchSize: globalBatch, epochs: epochs, verbose: 0, callbacks: [clock])
        let after = Profile.gather(model)!

        // Callbacks run on rank zero alone: the others have no median.
        step = clock.median
        let ranks = zip(after.ranks, before.ranks).map { after, before in
            let steps = Double(after.steps - before.steps)
            return (busy: (after.busy - before.busy) / steps, phases: Phase.ofStep.map { (after[$0] - before[$0]) / steps })
        }
        phases = Array(zip(Phase.ofStep, ranks.max { $0.busy < $1.busy }!.phases)).map { ($0, $1) }
        let reduction = Phase.ofStep.firstIndex(of: .reduce)!
        exposedReduction = ranks.map { $0.phases[reduction] }.min()!
    }
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
