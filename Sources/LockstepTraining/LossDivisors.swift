import LockstepData
import LockstepNN

/// What the summed losses of a global batch are divided by, for each target.
struct LossDivisors {
    private let losses: [Loss]

    init(_ losses: [Loss]) { self.losses = losses }

    /// Sets the factors of a batch of `count` samples: 1/(number of samples), 1, or 1/(sum of weights), as each loss reduces.
    func set(_ buffers: BatchBuffers, count: Int, of source: any BatchSource) {
        buffers.setFactors(globalBatch: count) { target in
            switch losses[target].reduction {
            case .sum: 1
            case .sumOverBatchSize: Float(count)
            case .meanWithSampleWeight: source.weightSum(ofTarget: target)
            }
        }
    }
}
