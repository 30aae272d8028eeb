/// What travels behind the gradients in the arena of each shard, in the same reduction.
///
///     gradients | metric states | layers' states | learning rate | interruption | checksums, four floats a rank
///
/// Metric states and layers' states are summed over the shards, and who interrupts is counted. The others are written by one shard and
/// zero in all others, so that their sum is what that shard wrote, exactly.
struct StepTail {
    let metrics: Range<Int>
    let layers: Range<Int>
    /// Rank zero's learning rate: callbacks may have changed it.
    let learningRate: Int
    /// Not zero if a rank has something to tell before this step counts: see `Decisions`.
    let interruption: Int
    let checksums: Range<Int>
    /// All of it.
    var range: Range<Int> { metrics.lowerBound ..< end }
    /// The length of the arena.
    let end: Int

    init(gradients: Int, metrics: Int, layers: Int, ranks: Int) {
        self.metrics = gradients ..< gradients + metrics
        self.layers = self.metrics.upperBound ..< self.metrics.upperBound + layers
        learningRate = self.layers.upperBound
        interruption = learningRate + 1
        checksums = interruption + 1 ..< interruption + 1 + ranks * DesyncCheck.floatsPerRank
        end = checksums.upperBound
    }
}
