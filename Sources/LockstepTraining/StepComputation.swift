import LockstepNN
import LockstepTensor

/// Forward, loss, metrics and backward for one part of a batch, as tensors: traced, or run as it stands.
struct StepComputation {
    enum Mode { case train, evaluate }

    let mode: Mode
    let model: Model
    let runsEagerly: Bool
    let pairing: Pairing
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
        let (loss, outputs) = tape.record {
            let run = model.run(buffers.inputTensors(rows: rows), names: buffers.specs.inputs.map(\.name), training: mode == .train)
            let outputs = run.outputs.map { $0.cast(to: .float32).masked(like: $0) }
            return (shareOfLoss(outputs, run.losses), outputs)
        }
        states.figures.loss.add(loss * buffers.globalBatch, Tensor(Float(rows)))
        for (index, metrics) in states.figures.metrics.enumerated() {
            guard let target = target(index) else { continue }
            let (yTrue, weights) = (buffers.targetTensor(target, rows: rows), buffers.weightTensor(target, rows: rows))
            for (metric, isWeighted) in metrics { metric.updateState(yTrue, outputs[index], sampleWeight: isWeighted ? weights : nil) }
        }
        if mode == .evaluate { return [] }
        Graph.current?.mark("backward")
        let gradients = tape.gradient(loss, layout.variables)
        return zip(gradients, layout.variables).map { $0?.plain ?? .zeros($1.shape) }
    }

    /// This shard's share of the global batch's loss: the shares add up. That of each output is noted in its figure.
    private func shareOfLoss(_ outputs: [Tensor], _ added: [AddedLoss]) -> Tensor {
        if let own = ownLoss(outputs) { return share(own) }
        var shares: [Tensor] = []
        for (index, output) in pairing.outputs.enumerated() {
            guard let loss = output.loss else { continue }
            guard let target = target(index) else {
                Failure.report(
                    "model \(model.name): batches have no target for output \(output.name), only for \(buffers.specs.targets.map(\.name).joined(separator: ", "))"
                )
            }
            let share = share(loss, target, outputs[index])
            states.figures.outputLosses[index]?.add(share * buffers.globalBatch, Tensor(Float(rows)))
            shares.append(output.weight == 1 ? share : share * output.weight)
        }
        let penalties = model.regularized.map { AddedLoss($0.regularizer($0.variable.value), reduction: .once) }
        // The mean over no samples is no number, and counts for nothing.
        shares += (added + penalties).filter { rows > 0 || $0.reduction != .mean }.map(share)
        return shares.dropFirst().reduce(shares.first ?? Tensor(0), +)
    }

    /// What the model computes in its own way, if it does.
    private func ownLoss(_ outputs: [Tensor]) -> AddedLoss? {
        let targets = buffers.specs.targets.indices
        return model.computeLoss(
            x: buffers.inputTensors(rows: rows), y: targets.map { buffers.targetTensor($0, rows: rows) }, yPred: outputs,
            sampleWeight: targets.map { buffers.weightTensor($0, rows: rows) })
    }

    /// Of an output's loss: Σ weight·loss over this shard's samples, divided by what the global batch is divided by.
    private func share(_ loss: Loss, _ target: Int, _ output: Tensor) -> Tensor {
        let sum = loss.weightedSum(
            buffers.targetTensor(target, rows: rows), output, sampleWeight: buffers.weightTensor(target, rows: rows))
        if let valid = sum.validEntries {
            let all = sumOverShards(valid)
            // Where nothing is valid, the sum is zero, and so is the loss.
            return sum.value / (all + (all .== Tensor(0)).cast(to: .float32))
        }
        let share = sum.value * buffers.factor(ofTarget: target)
        return loss.reduction == .sum || sum.perSample == 1 ? share : share / sum.perSample
    }

    /// Of a term that is not of an output.
    private func share(_ term: AddedLoss) -> Tensor {
        switch term.reduction {
        case .sum: term.value
        case .mean: term.value * (Float(rows) / buffers.globalBatch)
        case .once: term.value * buffers.isFirstShard
        }
    }

    private func target(_ output: Int) -> Int? { pairing.target(of: pairing.outputs[output], in: buffers.specs) }
}
