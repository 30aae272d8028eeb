import LockstepTensor

/// Arrays that belong together, held in memory: what a model reads, what it should answer, how much each sample counts.
public struct Dataset {
    public let inputs: [(name: String, column: Column)]
    public let targets: [(name: String, column: Column)]
    /// For each target the weights of its samples, `[count]`, or of their parts, such as `[count, steps]`, or `nil` where all count the same; empty where no target
    /// has any.
    public let sampleWeights: [Column?]
    /// The number of samples.
    public let count: Int
    /// Whether inputs and targets are those of a model of these names. Otherwise they go in order, unless each has such a name.
    public let inputsAreNamed: Bool, targetsAreNamed: Bool

    /// - Parameters:
    ///   - inputs: the model's inputs by name; at least one.
    ///   - targets: its outputs' targets by name; empty for data to predict from.
    ///   - sampleWeights: one for each target, or one that holds for all targets, or none.
    ///   - inputsAreNamed, targetsAreNamed: the names are those of a model; its inputs and outputs must have them.
    /// - Throws: `DataError` where columns differ in their number of samples, there are no samples, or a weight is not
    ///   finite.
    public init(
        inputs: [(name: String, column: Column)], targets: [(name: String, column: Column)] = [], sampleWeights: [Column?] = [],
        inputsAreNamed: Bool = false, targetsAreNamed: Bool = false
    ) throws {
        guard let first = inputs.first?.column else { throw DataError("data", "expected at least one input, found none") }
        for column in inputs.map(\.column) + targets.map(\.column) + sampleWeights.compactMap({ $0 }) where column.count != first.count {
            throw DataError(
                column.source,
                "\(first.source) has \(first.count) samples, \(column.source) has \(column.count); every array needs one row a sample")
        }
        guard first.count > 0 else { throw DataError(first.source, "expected at least one sample, found none") }
        var weights = sampleWeights
        if weights.count == 1, targets.count > 1 { weights = .init(repeating: weights[0], count: targets.count) }
        guard weights.isEmpty || weights.count == targets.count else {
            throw DataError("sample weights", "expected one array, or one for each of \(targets.count) targets, found \(weights.count)")
        }
        self.init(
            first.count, inputs, targets, try weights.map { try $0.map(Dataset.validWeights) }, (inputsAreNamed, targetsAreNamed))
    }

    private init(
        _ count: Int, _ inputs: [(name: String, column: Column)], _ targets: [(name: String, column: Column)], _ sampleWeights: [Column?],
        _ areNamed: (inputs: Bool, targets: Bool)
    ) {
        (inputsAreNamed, targetsAreNamed) = areNamed
        self.count = count
        self.inputs = inputs
        self.targets = targets
        self.sampleWeights = sampleWeights
    }

    /// `weights` as a float column.
    private static func validWeights(_ weights: Column) throws -> Column {
        let values = weights.tensor.scalars.map { $0 / weights.divisor }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw DataError(weights.source, "weight \(bad) is \(values[bad]); expected finite numbers")
        }
        let isOneEach = weights.sampleShape.count == 1
        return try Column(Tensor(values, shape: isOneEach ? [weights.count] : weights.tensor.shape), source: weights.source)
    }

    /// The samples of a range; their bytes are shared, not copied.
    public func rows(_ range: Range<Int>) -> Dataset {
        func part(_ columns: [(name: String, column: Column)]) -> [(name: String, column: Column)] {
            columns.map { ($0.name, $0.column.rows(range)) }
        }
        return Dataset(
            range.count, part(inputs), part(targets), sampleWeights.map { $0?.rows(range) }, (inputsAreNamed, targetsAreNamed))
    }

    /// The first `n` samples. Throws `DataError` where `n` is not 1 … `count`.
    public func take(_ n: Int) throws -> Dataset {
        guard n >= 1, n <= count else {
            throw DataError(inputs[0].column.source, "cannot take \(n) samples of \(count); take 1 to \(count)")
        }
        return rows(0 ..< n)
    }

    /// Cuts off the last `fraction` of the samples for validation, before any shuffling: Keras' `validation_split`. The
    /// cut is at `floor(count * (1 - fraction))`.
    ///
    /// Throws `DataError` where the fraction is not between 0 and 1 or a part would be empty.
    public func split(_ fraction: Double) throws -> (training: Dataset, validation: Dataset) {
        let source = inputs[0].column.source
        guard fraction > 0, fraction < 1 else {
            throw DataError(source, "cannot split off \(fraction) of the samples; name a fraction between 0 and 1")
        }
        let cut = Int((Double(count) * (1 - fraction)).rounded(.down))
        guard cut > 0, cut < count else {
            throw DataError(
                source,
                "splitting \(fraction) off \(count) samples leaves \(cut) for training and \(count - cut) for validation; both need at least one"
            )
        }
        return (rows(0 ..< cut), rows(cut ..< count))
    }
}
