import LockstepData
import LockstepTensor

/// The memory from which a traced step reads its batch: one buffer for each array of the data, and the factors by which
/// losses are scaled.
///
/// Programs for batches of different sizes read the same buffers.
final class BatchBuffers {
    let specs: BatchSpecs
    /// The most samples that a part of a batch can have.
    let capacity: Int
    private var inputs: [Memory]
    private let targets: [Memory], weights: [Memory?]
    /// [global batch size, 1 on the first shard, else 0, then for each target the factor of its weighted loss sum].
    private let factors: Memory
    /// Where a source of batches is to write.
    private(set) var arrays: BatchArrays

    init(_ specs: BatchSpecs, capacity: Int) {
        (self.specs, self.capacity) = (specs, capacity)
        func buffer(_ sample: Spec) -> Memory { Memory(byteCount: max(1, capacity) * sample.shape.count * sample.dtype.size) }
        inputs = specs.inputs.map { buffer($0.sample) }
        targets = specs.targets.map { buffer($0.sample) }
        weights = specs.weights.map { shape in shape.map { buffer(Spec(shape: $0)) } }
        factors = Memory(byteCount: 4 * (2 + targets.count))
        arrays = BatchArrays(inputs: inputs.map(\.pointer), targets: targets.map(\.pointer), weights: weights.map { $0?.pointer })
    }

    /// Whether programs that read these buffers can be used for batches of `specs` with parts of up to `capacity` samples.
    func fits(_ specs: BatchSpecs, capacity: Int) -> Bool { capacity <= self.capacity && specs.hasLayout(of: self.specs) }

    /// Moves the buffer that `tensor` shows, if it is that of an input, to other memory of the same size. Programs that were
    /// made before still read it where it was.
    func moveInput(_ tensor: Tensor, to memory: Memory) {
        guard let index = inputs.firstIndex(where: { $0.pointer == tensor.value.pointer }) else { return }
        (inputs[index], arrays.inputs[index]) = (memory, memory.pointer)
    }

    /// Sets what losses are scaled by.
    ///
    /// - Parameters:
    ///   - shard: whose batch this is.
    ///   - divisor: for each target what its summed losses are divided by, over the global batch.
    func setFactors(shard: Int, globalBatch: Int, divisor: (Int) -> Float) {
        let factors = factors.floats
        (factors[0], factors[1]) = (Float(globalBatch), shard == 0 ? 1 : 0)
        for index in targets.indices {
            let divisor = divisor(index)
            // A batch in which no sample counts has no loss, and no gradient.
            factors[2 + index] = divisor == 0 ? 0 : 1 / divisor
        }
    }

    // MARK: As tensors

    func inputTensors(rows: Int) -> [Tensor] { tensors(inputs, specs.inputs, rows) }
    func targetTensor(_ target: Int, rows: Int) -> Tensor { tensors([targets[target]], [specs.targets[target]], rows)[0] }
    func weightTensor(_ target: Int, rows: Int) -> Tensor? {
        weights[target].map { Graph.input(Spec(shape: specs.weights[target]!.batched(rows)), at: $0.pointer, owner: $0) }
    }
    var globalBatch: Tensor { factor(0) }
    /// By what a term of the loss is multiplied that counts once a batch, so that all shards have the same operations.
    var isFirstShard: Tensor { factor(1) }
    func factor(ofTarget index: Int) -> Tensor { factor(2 + index) }
    private func factor(_ place: Int) -> Tensor { Graph.input(Spec(shape: []), at: factors.pointer + 4 * place, owner: factors) }

    private func tensors(_ buffers: [Memory], _ columns: [BatchSpecs.Column], _ rows: Int) -> [Tensor] {
        zip(buffers, columns.map(\.sample)).map {
            Graph.input(Spec(shape: $1.shape.batched(rows), dtype: $1.dtype), at: $0.pointer, owner: $0)
        }
    }
}
