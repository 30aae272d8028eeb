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

    /// The losses of the samples: one axis fewer than `yPred`.
    open func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
        Failure.report("loss \(name) does not override call(_:_:)")
    }

    /// Between which numbers targets must lie for the loss to mean what it says; `nil` where any will do. Others are computed
    /// with, as in Keras, and warned of.
    open var targetRange: ClosedRange<Float>? { nil }

    open var className: String { String(describing: type(of: self)) }
    /// The arguments that make this loss again, by their Keras names.
    open var config: [ConfigValue.Entry] { [.init("name", .string(name)), .init("reduction", .string(reduction.rawValue))] }

    /// The reduced loss of these samples alone: `loss(yTrue, yPred)` in a loop of one's own.
    public func callAsFunction(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) -> Tensor {
        let (sum, perSample) = weightedSum(yTrue, yPred, sampleWeight: sampleWeight)
        let samples: Tensor =
            switch reduction {
            case .sum: Tensor(1 / perSample)
            case .meanWithSampleWeight where sampleWeight != nil:
                sampleWeight!.sum() * (Float(yPred.shape[0]) / Float(sampleWeight!.shape.count))
            default: Tensor(Float(yPred.shape[0]))
            }
        return sum / samples / perSample
    }

    /// Σ weight·loss over these samples, and how many losses each sample has: one, or one for each step of a sequence.
    /// The sums of the parts of a batch add up to that of the batch.
    package func weightedSum(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor?) -> (sum: Tensor, perSample: Float) {
        let values = call(yTrue, yPred)
        let perSample = Float(values.shape.sample.count)
        guard let sampleWeight else { return (values.sum(), perSample) }
        let weight = aligned(sampleWeight, with: values)
        let weighted = values * weight
        check(
            weighted.shape == values.shape,
            "loss \(name): sample weights of shape \(sampleWeight.shape) for losses of shape \(values.shape)")
        return (weighted.sum(), perSample)
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
