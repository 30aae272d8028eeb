import CKernels
import LockstepCommunication
import LockstepData
import LockstepNN

extension Trainer {
    /// The buffers and programs of evaluations.
    struct Evaluation {
        let buffers: BatchBuffers
        /// By the number of samples in a part.
        var programs: [Int: StepProgram] = [:]
    }

    /// Loss and metrics over `data`, each batch cut as in training; the same numbers on every rank.
    func evaluate(_ data: Dataset, batchSize: Int, onBatch: (Int) -> Void) -> [Float] {
        let batchSize = min(batchSize, data.count)
        let (batches, shards) = (Batches(sampleCount: data.count, batchSize: batchSize), stateReducer.layout.shards)
        let capacity = (batchSize + shards - 1) / shards
        if evaluation == nil || !evaluation!.buffers.fits(data, capacity: capacity) {
            evaluation = Evaluation(buffers: BatchBuffers(data, capacity: capacity))
        }
        let divisors = LossDivisors(compilation.losses)
        states.reset()
        stateReducer.begin()
        let order = (0 ..< Int32(data.count)).map { $0 }
        order.withUnsafeBufferPointer { order in
            for batch in 0 ..< batches.count {
                // A rank that evaluates makes progress, as the watchdog sees it.
                clock.begin(.other)
                evaluate(batch, of: batches, data, divisors, order)
                onBatch(batch)
            }
        }
        stateReducer.ready(bucket: 0)
        stateReducer.finish()
        defer { states.reset() }
        states.commit(sums: stateReducer.sums(0 ..< states.count))
        stateReducer.end()
        return states.results()
    }

    private func evaluate(_ batch: Int, of batches: Batches, _ data: Dataset, _ divisors: LossDivisors, _ order: UnsafeBufferPointer<Int32>)
    {
        // As in a training step: the same numbers, and as fast.
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        let (size, buffers) = (batches.range(ofBatch: batch).count, evaluation!.buffers)
        for shard in stateReducer.ownShards {
            let part = balancedPart(shard, of: stateReducer.layout.shards, count: size)
            if evaluation!.programs[part.count] == nil {
                evaluation!.programs[part.count] = makeProgram(.evaluate, shard: shard, rows: part.count, buffers: buffers, factors: nil)
            }
            buffers.gather(data, rows: batches.rows(part, ofBatch: batch, in: order))
            divisors.set(buffers, data, batches.rows(0 ..< size, ofBatch: batch, in: order))
            states.load(shard: shard)
            evaluation!.programs[part.count]!.forward()
            states.store(shard: shard, into: stateReducer.arena(ofShard: shard))
            states.commit(shard: shard)
        }
    }
}
