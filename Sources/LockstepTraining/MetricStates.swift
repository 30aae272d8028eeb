import LockstepNN
import LockstepTensor

/// The loss tracker and the metrics of a model, their states in one block.
///
/// Each logical shard keeps states of its own, which only its samples add to. Their sum over all shards is the state that
/// one process would have; it travels in the same reduction as the gradients. The metrics' variables are a window: a
/// shard's states are loaded into it before its samples are added, and the sums when a result is asked for.
final class MetricStates {
    let loss = Mean(name: "loss")
    /// Metrics of each output, unweighted and weighted by sample.
    let metrics: [[(metric: Metric, isWeighted: Bool)]]
    /// "loss" and the metrics' names, sorted, as Keras reports them.
    let names: [String]
    /// Floats of one shard's states.
    let count: Int
    private let layout: ParameterLayout
    private let window: UnsafeMutablePointer<Float>
    private let shards: Range<Int>
    private let states: Memory
    /// As above, with the samples of a step that may yet not count.
    private let pending: Memory
    /// The states summed over all shards, after the last step that counts.
    private let latestSums: Memory

    init(metrics: [[(metric: Metric, isWeighted: Bool)]], outputNames: [String], shards: Range<Int>) {
        self.metrics = metrics
        self.shards = shards
        let all = metrics.flatMap { $0.map(\.metric) }
        layout = ParameterLayout(([loss] + all).flatMap(\.variables))
        layout.gatherParameters()
        window = layout.variables[0].floats
        check(layout.runs.count == 1, "a metric object belongs to another model; give each model its own")
        count = layout.count
        states = Memory(repeating: 0, count: shards.count * count)
        pending = Memory(repeating: 0, count: shards.count * count)
        latestSums = Memory(repeating: 0, count: count)
        var named = ["loss"]
        for (index, metrics) in metrics.enumerated() {
            // Keras names an output's metrics after it where there are several outputs.
            let prefix = outputNames.count > 1 ? "\(outputNames[index])_" : ""
            named += metrics.map { prefix + $0.metric.name }
        }
        unsorted = named
        names = named.sorted()
        reset()
    }

    private let unsorted: [String]

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

    /// The values of all metrics, in the order of `names`, over all shards and samples since the last reset.
    func results() -> [Float] {
        window.update(from: latestSums.floats, count: count)
        var values = [loss.result().scalar]
        for metrics in metrics { values += metrics.map { $0.metric.result().scalar } }
        for variable in layout.variables { variable.willChange() }
        return names.map { values[unsorted.firstIndex(of: $0)!] }
    }
}
