import LockstepCommunication
import LockstepNN
import LockstepTensor

/// The loss tracker and the metrics of a model, their states in one block.
///
/// Each logical shard keeps states of its own, which only its samples add to. Their sum over all shards is the state that
/// one process would have; it travels in the same reduction as the gradients. The metrics' variables are a window: a
/// shard's states are loaded into it before its samples are added, and the sums when a result is asked for.
final class MetricStates {
    let figures: Figures
    private let metrics: [Metric]
    /// Their values, in memory that is taken once.
    private var values: [Float] = []
    /// Floats of one shard's states.
    let count: Int
    private let layout: ParameterLayout
    private let block: Memory
    private let window: UnsafeMutablePointer<Float>
    private let shards: Range<Int>
    private let states: Memory
    /// As above, with the samples of a step that may yet not count.
    private let pending: Memory
    /// The states summed over all shards, after the last step that counts.
    private let latestSums: Memory

    init(_ figures: Figures, shards: Range<Int>) {
        (self.figures, metrics) = (figures, figures.all)
        self.shards = shards
        // An object that stands twice in the list has one state.
        layout = ParameterLayout(metrics.flatMap(\.variables).uniqueObjects)
        // Also from the block of an earlier trainer, which takes them back when it is used again.
        block = layout.gatherParameters(movingAll: true)
        window = block.floats
        count = layout.count
        states = Memory(repeating: 0, count: shards.count * count)
        pending = Memory(repeating: 0, count: shards.count * count)
        latestSums = Memory(repeating: 0, count: count)
        reset()
    }

    /// Takes the variables back from another trainer that was given the same metric objects. To be called before steps.
    func takeVariables() {
        let places = Dictionary(uniqueKeysWithValues: zip(layout.variables.map { ObjectIdentifier($0) }, layout.offsets))
        layout.moveParameters(to: block) { [window] in $0.floats != window + places[ObjectIdentifier($0)]! }
    }

    /// Back to zero on all shards, as at the start of an epoch.
    func reset() {
        states.floats.update(repeating: 0, count: shards.count * count)
        latestSums.floats.update(repeating: 0, count: count)
        for variable in layout.variables { variable.willChange() }
        window.update(repeating: 0, count: count)
    }

    private func place(ofShard shard: Int) -> Int { (shard - shards.lowerBound) * count }

    /// Makes the metrics' variables show one shard's states, as the last step that counts has left them, or, in mid-step, as
    /// the step at hand has.
    func load(shard: Int, midStep: Bool = false) {
        window.update(from: (midStep ? pending : states).floats + place(ofShard: shard), count: count)
    }

    /// Puts what the variables hold where it will be summed, and aside until the step counts.
    func store(shard: Int, into arena: UnsafeMutablePointer<Float>) {
        arena.update(from: window, count: count)
        (pending.floats + place(ofShard: shard)).update(from: window, count: count)
    }

    /// The step counts: keeps what was stored as one shard's states.
    func commit(shard: Int) {
        (states.floats + place(ofShard: shard)).update(from: pending.floats + place(ofShard: shard), count: count)
    }
    /// … and their sums over all shards.
    func commit(sums: UnsafePointer<Float>) { latestSums.floats.update(from: sums, count: count) }

    /// The states of all shards, of all ranks, as the last step that counts has left them. Collective.
    func snapshot(_ communicator: any Communicator) -> MetricSnapshot {
        let own = Array(UnsafeBufferPointer(start: states.floats, count: shards.count * count))
        let all = communicator.allGather(own).joined()
        let sums = Array(UnsafeBufferPointer(start: latestSums.floats, count: count))
        return MetricSnapshot(
            shards: all.count == 0 ? [] : stride(from: 0, to: all.count, by: count).map { Array(all.dropFirst($0).prefix(count)) },
            sums: sums)
    }

    /// Goes on from states of these metrics. Where there were other shards, the sums are one shard's.
    ///
    /// - Parameter total: shards of all ranks.
    /// - Throws: `TrainingError` where they are states of other metrics.
    func restore(_ snapshot: MetricSnapshot, of total: Int) throws {
        guard snapshot.sums.count == count else {
            throw TrainingError(
                "the run that is to be gone on with has metrics of \(snapshot.sums.count) numbers, those of this model have \(count); compile with the same metrics"
            )
        }
        reset()
        latestSums.floats.update(from: snapshot.sums, count: count)
        for shard in shards {
            let values = snapshot.shards.count == total ? snapshot.shards[shard] : shard == 0 ? snapshot.sums : nil
            if let values { (states.floats + place(ofShard: shard)).update(from: values, count: count) }
        }
    }

    /// The loss of the samples since the last reset, over all shards, as a sum: not finite once that of a step was not.
    var lossSum: Float { latestSums.floats[0] }
    /// The same of this rank's shards alone, the step at hand included.
    var ownLossSums: [Float] { shards.map { pending.floats[place(ofShard: $0)] } }

    /// The values of all figures, in the order of their names, over all shards and samples since the last reset.
    func results() -> [Float] {
        var results: [Float] = []
        appendResults(to: &results)
        return results
    }

    /// As above, behind what `results` holds.
    func appendResults(to results: inout [Float]) {
        window.update(from: latestSums.floats, count: count)
        values.removeAll(keepingCapacity: true)
        for metric in metrics { values.append(metric.figure) }
        for variable in layout.variables { variable.willChange() }
        // Of the many NaNs the one that is printed without a sign.
        for place in figures.places { results.append(values[place].isNaN ? .nan : values[place]) }
    }
}
