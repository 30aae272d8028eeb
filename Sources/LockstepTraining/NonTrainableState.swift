import LockstepNN
import LockstepTensor

/// The weights that layers change by themselves while they train, such as moving statistics.
///
/// Every shard starts a step from the same values and computes its own. What all ranks go on with is the mean of them,
/// each weighted by the shard's samples: as one process would have it where the layer's change is linear in the samples,
/// the shards' own value where all have the same (synchronised statistics). A shard without samples has no say.
///
/// Of a variable with a row for each sample (`hasRowPerSample`: the states of recurrent layers), each shard has its samples' rows.
final class NonTrainableState {
    private let variables: [Variable]
    private let offsets: [Int]
    /// Floats of all states.
    let count: Int
    /// Values at the start of the step, then those of each of this rank's shards.
    private let start: Memory
    private let own: Memory
    private let shards: Range<Int>
    /// Whether this is the only shard: then its values are taken as they are.
    private let isAlone: Bool

    /// - Parameters:
    ///   - variables: those that a training step assigns.
    ///   - shards: this rank's, of `total`.
    init(_ variables: [Variable], shards: Range<Int>, of total: Int) {
        for variable in variables {
            check(
                variable.dtype == .float32,
                "weight \(variable.path): a layer may assign float32 weights while it trains, not \(variable.dtype)")
        }
        self.variables = variables
        self.shards = shards
        isAlone = total == 1
        var next = 0
        offsets = variables.map { variable in
            defer { next += variable.shape.count }
            return next
        }
        count = next
        start = Memory(byteCount: count * 4)
        own = Memory(byteCount: shards.count * count * 4)
    }

    /// Begins a step: what the variables hold now is where every shard starts.
    func begin() {
        copyVariables(to: start.floats)
        for shard in shards { states(ofShard: shard).update(from: start.floats, count: count) }
    }

    /// Makes the variables show one shard's values.
    func load(shard: Int) { copy(states(ofShard: shard), scaledBy: 1) }

    /// Keeps what the variables hold as one shard's values.
    func store(shard: Int) { copyVariables(to: states(ofShard: shard)) }

    /// Writes a shard's share to where it is summed: of the mean, or its rows.
    ///
    /// - Parameter part: its samples in the global batch.
    func contribute(shard: Int, part: Range<Int>, into arena: UnsafeMutablePointer<Float>) {
        let (weight, state) = (isAlone ? 1 : Float(part.count), states(ofShard: shard))
        for (variable, offset) in zip(variables, offsets) {
            if variable.hasRowPerSample {
                let row = variable.shape.sample.count, own = offset + part.lowerBound * row ..< offset + part.upperBound * row
                for index in offset ..< offset + variable.shape.count { arena[index] = own.contains(index) ? state[index] : 0 }
            } else {
                for index in offset ..< offset + variable.shape.count { arena[index] = part.isEmpty ? 0 : weight * state[index] }
            }
        }
    }

    /// Goes on with the mean over all shards, or with all samples' rows.
    func adopt(_ sums: UnsafePointer<Float>, batchSize: Int) { copy(sums, scaledBy: isAlone ? 1 : 1 / Float(batchSize)) }

    /// Goes back to the values at the start of the step.
    func revert() { copy(start.floats, scaledBy: 1) }

    private func states(ofShard shard: Int) -> UnsafeMutablePointer<Float> { own.floats + (shard - shards.lowerBound) * count }

    private func copyVariables(to target: UnsafeMutablePointer<Float>) {
        for (variable, offset) in zip(variables, offsets) { (target + offset).update(from: variable.floats, count: variable.shape.count) }
    }

    private func copy(_ source: UnsafePointer<Float>, scaledBy factor: Float) {
        for (variable, offset) in zip(variables, offsets) {
            variable.willChange()
            let (target, factor) = (variable.floats, variable.hasRowPerSample ? 1 : factor)
            for index in 0 ..< variable.shape.count { target[index] = source[offset + index] * factor }
        }
    }
}
