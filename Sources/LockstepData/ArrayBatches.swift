import LockstepTensor

/// The batches of a data set in memory, in its order or shuffled.
public final class ArrayBatches: BatchSource {
    public let specs: BatchSpecs
    private let data: Dataset
    private let batches: Batches
    private let isShuffled: Bool
    /// The numbers of the samples, in the order of the epoch.
    private let order: UnsafeMutableBufferPointer<Int32>
    /// The batch at hand.
    private var batch = 0

    /// - Parameters:
    ///   - batchSize: samples of a batch; the last one of an epoch may be smaller.
    ///   - shuffle: take samples in a new order each epoch (see `Shuffle`).
    public init(_ data: Dataset, batchSize: Int, shuffle: Bool = false) {
        self.data = data
        specs = BatchSpecs(data)
        batches = Batches(sampleCount: data.count, batchSize: min(batchSize, data.count))
        isShuffled = shuffle
        order = .allocate(capacity: data.count)
        begin(epoch: 0, seed: 0)
    }

    deinit { order.deallocate() }

    public var batchSize: Int { batches.batchSize }
    public var batchCount: Int? { batches.count }

    public func begin(epoch: Int, seed: Int) { Shuffle(seed: seed, isEnabled: isShuffled).fill(order, epoch: epoch) }

    public func select(batch: Int) -> Int {
        self.batch = batch
        return batch < batches.count ? batches.range(ofBatch: batch).count : 0
    }

    public func fill(_ part: Range<Int>, into arrays: BatchArrays) {
        let rows = batches.rows(part, ofBatch: batch, in: UnsafeBufferPointer(order))
        for index in data.inputs.indices { data.inputs[index].column.gather(rows: rows, into: arrays.inputs[index]) }
        for index in data.targets.indices {
            data.targets[index].column.gather(rows: rows, into: arrays.targets[index])
            if let weights = arrays.weights[index] { data.weights(ofTarget: index)!.gather(rows: rows, into: weights) }
        }
    }

    public func weightSum(ofTarget index: Int) -> Float {
        let all = 0 ..< batches.range(ofBatch: batch).count
        guard let weights = data.weights(ofTarget: index) else { return Float(all.count) }
        return weights.sum(rows: batches.rows(all, ofBatch: batch, in: UnsafeBufferPointer(order)))
    }
}

extension BatchSpecs {
    /// Those of a data set.
    package init(_ data: Dataset) {
        func columns(_ columns: [(name: String, column: LockstepData.Column)]) -> [Column] {
            columns.map { name, column in
                Column(name: name, source: column.source, sample: Spec(shape: column.sampleShape, dtype: column.batchDType))
            }
        }
        self.init(
            inputs: columns(data.inputs), targets: columns(data.targets),
            weights: data.targets.indices.map { data.weights(ofTarget: $0)?.sampleShape }, inputsAreNamed: data.inputsAreNamed,
            targetsAreNamed: data.targetsAreNamed)
    }
}

extension Dataset {
    /// The weights of a target's samples, if any.
    fileprivate func weights(ofTarget index: Int) -> Column? { index < sampleWeights.count ? sampleWeights[index] : nil }
}

extension Column {
    /// The sum of a column of numbers over some of its rows, in double precision.
    fileprivate func sum(rows: UnsafeBufferPointer<Int32>) -> Float {
        let width = sampleShape.count
        return tensor.withElements(of: Float.self) { values in
            var sum = 0.0
            for row in rows { for index in Int(row) * width ..< (Int(row) + 1) * width { sum += Double(values[index]) } }
            return Float(sum)
        }
    }
}
