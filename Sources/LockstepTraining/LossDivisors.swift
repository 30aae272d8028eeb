import LockstepData
import LockstepNN

/// What the summed losses of a global batch are divided by, for each target, as far as it is known before the step: valid entries
/// under a mask are counted in the step.
struct LossDivisors {
    /// By target; `nil` where the output is not trained by itself.
    private let reductions: [Loss.Reduction?]

    init(_ pairing: Pairing, _ specs: BatchSpecs) {
        var reductions = specs.targets.map { _ in Loss.Reduction?.none }
        for output in pairing.outputs {
            if let target = pairing.target(of: output, in: specs) { reductions[target] = output.loss?.reduction }
        }
        self.reductions = reductions
    }

    /// Sets the factors of a batch of `count` samples: 1/(number of samples), 1, or 1/(sum of weights), as each loss reduces.
    func set(_ buffers: BatchBuffers, shard: Int, count: Int, of source: any BatchSource) {
        buffers.setFactors(shard: shard, globalBatch: count) { target in
            switch reductions[target] {
            case .sum, nil: 1
            case .sumOverBatchSize: Float(count)
            case .meanWithSampleWeight: source.weightSum(ofTarget: target)
            }
        }
    }
}
