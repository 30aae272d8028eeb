import LockstepCommunication
import LockstepNN
import LockstepSystem
import LockstepTensor

/// How what callbacks decide on rank zero reaches all ranks, at the same step.
///
/// - A new learning rate travels in every step's reduction, and holds from that step's update on.
/// - Stopping, and weights that a callback has assigned, are rare. Rank zero marks the next step's reduction with an
///   interruption; every rank then throws that step away, as if it had not been taken, and all of them `agree`. So an
///   ordinary step needs no message for the decisions that it does not bring.
/// - So is a signal that asks some rank to end: that rank interrupts the next step.
/// - So are requests of callbacks for a moment at which all ranks are together (`Callback.requestTogether`).
/// - After each epoch all ranks `agree` in any case.
final class Decisions {
    private let model: Model
    private let communicator: any Communicator
    /// Assignments to variables that all ranks know of.
    private var knownAssignments = Variable.assignments
    private var hasChangedWeights = false
    /// The signal by which some rank was asked to end, as all ranks know; 0 for none.
    private(set) var interruption: Int32 = 0
    /// What callbacks have asked for.
    private var requests: [(callback: Callback, body: (RunState) throws -> Void)] = []

    init(_ model: Model, _ communicator: any Communicator) {
        (self.model, self.communicator) = (model, communicator)
    }

    /// Begins a stretch in which rank zero acts alone.
    func beginCallbacks() { knownAssignments = Variable.assignments }

    /// Ends it: what has been assigned since was assigned on rank zero only.
    func endCallbacks() { if Variable.assignments != knownAssignments { hasChangedWeights = true } }

    /// A callback asks for a moment at which all ranks are together.
    func add(_ callback: Callback, request body: @escaping (RunState) throws -> Void) { requests.append((callback, body)) }

    /// What callbacks have asked for since they were last answered.
    func takeRequests() -> [(callback: Callback, body: (RunState) throws -> Void)] {
        defer { requests = [] }
        return requests
    }

    /// Whether rank zero has something to tell before another step counts, or this rank was asked to end.
    var areWaiting: Bool {
        if Interruption.signal != 0 { return true }
        return communicator.rank == 0 && (model.stopTraining || !requests.isEmpty || (hasChangedWeights && communicator.size > 1))
    }

    /// Tells all ranks what rank zero has decided. Collective; nothing to tell in a process alone.
    ///
    /// - Returns: whether rank zero's callbacks ask all ranks for something.
    func agree() -> Bool {
        if communicator.size == 1 {
            (hasChangedWeights, interruption) = (false, Interruption.signal)
            return !requests.isEmpty
        }
        let optimizer = model.compilation!.optimizer
        var all = (stop: model.stopTraining, weights: hasChangedWeights, asks: !requests.isEmpty, rate: optimizer.constantRate)
        withUnsafeMutableBytes(of: &all) { communicator.broadcast($0, from: 0) }
        (model.stopTraining, optimizer.constantRate) = (all.stop, all.rate)
        hasChangedWeights = false
        interruption = Int32(communicator.allGather([UInt8(clamping: Interruption.signal)]).map { $0[0] }.max()!)
        shareTrainable()
        if all.weights { model.takeRankZerosWeights(communicator, isSure: true) }
        return all.asks
    }

    /// Layers that rank zero has frozen, or no longer: it holds from the next compilation on.
    private func shareTrainable() {
        let layers = model.withAllSublayers
        var flags = layers.map(\.trainable)
        flags.withUnsafeMutableBytes { communicator.broadcast($0, from: 0) }
        // From the outside in, as a layer's flag is set on those inside.
        for (layer, flag) in zip(layers, flags) where layer.trainable != flag { layer.trainable = flag }
    }

    /// Tells all ranks what callbacks have made of an epoch's figures. Collective.
    func share(_ logs: Logs) {
        guard communicator.size > 1 else { return }
        let text = communicator.allGather(communicator.rank == 0 ? logs.text : "")[0]
        if communicator.rank > 0 { logs.adopt(text: text) }
    }

    /// Whether `flag` is set on rank zero. Collective.
    func share(_ flag: Bool) -> Bool {
        var flag = flag
        if communicator.size > 1 { withUnsafeMutableBytes(of: &flag) { communicator.broadcast($0, from: 0) } }
        return flag
    }
}

extension Layer {
    /// This layer, then all those inside of it, each behind the one that holds it.
    fileprivate var withAllSublayers: [Layer] { [self] + sublayers.flatMap(\.withAllSublayers) }
}

extension Model {
    /// Gives all ranks rank zero's weights, if some rank has assigned any since they were last the same. Collective.
    ///
    /// - Parameter isSure: all ranks know that there is something to give.
    /// - Returns: whether there was.
    @discardableResult
    func takeRankZerosWeights(_ communicator: any Communicator, isSure: Bool = false) -> Bool {
        guard communicator.size > 1 else { return false }
        let isKnown = sharedAssignments == Variable.assignments
        sharedAssignments = Variable.assignments
        guard isSure || communicator.allGather([UInt8(isKnown ? 0 : 1)]).contains([1]) else { return false }
        for variable in weights {
            variable.willChange()
            communicator.broadcast(.init(start: variable.memory, count: variable.shape.count * variable.dtype.size), from: 0)
        }
        return true
    }
}
