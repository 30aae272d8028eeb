import LockstepTensor

extension Metrics {
    /// The mean of `hinge`. `keras.metrics.Hinge`.
    public static func Hinge(name: String = "hinge") -> MeanMetricWrapper { mean("Hinge", name, .elementwise, sumsOverShards: true, hinge) }
    /// The mean of `squaredHinge`. `keras.metrics.SquaredHinge`.
    public static func SquaredHinge(name: String = "squared_hinge") -> MeanMetricWrapper {
        mean("SquaredHinge", name, .elementwise, sumsOverShards: true, squaredHinge)
    }
    /// The mean of `categoricalHinge`. `keras.metrics.CategoricalHinge`.
    public static func CategoricalHinge(name: String = "categorical_hinge") -> MeanMetricWrapper {
        mean("CategoricalHinge", name, .distributions, categoricalHinge)
    }
}
