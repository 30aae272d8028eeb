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
///   of a host compute together (see `GradientFactors`), and of large tables those of the rows that the batch names travel by
///   themselves (see `RowGradients`). What else ranks must know of each other rides along behind the
///   last gradient: metrics, moving statistics, checksums of the parameters, rank zero's decisions (see `StepTail`).
/// - The optimizer is a pure update over (parameters, sums, state). All ranks come to the same parameters; those of a host
///   share the work (see `ParameterUpdate`).
///
/// In the steady state a step takes no memory from the heap: programs, arenas and buffers are made beforehand.
final class TrainStep {
    private let shards: ShardLoop
    private let divisors: LossDivisors
    private let reducer: any GradientReducer
    private let tail: StepTail
    private let states: MetricStates
    private let layers: NonTrainableState
    private let desyncCheck: DesyncCheck
    private let optimizer: Optimizer
    private let update: ParameterUpdate
    private let random: Random.State
    private let clock: PhaseClock
    private let communicator: any Communicator
    /// Whether the loss has been finite so far.
    private var watchesLoss = false
    /// What is computed together by the ranks of a host, in place of gradients of their own.
    let factors: GradientFactors?
    /// Of tables of which batches name a few rows, these rows' gradients.
    private let rows: RowGradients?

    /// - Parameter capacity: samples of the largest part of a batch.
    init(_ setup: TrainingSetup, _ specs: BatchSpecs, capacity: Int) {
        (reducer, tail, states, layers) = (setup.gradientReducer, setup.tail, setup.states, setup.nonTrainableState)
        (desyncCheck, optimizer, update) = (setup.desyncCheck, setup.compilation.optimizer, setup.update)
        (random, clock, communicator) = (setup.random, setup.clock, setup.communicator)
        divisors = LossDivisors(setup.pairing, specs)
        let buffers = setup.ownShards.map { _ in BatchBuffers(specs, capacity: capacity) }
        let factors = setup.makeFactors(rows: capacity, buffers[0])
        self.factors = factors
        let rows = setup.makeRowGradients(capacity: capacity)
        self.rows = rows
        shards = ShardLoop(
            shards: setup.ownShards, of: setup.shardCount, buffers, random: random, clock: clock, makeReducer: setup.makeReducer
        ) {
            setup.makeProgram(.train, shard: $0, rows: $1, buffers: $2, factors: factors, rows: rows)
        }
    }

    /// Whether it can be used for batches of these arrays, with parts of up to `capacity` samples.
    func fits(_ specs: BatchSpecs, capacity: Int) -> Bool {
        // Factors of gradients are multiplied with all the rows there is room for, and rows of tables travel with it.
        shards.buffers[0].fits(specs, capacity: capacity)
            && (factors == nil && rows == nil || shards.buffers[0].capacity == capacity)
    }

    /// Trains on the batch at hand of a source.
    ///
    /// - Parameters:
    ///   - batch: its number in the epoch, for messages. - count: its samples.
    ///   - interrupting: this rank has something to tell before this step counts.
    ///   - record: where the step's gradients are noted, if they are wanted.
    /// - Returns: whether the step counts. If not, nothing has changed: some rank has interrupted it, and all ranks know.
    func run(_ batch: Int, of source: any BatchSource, count: Int, interrupting: Bool, noting record: GradientRecord?) -> Bool {
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        random.step = UInt64(bitPattern: Int64(optimizer.steps))
        clock.beginStep(optimizer.steps)

        // batch → shard
        shards.cut(count)
        clock.begin(.reduce)
        reducer.begin()
        factors?.begin(rows: shards.program(reducer.ownShards.lowerBound).factorRows)
        rows?.begin()
        layers.begin()

        // forward → loss → backward
        shards.run(
            begin: { shard, buffers in
                clock.begin(.data)
                source.fill(shards.part(shard), into: buffers.arrays)
                divisors.set(buffers, shard: shard, count: count, of: source)
                announce(shard, interrupting: interrupting)
            },
            segment: { shard, segment, stage in
                if segment.isBackward { backward(shard, segment) } else { forward(shard, segment, stage) }
            })

        // reduce
        clock.begin(.reduce)
        reducer.finish()
        rows?.finish()
        defer {
            reducer.end()
            rows?.end()
        }
        let sums = reducer.sums(tail.range)
        func sum(_ place: Int) -> UnsafePointer<Float> { sums + (place - tail.range.lowerBound) }
        guard sum(tail.interruption).pointee == 0 else {
            layers.revert()
            clock.begin(.callbacks)
            return false
        }

        // metrics, optimizer
        clock.begin(.optimizer)
        desyncCheck.compare(step: optimizer.steps, sum(tail.checksums.lowerBound))
        for shard in shards.shards { states.commit(shard: shard) }
        states.commit(sums: sum(tail.metrics.lowerBound))
        if watchesLoss, !states.lossSum.isFinite { warnOfLoss(batch) }
        layers.adopt(sum(tail.layers.lowerBound), batchSize: count)
        optimizer.constantRate = sum(tail.learningRate).pointee
        update.apply(factors, rows, batch: count, noting: record)

        clock.begin(.callbacks)
        return true
    }

    /// Runs a segment of a shard's forward pass; its metrics and the layers' states go where they are summed.
    private func forward(_ shard: Int, _ segment: StepProgram.Segment, _ stage: Int) {
        clock.begin(.forward)
        let arena = reducer.arena(ofShard: shard)
        states.load(shard: shard, midStep: stage > 0)
        layers.load(shard: shard)
        shards.program(shard).runForward(segment)
        states.store(shard: shard, into: arena + tail.metrics.lowerBound)
        layers.store(shard: shard)
        layers.contribute(shard: shard, part: shards.part(shard), into: arena + tail.layers.lowerBound)
    }

    /// Runs a segment of a shard's backward pass. With the last shard's, buckets of gradients are ready to be reduced.
    private func backward(_ shard: Int, _ segment: StepProgram.Segment) {
        clock.begin(.backward)
        let isLast = shard == shards.shards.upperBound - 1
        shards.program(shard).runBackward(segment) { bucket in if isLast { clock.overlap { reducer.ready(bucket: bucket) } } }
    }

    /// Writes what one shard alone says: rank zero's decisions, whether this rank interrupts, its checksum.
    private func announce(_ shard: Int, interrupting: Bool) {
        let arena = reducer.arena(ofShard: shard)
        (arena + tail.learningRate).update(repeating: 0, count: tail.end - tail.learningRate)
        if shard == 0 { arena[tail.learningRate] = optimizer.constantRate }
        guard shard == shards.shards.lowerBound else { return }
        arena[tail.interruption] = interrupting ? 1 : 0
        desyncCheck.note(step: optimizer.steps, rows, into: arena + tail.checksums.lowerBound)
    }

    // MARK: A loss that is no number

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
}
