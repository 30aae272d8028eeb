import LockstepNN
import LockstepTensor

/// Forward, loss, metrics and backward for one part of a batch, as tensors: traced, or run as it stands.
struct StepComputation {
    enum Mode { case train, evaluate }

    let mode: Mode
    let model: Model
    let compilation: Compilation
    let states: MetricStates
    let buffers: BatchBuffers
    /// Samples in the part.
    let rows: Int
    let layout: ParameterLayout

    /// Computes everything.
    ///
    /// - Returns: the gradients of the variables of `layout`; none to evaluate.
    func callAsFunction() -> [Tensor] {
        let tape = GradientTape()
        let (targets, weights) = (
            buffers.targetTensors(rows: rows), compilation.losses.indices.map { buffers.weightTensor($0, rows: rows) }
        )
        let (loss, outputs) = tape.record {
            let outputs = model(buffers.inputTensors(rows: rows), training: mode == .train).map { $0.cast(to: .float32) }
            // Each rank's loss is its samples' share of the global batch's: the shares add up.
            let shares = compilation.losses.enumerated().map { index, loss in
                let (sum, perSample) = loss.weightedSum(targets[index], outputs[index], sampleWeight: weights[index])
                let share = sum * buffers.factor(ofTarget: index)
                return loss.reduction == .sum || perSample == 1 ? share : share / perSample
            }
            return (shares.dropFirst().reduce(shares[0], +), outputs)
        }
        states.loss.add(loss * buffers.globalBatch, Tensor(Float(rows)))
        for (index, metrics) in states.figures.metrics.enumerated() {
            for (metric, isWeighted) in metrics {
                metric.updateState(targets[index], outputs[index], sampleWeight: isWeighted ? weights[index] : nil)
            }
        }
        if mode == .evaluate { return [] }
        Graph.current?.mark("backward")
        let gradients = tape.gradient(loss, layout.variables)
        return zip(gradients, layout.variables).map { $0 ?? .zeros($1.shape) }
    }
}
