import LockstepTensor

/// What training makes small: a number for each sample, then their reduction.
///
/// A loss of one's own overrides `call`. The trainer divides by the size of the *global* batch, so that the gradients of
/// all ranks add up to those of one process.
///
/// Losses, optimizers and `Sequential` are used by one thread at a time, as variables are: globals of these may be used by
/// functions of any isolation.
open class Loss {
    /// How samples' losses become one number. Keras' meaning: `sumOverBatchSize` divides by the number of losses whatever
    /// their weights, `meanWithSampleWeight` by the sum of the weights.
    public enum Reduction: String, Sendable {
        case sumOverBatchSize = "sum_over_batch_size"
        case sum
        case meanWithSampleWeight = "mean_with_sample_weight"
    }

    public let name: String
    public let reduction: Reduction

    public init(reduction: Reduction = .sumOverBatchSize, name: String) {
        self.reduction = reduction
        self.name = name
    }

    /// The losses of the samples: one axis fewer than `yPred`. Those with a mask (`ignoreClass`) count where it says so.
    ///
    /// Or one number, the loss of the whole global batch, of which each sample has an equal part: a mean, or what is computed from
    /// sums over samples by `sumOverShards`.
    open func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        Failure.report("loss \(name) does not override call(_:_:)")
    }

    /// Between which numbers targets must lie for the loss to mean what it says; `nil` where any will do. Others are computed
    /// with, as in Keras, and warned of.
    open var targetRange: ClosedRange<Float>? { nil }

    /// Whether targets are numbers of classes, each of which has a place in the last axis of the output.
    open var targetsAreClasses: Bool { false }
    /// The target that counts for nothing, and need not be one of the classes.
    package var ignoredClass: Int? { nil }
    /// Whether `call` sums over the samples of all shards, by `sumOverShards`. One of one's own that does says so here.
    open var sumsOverShards: Bool { false }
    /// The type that targets are cast to before the loss sees them.
    package var targetDType: DType { targetsAreClasses ? .int32 : .float32 }

    /// The way out where targets of this shape do not go with an output of that one; `nil`, also by default, where they do. Asked
    /// before the first step, with the batch axis (perhaps `Shape.unknown`).
    open func problem(target: Shape, output: Shape) -> String? { nil }

    open var className: String { String(describing: type(of: self)) }
    /// The arguments that make this loss again, by their Keras names.
    open var config: [ConfigValue.Entry] { [.init("name", .string(name)), .init("reduction", .string(reduction.rawValue))] }

    /// The reduced loss of these samples alone: `loss(yTrue, yPred)` in a loop of one's own.
    public func callAsFunction(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) -> Tensor {
        let weighted = weightedSum(yTrue, yPred, sampleWeight: sampleWeight)
        if let valid = weighted.validEntries { return weighted.value / (valid + (valid .== Tensor(0)).cast(to: .float32)) }
        let (sum, perSample) = (weighted.value, weighted.perSample)
        let samples: Tensor =
            switch reduction {
            case .sum: Tensor(1 / perSample)
            case .meanWithSampleWeight where sampleWeight != nil: sampleWeight!.sum()
            default: Tensor(Float(yPred.shape[0]))
            }
        return sum / samples / perSample
    }

    /// A sum over samples. The sums of the parts of a batch add up to that of the batch.
    package struct WeightedSum {
        /// Σ weight·loss, over the entries that count where predictions have a mask.
        package let value: Tensor
        /// How many losses go with each number that the sum is divided by, a sample or a weight: one, or one for each step of a sequence.
        package let perSample: Float
        /// What the sum is to be divided by where predictions have a mask: the number of entries that count, or the sum of their
        /// weights; `nil` without a mask, and for sums.
        package let validEntries: Tensor?
    }

    /// Whether a step with this loss exchanges sums with the other shards before its end: for the loss itself, or to count what a mask
    /// leaves.
    package func sumsInMidStep(isMasked: Bool) -> Bool {
        sumsOverShards || ((isMasked || ignoredClass != nil) && reduction != .sum)
    }

    /// Σ weight·loss over these samples. What the mask of the predictions leaves out counts for nothing: Keras'
    /// `losses.loss.apply_mask`.
    package func weightedSum(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor?) -> WeightedSum {
        var values = call(yTrue, yPred)
        let mask = [yPred.mask, values.mask].compactMap { $0 }.map { $0.cast(to: .float32) }
            .reduce(nil) { (whole: Tensor?, part) in whole.map { $0 * aligned(part, with: $0) } ?? part }
        let isOfBatch = values.shape.rank == 0
        if isOfBatch {
            // As Keras multiplies one number with weights, or with a mask.
            values = values.broadcast(to: (mask ?? sampleWeight)?.shape ?? [yPred.shape[0]])
            if reduction == .sum, mask == nil, sampleWeight == nil {
                values = values / sumOverShards(Tensor(Float(yPred.shape[0])))
            }
        }
        let weights = reduction == .meanWithSampleWeight ? sampleWeight.map { $0.shape.sample.count } ?? 1 : 1
        let perSample = Float(values.shape.sample.count) / Float(weights)
        func aligning(_ weight: Tensor, _ what: String) -> Tensor {
            let own = aligned(weight, with: values)
            check(
                own.shape.rank == values.shape.rank
                    && zip(own.shape.dimensions, values.shape.dimensions).allSatisfy { $0 == 1 || $0 == $1 },
                "loss \(name): \(what) of shape \(weight.shape) for losses of shape \(values.shape)")
            return own
        }
        let weight = sampleWeight.map { aligning($0, "sample weights") }
        guard let mask = mask.map({ aligning($0, "a mask") }) else {
            return WeightedSum(value: (weight.map { values * $0 } ?? values).sum(), perSample: perSample, validEntries: nil)
        }
        let masked = weight.map { $0 * mask } ?? mask
        let valid: Tensor? =
            reduction != .sum ? (reduction == .meanWithSampleWeight ? masked : mask).broadcast(to: values.shape).sum() : nil
        return WeightedSum(value: (values * masked).sum(), perSample: perSample, validEntries: valid)
    }
}

/// Sample weights with as many axes as `values`, of which each sample has one or several.
func aligned(_ sampleWeight: Tensor, with values: Tensor) -> Tensor {
    var weight =
        sampleWeight.shape.rank == values.shape.rank + 1 && sampleWeight.shape.last == 1
        ? sampleWeight.squeezed(axes: [-1]) : sampleWeight
    while weight.shape.rank < values.shape.rank { weight = weight.expandingDims(axis: -1) }
    return weight
}

/// `x` and `y` with equal ranks where they differ by one axis of length 1 at the end, as Keras' losses and metrics do.
func matchingRanks(_ x: Tensor, _ y: Tensor) -> (Tensor, Tensor) {
    if x.shape.rank == y.shape.rank + 1, x.shape.last == 1 {
        return y.shape.rank == 1 ? (x, y.expandingDims(axis: -1)) : (x.squeezed(axes: [-1]), y)
    }
    if y.shape.rank == x.shape.rank + 1, y.shape.last == 1 {
        return x.shape.rank == 1 ? (x.expandingDims(axis: -1), y) : (x, y.squeezed(axes: [-1]))
    }
    return (x, y)
}

extension Loss.Reduction {
    init(config: Config) throws {
        let name = try config.string("reduction", default: "sum_over_batch_size")
        switch name {
        case "mean": self = .sumOverBatchSize
        default:
            guard let known = Self(rawValue: name) else {
                throw ConfigError(
                    unknownName("reduction", name, ["sum", "sum_over_batch_size", "mean_with_sample_weight"]), at: ["reduction"])
            }
            self = known
        }
    }
}
