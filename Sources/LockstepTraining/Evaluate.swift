import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

extension Model {
    /// Loss and metrics on arrays, over all ranks.
    ///
    /// - Throws: `TrainingError`, `DataError` or `ConfigError` where data, model or metrics do not fit, or ranks differ; what
    ///   callbacks throw.
    @discardableResult
    public func evaluate(
        _ x: Tensor, _ y: Tensor, batchSize: Int = 32, verbose: Int = 1, sampleWeight: Tensor? = nil, callbacks: [Callback] = []
    ) throws -> Logs {
        try evaluate(batchSize, verbose, callbacks) { try Dataset(x, y, sampleWeight: sampleWeight) }
    }

    /// As above, for a model of several inputs or outputs: lists of arrays in their order, or dictionaries of arrays by name.
    @_disfavoredOverload @discardableResult
    public func evaluate(
        _ x: any ModelArrays, _ y: any ModelArrays, batchSize: Int = 32, verbose: Int = 1, sampleWeight: (any ModelArrays)? = nil,
        callbacks: [Callback] = []
    ) throws -> Logs {
        try evaluate(batchSize, verbose, callbacks) { try Dataset(x, y, sampleWeight: sampleWeight) }
    }

    /// As above, on a data set. Collective.
    @discardableResult
    public func evaluate(_ data: Dataset, batchSize: Int = 32, verbose: Int = 1, callbacks: [Callback] = []) throws -> Logs {
        try evaluate(batchSize, verbose, callbacks) { data }
    }

    private func evaluate(_ batchSize: Int, _ verbose: Int, _ callbacks: [Callback], on makeData: () throws -> Dataset) throws -> Logs {
        let (pairing, data) = try Identity.agree(on: "evaluate") { identity in
            try Trainer.requireBatchSize(batchSize, "evaluate")
            let given = try makeData()
            let fitted = try fitting(given, batchSize: batchSize)
            // Whether metrics fit their targets.
            _ = try Figures(fitted.pairing)
            if Distribution.communicator.size > 1 {
                identity.add("batchSize", "\(batchSize)")
                identity.add(self)
                identity.add(compilation!)
                identity.add("data", given)
            }
            return fitted
        }
        return try evaluate(ArrayBatches(data, batchSize: batchSize), pairing, verbose, callbacks)
    }

    /// As above, on any source of batches that fit the model. Collective.
    func evaluate(_ source: any BatchSource, _ pairing: Pairing, _ verbose: Int, _ callbacks: [Callback]) throws -> Logs {
        let trainer = try Trainer.of(self, compilation!, pairing, batchSize: source.batchSize, trains: false)
        let communicator = trainer.setup.communicator
        let decisions = Decisions(self, communicator)
        let list = CallbackList(
            callbacks + (verbose > 0 ? [ProgbarLogger()] : []), model: self,
            parameters: FitParameters(epochs: 1, steps: source.batchCount, verbose: verbose), communicator: communicator,
            decisions: decisions)
        let logs = try compilation!.optimizer.withAverages(list.shareUseOfAverages(decisions)) {
            try list.evaluate(trainer.setup.states.figures, steps: source.batchCount) { trainer.evaluate(source, onBatch: $0) }
        }
        decisions.share(logs)
        return logs
    }
}
