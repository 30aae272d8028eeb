import CKernels
import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

extension Model {
    /// The model's output for each sample, `[samples, …]`; the same on every rank.
    ///
    /// Collective: each rank computes its part of every batch. `keras.Model.predict`.
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
        let batchSize = min(batchSize, data.count)
        let communicator = Distribution.communicator
        takeRankZerosWeights(communicator)
        // Whole batches, so that a rank's numbers do not depend on how many ranks there are.
        let batches = Batches(sampleCount: data.count, batchSize: batchSize)
        let own = balancedPart(communicator.rank, of: communicator.size, count: batches.count)
        let buffers = BatchBuffers(data, capacity: batchSize)
        let workspace = Workspace()
        var programs: [Int: (program: Program, outputs: [Tensor])] = [:]
        var results: [[UInt8]] = []
        let order = (0 ..< Int32(data.count)).map { $0 }
        // The same numbers as in training and evaluation.
        let mode = lk_flush_subnormals()
        defer { lk_restore_mode(mode) }
        for batch in own {
            let count = batches.range(ofBatch: batch).count
            order.withUnsafeBufferPointer { buffers.gather(data, rows: batches.rows(0 ..< count, ofBatch: batch, in: $0)) }
            if programs[count] == nil {
                let graph = Graph()
                let outputs = graph.trace { self(buffers.inputTensors(rows: count), training: false).map { $0.cast(to: .float32) } }
                programs[count] = (Program(graph, outputs: outputs, in: workspace), outputs)
            }
            programs[count]!.program.run()
            for (index, output) in programs[count]!.outputs.enumerated() {
                if index == results.count { results.append([]) }
                output.withElements(of: Float.self) { results[index] += UnsafeRawBufferPointer($0) }
            }
        }
        // A rank without a batch still takes part in gathering what the others have.
        let shapes = [outputShape(for: data).sample.batched(data.count)]
        return shapes.enumerated().map { index, shape in
            let parts = communicator.allGather(index < results.count ? results[index] : [])
            return Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
                var target = UnsafeMutableRawPointer(elements.baseAddress!)
                for part in parts {
                    part.withUnsafeBytes { bytes in
                        if let base = bytes.baseAddress { target.copyMemory(from: base, byteCount: bytes.count) }
                    }
                    target += part.count
                }
            }
        }
    }
}
