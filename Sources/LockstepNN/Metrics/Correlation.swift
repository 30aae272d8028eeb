import LockstepTensor

// How targets and predictions of a sample vary together along an axis, mean over samples.

private let epsilon: Float = 1e-7

/// Pearson's correlation along an axis:
/// mean((yTrue - mean(yTrue)) (yPred - mean(yPred))) / (σ(yTrue) σ(yPred))
public func pearsonCorrelation(_ yTrue: Tensor, _ yPred: Tensor, axis: Int = -1) -> Tensor {
    func standardized(_ x: Tensor) -> Tensor {
        let centred = x - x.mean(axes: [axis], keepDims: true)
        return centred / sqrt(centred.variance(axes: [axis], keepDims: true))
    }
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return (standardized(yTrue) * standardized(yPred)).mean(axes: [axis])
}

/// Lin's concordance along an axis, which a difference of means or of scales makes less (Lin 1989):
/// 2 cov(yTrue, yPred) / (var(yTrue) + var(yPred) + (mean(yTrue) - mean(yPred))² + 10⁻⁷)
public func concordanceCorrelation(_ yTrue: Tensor, _ yPred: Tensor, axis: Int = -1) -> Tensor {
    let (yTrue, yPred) = matchingRanks(yTrue.cast(to: .float32), yPred)
    let trueMean = yTrue.mean(axes: [axis], keepDims: true), predictedMean = yPred.mean(axes: [axis], keepDims: true)
    let variances = yTrue.variance(axes: [axis], keepDims: true) + yPred.variance(axes: [axis], keepDims: true)
    // Of the targets Keras takes off the mean of the predictions, which comes to the same.
    let products = (yTrue - predictedMean) * (yPred - predictedMean)
    return (products * 2 / (variances + square(trueMean - predictedMean) + epsilon)).mean(axes: [axis])
}

extension Metrics {
    /// The mean of `pearsonCorrelation`. `keras.metrics.PearsonCorrelation`.
    public static func PearsonCorrelation(name: String = "pearson_correlation", axis: Int = -1) -> MeanMetricWrapper {
        AlongAxis("PearsonCorrelation", name, axis, arguments: [.init("axis", .int(axis))], pearsonCorrelation)
    }
    /// The mean of `concordanceCorrelation`. `keras.metrics.ConcordanceCorrelation`.
    public static func ConcordanceCorrelation(name: String = "concordance_correlation", axis: Int = -1) -> MeanMetricWrapper {
        AlongAxis("ConcordanceCorrelation", name, axis, arguments: [.init("axis", .int(axis))], concordanceCorrelation)
    }
}

/// The mean of a function that takes a number of each sample along an axis; more is better.
final class AlongAxis: MeanMetricWrapper {
    private let axis: Int

    init(
        _ className: String, _ name: String, _ axis: Int, arguments: [ConfigValue.Entry],
        _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor, _ axis: Int) -> Tensor
    ) {
        self.axis = axis
        super.init(name: name, className: className, direction: .up, targets: .elementwise, arguments: arguments) { function($0, $1, axis) }
    }
    override func problem(yTrue: Shape, yPred: Shape) -> String? {
        super.problem(yTrue: yTrue, yPred: yPred) ?? axisProblem(axis, of: yPred)
    }
}
