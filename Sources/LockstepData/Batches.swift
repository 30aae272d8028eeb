import LockstepTensor

/// How an epoch is cut into global batches: `batchSize` samples each, the last one what is left.
public struct Batches: Equatable, Sendable {
    public let sampleCount: Int
    public let batchSize: Int

    public init(sampleCount: Int, batchSize: Int) {
        check(sampleCount >= 0, "batches of \(sampleCount) samples")
        check(batchSize >= 1, "batch size \(batchSize); expected at least 1")
        self.sampleCount = sampleCount
        self.batchSize = batchSize
    }

    /// The number of batches: ⌈samples / batch size⌉.
    public var count: Int { (sampleCount + batchSize - 1) / batchSize }

    /// The places in the epoch's order that make up a batch.
    public func range(ofBatch batch: Int) -> Range<Int> {
        check(batch >= 0 && batch < count, "batch \(batch) of \(count)")
        return batch * batchSize ..< min((batch + 1) * batchSize, sampleCount)
    }

    /// The sample numbers of one part of a batch.
    ///
    /// - Parameters:
    ///   - part: places within the batch, such as those of one rank: 0 ..< `range(ofBatch:).count` for all of it; may be
    ///     empty.
    ///   - order: the epoch's order, `sampleCount` long (see `Shuffle`).
    public func rows(_ part: Range<Int>, ofBatch batch: Int, in order: UnsafeBufferPointer<Int32>) -> UnsafeBufferPointer<Int32> {
        let range = range(ofBatch: batch)
        check(order.count == sampleCount, "an order of \(order.count) samples for \(sampleCount)")
        check(part.lowerBound >= 0 && part.upperBound <= range.count, "part \(part) of a batch of \(range.count)")
        return .init(rebasing: order[range.lowerBound + part.lowerBound ..< range.lowerBound + part.upperBound])
    }
}
