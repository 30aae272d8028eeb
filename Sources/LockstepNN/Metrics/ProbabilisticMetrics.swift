import LockstepTensor

// How far predicted distributions are off, mean over samples; the functions are with the losses.

extension Metrics {
    /// The mean of `klDivergence`. `keras.metrics.KLDivergence`.
    public static func KLDivergence(name: String = "kl_divergence") -> MeanMetricWrapper {
        mean("KLDivergence", name, .elementwise, klDivergence)
    }
    /// The mean of `poisson`. `keras.metrics.Poisson`.
    public static func Poisson(name: String = "poisson") -> MeanMetricWrapper { mean("Poisson", name, .elementwise, poisson) }

    /// The mean of `binaryCrossentropy`. `keras.metrics.BinaryCrossentropy`.
    public static func BinaryCrossentropy(
        name: String = "binary_crossentropy", fromLogits: Bool = false, labelSmoothing: Float = 0
    ) -> MeanMetricWrapper {
        checkFinite("BinaryCrossentropy", ["labelSmoothing": labelSmoothing])
        return mean("BinaryCrossentropy", name, .elementwise, arguments: smoothing(fromLogits, labelSmoothing)) {
            binaryCrossentropy($0, $1, fromLogits: fromLogits, labelSmoothing: labelSmoothing)
        }
    }

    /// The mean of `categoricalCrossentropy`. `keras.metrics.CategoricalCrossentropy`.
    public static func CategoricalCrossentropy(
        name: String = "categorical_crossentropy", fromLogits: Bool = false, labelSmoothing: Float = 0, axis: Int = -1
    ) -> MeanMetricWrapper {
        checkFinite("CategoricalCrossentropy", ["labelSmoothing": labelSmoothing])
        let arguments = smoothing(fromLogits, labelSmoothing) + [.init("axis", .int(axis))]
        return mean("CategoricalCrossentropy", name, .distributions, arguments: arguments) {
            categoricalCrossentropy($0, $1, fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis)
        }
    }

    /// The mean of `sparseCategoricalCrossentropy`; classes lie along the last axis. `keras.metrics.SparseCategoricalCrossentropy`.
    ///
    /// - Parameter ignoreClass: a label whose loss is 0. Without weights it counts in the mean nevertheless, as in Keras.
    public static func SparseCategoricalCrossentropy(
        name: String = "sparse_categorical_crossentropy", fromLogits: Bool = false, ignoreClass: Int? = nil
    ) -> MeanMetricWrapper {
        let arguments: [ConfigValue.Entry] = [
            .init("from_logits", .bool(fromLogits)), .init("ignore_class", ConfigValue(ignoreClass)), .init("axis", -1),
        ]
        return mean("SparseCategoricalCrossentropy", name, .labels, arguments: arguments) {
            sparseCategoricalCrossentropy($0, $1, fromLogits: fromLogits, ignoreClass: ignoreClass)
        }
    }

    private static func smoothing(_ fromLogits: Bool, _ labelSmoothing: Float) -> [ConfigValue.Entry] {
        [.init("from_logits", .bool(fromLogits)), .init("label_smoothing", ConfigValue(labelSmoothing))]
    }
}
