import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

extension Model {
    /// Loss and metrics on arrays, over all ranks.
    ///
    /// - Throws: `TrainingError` or `DataError` where data and model do not fit.
    @discardableResult
    public func evaluate(_ x: Tensor, _ y: Tensor, batchSize: Int = 32, verbose: Int = 1, sampleWeight: Tensor? = nil) throws -> Logs {
        try evaluate(Dataset(x, y, sampleWeight: sampleWeight), batchSize: batchSize, verbose: verbose)
    }

    /// As above, on a data set. Collective.
    @discardableResult
    public func evaluate(_ data: Dataset, batchSize: Int = 32, verbose: Int = 1, callbacks: [Callback] = []) throws -> Logs {
        try Trainer.requireAllRanks("evaluate")
        guard batchSize > 0 else { throw TrainingError("evaluate: batch size \(batchSize); at least one") }
        let trainer = try Trainer.of(self, for: data, batchSize: batchSize)
        let steps = Batches(sampleCount: data.count, batchSize: batchSize).count
        let decisions = Decisions(self, trainer.communicator)
        let list = CallbackList(
            (verbose > 0 ? [ProgressBar()] : []) + callbacks, model: self,
            parameters: FitParameters(epochs: 1, steps: steps, verbose: verbose), communicator: trainer.communicator, decisions: decisions)
        try list.each("onTestBegin") { try $0.onTestBegin() }
        // Figures are summed over the ranks once, at the end; until then the bar shows how far it is.
        let none = Logs(names: [], values: [])
        var failure: (any Error)?
        let values = trainer.evaluate(data, batchSize: batchSize) { batch in
            do { try list.each("onTestBatchEnd") { try $0.onTestBatchEnd(batch, none) } } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        let logs = Logs(names: trainer.states.names, values: values)
        try list.each("onTestEnd") { try $0.onTestEnd(logs) }
        return logs
    }
}
