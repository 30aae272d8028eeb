import Foundation
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// What the training of one compiled model is made of: the flat arenas, the reducers, the metrics' states.
///
/// Made when the model first sees data; from then on every rank holds the same parameters. Nothing of it is replaced later: where
/// something else is needed, there is another set-up.
final class TrainingSetup {
    let model: Model
    let compilation: Compilation
    /// How arrays and model go together.
    let pairing: Pairing
    /// Of the model, trained or not, when its parameters were laid out.
    private let weights: Set<ObjectIdentifier>
    let communicator: any Communicator
    /// How ranks share the work, as it was said then.
    let settings: Distribution.Settings
    /// Which algorithms its convolutions use.
    private let usesWinograd = Convolutions.winograd
    /// Parameters and gradients, in the order in which the backward pass writes gradients: the last layer first. Behind them are the
    /// tables whose gradients are those of rows, which have no part in arenas of gradients.
    let layout: ParameterLayout
    /// The length of an arena of gradients.
    private let gradientCount: Int
    /// The variables whose gradients can be those of rows, and those that these are of, with their places in the layout.
    private let tableCandidates: [RowTable]
    private let tables: [(index: Int, table: RowTable)]
    private let places: [UnsafeMutablePointer<Float>]
    let states: MetricStates
    let nonTrainableState: NonTrainableState
    /// Sums gradients and what rides along behind them.
    let gradientReducer: any GradientReducer
    /// Sums metric states alone, once an evaluation.
    let stateReducer: any GradientReducer
    let tail: StepTail
    let desyncCheck: DesyncCheck
    let update: ParameterUpdate
    let clock: PhaseClock
    /// What random numbers depend on in training, besides the sample and what they are for.
    let random = Random.State()
    /// Whether this rank's shards run in turns, around sums over all shards in mid-step.
    let takesTurns: Bool
    /// Memory for the intermediate results of all programs, which run one after the other; of one a shard where they take turns.
    private let workspace = Workspace()
    private let ownWorkspaces: [Int: Workspace]

    /// Gradients are reduced in buckets of at least this many floats: large enough that a message's latency does not
    /// matter, small enough that a bucket is still in the cache when it is summed.
    private static let bucketSize = 64 * 1024

    /// Collective.
    ///
    /// - Parameter batchSize: samples of a global batch.
    /// - Throws: `TrainingError` for settings that cannot be had.
    init(_ model: Model, _ compilation: Compilation, _ pairing: Pairing, batchSize: Int) throws {
        (self.model, self.compilation, self.pairing) = (model, compilation, pairing)
        weights = Set(model.weights.map { ObjectIdentifier($0) })
        (communicator, settings) = (Distribution.communicator, Distribution.settings)
        if settings.logicalShards != nil, Distribution.sharesOutThreads { Threads.count = 1 }
        clock = PhaseClock(communicator)
        let shards = settings.logicalShards ?? communicator.size
        try TrainingSetup.requireShards(settings, communicator)
        let own = ReductionLayout(count: 0, buckets: [0 ..< 0], shards: shards).shards(ofRank: communicator.rank, size: communicator.size)
        states = MetricStates(try Figures(pairing), shards: own)

        tableCandidates = TrainingSetup.tableCandidates(model, compilation, pairing, states, batchSize: batchSize)
        let chosen = tableCandidates.filter { $0.isWorthwhile(batchSize: batchSize) }
        let ofRows = Set(chosen.map { ObjectIdentifier($0.variable) })
        let summed = model.trainableWeights.reversed().filter { !ofRows.contains(ObjectIdentifier($0)) }
        let layout = ParameterLayout(summed + chosen.map(\.variable))
        self.layout = layout
        tables = chosen.enumerated().map { (summed.count + $0.offset, $0.element) }
        gradientCount = chosen.isEmpty ? layout.count : layout.offsets[summed.count]
        // Parts of the parameters can be gathered only where they lie side by side, which an earlier trainer of fewer or more of
        // them may have prevented.
        layout.gatherParameters(movingAll: settings.shardsOptimizer && layout.runs.count != 1)
        places = layout.variables.map(\.floats)
        if layout.variables.isEmpty {
            Console.warn(
                "model \(model.name) has nothing to train: none of its weights is trainable; figures are computed, and nothing changes")
        }

        guard !compilation.runEagerly || shards == 1 || !pairing.sumsInMidStep else {
            throw TrainingError(
                "model \(model.name) sums over shards in mid-step (synchronized statistics, a loss under a mask, or one of the whole batch), which needs a traced step; compile with runEagerly: false"
            )
        }
        takesTurns = pairing.sumsInMidStep && shards > 1
        ownWorkspaces = Dictionary(uniqueKeysWithValues: takesTurns ? own.map { ($0, Workspace()) } : [])
        nonTrainableState = NonTrainableState(pairing.assigned, shards: own, of: shards)
        try TrainingSetup.checkMemory(of: own.count, shards, floats: gradientCount)
        tail = StepTail(gradients: gradientCount, metrics: states.count, layers: nonTrainableState.count, ranks: communicator.size)
        gradientReducer = communicator.makeReducer(TrainingSetup.reductionLayout(layout, gradientCount, end: tail.end, shards: shards))
        update = try ParameterUpdate(
            layout, gradients: gradientCount, tables, compilation.optimizer, sharded: settings.shardsOptimizer, gradientReducer, clock,
            communicator)
        stateReducer = communicator.makeReducer(ReductionLayout(count: states.count, buckets: [0 ..< states.count], shards: shards))
        desyncCheck = DesyncCheck(layout, count: gradientCount, interval: settings.checkInterval, communicator)
        takeRankZeros(isNew: true)
    }

    /// The variables whose gradients can be those of rows. Whoever shards the optimizer's state cuts all parameters into parts, and steps
    /// that are not traced have no graph to find them in: there all gradients are whole.
    private static func tableCandidates(
        _ model: Model, _ compilation: Compilation, _ pairing: Pairing, _ states: MetricStates, batchSize: Int
    ) -> [RowTable] {
        guard pairing.readsRows, compilation.optimizer.updatesRows, !compilation.runEagerly, !Distribution.settings.shardsOptimizer else {
            return []
        }
        let rows = max(1, batchSize)
        return RowTable.candidates(
            StepComputation(
                mode: .train, model: model, runsEagerly: false, pairing: pairing, states: states,
                buffers: BatchBuffers(pairing.specs, capacity: rows), rows: rows, layout: ParameterLayout(model.trainableWeights.reversed())
            ))
    }

    /// The variables whose gradients are those of rows.
    var rowGradients: [String] { tables.map(\.table.variable.path) }

    /// Whether gradients are computed as they should be for batches of this size.
    func suits(batchSize: Int) -> Bool {
        tableCandidates.filter { $0.isWorthwhile(batchSize: batchSize) }.map { ObjectIdentifier($0.variable) }
            == tables.map { ObjectIdentifier($0.table.variable) }
    }

    /// More parts than any batch is cut into for as many ranks; each has a program, and sums, of its own.
    private static let mostShards = 4096

    /// - Throws: `TrainingError` for logical shards that cannot be had.
    private static func requireShards(_ settings: Distribution.Settings, _ communicator: any Communicator) throws {
        guard let shards = settings.logicalShards else { return }
        guard shards >= communicator.size else {
            throw TrainingError(
                "logical_shards: \(shards) are fewer than the \(communicator.size) ranks; set at least \(communicator.size), or start fewer ranks"
            )
        }
        guard communicator.isReproducible else {
            throw TrainingError(
                "logical_shards promises the same bytes on any number of ranks, which neither compressed gradients nor a library's "
                    + "own all-reduce can keep; leave out logical_shards, or the compression and the reduction 'allReduce'")
        }
        guard shards <= mostShards else {
            throw TrainingError(
                "logical_shards: \(shards) are too many: each is computed by itself, whatever the batch; set at most \(mostShards), or leave it out"
            )
        }
    }

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

    /// Cuts the arena at variables' borders into buckets; the last one takes along what lies behind the gradients.
    private static func reductionLayout(_ layout: ParameterLayout, _ gradients: Int, end: Int, shards: Int) -> ReductionLayout {
        var borders = [0]
        for offset in layout.offsets.dropFirst() where offset < gradients && offset - borders.last! >= bucketSize { borders.append(offset) }
        borders.append(end)
        let buckets = zip(borders, borders.dropFirst()).map { $0 ..< $1 }
        return ReductionLayout(count: end, buckets: buckets, shards: shards, exactFrom: gradients)
    }

    /// Whether the parameters still are where programs look for them, and ranks share the work as they did.
    var isInPlace: Bool {
        communicator === Distribution.communicator && settings == Distribution.settings && usesWinograd == Convolutions.winograd
            && zip(layout.variables, places).allSatisfy { $0.floats == $1 } && newWeights.isEmpty
    }

    /// Weights that the model has made since its parameters were laid out.
    private var newWeights: [Variable] { model.weights.filter { !weights.contains(ObjectIdentifier($0)) } }

    /// Gives all ranks rank zero's weights, and where its optimizer stands: whatever was loaded or set there since.
    ///
    /// - Parameter isNew: nothing was given yet.
    func takeRankZeros(isNew: Bool = false) {
        if model.takeRankZerosWeights(communicator, isSure: isNew) { update.hasStateToShare = true }
        withUnsafeMutableBytes(of: &compilation.optimizer.steps) { communicator.broadcast($0, from: 0) }
        withUnsafeMutableBytes(of: &compilation.optimizer.constantRate) { communicator.broadcast($0, from: 0) }
    }

    // MARK: What steps are made of

    /// Parts that each global batch is cut into, and those that this rank computes.
    var shardCount: Int { gradientReducer.layout.shards }
    var ownShards: Range<Int> { gradientReducer.ownShards }

    /// Samples of the largest part of a batch.
    func capacity(_ batchSize: Int) -> Int { (batchSize + shardCount - 1) / shardCount }

    /// A reducer of `count` floats a shard, with the gradients' shards. Collective.
    func makeReducer(_ count: Int) -> any GradientReducer {
        communicator.makeReducer(ReductionLayout(count: count, buckets: [0 ..< count], shards: shardCount))
    }

    /// The gradients that ranks compute together, found in a step of `rows` samples. Logical shards promise the sum of those of each.
    /// Collective.
    func makeFactors(rows: Int, _ buffers: BatchBuffers) -> GradientFactors? {
        guard let sums = update.sharedSums, !sums.matrices.isEmpty, settings.logicalShards == nil, !compilation.runEagerly else {
            return nil
        }
        return GradientFactors(computation(.train, rows: rows, buffers), sums, communicator)
    }

    /// Bytes of gradients of a step on `batchSize` samples.
    func gradientByteCount(batchSize: Int) -> Int {
        let summed = layout.variables.dropLast(tables.count).reduce(0) { $0 + $1.shape.count }
        return 4 * (summed + tables.reduce(0) { $0 + batchSize * $1.table.perSample * $1.table.width })
    }

    /// Where shards of up to `capacity` samples leave the gradients of rows; `nil` if there are none. Collective.
    func makeRowGradients(capacity: Int) -> RowGradients? {
        if tables.isEmpty { return nil }
        return RowGradients(
            tables, shards: shardCount, capacity: capacity, isShared: update.sharedSums != nil, checkInterval: desyncCheck.interval, clock,
            communicator)
    }

    func makeProgram(
        _ mode: StepComputation.Mode, shard: Int, rows: Int, buffers: BatchBuffers, factors: GradientFactors?,
        rows rowGradients: RowGradients?
    ) -> StepProgram {
        let program = StepProgram(
            computation(mode, rows: rows, buffers), arena: mode == .train ? gradientReducer.arena(ofShard: shard) : nil,
            factors: factors, rows: rowGradients, shard: shard, buckets: mode == .train ? gradientReducer.layout.buckets : [],
            isAlone: shardCount == 1, in: ownWorkspaces[shard] ?? workspace)
        let new = newWeights
        check(
            new.isEmpty,
            "model \(model.name): its call for \(rows) samples made the weights \(new.map(\.path).joined(separator: ", ")), after those to train were laid out; make all of them in build, or in the first call"
        )
        return program
    }

    private func computation(_ mode: StepComputation.Mode, rows: Int, _ buffers: BatchBuffers) -> StepComputation {
        StepComputation(
            mode: mode, model: model, runsEagerly: compilation.runEagerly, pairing: pairing, states: states, buffers: buffers, rows: rows,
            layout: layout)
    }

    /// Bytes of intermediate results.
    var activationByteCount: Int { ownWorkspaces.values.reduce(workspace.byteCount) { $0 + $1.byteCount } }
}
