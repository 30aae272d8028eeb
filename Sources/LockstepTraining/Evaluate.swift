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
    public func evaluate(_ x: Tensor, _ y: Tensor, batchSize: Int = 32, verbose: Int = 1, sampleWeight: Tensor? = nil) throws -> Logs {
        try evaluate(batchSize, verbose, []) { try Dataset(x, y, sampleWeight: sampleWeight) }
    }

    /// As above, on a data set. Collective.
    @discardableResult
    public func evaluate(_ data: Dataset, batchSize: Int = 32, verbose: Int = 1, callbacks: [Callback] = []) throws -> Logs {
        try evaluate(batchSize, verbose, callbacks) { data }
    }

    private func evaluate(_ batchSize: Int, _ verbose: Int, _ callbacks: [Callback], on makeData: () throws -> Dataset) throws -> Logs {
        let (data, compilation) = try Identity.agree(on: "evaluate") { identity throws -> (Dataset, Compilation) in
            try Trainer.requireBatchSize(batchSize, "evaluate")
            let given = try makeData()
            let data = try fitting(given, batchSize: batchSize)
            // Whether metrics fit their targets.
            _ = try Figures(self, self.compilation!, BatchSpecs(data))
            if Distribution.communicator.size > 1 {
                identity.add("batchSize", "\(batchSize)")
                identity.add(self)
                identity.add(self.compilation!)
                identity.add("data", given)
            }
            return (data, self.compilation!)
        }
        return try evaluate(ArrayBatches(data, batchSize: batchSize), compilation, verbose, callbacks)
    }

    /// As above, on any source of batches that fit the model. Collective.
    func evaluate(_ source: any BatchSource, _ compilation: Compilation, _ verbose: Int, _ callbacks: [Callback]) throws -> Logs {
        let trainer = try Trainer.of(self, compilation, for: source.specs)
        let communicator = trainer.setup.communicator
        let decisions = Decisions(self, communicator)
        let list = CallbackList(
            callbacks + (verbose > 0 ? [ProgressBar()] : []), model: self,
            parameters: FitParameters(epochs: 1, steps: source.batchCount, verbose: verbose), communicator: communicator,
            decisions: decisions)
        try list.each("onTestBegin") { try $0.onTestBegin() }
        // Figures are summed over the ranks once, at the end; until then the bar shows how far it is.
        let none = Logs(names: [], values: [])
        var failure: (any Error)?
        let values = trainer.evaluate(source) { batch in
            do { try list.each("onTestBatchEnd") { try $0.onTestBatchEnd(batch, none) } } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        let logs = Logs(names: trainer.setup.states.figures.names, values: values)
        try list.each("onTestEnd") { try $0.onTestEnd(logs) }
        decisions.share(logs)
        return logs
    }
}
