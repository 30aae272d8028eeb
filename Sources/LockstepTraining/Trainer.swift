import CKernels
import Foundation
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

/// What the training of one model keeps: the flat arenas, the reducers, the metrics' states and the traced programs.
///
/// Made when a compiled model first sees data; from then on every rank holds the same parameters.
package final class Trainer {
    let model: Model
    let compilation: Compilation
    let communicator: any Communicator
    private let hasLogicalShards: Bool
    /// Parameters and gradients, in the order in which the backward pass writes gradients: the last layer first.
    let layout: ParameterLayout
    private let places: [UnsafeMutablePointer<Float>]
    let states: MetricStates
    let layerStates: LayerStates
    /// Sums gradients and what rides along behind them.
    let gradientReducer: any GradientReducer
    let tail: StepTail
    let watch: ParameterWatch
    let update: ParameterUpdate
    let clock: PhaseClock
    /// Sums metric states alone, once an evaluation.
    let stateReducer: any GradientReducer
    fileprivate var trainStep: (step: TrainStep, buffers: [BatchBuffers])?
    var evaluation: Evaluation?
    /// Memory for the intermediate results of all programs, which run one after the other; of one a shard where those of a step
    /// take turns, as they do around sums over shards in mid-step.
    private let workspace = Workspace()
    private let ownWorkspaces: [Int: Workspace]

    /// Gradients are reduced in buckets of at least this many floats: large enough that a message's latency does not
    /// matter, small enough that a bucket is still in the cache when it is summed.
    private static let bucketSize = 64 * 1024

    /// The trainer of `model`, made on first use, and again where another model has taken its variables. Collective.
    ///
    /// - Throws: `TrainingError` for settings that cannot be had.
    static func of(_ model: Model, _ compilation: Compilation, for data: Dataset) throws -> Trainer {
        if let trainer = model.trainer as? Trainer, trainer.communicator === Distribution.communicator, trainer.isInPlace {
            trainer.states.takeVariables()
            trainer.takeRankZeros()
            return trainer
        }
        let trainer = try Trainer(model, compilation, data)
        model.trainer = trainer
        return trainer
    }

    /// Whether the parameters still are where the programs look for them.
    private var isInPlace: Bool { zip(layout.variables, places).allSatisfy { $0.floats == $1 } }

    private init(_ model: Model, _ compilation: Compilation, _ data: Dataset) throws {
        self.model = model
        self.compilation = compilation
        communicator = Distribution.communicator
        clock = PhaseClock(communicator)
        layout = ParameterLayout(model.trainableWeights.reversed())
        // Parts of the parameters can be gathered only where they lie side by side, which an earlier trainer of fewer or more of
        // them may have prevented.
        layout.gatherParameters(movingAll: Distribution.shardsOptimizer && layout.runs.count != 1)
        places = layout.variables.map(\.floats)

        hasLogicalShards = Distribution.logicalShards != nil
        let shards = Distribution.logicalShards ?? communicator.size
        guard shards >= communicator.size else {
            throw TrainingError(
                "logical_shards: \(shards) are fewer than the \(communicator.size) ranks; set at least \(communicator.size), or start fewer ranks"
            )
        }
        if hasLogicalShards, !communicator.isReproducible {
            throw TrainingError(
                "logical_shards promises the same bytes on any number of ranks, which neither compressed gradients nor a library's "
                    + "own all-reduce can keep; leave out logical_shards, or the compression and the reduction 'allReduce'")
        }
        guard shards <= Trainer.mostShards else {
            throw TrainingError(
                "logical_shards: \(shards) are too many: each is computed by itself, whatever the batch; set at most \(Trainer.mostShards), or leave it out"
            )
        }
        let own = ReductionLayout(count: 0, buckets: [0 ..< 0], shards: shards).shards(ofRank: communicator.rank, size: communicator.size)
        states = MetricStates(try Figures(model, compilation, data), shards: own)
        let step = Trainer.inspect(model, data)
        guard !compilation.runEagerly || shards == 1 || step.shardSums == 0 else {
            throw TrainingError(
                "model \(model.name) sums over shards in mid-step, which needs a traced step; compile with runEagerly: false")
        }
        let takesTurns = step.shardSums > 0 && shards > 1
        ownWorkspaces = Dictionary(uniqueKeysWithValues: takesTurns ? own.map { ($0, Workspace()) } : [])
        layerStates = LayerStates(step.assigned, shards: own, of: shards)
        try Trainer.checkMemory(of: own.count, shards, floats: layout.count)
        tail = StepTail(gradients: layout.count, metrics: states.count, layers: layerStates.count, ranks: communicator.size)
        gradientReducer = communicator.makeReducer(Trainer.reductionLayout(layout, end: tail.end, shards: shards))
        update = try ParameterUpdate(
            layout, compilation.optimizer, sharded: Distribution.shardsOptimizer, gradientReducer, clock, communicator)
        stateReducer = communicator.makeReducer(ReductionLayout(count: states.count, buckets: [0 ..< states.count], shards: shards))
        watch = ParameterWatch(layout, interval: Distribution.checkInterval, communicator)
        takeRankZeros(isNew: true)
    }

    /// More parts than any batch is cut into for as many ranks; each has a program, and sums, of its own.
    private static let mostShards = 4096

    /// Refuses more logical shards than there is memory for, on some rank: each has a set of gradients. Collective.
    private static func checkMemory(of own: Int, _ shards: Int, floats: Int) throws {
        let communicator = Distribution.communicator
        let available = ProcessInfo.processInfo.physicalMemory / UInt64(communicator.localSize)
        let (bytes, overflow) = own.multipliedReportingOverflow(by: 4 * floats)
        let isTooMuch = own > 1 && (overflow || UInt64(bytes) > available)
        let all = communicator.allGather([UInt64(own), available, isTooMuch ? 1 : 0])
        guard let rank = all.firstIndex(where: { $0[2] == 1 }) else { return }
        throw TrainingError(
            "logical_shards: rank \(rank) computes \(all[rank][0]) of the \(shards) shards, with gradients of \(4 * floats) bytes each, and has \(SystemMemory.text(Int(clamping: all[rank][1]))) of memory; set fewer, or start more ranks"
        )
    }

    /// What a training step of the model does besides computing gradients: which weights it assigns, how often it sums over
    /// shards.
    private static func inspect(_ model: Model, _ data: Dataset) -> (assigned: [Variable], shardSums: Int) {
        let (graph, buffers) = (Graph(), BatchBuffers(data, capacity: 1))
        graph.trace { _ = model(buffers.inputTensors(rows: 1), training: true) }
        return (graph.assigned, graph.shardSumCount)
    }

    /// A reducer of `count` floats a shard, with the gradients' shards. Collective.
    func makeReducer(_ count: Int) -> any GradientReducer {
        communicator.makeReducer(ReductionLayout(count: count, buckets: [0 ..< count], shards: gradientReducer.layout.shards))
    }

    /// Cuts the arena at variables' borders into buckets; the last one takes along what lies behind the gradients.
    private static func reductionLayout(_ layout: ParameterLayout, end: Int, shards: Int) -> ReductionLayout {
        var borders = [0]
        for offset in layout.offsets.dropFirst() where offset - borders.last! >= bucketSize { borders.append(offset) }
        borders.append(end)
        let buckets = zip(borders, borders.dropFirst()).map { $0 ..< $1 }
        return ReductionLayout(count: end, buckets: buckets, shards: shards, exactFrom: layout.count)
    }

    /// Gives all ranks rank zero's weights, and where its optimizer stands: whatever was loaded or set there since.
    ///
    /// - Parameter isNew: nothing was given yet.
    private func takeRankZeros(isNew: Bool = false) {
        if model.takeRankZerosWeights(communicator, isSure: isNew) { update.hasStateToShare = true }
        withUnsafeMutableBytes(of: &compilation.optimizer.steps) { communicator.broadcast($0, from: 0) }
        withUnsafeMutableBytes(of: &compilation.optimizer.constantRate) { communicator.broadcast($0, from: 0) }
    }

    // MARK: Steps

    /// The training step for batches of up to `batchSize` samples.
    func step(for data: Dataset, batchSize: Int) -> TrainStep {
        let capacity = (min(batchSize, data.count) + gradientReducer.layout.shards - 1) / gradientReducer.layout.shards
        // Factors of gradients are multiplied with all the rows there is room for.
        if let (step, buffers) = trainStep, buffers[0].fits(data, capacity: capacity),
            step.factors == nil || buffers[0].capacity == capacity
        {
            return step
        }
        let buffers = gradientReducer.ownShards.map { _ in BatchBuffers(data, capacity: capacity) }
        let step = TrainStep(self, buffers: buffers, factors: makeFactors(computation(.train, rows: capacity, buffers: buffers[0])))
        trainStep = (step, buffers)
        return step
    }

    /// The gradients that ranks compute together. Logical shards promise the sum of those of each.
    private func makeFactors(_ largest: StepComputation) -> GradientFactors? {
        guard let sums = update.sharedSums, !sums.matrices.isEmpty, !hasLogicalShards, !compilation.runEagerly else { return nil }
        return GradientFactors(largest, sums, communicator)
    }

    private func computation(_ mode: StepComputation.Mode, rows: Int, buffers: BatchBuffers) -> StepComputation {
        StepComputation(mode: mode, model: model, compilation: compilation, states: states, buffers: buffers, rows: rows, layout: layout)
    }

    func makeProgram(_ mode: StepComputation.Mode, shard: Int, rows: Int, buffers: BatchBuffers, factors: GradientFactors?) -> StepProgram {
        StepProgram(
            computation(mode, rows: rows, buffers: buffers), arena: mode == .train ? gradientReducer.arena(ofShard: shard) : nil,
            factors: factors, buckets: mode == .train ? gradientReducer.layout.buckets : [],
            isAlone: gradientReducer.layout.shards == 1, in: mode == .train ? ownWorkspaces[shard] ?? workspace : workspace)
    }

    fileprivate var activationByteCount: Int { ownWorkspaces.values.reduce(workspace.byteCount) { $0 + $1.byteCount } }
}

extension Model {
    /// Where the time of training went so far; `nil` before any.
    package var phaseClock: PhaseClock? { (trainer as? Trainer)?.clock }

    /// The weights whose gradients the ranks of this host compute together in training; see `GradientFactors`.
    package var jointGradients: [String] { (trainer as? Trainer)?.trainStep?.step.factors?.paths ?? [] }

    /// Bytes of intermediate results that training and evaluation keep; 0 before any.
    package var activationByteCount: Int { (trainer as? Trainer)?.activationByteCount ?? 0 }

    /// Gives rank zero the optimizer's state of all parameters, of which it may have kept its part only: before saving.
    /// Collective.
    public func gatherOptimizerState() { (trainer as? Trainer)?.update.gatherState() }
}
