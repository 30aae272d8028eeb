import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

extension Normalization {
    /// Sets mean and variance to those of data, over all axes but `axis`; builds the layer if it is not built.
    ///
    /// Collective: all ranks have the same data, as in `fit`, and each looks at a part of it. The data are cut into blocks whatever the
    /// number of ranks, of which the moments are merged in their order, in double precision (Chan, Golub & LeVeque 1983): so all ranks
    /// come to the same bytes, and to those of one process. `keras.layers.Normalization.adapt`.
    ///
    /// - Parameter data: `[samples, …]`, of any type.
    /// - Throws: `TrainingError` where there are no samples, the layer was given its mean, or ranks differ.
    public func adapt(_ data: Tensor) throws { try adapt([data]) }

    /// As above, on the samples of several arrays, which may have different numbers of them.
    public func adapt(_ batches: [Tensor]) throws {
        check(Graph.current == nil, "adapt: data are looked at as they are, not while a step is traced")
        try Identity.agree(on: "adapt") { identity in
            guard givenMean == nil else {
                throw TrainingError("layer \(name): adapt finds mean and variance, and this layer was given them")
            }
            guard let first = batches.first, batches.contains(where: { $0.shape.count > 0 }) else {
                throw TrainingError("layer \(name): adapt needs samples, and was given none")
            }
            for batch in batches where batch.shape.rank == 0 || batch.shape.rank != first.shape.rank {
                throw TrainingError(
                    "layer \(name): adapt takes [samples, …] of equal rank, and was given shapes \(first.shape) and \(batch.shape)")
            }
            identity.add("data", batches.map { "\($0.dtype) of shape \($0.shape)" }.joined(separator: ", "))
        }
        build(inputShape: batches[0].shape.sample.batched())
        let kept = keptAxes(batches[0].shape)
        for batch in batches where keptAxes(batch.shape).contains(where: { batch.shape[$0] != buildShapes[0][$0] }) {
            throw TrainingError("layer \(name): built for \(buildShapes[0]), and adapt was given data of shape \(batch.shape)")
        }
        let communicator = Distribution.communicator
        let blocks = batches.flatMap(Normalization.blocks)
        let own = balancedPart(communicator.rank, of: communicator.size, count: blocks.count)
        let channels = mean!.shape.count
        let numbers = blocks[own].flatMap { batch, rows in Moments(batch[rows], keeping: kept).numbers }
        var all = Moments(channels: channels)
        for rank in communicator.allGather(numbers) {
            for start in stride(from: 0, to: rank.count, by: 1 + 2 * channels) {
                all.merge(Moments(rank[start ..< start + 1 + 2 * channels]))
            }
        }
        mean!.assign(Tensor(all.mean.map { Float($0) }, shape: mean!.shape))
        variance!.assign(Tensor(all.squares.map { Float($0 / all.count) }, shape: variance!.shape))
    }

    /// Rows of about a million elements each, and what they are of.
    private static func blocks(_ batch: Tensor) -> [(batch: Tensor, rows: Range<Int>)] {
        let rows = max(1, (1 << 20) / max(1, batch.shape.sample.count))
        return stride(from: 0, to: batch.shape[0], by: rows).map { (batch, $0 ..< min($0 + rows, batch.shape[0])) }
    }
}

/// Of some elements of each place: how many, their mean, and the sum of squared distances from it.
private struct Moments {
    private(set) var count = 0.0
    private(set) var mean: [Double], squares: [Double]

    init(channels: Int) { (mean, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)) }

    /// Of a tensor's elements, a mean for each place of axes `kept`.
    init(_ x: Tensor, keeping kept: [Int]) {
        let moments = channelMoments(x, keeping: kept)
        (count, mean, squares) = (moments.count, moments.mean, moments.squares)
    }

    var numbers: [Double] { [count] + mean + squares }

    init(_ numbers: ArraySlice<Double>) {
        let channels = (numbers.count - 1) / 2
        count = numbers.first!
        (mean, squares) = (Array(numbers.dropFirst().prefix(channels)), Array(numbers.suffix(channels)))
    }

    mutating func merge(_ other: Moments) {
        guard other.count > 0 else { return }
        let total = count + other.count, share = other.count / total
        for c in mean.indices {
            let delta = other.mean[c] - mean[c]
            mean[c] += delta * share
            squares[c] += other.squares[c] + delta * delta * count * share
        }
        count = total
    }
}

extension IndexLookup {
    /// Finds the vocabulary in data: the most frequent tokens first, of equally frequent ones the larger. Each token of a list is a sample.
    ///
    /// Collective: all ranks have the same data, as in `fit`; counts are whole numbers, so all come to the same vocabulary, and to that of
    /// one process. `keras.layers.StringLookup.adapt`.
    ///
    /// - Throws: `TrainingError` where there is nothing to learn from, or ranks differ.
    public func adapt(_ tokens: [Token]) throws { try adapt(tokens.map { [$0] }) }

    /// As above, on samples, whose tokens count once a sample in the frequencies of `tfIdf`.
    public func adapt(_ samples: [[Token]]) throws {
        try Identity.agree(on: "adapt") { identity in
            guard samples.contains(where: { !$0.isEmpty }) else { throw TrainingError("\(kind): adapt needs tokens, and was given none") }
            guard Distribution.communicator.size > 1 else { return }
            var all: [UInt8] = []
            for sample in samples {
                for token in sample { all += token.bytes + [0] }
                all.append(10)
            }
            let sum = all.withUnsafeBytes { LockstepData.checksum($0) }
            identity.add("data", "\(samples.count) samples, checksum \(String(sum, radix: 16))")
        }
        learn(samples)
    }
}

extension TextVectorization {
    /// Finds the vocabulary in texts; see `IndexLookup.adapt`. `keras.layers.TextVectorization.adapt`.
    ///
    /// - Throws: `TrainingError` where there are no tokens, or ranks differ.
    public func adapt(_ texts: [String]) throws { try lookup.adapt(texts.map(tokens)) }
}
