/// Sums a tensor over all shards of the global batch, in mid-step: what synchronised statistics need.
///
/// The gradient of a sum over shards is the sum of the gradients over shards, as the loss of a batch is the sum of its
/// shards' losses. A program cannot reach the other shards by itself: it stops at each such operation, and whoever runs it
/// replaces the output, on all shards alike, by the sum in the shards' fixed order (see `TrainStep`). With a single shard
/// the output is the input.
///
/// - Parameter x: any shape, the same on every shard.
public func sumOverShards(_ x: Tensor) -> Tensor { apply(ShardSum(), x) }

struct ShardSum: Operation {
    var effect: Effect { .sumsOverShards }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(inputs[0].dtype == .float32, "sumOverShards: expected float32, found \(inputs[0].dtype)")
        return [inputs[0]]
    }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (source, target, byteCount) = (inputs[0].pointer, outputs[0].pointer, inputs[0].count * 4)
        return { target.copyMemory(from: source, byteCount: byteCount) }
    }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { [upstream[0].map(sumOverShards)] }
}
