import CKernels
import LockstepCommunication
import LockstepData
import LockstepNN

/// Loss and metrics of a batch, cut as in training.
final class EvaluationStep {
    private let shards: ShardLoop
    private let divisors: LossDivisors
    private let states: MetricStates
    private let reducer: any GradientReducer
    private let clock: PhaseClock
    /// What goes on from batch to batch, of which each shard has its samples' rows; and what shares them.
    private let rows: NonTrainableState
    private let rowReducer: (any GradientReducer)?

    /// - Parameter capacity: samples of the largest part of a batch.
    init(_ setup: TrainingSetup, _ specs: BatchSpecs, capacity: Int) {
        (states, reducer, clock) = (setup.states, setup.stateReducer, setup.clock)
        divisors = LossDivisors(setup.pairing, specs)
        rows = NonTrainableState(setup.pairing.assigned.filter(\.hasRowPerSample), shards: setup.ownShards, of: setup.shardCount)
        rowReducer = rows.count > 0 ? setup.makeReducer(rows.count) : nil
        // Shards that do not wait for each other in mid-step use the same buffers, one after the other.
        let buffers = (setup.takesTurns ? setup.ownShards : 0 ..< 1).map { _ in BatchBuffers(specs, capacity: capacity) }
        shards = ShardLoop(
            shards: setup.ownShards, of: setup.shardCount, buffers, random: setup.random, makeReducer: setup.makeReducer
        ) {
            setup.makeProgram(.evaluate, shard: $0, rows: $1, buffers: $2, factors: nil, rows: nil)
        }
    }

    /// Whether it can be used for batches of these arrays, with parts of up to `capacity` samples.
    func fits(_ specs: BatchSpecs, capacity: Int) -> Bool { shards.buffers[0].fits(specs, capacity: capacity) }

    /// Loss and metrics over an epoch of a source; the same numbers on every rank. Collective.
    func run(over source: any BatchSource, onBatch: (Int, BatchMoment) -> Void) -> [Float] {
        states.reset()
        reducer.begin()
        source.begin(epoch: 0, seed: 0)
        var batch = 0
        while case let count = source.select(batch: batch), count > 0 {
            // A rank that evaluates makes progress, as the watchdog sees it.
            clock.begin(.other)
            onBatch(batch, .begin)
            evaluate(source, count: count)
            onBatch(batch, .end)
            batch += 1
        }
        if batch > 0 { shareRows() }
        reducer.ready(bucket: 0)
        reducer.finish()
        defer { states.reset() }
        states.commit(sums: reducer.sums(0 ..< states.count))
        reducer.end()
        return states.results()
    }

    /// Gives all ranks all samples' rows, each as the shard has left it that the sample is part of.
    private func shareRows() {
        guard let rowReducer else { return }
        rows.begin()
        rowReducer.begin()
        for shard in shards.shards { rows.contribute(shard: shard, part: shards.part(shard), into: rowReducer.arena(ofShard: shard)) }
        rowReducer.ready(bucket: 0)
        rowReducer.finish()
        rows.adopt(rowReducer.sums(0 ..< rows.count), batchSize: 1)
        rowReducer.end()
    }

    private func evaluate(_ source: any BatchSource, count: Int) {
        // As in a training step: the same numbers, and as fast.
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        shards.cut(count)
        shards.run(
            begin: { shard, buffers in
                source.fill(shards.part(shard), into: buffers.arrays)
                divisors.set(buffers, shard: shard, count: count, of: source)
            },
            segment: { shard, segment, stage in
                guard !segment.isBackward else { return }
                states.load(shard: shard, midStep: stage > 0)
                shards.program(shard).runForward(segment)
                states.store(shard: shard, into: reducer.arena(ofShard: shard))
            })
        for shard in shards.shards { states.commit(shard: shard) }
    }
}
