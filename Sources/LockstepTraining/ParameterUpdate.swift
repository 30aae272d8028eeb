import LockstepCommunication
import LockstepNN
import LockstepTensor

/// Applies the optimizer to the parameters, given the summed gradients, then the constraints of weights.
///
/// All ranks come to the same bytes, in one of three ways:
/// - *alone*: every rank updates all parameters;
/// - *shared*: where the ranks of a host have the sums in common, and the optimizer allows it, the state lies in memory of the
///   host too, once for all of its ranks. Each rank turns its part of the gradients into what is to be added to the
///   parameters; then each adds all of it to its own parameters. A parameter that differs on one rank still differs
///   afterwards, for `DesyncCheck` to find;
/// - *sharded* (`shard_optimizer`): each rank updates its part of the parameters, over all hosts, and the parts are
///   gathered. A rank keeps the state of its part only (ZeRO, stage 1: Rajbhandari et al. 2020).
///
/// Of tables whose gradients are those of rows (`RowGradients`) the rows that a batch names are updated. What the optimizer would have
/// done to the states of the others is done when they are next needed, or looked at.
final class ParameterUpdate {
    private let layout: ParameterLayout
    private let optimizer: Optimizer
    private let state: OptimizerState
    private let communicator: any Communicator
    private let runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]
    /// The tables among the parameters of which rows are updated, and the length of the layout before them.
    private let tables: [(index: Int, table: RowTable)], gradientCount: Int
    /// By table, one behind the other, up to which update the states of each row are what they should be: `Int32`s, of the host where
    /// the state is.
    private let latestUpdates: Memory
    /// Those updates after which all of them are.
    private var settled = -1
    /// Each rank's part of the arena; empty unless the state is sharded.
    private let parts: [Range<Int>]
    private let clock: PhaseClock
    private let reducer: any GradientReducer
    /// What the ranks share an update by, and the memory of the state they share.
    private let sharing: (sums: any SharedSums, memory: HostMemory)?
    /// Replaces the parameters that have constraints; `nil` where none has.
    private let constraints: Program?

    /// Makes the optimizer's state, rank zero's on every rank. Collective.
    ///
    /// - Parameters:
    ///   - gradients: the part of the layout that gradients are summed of.
    ///   - tables: the variables behind it, of which rows are updated.
    ///   - reducer: whose sums begin with the gradients, in the parameters' layout.
    /// - Throws: `TrainingError` where the state cannot be sharded.
    init(
        _ layout: ParameterLayout, gradients gradientCount: Int, _ tables: [(index: Int, table: RowTable)], _ optimizer: Optimizer,
        sharded: Bool, _ reducer: any GradientReducer, _ clock: PhaseClock, _ communicator: any Communicator
    ) throws {
        (self.tables, self.gradientCount) = (tables, gradientCount)
        (self.layout, self.optimizer, self.reducer, self.clock, self.communicator) = (layout, optimizer, reducer, clock, communicator)
        try ParameterUpdate.gatherParts(optimizer, communicator)
        let all = layout.runs
        constraints = ParameterUpdate.constraints(of: layout)
        guard sharded, communicator.size > 1 else {
            optimizer.build(layout)
            (state, parts) = (optimizer.state!, [])
            runs = all.filter { $0.offset < gradientCount }.map { ($0.offset, min($0.count, gradientCount - $0.offset), $0.parameters) }
            let rowCount = tables.reduce(0) { $0 + $1.table.rows }
            if let sums = reducer.sharing, optimizer.canShareUpdates, all.count == 1, all[0].count == layout.count {
                sums.share(matrices: GradientFactors.candidates(layout, count: gradientCount))
                // Slot by slot, each in the order of the parameters.
                let own = (0 ..< state.slotCount).flatMap { slot in
                    sums.ownParts.map { slot * layout.count + $0.lowerBound ..< slot * layout.count + $0.upperBound }
                }
                sharing = (sums, sums.makeHostMemory(floats: state.slotCount * layout.count, own: own))
                let memory = tables.isEmpty ? nil : sums.makeHostMemory(floats: rowCount, own: [])
                latestUpdates = memory.map { Memory($0.floats, of: $0) } ?? Memory(byteCount: 0)
            } else {
                sharing = nil
                latestUpdates = Memory(byteCount: 4 * rowCount)
            }
            return
        }
        (sharing, latestUpdates) = (nil, Memory(byteCount: 0))
        guard all.count == 1, all[0].count == layout.count else {
            throw TrainingError("shard_optimizer: this model shares weights with another one that was trained before; train it without")
        }
        guard !optimizer.needsWholeVariables else {
            throw TrainingError(
                "shard_optimizer: \(optimizer.className) takes norms of whole variables, which a part of the parameters does not have; train it without"
            )
        }
        parts = ParameterUpdate.parts(layout.count, communicator.size)
        let own = parts[communicator.rank]
        runs = own.isEmpty ? [] : [(own.lowerBound, own.count, all[0].parameters + own.lowerBound)]
        // A new optimizer never needs the memory of all of its state.
        var isNew = optimizer.state == nil
        withUnsafeMutableBytes(of: &isNew) { communicator.broadcast($0, from: 0) }
        if isNew { optimizer.build(layout, part: own) } else { optimizer.build(layout) }
        state = optimizer.state!
        if !isNew {
            broadcastState()
            state.keep(part: own)
        }
    }

    /// Every rank computes all of them: what is constrained are whole variables, and equal bytes stay equal.
    private static func constraints(of layout: ParameterLayout) -> Program? {
        let constrained = layout.variables.filter { $0.constraint != nil }
        if constrained.isEmpty { return nil }
        let graph = Graph()
        graph.trace { for variable in constrained { variable.applyConstraint() } }
        return Program(graph, outputs: [])
    }

    /// Cut at cache lines, at which every variable starts.
    private static func parts(_ count: Int, _ ranks: Int) -> [Range<Int>] {
        (0 ..< ranks).map { balancedPart($0, of: ranks, count: count / 16) }.map { $0.lowerBound * 16 ..< $0.upperBound * 16 }
    }

    /// Puts together the state that an earlier trainer has left in parts. Collective.
    ///
    /// - Throws: `TrainingError` where some ranks have no state at all.
    private static func gatherParts(_ optimizer: Optimizer, _ communicator: any Communicator) throws {
        guard communicator.size > 1 else { return }
        let own: UInt8 = optimizer.state.map { $0.isWhole ? 1 : 2 } ?? 0
        let all = communicator.allGather([own]).map { $0[0] }
        guard all.contains(2) else { return }
        guard !all.contains(0), let state = optimizer.state else {
            throw TrainingError(
                "optimizer \(optimizer.name): ranks have parts of its state, but not all of them; make a new one on every rank")
        }
        state.gather(keeping: true) { communicator.gather($0, parts: parts(state.layout.count, communicator.size)) }
    }

    /// Gives all ranks rank zero's state.
    private func broadcastState() { state.withArrays { communicator.broadcast($0, from: 0) } }

    /// Whether ranks may have other states: before the first training, and where weights were loaded since.
    var hasStateToShare = true

    /// Training begins: from here on the state may be shared. Collective.
    func begin() {
        // A loop of one's own may have trained other variables in between.
        if parts.isEmpty { optimizer.build(layout) }
        if hasStateToShare, parts.isEmpty { broadcastState() }
        hasStateToShare = false
        hasUpdated = false
        if let (sums, memory) = sharing {
            // Nobody still reads what the last training has left there.
            communicator.barrier()
            state.move(copying: sums.ownParts + ownRows) { [layout] slot in Memory(memory.floats + slot * layout.count, of: memory) }
            beginRows()
            communicator.barrier()
        } else {
            beginRows()
        }
    }

    /// Whether there was a step since training began.
    private var hasUpdated = false

    /// Parameters become their moving average, if the optimizer has one, as training comes to its end. Collective.
    func finalize() {
        if optimizer.useEMA, hasUpdated { becomeAverage() }
    }

    /// Parameters and their averages change places. Collective.
    func swapAverages() {
        let parameters = runs.map { Array(UnsafeBufferPointer(start: $0.parameters, count: $0.count)) }
        becomeAverage()
        // Averages that ranks of a host share are changed by one of them, once all have read them.
        if sharing != nil { communicator.barrier() }
        if sharing == nil || communicator.localRank == 0 { optimizer.setAverage(runs, to: parameters) }
        if sharing != nil { communicator.barrier() }
    }

    /// Of averages that ranks share, each rank reads all; their owners change them only after the next sums, for which they need
    /// this rank.
    private func becomeAverage() {
        for variable in layout.variables { variable.willChange() }
        optimizer.becomeAverage(runs)
        gatherParameters()
    }

    /// Puts together parameters of which each rank has updated a part.
    private func gatherParameters() {
        if !parts.isEmpty { communicator.gather(.init(start: layout.variables[0].floats, count: layout.count), parts: parts) }
    }

    /// Training has ended: every rank has a state of its own again.
    func end() {
        state.settle = nil
        guard sharing != nil else { return settleRows(latestUpdates) }
        state.move(copying: [0 ..< layout.count]) { [layout] _ in Memory(byteCount: layout.count * 4) }
        // The others look at what they share until they have theirs.
        let own = Memory(byteCount: 4 * rowCount)
        own.pointer.copyMemory(from: latestUpdates.pointer, byteCount: 4 * rowCount)
        settleRows(own)
    }

    // MARK: Tables of rows

    private var rowCount: Int { tables.reduce(0) { $0 + $1.table.rows } }

    /// This rank's share of the tables' states, where the ranks of a host put them together.
    private var ownRows: [Range<Int>] {
        let part = balancedPart(communicator.localRank, of: communicator.localSize, count: layout.count - gradientCount)
        return [gradientCount + part.lowerBound ..< gradientCount + part.upperBound]
    }

    /// All states are as they should be; from here on those of rows that no batch names are brought up to date later.
    private func beginRows() {
        settled = optimizer.iterations
        if tables.isEmpty { return }
        if sharing == nil || communicator.localRank == 0 {
            latestUpdates.pointer.assumingMemoryBound(to: Int32.self).update(repeating: Int32(clamping: settled), count: rowCount)
        }
        state.settle = { [unowned self] in
            guard settled != optimizer.iterations else { return }
            settleRows(latestUpdates)
        }
    }

    /// Brings the states of all rows up to date.
    private func settleRows(_ latestUpdates: Memory) {
        settled = optimizer.iterations
        for (index, _) in tables { optimizer.settleRows(of: parameterTable(index, latestUpdates), iteration: settled) }
    }

    /// A table of rows, by its index in the layout.
    private func parameterTable(_ index: Int, _ latestUpdates: Memory) -> ParameterTable {
        var start = 0
        for (other, table) in tables where other < index { start += table.rows }
        let table = tables.first { $0.index == index }!.table
        return ParameterTable(
            rows: table.rows, width: table.width, parameters: table.variable.floats,
            latestUpdates: latestUpdates.pointer.assumingMemoryBound(to: Int32.self) + start, at: layout.offsets[index], state)
    }

    /// What the ranks share an update by; `nil` if each updates alone.
    var sharedSums: (any SharedSums)? { sharing?.sums }

    /// One update, and the constraints.
    ///
    /// - Parameters:
    ///   - factors: where some of the gradients are computed only now. - rows: where those of tables are.
    ///   - count: samples of the batch.
    ///   - record: where gradients are noted, if they are wanted.
    func apply(_ factors: GradientFactors?, _ rows: RowGradients?, batch count: Int, noting record: GradientRecord?) {
        for variable in layout.variables { variable.willChange() }
        if let (sums, _) = sharing {
            applyTogether(sums, factors, rows, count, record)
        } else {
            let rate = optimizer.learningRate
            if let record, communicator.rank == 0 || !parts.isEmpty {
                for run in runs where run.count > 0 {
                    let places = run.offset ..< run.offset + run.count
                    record.add(reducer.sums(places), places)
                }
            }
            optimizer.apply(runs: runs, parts: reducer.parts) { reducer.sums($0) }
            rows?.update(optimizer, rate, batch: count) { parameterTable($0, latestUpdates) }
            rows?.exchange(batch: count) { parameterTable($0, latestUpdates) }
            for run in runs { optimizer.average(run) }
            if !optimizer.isDueForAverage { gatherParameters() }
        }
        if optimizer.isDueForAverage { becomeAverage() }
        hasUpdated = true
        constraints?.run()
    }

    /// Replaces the gradients of this rank's parts by changes, and adds all ranks' changes to the parameters.
    private func applyTogether(
        _ sums: any SharedSums, _ factors: GradientFactors?, _ rows: RowGradients?, _ count: Int, _ record: GradientRecord?
    ) {
        let rate = optimizer.beginStep()
        rows?.update(optimizer, rate, batch: count) { parameterTable($0, latestUpdates) }
        if gradientCount > 0 { applyTogether(sums, factors, rate, record) }
        rows?.exchange(batch: count) { parameterTable($0, latestUpdates) }
    }

    private func applyTogether(_ sums: any SharedSums, _ factors: GradientFactors?, _ rate: Float, _ record: GradientRecord?) {
        let parameters = runs[0].parameters
        eachOwnBlock(sums, factors) { block, gradients in
            record?.add(gradients, block)
            optimizer.update(
                ParameterRun(block, parameters: parameters + block.lowerBound, gradients: gradients, changes: gradients, state), rate)
            optimizer.average((block.lowerBound, block.count, parameters + block.lowerBound))
        }
        clock.begin(.reduce)
        sums.exchange()
        clock.begin(.optimizer)
        for part in sums.othersParts { optimizer.add(sums.sums(part), to: parameters + part.lowerBound, count: part.count, rate) }
    }

    /// Gives the gradients of this rank's parts to `body`, in blocks that stay in the first-level cache between their sum and
    /// what is made of it.
    private func eachOwnBlock(
        _ sums: any SharedSums, _ factors: GradientFactors?, _ body: (_ block: Range<Int>, _ gradients: UnsafeMutablePointer<Float>) -> Void
    ) {
        for part in sums.ownParts {
            let isProduct = factors?.hasPart(part) ?? false
            if isProduct {
                clock.begin(.backward)
                factors!.compute(part, into: sums.place(part))
                clock.begin(.optimizer)
            }
            for start in stride(from: part.lowerBound, to: part.upperBound, by: Self.blockLength) {
                let block = start ..< min(start + Self.blockLength, part.upperBound)
                if !isProduct { sums.sum(block) }
                body(block, sums.place(block))
            }
        }
    }
    private static let blockLength = 2048

    /// On rank zero all gradients of a step, by variable. Collective.
    func gather(_ record: GradientRecord) -> [(path: String, values: [Float])] {
        record.gather(layout, count: gradientCount, communicator)
    }

    /// Gives rank zero the state of all parameters: to save it. Collective.
    func gatherState() {
        guard !parts.isEmpty else { return }
        state.gather(keeping: communicator.rank == 0) { communicator.gather($0, parts: parts) }
    }

    /// Between two steps, calls `body` while rank zero has the state of all parameters. Collective.
    func withWholeState(_ body: () throws -> Void) rethrows {
        gatherState()
        if sharing != nil, !tables.isEmpty {
            // One rank for all of a host, so that no other does it meanwhile.
            if communicator.localRank == 0 { state.settle?() }
            settled = optimizer.iterations
            communicator.barrier()
        }
        defer { if !parts.isEmpty, communicator.rank == 0 { state.keep(part: parts[0]) } }
        try body()
    }
}
