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
    /// - Parameter x: inputs, `[samples, …]`.
    /// - Throws: `TrainingError` or `DataError` where the data does not fit the model, or ranks differ.
    public func predict(_ x: Tensor, batchSize: Int = 32) throws -> Tensor {
        try predict(batchSize) { try Dataset(inputs: [("x", Column(x, source: "x"))]) }[0]
    }

    /// As above, on a data set; one tensor for each output.
    public func predict(_ data: Dataset, batchSize: Int = 32) throws -> [Tensor] { try predict(batchSize) { data } }

    private func predict(_ batchSize: Int, on makeData: () throws -> Dataset) throws -> [Tensor] {
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
        takeRankZerosWeights(Distribution.communicator)
        return Prediction(self, Distribution.communicator).run(over: ArrayBatches(data, batchSize: batchSize))
    }
}

/// What a model gives for the batches of a source. Ranks take turns: whole batches, so that a rank's numbers do not depend on how
/// many ranks there are.
private struct Prediction {
    private let model: Model
    private let communicator: any Communicator

    init(_ model: Model, _ communicator: any Communicator) { (self.model, self.communicator) = (model, communicator) }

    /// The outputs for all samples of an epoch, in the source's order. Collective.
    func run(over source: any BatchSource) -> [Tensor] {
        let (model, workspace) = (model, Workspace())
        let shards = ShardLoop(
            shards: 0 ..< 1, of: 1, [BatchBuffers(source.specs, capacity: source.batchSize)],
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
            if counts.count % communicator.size == communicator.rank {
                shards.cut(count)
                shards.run(
                    begin: { source.fill(shards.part($0), into: $1.arrays) },
                    segment: { shard, segment, _ in shards.program(shard).runForward(segment) })
                for (index, output) in shards.program(0).outputs.enumerated() {
                    check(
                        output.shape.rank > 0 && output.shape[0] == count,
                        "model \(model.name): output \(index) of \(count) samples has the shape \(output.shape); predict needs one row a sample"
                    )
                    if index == own.count { own.append(Output(sample: output.shape.sample)) }
                    own[index].append(output, of: model)
                }
            }
            counts.append(count)
        }
        return gather(own, counts)
    }

    /// What one rank has of one output: the batches that were its turn.
    private struct Output {
        let sample: Shape
        private(set) var bytes: [UInt8] = []

        init(sample: Shape) { self.sample = sample }

        mutating func append(_ output: Tensor, of model: Model) {
            check(
                output.shape.sample == sample,
                "model \(model.name): samples of an output have the shape \(sample) in one batch and \(output.shape.sample) in another; predict needs one shape"
            )
            output.withElements(of: Float.self) { bytes += UnsafeRawBufferPointer($0) }
        }
    }

    /// Puts the batches of all ranks into one tensor for each output. A rank without a batch knows no shapes.
    private func gather(_ own: [Output], _ counts: [Int]) -> [Tensor] {
        let samples = communicator.allGather(
            own.map { $0.sample.dimensions.map(String.init).joined(separator: ",") }.joined(separator: ";"))
        let shapes = samples[0].split(separator: ";", omittingEmptySubsequences: false).map { text in
            Shape(text.split(separator: ",").map { Int($0)! })
        }
        return shapes.enumerated().map { index, sample in
            let ranks = communicator.allGather(index < own.count ? own[index].bytes : [])
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
    }
}
