import LockstepCommunication
import LockstepTensor

extension Distribution {
    /// The sum of each tensor over all ranks, the same bytes on every rank: for training loops of one's own.
    ///
    /// Ranks that each compute gradients of their own samples go on with the sum, as `fit` does:
    ///
    ///     let loss = tape.record { lossOf(model(x)) / Float(globalBatchSize) }      // x: this rank's samples
    ///     let gradients = zip(tape.gradient(loss, variables), variables).map { $0 ?? .zeros($1.shape) }
    ///     optimizer.apply(try Distribution.allReduce(gradients), to: variables)
    ///
    /// With `average`, the sum is divided by the number of ranks, as Horovod's `DistributedGradientTape` does by default. That is the
    /// gradient of the mean over all samples only where all ranks have equally many; dividing each loss by the size of the *global*
    /// batch, as above, always is. All tensors travel in one message (`MPI_Allreduce`). Collective; in a process alone the identity.
    ///
    /// - Parameter tensors: float32, of the same shapes on every rank.
    /// - Throws: `TrainingError`, on all ranks, where a tensor has another type, or ranks differ in number or shapes of theirs; in a
    ///   callback, which runs on rank zero alone.
    public static func allReduce(_ tensors: [Tensor], average: Bool = false) throws -> [Tensor] {
        check(Graph.current == nil, "allReduce: ranks can only sum what is computed, not what is being traced")
        try Identity.agree(on: "allReduce") { identity in
            if let index = tensors.firstIndex(where: { $0.dtype != .float32 }) {
                throw TrainingError("allReduce: tensor \(index) is of type \(tensors[index].dtype); expected float32: cast it")
            }
            identity.add("average", "\(average)")
            identity.add("list of shapes", tensors.map { "\($0.shape)" }.joined(separator: ", "))
        }
        guard communicator.size > 1 else { return tensors }
        var sums: [Float] = []
        sums.reserveCapacity(tensors.reduce(0) { $0 + $1.shape.count })
        for tensor in tensors { tensor.withElements(of: Float.self) { sums.append(contentsOf: $0) } }
        sums.withUnsafeMutableBufferPointer { communicator.sum($0) }
        var rest = sums[...]
        let scale = average ? 1 / Float(communicator.size) : 1
        return tensors.map { tensor in
            let own = rest.prefix(tensor.shape.count)
            rest = rest.dropFirst(tensor.shape.count)
            return Tensor(own.map { $0 * scale }, shape: tensor.shape)
        }
    }

    /// The sum of one tensor over all ranks; see above.
    public static func allReduce(_ tensor: Tensor, average: Bool = false) throws -> Tensor {
        try allReduce([tensor], average: average)[0]
    }
}
