import CKernels
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

extension Model {
    /// The model's output for each sample, `[samples, …]`; the same on every rank.
    ///
    /// Collective: each rank computes its part of the batches. `keras.Model.predict`.
    ///
    /// - Parameters:
    ///   - x: inputs, `[samples, …]`.
    ///   - verbose: 1 shows progress, as it does by itself on a terminal; 0 nothing.
    ///   - callbacks: see `Callback`; on rank zero, for the batches of all ranks.
    /// - Throws: `TrainingError` or `DataError` where the data does not fit the model, or ranks differ; what callbacks throw.
    public func predict(_ x: Tensor, batchSize: Int = 32, verbose: Int = Terminal.isThere ? 1 : 0, callbacks: [Callback] = []) throws
        -> Tensor
    {
        try single(predict(batchSize, verbose, callbacks) { try Dataset(x) }.outputs)
    }

    /// As above, for a model of several inputs: a list of arrays in their order, or a dictionary of arrays by name.
    public func predict(_ x: any ModelArrays, batchSize: Int = 32, verbose: Int = Terminal.isThere ? 1 : 0, callbacks: [Callback] = [])
        throws -> Tensor
    {
        try single(predict(batchSize, verbose, callbacks) { try Dataset(x) }.outputs)
    }

    /// As above, for a model of several outputs, in their order.
    @_disfavoredOverload
    public func predict(_ x: any ModelArrays, batchSize: Int = 32, verbose: Int = Terminal.isThere ? 1 : 0, callbacks: [Callback] = [])
        throws -> [Tensor]
    {
        try predict(batchSize, verbose, callbacks) { try Dataset(x) }.outputs
    }

    /// As above, the outputs by name.
    @_disfavoredOverload
    public func predict(_ x: any ModelArrays, batchSize: Int = 32, verbose: Int = Terminal.isThere ? 1 : 0, callbacks: [Callback] = [])
        throws -> [String: Tensor]
    {
        let (names, outputs) = try predict(batchSize, verbose, callbacks) { try Dataset(x) }
        return Dictionary(zip(names, outputs)) { first, _ in first }
    }

    /// As above, on a data set; one tensor for each output.
    public func predict(_ data: Dataset, batchSize: Int = 32, verbose: Int = Terminal.isThere ? 1 : 0, callbacks: [Callback] = []) throws
        -> [Tensor]
    {
        try predict(batchSize, verbose, callbacks) { data }.outputs
    }

    /// As above, on a data set, with the names of the outputs.
    package func predictNamed(_ data: Dataset, batchSize: Int, verbose: Int = Terminal.isThere ? 1 : 0) throws -> (
        names: [String], outputs: [Tensor]
    ) {
        try predict(batchSize, verbose, []) { data }
    }

    private func single(_ outputs: [Tensor]) throws -> Tensor {
        guard outputs.count == 1 else {
            throw TrainingError("predict: model \(name) has \(outputs.count) outputs; take them as [Tensor] or [String: Tensor]")
        }
        return outputs[0]
    }

    private func predict(_ batchSize: Int, _ verbose: Int, _ callbacks: [Callback], on makeData: () throws -> Dataset) throws -> (
        names: [String], outputs: [Tensor]
    ) {
        let data = try Identity.agree(on: "predict") { identity throws -> Dataset in
            try Trainer.requireBatchSize(batchSize, "predict")
            let given = try makeData()
            let data = try fittingInputs(given, batchSize: batchSize)
            if Distribution.communicator.size > 1 {
                identity.add("batchSize", "\(batchSize)")
                identity.add(self)
                identity.add("data", given)
            }
            return data
        }
        let communicator = Distribution.communicator, source = ArrayBatches(data, batchSize: batchSize)
        takeRankZerosWeights(communicator)
        let decisions = Decisions(self, communicator)
        let list = CallbackList(
            callbacks + (verbose > 0 ? [ProgbarLogger()] : []), model: self,
            parameters: FitParameters(epochs: 1, steps: source.batchCount, verbose: verbose), communicator: communicator,
            decisions: decisions)
        let use = list.shareUseOfAverages(decisions)
        guard use != .never else { return try predict(over: source, list, communicator) }
        guard let optimizer = compilation?.optimizer else { throw TrainingError("SwapEMAWeights: the model is not compiled") }
        return try optimizer.withAverages(use) { try predict(over: source, list, communicator) }
    }

    private func predict(over source: any BatchSource, _ list: CallbackList, _ communicator: any Communicator) throws -> (
        names: [String], outputs: [Tensor]
    ) {
        // Where states go on from batch to batch, every rank computes all batches.
        let prediction = Prediction(self, isStateful ? LocalCommunicator() : communicator)
        return try list.predict { prediction.run(over: source, onBatch: $0) }
    }
}

/// What a model gives for the batches of a source. Ranks take turns: whole batches, so that a rank's numbers do not depend on how
/// many ranks there are.
private struct Prediction {
    private let model: Model
    private let communicator: any Communicator

    init(_ model: Model, _ communicator: any Communicator) { (self.model, self.communicator) = (model, communicator) }

    /// The outputs for all samples of an epoch, in the source's order. Collective.
    func run(over source: any BatchSource, onBatch: (Int, BatchMoment) -> Void) -> (names: [String], outputs: [Tensor]) {
        let (model, workspace) = (model, Workspace())
        let shards = ShardLoop(
            shards: 0 ..< 1, of: 1, [BatchBuffers(source.specs, capacity: source.batchSize)],
            random: Random.State(seed: Random.state.seed),
            makeReducer: {
                Failure.report("model \(model.name): a prediction of \($0) numbers is summed over shards; only training does that")
            },
            makeProgram: { StepProgram(model, $2, rows: $1, in: workspace) })
        // Of all batches the samples, of this rank's the outputs.
        var (counts, own) = ([Int](), [Output]())
        // The same numbers as in training and evaluation.
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        source.begin(epoch: 0, seed: 0)
        while case let count = source.select(batch: counts.count), count > 0 {
            onBatch(counts.count, .begin)
            if counts.count % communicator.size == communicator.rank {
                shards.cut(count)
                shards.run(
                    begin: { source.fill(shards.part($0), into: $1.arrays) },
                    segment: { shard, segment, _ in shards.program(shard).runForward(segment) })
                for (index, (name, tensor)) in shards.program(0).outputs.enumerated() {
                    check(
                        tensor.shape.rank > 0 && tensor.shape[0] == count,
                        "model \(model.name): output \(name) of \(count) samples has the shape \(tensor.shape); predict needs one row a sample"
                    )
                    if index == own.count { own.append(Output(name: name, sample: tensor.shape.sample)) }
                    own[index].append(tensor, of: model)
                }
            }
            onBatch(counts.count, .end)
            counts.append(count)
        }
        return gather(own, counts)
    }

    /// What one rank has of one output: the batches that were its turn.
    private struct Output {
        let name: String, sample: Shape
        private(set) var bytes: [UInt8] = []

        init(name: String, sample: Shape) { (self.name, self.sample) = (name, sample) }

        mutating func append(_ output: Tensor, of model: Model) {
            check(
                output.shape.sample == sample,
                "model \(model.name): samples of output \(name) have the shape \(sample) in one batch and \(output.shape.sample) in another; predict needs one shape"
            )
            output.withElements(of: Float.self) { bytes += UnsafeRawBufferPointer($0) }
        }
    }

    /// Puts the batches of all ranks into one tensor for each output. A rank without a batch knows neither names nor shapes.
    private func gather(_ own: [Output], _ counts: [Int]) -> (names: [String], outputs: [Tensor]) {
        let fields = own.flatMap { [$0.name, $0.sample.dimensions.map(String.init).joined(separator: ",")] }
        // Rank zero has had the first batch.
        let known = communicator.allGather(fields.joined(separator: "\0"))[0].split(separator: "\0", omittingEmptySubsequences: false)
        let outputs = stride(from: 0, to: known.count - 1, by: 2).map { place in
            (name: String(known[place]), sample: Shape(known[place + 1].split(separator: ",").map { Int($0)! }))
        }
        let tensors = outputs.indices.map { index in
            let (sample, ranks) = (outputs[index].sample, communicator.allGather(index < own.count ? own[index].bytes : []))
            return Tensor(shape: sample.batched(counts.reduce(0, +))) { (elements: UnsafeMutableBufferPointer<Float>) in
                var target = UnsafeMutableRawBufferPointer(elements)[...]
                var read = ranks.map { _ in 0 }
                for (batch, count) in counts.enumerated() {
                    let (rank, byteCount) = (batch % ranks.count, 4 * count * sample.count)
                    UnsafeMutableRawBufferPointer(rebasing: target).copyBytes(from: ranks[rank][read[rank] ..< read[rank] + byteCount])
                    target = target.dropFirst(byteCount)
                    read[rank] += byteCount
                }
            }
        }
        return (outputs.map(\.name), tensors)
    }
}
