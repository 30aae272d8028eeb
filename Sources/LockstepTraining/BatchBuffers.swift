import LockstepData
import LockstepTensor

/// The memory from which a traced step reads its batch: one buffer for each array of the data, and the factors by which
/// losses are scaled.
///
/// Programs for batches of different sizes read the same buffers.
final class BatchBuffers {
    /// Buffers for inputs, targets and sample weights, in this order; a target without weights has none.
    private var inputs: [Memory]
    private let targets: [Memory], weights: [Memory?]
    private let inputSpecs: [Spec], targetSpecs: [Spec]
    /// [global batch size, then for each target the factor of its weighted loss sum].
    private let factors: Memory
    let capacity: Int

    /// - Parameter capacity: the most samples that a part of a batch can have.
    init(_ data: Dataset, capacity: Int) {
        self.capacity = capacity
        func buffer(_ column: Column) -> Memory { Memory(byteCount: max(1, capacity) * column.batchBytesPerSample) }
        func spec(_ column: Column) -> Spec { Spec(shape: column.sampleShape, dtype: column.batchDType) }
        inputs = data.inputs.map { buffer($0.column) }
        targets = data.targets.map { buffer($0.column) }
        inputSpecs = data.inputs.map { spec($0.column) }
        targetSpecs = data.targets.map { spec($0.column) }
        weights = data.targets.indices.map { index in data.weights(ofTarget: index).map(buffer) }
        factors = Memory(byteCount: 4 * (1 + targets.count))
    }

    /// Whether programs that read these buffers can be used for `data` with parts of up to `capacity` samples.
    func fits(_ data: Dataset, capacity: Int) -> Bool {
        capacity <= self.capacity
            && data.inputs.map { Spec(shape: $0.column.sampleShape, dtype: $0.column.batchDType) } == inputSpecs
            && data.targets.map { Spec(shape: $0.column.sampleShape, dtype: $0.column.batchDType) } == targetSpecs
            && data.targets.indices.map { data.weights(ofTarget: $0) != nil } == weights.map { $0 != nil }
    }

    /// Moves the buffer that `tensor` shows, if it is that of an input, to other memory of the same size. Programs that were
    /// made before still read it where it was.
    func moveInput(_ tensor: Tensor, to memory: Memory) {
        if let index = inputs.firstIndex(where: { $0.pointer == tensor.value.pointer }) { inputs[index] = memory }
    }

    /// Copies the samples numbered `rows` into the buffers.
    func gather(_ data: Dataset, rows: UnsafeBufferPointer<Int32>) {
        for index in inputs.indices { data.inputs[index].column.gather(rows: rows, into: inputs[index].pointer) }
        for index in targets.indices {
            data.targets[index].column.gather(rows: rows, into: targets[index].pointer)
            if let weights = weights[index] { data.weights(ofTarget: index)!.gather(rows: rows, into: weights.pointer) }
        }
    }

    /// Sets what losses are scaled by.
    ///
    /// - Parameter divisors: for each target what its summed losses are divided by, over the global batch.
    func setFactors(globalBatch: Int, divisor: (Int) -> Float) {
        let factors = factors.floats
        factors[0] = Float(globalBatch)
        for index in targets.indices {
            let divisor = divisor(index)
            // A batch in which no sample counts has no loss, and no gradient.
            factors[1 + index] = divisor == 0 ? 0 : 1 / divisor
        }
    }

    // MARK: As tensors

    func inputTensors(rows: Int) -> [Tensor] { tensors(inputs, inputSpecs, rows) }
    func targetTensors(rows: Int) -> [Tensor] { tensors(targets, targetSpecs, rows) }
    func weightTensor(_ target: Int, rows: Int) -> Tensor? {
        weights[target].map { Graph.input(Spec(shape: [rows]), at: $0.pointer, owner: $0) }
    }
    var globalBatch: Tensor { Graph.input(Spec(shape: []), at: factors.pointer, owner: factors) }
    func factor(ofTarget index: Int) -> Tensor { Graph.input(Spec(shape: []), at: factors.pointer + 4 * (1 + index), owner: factors) }

    private func tensors(_ buffers: [Memory], _ specs: [Spec], _ rows: Int) -> [Tensor] {
        zip(buffers, specs).map { Graph.input(Spec(shape: $1.shape.batched(rows), dtype: $1.dtype), at: $0.pointer, owner: $0) }
    }
}

extension Dataset {
    /// The weights of a target's samples, if any.
    func weights(ofTarget index: Int) -> Column? { index < sampleWeights.count ? sampleWeights[index] : nil }
}
