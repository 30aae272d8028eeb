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
    private var evaluation: (buffers: BatchBuffers, programs: [Int: StepProgram])?
    /// Memory for the intermediate results of all programs, which run one after the other; of one a shard where those of a step
    /// take turns, as they do around sums over shards in mid-step.
    private let workspace = Workspace()
    private let ownWorkspaces: [Int: Workspace]

    /// Gradients are reduced in buckets of at least this many floats: large enough that a message's latency does not
    /// matter, small enough that a bucket is still in the cache when it is summed.
    private static let bucketSize = 64 * 1024

    /// The trainer of `model`, made on first use. Collective.
    ///
    /// - Throws: `TrainingError` if the model is not compiled or does not fit the data, `DataError` for labels out of range.
    static func of(_ model: Model, for data: Dataset, batchSize: Int) throws -> Trainer {
        guard let compilation = model.compilation else { throw TrainingError("model \(model.name) is not compiled; call compile first") }
        try validate(data, model, compilation, batchSize: batchSize)
        if let trainer = model.trainer as? Trainer, trainer.communicator === Distribution.communicator { return trainer }
        let trainer = try Trainer(model, compilation, data)
        model.trainer = trainer
        return trainer
    }

    /// Refuses what all ranks must do together where this one acts alone, as in a callback.
    static func requireAllRanks(_ operation: String) throws {
        guard let solo = Distribution.communicator.soloActivity else { return }
        throw TrainingError(
            "\(operation) was called in \(solo): the other ranks would never answer; call it on all ranks, outside of callbacks")
    }

    private init(_ model: Model, _ compilation: Compilation, _ data: Dataset) throws {
        self.model = model
        self.compilation = compilation
        communicator = Distribution.communicator
        clock = PhaseClock(communicator)
        layout = ParameterLayout(model.trainableWeights.reversed())
        layout.gatherParameters()

        let outputShapes = [model.computeOutputShape(data.inputs[0].column.sampleShape.batched())]
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
        let own = ReductionLayout(count: 0, buckets: [0 ..< 0], shards: shards).shards(ofRank: communicator.rank, size: communicator.size)
        let metrics = try outputShapes.enumerated().map { index, yPred in
            let yTrue = data.targets[index].column.sampleShape.batched()
            func make(_ specs: [any MetricSpec], isWeighted: Bool) throws -> [(metric: Metric, isWeighted: Bool)] {
                try specs.map { (try $0.makeMetric(yTrue: yTrue, yPred: yPred), isWeighted) }
            }
            return try make(compilation.metrics, isWeighted: false) + make(compilation.weightedMetrics, isWeighted: true)
        }
        states = MetricStates(metrics: metrics, outputNames: model.outputNames, shards: own)
        let step = Trainer.inspect(model, data)
        guard !compilation.runEagerly || shards == 1 || step.shardSums == 0 else {
            throw TrainingError(
                "model \(model.name) sums over shards in mid-step, which needs a traced step; compile with runEagerly: false")
        }
        let takesTurns = step.shardSums > 0 && shards > 1
        ownWorkspaces = Dictionary(uniqueKeysWithValues: takesTurns ? own.map { ($0, Workspace()) } : [])
        layerStates = LayerStates(step.assigned, shards: own, of: shards)
        tail = StepTail(gradients: layout.count, metrics: states.count, layers: layerStates.count, ranks: communicator.size)
        gradientReducer = communicator.makeReducer(Trainer.reductionLayout(layout, end: tail.end, shards: shards))
        update = try ParameterUpdate(
            layout, compilation.optimizer, sharded: Distribution.shardsOptimizer, gradientReducer, clock, communicator)
        stateReducer = communicator.makeReducer(ReductionLayout(count: states.count, buckets: [0 ..< states.count], shards: shards))
        watch = ParameterWatch(layout, interval: Distribution.checkInterval, communicator)
        broadcastParameters()
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

    /// Gives all ranks rank zero's weights.
    private func broadcastParameters() {
        for variable in model.weights {
            variable.willChange()
            communicator.broadcast(.init(start: variable.memory, count: variable.shape.count * variable.dtype.size), from: 0)
        }
        withUnsafeMutableBytes(of: &compilation.optimizer.steps) { communicator.broadcast($0, from: 0) }
        withUnsafeMutableBytes(of: &compilation.optimizer.constantRate) { communicator.broadcast($0, from: 0) }
    }

    // MARK: Steps

    /// The training step for batches of up to `batchSize` samples.
    func step(for data: Dataset, batchSize: Int) -> TrainStep {
        let capacity = (batchSize + gradientReducer.layout.shards - 1) / gradientReducer.layout.shards
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

    /// Loss and metrics over `data`, each batch cut as in training; the same numbers on every rank.
    func evaluate(_ data: Dataset, batchSize: Int, onBatch: (Int) -> Void) -> [Float] {
        let (batches, shards) = (Batches(sampleCount: data.count, batchSize: batchSize), stateReducer.layout.shards)
        let capacity = (batchSize + shards - 1) / shards
        if evaluation == nil || !evaluation!.buffers.fits(data, capacity: capacity) {
            evaluation = (BatchBuffers(data, capacity: capacity), [:])
        }
        let buffers = evaluation!.buffers
        let divisors = LossDivisors(compilation.losses)
        states.reset()
        stateReducer.begin()
        let order = (0 ..< Int32(data.count)).map { $0 }
        order.withUnsafeBufferPointer { order in
            for batch in 0 ..< batches.count {
                let size = batches.range(ofBatch: batch).count
                // A rank that evaluates makes progress, as the watchdog sees it.
                clock.begin(.other)
                for shard in stateReducer.ownShards {
                    let part = balancedPart(shard, of: shards, count: size)
                    if evaluation!.programs[part.count] == nil {
                        evaluation!.programs[part.count] = makeProgram(
                            .evaluate, shard: shard, rows: part.count, buffers: buffers, factors: nil)
                    }
                    buffers.gather(data, rows: batches.rows(part, ofBatch: batch, in: order))
                    divisors.set(buffers, data, batches.rows(0 ..< size, ofBatch: batch, in: order))
                    states.load(shard: shard)
                    evaluation!.programs[part.count]!.forward()
                    states.store(shard: shard, into: stateReducer.arena(ofShard: shard))
                    states.commit(shard: shard)
                }
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
}

// MARK: Does the data fit the model?

extension Model {
    /// Refuses data that does not fit the model, as `fit`, `evaluate` and, for data without targets, `predict` would;
    /// builds the model if it is not built. Not collective.
    ///
    /// - Throws: `TrainingError` or `DataError`.
    package func validate(_ data: Dataset, batchSize: Int) throws {
        guard !data.targets.isEmpty else { return try Trainer.validateInputs(data, self, batchSize: batchSize) }
        guard let compilation else { throw TrainingError("model \(name) is not compiled; call compile first") }
        try Trainer.validate(data, self, compilation, batchSize: batchSize)
    }

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

extension Trainer {
    /// Builds the model for the data if it is not built, and refuses what does not fit.
    fileprivate static func validate(_ data: Dataset, _ model: Model, _ compilation: Compilation, batchSize: Int) throws {
        guard data.targets.count == compilation.losses.count else {
            throw TrainingError(
                "model \(model.name) has \(compilation.losses.count) losses, the data \(data.targets.count) targets; give one target for each loss"
            )
        }
        try validateInputs(data, model, batchSize: batchSize)
        let output = model.computeOutputShape(data.inputs[0].column.sampleShape.batched())
        for (target, loss) in zip(data.targets, compilation.losses) {
            let (shape, isSparse) = (target.column.sampleShape, loss is SparseCategoricalCrossentropy)
            guard loss.accepts(shape, output: output.sample) else {
                let wayOut =
                    isSparse
                    ? "expected one integer label for each prediction"
                    : loss is CategoricalCrossentropy && shape == []
                        ? "integer labels need sparse_categorical_crossentropy" : "expected \(output)"
                throw TrainingError(
                    "\(target.column.source): targets of shape \(shape.batched()) do not fit the output \(output) of model \(model.name) under \(loss.name); \(wayOut)"
                )
            }
            if isSparse { try target.column.validateLabels(classes: output.last) }
        }
    }

    /// As above, for the inputs alone.
    static func validateInputs(_ data: Dataset, _ model: Model, batchSize: Int) throws {
        guard !model.layers.isEmpty else { throw TrainingError("model \(model.name) has no layers; add some first") }
        guard data.inputs.count == model.inputNames.count else {
            throw TrainingError(
                "model \(model.name) has \(model.inputNames.count) inputs (\(model.inputNames.joined(separator: ", "))), the data \(data.inputs.count)"
            )
        }
        let sample = data.inputs[0].column.sampleShape
        if !model.built { model.build(inputShape: sample.batched(min(batchSize, data.count))) }
        for (expected, input) in zip(model.inputShapes, data.inputs) where !expected.matches(input.column.sampleShape) {
            throw TrainingError(
                "\(input.column.source): samples of shape \(input.column.sampleShape) do not fit model \(model.name), which expects \(expected); reshape the data or change the model's input"
            )
        }
    }
}

extension Loss {
    /// Whether one sample's target of shape `target` goes with an output of shape `output`. A loss of one's own checks its
    /// targets itself.
    fileprivate func accepts(_ target: Shape, output: Shape) -> Bool {
        let withoutLast = Shape(Array(output.dimensions.dropLast()))
        switch self {
        case is SparseCategoricalCrossentropy: return target == withoutLast || target == Shape(withoutLast.dimensions + [1])
        case is MeanSquaredError, is MeanAbsoluteError, is BinaryCrossentropy, is CategoricalCrossentropy:
            return target == output || (output.last == 1 && target == withoutLast)
        default: return true
        }
    }
}

extension Shape {
    /// Whether `other` has these lengths, where they are known.
    fileprivate func matches(_ other: Shape) -> Bool {
        rank == other.rank && zip(dimensions, other.dimensions).allSatisfy { $0 == Shape.unknown || $0 == $1 }
    }
}
