import CKernels
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// One training step on many ranks:
///
///     batch → shard → forward → loss → backward → reduce → optimizer → metrics → callbacks
///
/// - The *global batch* is cut into shards, one a rank unless `logical_shards` says otherwise; a shard may be empty.
/// - Each shard's loss is Σ weight·loss over its samples, divided by what the *global* batch is divided by. So gradients of
///   uneven parts add up to exactly those of one process: never means of means.
/// - Gradients are written into a flat arena in the order in which the backward pass computes them. It is cut into buckets;
///   each is summed over all ranks as soon as it is written, or, on one host, when it is used; those of large matrices the ranks
///   of a host compute together (see `GradientFactors`). What else ranks must know of each other rides along behind the
///   last gradient: metrics, moving statistics, checksums of the parameters, rank zero's decisions (see `StepTail`).
/// - The optimizer is a pure update over (parameters, sums, state). All ranks come to the same parameters; those of a host
///   share the work (see `ParameterUpdate`).
///
/// In the steady state a step takes no memory from the heap: programs, arenas and buffers are made beforehand.
final class TrainStep {
    private let reducer: any GradientReducer
    private let optimizer: Optimizer
    private let layout: ParameterLayout
    private let tail: StepTail
    private let states: MetricStates
    private let layers: LayerStates
    private let watch: ParameterWatch
    private let update: ParameterUpdate
    private let divisors: LossDivisors
    private let clock: PhaseClock
    private let communicator: any Communicator
    /// Whether the loss has been finite so far.
    private var watchesLoss = false
    private let makeProgram: (_ shard: Int, _ rows: Int, _ buffers: BatchBuffers) -> StepProgram
    private let makeReducer: (_ count: Int) -> any GradientReducer
    private var programs: [ProgramKey: StepProgram] = [:]
    /// Those of the batch at hand, one for each of this rank's shards.
    private var current: [StepProgram] = []
    /// One for each sum over shards in mid-step.
    private var midStepReducers: [any GradientReducer]?
    private let buffers: [BatchBuffers]
    /// What is computed together by the ranks of a host, in place of gradients of their own.
    let factors: GradientFactors?

    private struct ProgramKey: Hashable { let shard: Int, rows: Int }

    /// - Parameter buffers: one for each of this rank's shards.
    init(_ trainer: Trainer, buffers: [BatchBuffers], factors: GradientFactors?) {
        (reducer, optimizer, layout) = (trainer.gradientReducer, trainer.compilation.optimizer, trainer.layout)
        (tail, states, layers, watch) = (trainer.tail, trainer.states, trainer.layerStates, trainer.watch)
        (update, clock, communicator) = (trainer.update, trainer.clock, trainer.communicator)
        divisors = LossDivisors(trainer.compilation.losses)
        self.buffers = buffers
        self.factors = factors
        makeProgram = { [unowned trainer] shard, rows, buffers in
            trainer.makeProgram(.train, shard: shard, rows: rows, buffers: buffers, factors: factors)
        }
        makeReducer = { [unowned trainer] count in trainer.makeReducer(count) }
    }

    /// Trains on batch `batch` of an epoch that takes samples in the given order.
    ///
    /// - Parameter interrupting: rank zero has something to tell before this step counts.
    /// - Returns: whether the step counts. If not, nothing has changed: rank zero has interrupted it, and all ranks know.
    func run(
        _ batch: Int, of batches: Batches, _ data: Dataset, order: UnsafeBufferPointer<Int32>, interrupting: Bool
    ) -> Bool {
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        let batchSize = batches.range(ofBatch: batch).count
        func part(_ shard: Int) -> Range<Int> { balancedPart(shard, of: reducer.layout.shards, count: batchSize) }
        Random.state.step = UInt64(bitPattern: Int64(optimizer.steps))
        clock.beginStep(optimizer.steps)
        prepare(part)
        clock.begin(.reduce)
        reducer.begin()
        factors?.begin(rows: current[0].factorRows)
        layers.begin()

        for stage in 0 ..< current[0].stages.count {
            for shard in reducer.ownShards {
                if stage == 0 {
                    clock.begin(.data)
                    let buffers = buffers[shard - reducer.ownShards.lowerBound]
                    buffers.gather(data, rows: batches.rows(part(shard), ofBatch: batch, in: order))
                    divisors.set(buffers, data, batches.rows(0 ..< batchSize, ofBatch: batch, in: order))
                    announce(shard, interrupting: interrupting)
                }
                Random.state.firstSample = part(shard).lowerBound
                run(stage, shard, rows: part(shard).count)
            }
            if stage < current[0].shardSums.count { sumOverShards(stage) }
        }

        clock.begin(.reduce)
        reducer.finish()
        defer { reducer.end() }
        let sums = reducer.sums(tail.range)
        func sum(_ place: Int) -> UnsafePointer<Float> { sums + (place - tail.range.lowerBound) }
        guard sum(tail.interruption).pointee == 0 else {
            layers.revert()
            clock.begin(.callbacks)
            return false
        }

        clock.begin(.optimizer)
        watch.compare(step: optimizer.steps, sum(tail.checksums.lowerBound))
        for shard in reducer.ownShards { states.commit(shard: shard) }
        states.commit(sums: sum(tail.metrics.lowerBound))
        if watchesLoss, !states.lossSum.isFinite { warnOfLoss(batch) }
        layers.adopt(sum(tail.layers.lowerBound), batchSize: batchSize)
        optimizer.constantRate = sum(tail.learningRate).pointee
        update.apply(factors)

        clock.begin(.callbacks)
        return true
    }

    /// Warns once, from here on, of a loss that is not finite.
    func watchLoss() { watchesLoss = true }

    /// Says at which step the loss is no longer finite, and on which ranks. Collective: all ranks have seen it at this step.
    private func warnOfLoss(_ batch: Int) {
        watchesLoss = false
        let isMine = states.ownLossSums.contains { !$0.isFinite }
        let ranks = communicator.allGather(isMine ? communicator.host : "").enumerated().filter { !$0.element.isEmpty }
        let places = ranks.map { "rank \($0.offset) on \($0.element)" }.joined(separator: ", ")
        let place = communicator.size == 1 ? "" : ranks.count == communicator.size ? " on every rank" : " on \(places)"
        Console.warn(
            "step \(optimizer.steps), batch \(batch) of its epoch: the loss is \(states.lossSum.isNaN ? "nan" : "infinite")\(place), and training goes on; "
                + "lower the learning rate, look at the data, or let TerminateOnNaN end it")
    }

    /// Runs one stage of a shard's program.
    private func run(_ stage: Int, _ shard: Int, rows: Int) {
        let arena = reducer.arena(ofShard: shard)
        let program = current[shard - reducer.ownShards.lowerBound]
        for segment in program.stages[stage] {
            if segment.isBackward {
                clock.begin(.backward)
                let isLast = shard == reducer.ownShards.upperBound - 1
                program.runBackward(segment) { bucket in if isLast { clock.overlap { reducer.ready(bucket: bucket) } } }
            } else {
                clock.begin(.forward)
                states.load(shard: shard, midStep: stage > 0)
                layers.load(shard: shard)
                program.runForward(segment)
                states.store(shard: shard, into: arena + tail.metrics.lowerBound)
                layers.store(shard: shard)
                layers.contribute(shard: shard, rows: rows, into: arena + tail.layers.lowerBound)
            }
        }
    }

    /// Writes what one shard alone says: rank zero's decisions, this rank's checksum.
    private func announce(_ shard: Int, interrupting: Bool) {
        let arena = reducer.arena(ofShard: shard)
        (arena + tail.learningRate).update(repeating: 0, count: tail.end - tail.learningRate)
        if shard == 0 {
            arena[tail.learningRate] = optimizer.constantRate
            arena[tail.interruption] = interrupting ? 1 : 0
        }
        if shard == reducer.ownShards.lowerBound { watch.note(step: optimizer.steps, into: arena + tail.checksums.lowerBound) }
    }

    /// Replaces the output of a stage's sum over shards, on every shard, by the sum.
    private func sumOverShards(_ stage: Int) {
        clock.begin(.reduce)
        let reducer = midStepReducers![stage]
        let all = 0 ..< reducer.layout.count
        reducer.begin()
        for (shard, program) in zip(reducer.ownShards, current) {
            reducer.arena(ofShard: shard).update(from: program.shardSums[stage].baseAddress!, count: all.count)
        }
        reducer.ready(bucket: 0)
        reducer.finish()
        let sums = reducer.sums(all)
        for program in current { program.shardSums[stage].baseAddress!.update(from: sums, count: all.count) }
        reducer.end()
    }

    /// Finds the programs for parts of these sizes; makes those that are new.
    private func prepare(_ part: (Int) -> Range<Int>) {
        current.removeAll(keepingCapacity: true)
        for (shard, buffers) in zip(reducer.ownShards, buffers) {
            let key = ProgramKey(shard: shard, rows: part(shard).count)
            if programs[key] == nil {
                clock.begin(.other)
                programs[key] = makeProgram(shard, key.rows, buffers)
                makeMidStepReducers(programs[key]!)
            }
            current.append(programs[key]!)
        }
    }

    /// Makes what sums in mid-step. Collective: every rank comes here in its first step.
    private func makeMidStepReducers(_ program: StepProgram) {
        let counts = program.shardSums.map(\.count)
        if midStepReducers == nil { midStepReducers = counts.map(makeReducer) }
        check(
            counts == midStepReducers!.map(\.layout.count),
            "sumOverShards: every shard must sum tensors of the same shapes, in the same order, whatever its number of samples")
    }
}

/// What the summed losses of a global batch are divided by, for each target.
struct LossDivisors {
    private let losses: [Loss]

    init(_ losses: [Loss]) { self.losses = losses }

    /// Sets the factors of a batch: 1/(number of samples), 1, or 1/(sum of weights), as each loss reduces.
    func set(_ buffers: BatchBuffers, _ data: Dataset, _ rows: UnsafeBufferPointer<Int32>) {
        buffers.setFactors(globalBatch: rows.count) { target in
            switch losses[target].reduction {
            case .sum: 1
            case .sumOverBatchSize: Float(rows.count)
            case .meanWithSampleWeight: data.weights(ofTarget: target)?.sum(rows: rows) ?? Float(rows.count)
            }
        }
    }
}

extension Column {
    /// The sum of a column of numbers over some of its rows, in double precision.
    func sum(rows: UnsafeBufferPointer<Int32>) -> Float {
        tensor.withElements(of: Float.self) { values in Float(rows.reduce(0.0) { $0 + Double(values[Int($1)]) }) }
    }
}
