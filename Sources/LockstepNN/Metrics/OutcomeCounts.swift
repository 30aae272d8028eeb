import LockstepTensor

/// The weight of one outcome, a number for each threshold: what the metrics below have in common.
public class OutcomeCount: ConfusionMetric {
    class var outcome: Outcome { Failure.report("metric \(self) does not override outcome") }

    public init(thresholds: [Float]? = nil, name: String? = nil) {
        super.init([Self.outcome: "accumulator"], thresholds: thresholds, name: name)
    }
    convenience init(config: Config) throws { self.init(thresholds: try Self.thresholds(config), name: try config.optionalString("name")) }
    public override func result() -> Tensor { perThreshold(counts(Self.outcome)) }
    public override var config: [ConfigValue.Entry] { super.config + [thresholdsEntry] }
}

/// The weight of positive predictions of positive truths. `keras.metrics.TruePositives`.
public final class TruePositives: OutcomeCount {
    override class var outcome: Outcome { .truePositives }
}

/// The weight of positive predictions of truths that are not. `keras.metrics.FalsePositives`.
public final class FalsePositives: OutcomeCount {
    override class var outcome: Outcome { .falsePositives }
}

/// The weight of negative predictions of truths that are negative. `keras.metrics.TrueNegatives`.
public final class TrueNegatives: OutcomeCount {
    override class var outcome: Outcome { .trueNegatives }
}

/// The weight of negative predictions of truths that are positive. `keras.metrics.FalseNegatives`.
public final class FalseNegatives: OutcomeCount {
    override class var outcome: Outcome { .falseNegatives }
}
