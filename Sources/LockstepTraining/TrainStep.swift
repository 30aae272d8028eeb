import CKernels
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

/// One training step on many ranks:
///
///     batch → shard → forward → loss → backward → reduce → optimizer → metrics → callbacks
///
/// - The *global batch* is cut into shards, one a rank unless `logical_shards` says otherwise; a shard may be empty.
/// - Each shard's loss is Σ weight·loss over its samples, divided by what the *global* batch is divided by. So gradients of
///   uneven parts add up to exactly those of one process: never means of means.
/// - Gradients are written into a flat arena in the order in which the backward pass computes them. It is cut into buckets;
///   each is summed over all ranks as soon as it is written. The metrics' states ride along behind the last gradient.
/// - The optimizer is a pure update over (parameters, sums, state). All ranks apply the same one to the same numbers.
///
/// In the steady state a step takes no memory from the heap: programs, arenas and buffers are made beforehand.
final class TrainStep {
    private let communicator: any Communicator
    private let reducer: any GradientReducer
    private let optimizer: Optimizer
    private let layout: ParameterLayout
    private let states: MetricStates
    private let divisors: LossDivisors
    private let makeProgram: (_ shard: Int, _ rows: Int, _ buffers: BatchBuffers) -> StepProgram
    private var programs: [ProgramKey: StepProgram] = [:]
    private let buffers: BatchBuffers
    private let parameterRuns: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]
    var clock = PhaseClock()

    private struct ProgramKey: Hashable { let shard: Int, rows: Int }

    init(_ trainer: Trainer, buffers: BatchBuffers) {
        communicator = trainer.communicator
        reducer = trainer.gradientReducer
        optimizer = trainer.compilation.optimizer
        layout = trainer.layout
        states = trainer.states
        divisors = LossDivisors(trainer.compilation.losses)
        parameterRuns = trainer.layout.runs
        self.buffers = buffers
        makeProgram = { [unowned trainer] shard, rows, buffers in trainer.makeProgram(.train, shard: shard, rows: rows, buffers: buffers) }
    }

    /// Trains on batch `batch` of an epoch that takes samples in the given order.
    func run(_ batch: Int, of batches: Batches, _ data: Dataset, order: UnsafeBufferPointer<Int32>) {
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        let batchSize = batches.range(ofBatch: batch).count
        Random.state.step = UInt64(optimizer.iterations)

        for shard in reducer.ownShards {
            begin(.data)
            let part = balancedPart(shard, of: reducer.layout.shards, count: batchSize)
            let arena = reducer.arena(ofShard: shard)
            let program = program(shard: shard, rows: part.count)
            buffers.gather(data, rows: batches.rows(part, ofBatch: batch, in: order))
            divisors.set(buffers, data, batches.rows(0 ..< batchSize, ofBatch: batch, in: order))
            Random.state.firstSample = part.lowerBound

            begin(.forward)
            states.load(shard: shard)
            program.forward()
            states.store(shard: shard, into: arena + layout.count)

            begin(.backward)
            let isLast = shard == reducer.ownShards.upperBound - 1
            program.backward { bucket in if isLast { reducer.ready(bucket: bucket) } }
        }

        begin(.reduce)
        reducer.finish()

        begin(.optimizer)
        for variable in layout.variables { variable.willChange() }
        optimizer.apply(reducer.sums, runs: parameterRuns)

        begin(.callbacks)
    }

    private func begin(_ phase: Phase) {
        clock.begin(phase)
        communicator.note(phase, step: optimizer.iterations)
    }

    /// The metrics' values over all samples of the epoch so far, on every rank the same, in the order of `states.names`.
    func results() -> [Float] { states.results(from: reducer.sums + layout.count) }

    private func program(shard: Int, rows: Int) -> StepProgram {
        let key = ProgramKey(shard: shard, rows: rows)
        if let program = programs[key] { return program }
        let program = makeProgram(shard, rows, buffers)
        programs[key] = program
        return program
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
