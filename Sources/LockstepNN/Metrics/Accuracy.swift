import LockstepTensor

/// 1 where the largest prediction is at the label:
/// argmax(yPred) = yTrue
public func sparseCategoricalAccuracy(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    (yPred.argmax() .== sparseLabels(yTrue, yPred)).cast(to: .float32)
}

/// 1 where the largest prediction is at the largest target:
/// argmax(yPred) = argmax(yTrue)
public func categoricalAccuracy(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor {
    (yPred.argmax() .== yTrue.cast(to: .float32).argmax()).cast(to: .float32)
}

/// The part of the last axis on which prediction and target agree about 1 or 0:
/// mean((yPred > threshold) = yTrue)
public func binaryAccuracy(_ yTrue: Tensor, _ yPred: Tensor, threshold: Float = 0.5) -> Tensor {
    let (y, p) = matchingRanks(yTrue.cast(to: .float32), yPred)
    return ((p .> threshold).cast(to: .float32) .== y).cast(to: .float32).mean(axes: [-1])
}

/// How often predictions are equal to targets, number by number. `keras.metrics.Accuracy`; the name "accuracy" in `compile` stands for the
/// kind of accuracy that fits.
public final class Accuracy: MeanMetricWrapper {
    public init(name: String = "accuracy") {
        super.init(name: name, direction: .up, targets: .elementwise) { yTrue, yPred in
            let (y, p) = matchingRanks(yTrue.cast(to: .float32), yPred.cast(to: .float32))
            return (y .== p).cast(to: .float32)
        }
    }
}

/// How often the largest prediction is at the integer label. `keras.metrics.SparseCategoricalAccuracy`.
public final class SparseCategoricalAccuracy: MeanMetricWrapper {
    public init(name: String = "sparse_categorical_accuracy") {
        super.init(name: name, direction: .up, targets: .labels, sparseCategoricalAccuracy)
    }
}

/// How often the largest prediction is at the largest target. `keras.metrics.CategoricalAccuracy`.
public final class CategoricalAccuracy: MeanMetricWrapper {
    public init(name: String = "categorical_accuracy") {
        super.init(name: name, direction: .up, targets: .distributions, categoricalAccuracy)
    }
}

/// How often predictions on one side of `threshold` match targets of 1 and 0. `keras.metrics.BinaryAccuracy`.
public final class BinaryAccuracy: MeanMetricWrapper {
    public let threshold: Float
    public init(threshold: Float = 0.5, name: String = "binary_accuracy") {
        self.threshold = threshold
        super.init(name: name, direction: .up, targets: .elementwise) { binaryAccuracy($0, $1, threshold: threshold) }
        checkFinite("BinaryAccuracy", ["threshold": threshold])
    }
    public override var config: [ConfigValue.Entry] { super.config + [.init("threshold", ConfigValue(threshold))] }
}
