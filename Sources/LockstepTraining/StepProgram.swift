import LockstepNN
import LockstepTensor

/// Forward, loss, metrics and backward for one part of a batch, with every buffer in its place.
///
/// Made once for each size of a part: the model's `call` runs while a graph is traced, a gradient tape adds the backward
/// operations, and the gradients are placed straight into their arena. With `runEagerly` the same code runs again at each
/// step instead, one operation at a time.
final class StepProgram {
    enum Mode { case train, evaluate }

    private let compute: () -> [Tensor]
    private let program: Program?
    /// The instruction with which the backward pass begins.
    private let backwardStart: Int
    /// For each bucket, the instruction before which it is ready.
    private let bucketEnds: [Int]
    private let layout: ParameterLayout
    private let arena: UnsafeMutablePointer<Float>?

    /// - Parameters:
    ///   - arena: where the gradients go, in the order of `layout`; `nil` to evaluate.
    ///   - buckets: parts of the arena that are reduced as soon as they are written.
    init(
        _ mode: Mode, model: Model, compilation: Compilation, states: MetricStates, buffers: BatchBuffers, rows: Int,
        layout: ParameterLayout, arena: UnsafeMutablePointer<Float>?, buckets: [Range<Int>]
    ) {
        self.layout = layout
        self.arena = arena
        let graph = Graph()
        compute = {
            let tape = GradientTape()
            let (targets, weights) = (
                buffers.targetTensors(rows: rows), compilation.losses.indices.map { buffers.weightTensor($0, rows: rows) }
            )
            let (loss, outputs) = tape.record {
                let outputs = model(buffers.inputTensors(rows: rows), training: mode == .train)
                // Each rank's loss is its samples' share of the global batch's: the shares add up.
                let shares = compilation.losses.enumerated().map { index, loss in
                    let (sum, perSample) = loss.weightedSum(targets[index], outputs[index], sampleWeight: weights[index])
                    let share = sum * buffers.factor(ofTarget: index)
                    return loss.reduction == .sum || perSample == 1 ? share : share / perSample
                }
                return (shares.dropFirst().reduce(shares[0], +), outputs)
            }
            states.loss.add(loss * buffers.globalBatch, Tensor(Float(rows)))
            for (index, metrics) in states.metrics.enumerated() {
                for (metric, isWeighted) in metrics {
                    metric.updateState(targets[index], outputs[index], sampleWeight: isWeighted ? weights[index] : nil)
                }
            }
            if mode == .evaluate { return [] }
            Graph.current?.mark("backward")
            let gradients = tape.gradient(loss, layout.variables)
            return zip(gradients, layout.variables).map { $0 ?? .zeros($1.shape) }
        }
        guard !compilation.runEagerly else {
            (program, backwardStart, bucketEnds) = (nil, 0, buckets.map { _ in 0 })
            return
        }
        let gradients = graph.trace(compute)
        let pinned = zip(gradients, layout.offsets).map { (tensor: $0, address: UnsafeMutableRawPointer(arena! + $1)) }
        let program = Program(graph, outputs: [], pinned: pinned)
        self.program = program
        backwardStart = program.index(ofMark: "backward") ?? program.instructions.count
        // A bucket is ready once the last of its gradients is; the buckets before it must be ready, too.
        var end = 0
        bucketEnds = buckets.map { bucket in
            for (index, offset) in layout.offsets.enumerated() where bucket.contains(offset) {
                end = max(end, program.completion[index] + 1)
            }
            return end
        }
    }

    /// Computes outputs, loss and metrics.
    func forward() {
        guard let program else {
            let gradients = compute()
            for (gradient, offset) in zip(gradients, layout.offsets) {
                gradient.withElements(of: Float.self) { (arena! + offset).update(from: $0.baseAddress!, count: $0.count) }
            }
            return
        }
        for variable in program.assigned { variable.willChange() }
        program.run(0 ..< backwardStart)
    }

    /// Computes the gradients; calls `ready` with the number of each bucket as soon as it is written.
    func backward(ready: (Int) -> Void) {
        var next = backwardStart
        for (bucket, end) in bucketEnds.enumerated() {
            if end > next {
                program?.run(next ..< end)
                next = end
            }
            ready(bucket)
        }
        if let program { program.run(next ..< program.instructions.count) }
    }
}
