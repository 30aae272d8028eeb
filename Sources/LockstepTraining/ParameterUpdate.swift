import LockstepCommunication
import LockstepNN
import LockstepTensor

/// Applies the optimizer to the parameters, given the summed gradients.
///
/// Every rank updates all parameters, or, with sharded optimizer state, its own part of them: then the parts are gathered,
/// so that every rank again holds all. Each number is computed by the same formula from the same inputs either way, so the
/// results are the same; what differs is that a rank keeps the optimizer's state for its part only (ZeRO, stage 1:
/// Rajbhandari et al. 2020).
final class ParameterUpdate {
    private let layout: ParameterLayout
    private let optimizer: Optimizer
    private let communicator: any Communicator
    private let runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]
    /// Each rank's part of the arena; empty unless the state is sharded.
    private let parts: [Range<Int>]

    /// Makes the optimizer's state, rank zero's on every rank. Collective.
    ///
    /// - Throws: `TrainingError` where the state cannot be sharded.
    init(_ layout: ParameterLayout, _ optimizer: Optimizer, sharded: Bool, _ communicator: any Communicator) throws {
        (self.layout, self.optimizer, self.communicator) = (layout, optimizer, communicator)
        let all = layout.runs
        guard sharded, communicator.size > 1 else {
            optimizer.build(layout)
            (runs, parts) = (all, [])
            broadcastState()
            return
        }
        guard all.count == 1, all[0].count == layout.count else {
            throw TrainingError("shard_optimizer: this model shares weights with another one that was trained before; train it without")
        }
        guard !optimizer.needsWholeVariables else {
            throw TrainingError(
                "shard_optimizer: \(optimizer.className) takes norms of whole variables, which a part of the parameters does not have; train it without"
            )
        }
        // Cut at cache lines, at which every variable starts.
        let lines = (0 ..< communicator.size).map { balancedPart($0, of: communicator.size, count: layout.count / 16) }
        parts = lines.map { $0.lowerBound * 16 ..< $0.upperBound * 16 }
        let own = parts[communicator.rank]
        runs = own.isEmpty ? [] : [(own.lowerBound, own.count, all[0].parameters + own.lowerBound)]
        // A new optimizer never needs the memory of all of its state.
        var isNew = optimizer.layout == nil
        withUnsafeMutableBytes(of: &isNew) { communicator.broadcast($0, from: 0) }
        if isNew {
            optimizer.build(layout, part: own)
        } else {
            optimizer.build(layout)
            broadcastState()
            optimizer.keep(part: own)
        }
    }

    /// Gives all ranks rank zero's state.
    private func broadcastState() {
        for slot in optimizer.slotNames.indices {
            communicator.broadcast(.init(start: optimizer.slot(slot), count: layout.count * 4), from: 0)
        }
        if let accumulator = optimizer.accumulator { communicator.broadcast(.init(start: accumulator, count: layout.count * 4), from: 0) }
    }

    /// One update. The reducer's sums begin with the gradients, in the parameters' layout.
    func apply(_ reducer: any GradientReducer) {
        for variable in layout.variables { variable.willChange() }
        optimizer.apply(runs: runs, parts: reducer.parts) { reducer.sums($0) }
        if !parts.isEmpty { communicator.gather(.init(start: layout.variables[0].floats, count: layout.count), parts: parts) }
    }

    /// Gives rank zero the state of all parameters: to save it. Collective.
    func gatherState() {
        guard !parts.isEmpty else { return }
        optimizer.gatherState(keeping: communicator.rank == 0) { communicator.gather($0, parts: parts) }
    }
}
