import LockstepTensor

/// The best rate that a classifier can have at some threshold where another rate is at least a given one; 0 where there is no such
/// threshold. Thresholds are spread evenly over [0, 1].
public class ConstrainedRate: ConfusionMetric {
    /// What the rate that is constrained is at least.
    public let bound: Float
    public let numThresholds: Int
    /// Keras' name of `bound`.
    class var boundName: String { Failure.report("metric \(self) does not override boundName") }
    /// More numbers between 0 and 1 float32 cannot tell apart.
    private static let mostThresholds = 1 << 24

    /// - Parameter name: by default that of the class.
    init(bound: Float, numThresholds: Int, classID: Int?, name: String?) {
        check(bound >= 0 && bound <= 1, "\(Self.self): \(Self.boundName) must lie between 0 and 1, got \(bound)")
        check(
            numThresholds > 0 && numThresholds <= Self.mostThresholds,
            "\(Self.self): numThresholds must lie between 1 and \(Self.mostThresholds), got \(numThresholds)")
        (self.bound, self.numThresholds) = (bound, numThresholds)
        let values = (0 ..< numThresholds).map { numThresholds == 1 ? 0.5 : Float(Double($0) / Double(numThresholds - 1)) }
        super.init(Thresholds(values, spacing: numThresholds == 1 ? .free : .even), classID: classID, name: name)
        makeCounters([.truePositives, .falsePositives, .trueNegatives, .falseNegatives])
    }

    convenience init(config: Config) throws {
        let bound = try config.float(Self.boundName, in: 0 ... 1), count = try config.int("num_thresholds", default: 200)
        guard 1 ... Self.mostThresholds ~= count else {
            throw ConfigError("expected a number between 1 and \(Self.mostThresholds), found \(count)", at: ["num_thresholds"])
        }
        self.init(
            bound: bound, numThresholds: count, classID: try Self.index(config, "class_id", from: 0),
            name: try config.optionalString("name"))
    }

    /// The constrained rate and the one to be had, at a threshold.
    func rates(tp: Double, fp: Double, tn: Double, fn: Double) -> (constrained: Double, wanted: Double) {
        Failure.report("metric \(name) does not override rates(tp:fp:tn:fn:)")
    }

    public final override func result() -> Tensor {
        let (tp, fp, tn, fn) = (counts(.truePositives), counts(.falsePositives), counts(.trueNegatives), counts(.falseNegatives))
        let wanted = tp.indices.compactMap { i in
            let rates = rates(tp: Double(tp[i]), fp: Double(fp[i]), tn: Double(tn[i]), fn: Double(fn[i]))
            // In floats, as Keras compares: 0.7 is at least 0.7.
            return Float(rates.constrained) >= bound ? Float(rates.wanted) : nil
        }
        return Tensor(wanted.max() ?? 0)
    }

    public final override var severalResults: (what: String, wayOut: String)? { nil }
    public final override var direction: Direction? { .up }
    public final override var config: [ConfigValue.Entry] {
        super.config + [
            .init("class_id", ConfigValue(classID)), .init("num_thresholds", .int(numThresholds)),
            .init(Self.boundName, ConfigValue(bound)),
        ]
    }
}

/// The largest sensitivity, TP / (TP + FN), where the specificity, TN / (TN + FP), is at least `specificity`.
/// `keras.metrics.SensitivityAtSpecificity`.
public final class SensitivityAtSpecificity: ConstrainedRate {
    override class var boundName: String { "specificity" }

    /// - Parameters:
    ///   - specificity: from 0 to 1.
    ///   - numThresholds: how many thresholds are tried; a single one is 0.5.
    ///   - classID: look at this class alone.
    public convenience init(specificity: Float, numThresholds: Int = 200, classID: Int? = nil, name: String? = nil) {
        self.init(bound: specificity, numThresholds: numThresholds, classID: classID, name: name)
    }
    override func rates(tp: Double, fp: Double, tn: Double, fn: Double) -> (constrained: Double, wanted: Double) {
        (ratio(tn, tn + fp), ratio(tp, tp + fn))
    }
}

/// The largest specificity, TN / (TN + FP), where the sensitivity, TP / (TP + FN), is at least `sensitivity`.
/// `keras.metrics.SpecificityAtSensitivity`.
public final class SpecificityAtSensitivity: ConstrainedRate {
    override class var boundName: String { "sensitivity" }

    /// As of `SensitivityAtSpecificity`.
    public convenience init(sensitivity: Float, numThresholds: Int = 200, classID: Int? = nil, name: String? = nil) {
        self.init(bound: sensitivity, numThresholds: numThresholds, classID: classID, name: name)
    }
    override func rates(tp: Double, fp: Double, tn: Double, fn: Double) -> (constrained: Double, wanted: Double) {
        (ratio(tp, tp + fn), ratio(tn, tn + fp))
    }
}

/// The largest precision, TP / (TP + FP), where the recall, TP / (TP + FN), is at least `recall`. `keras.metrics.PrecisionAtRecall`.
public final class PrecisionAtRecall: ConstrainedRate {
    override class var boundName: String { "recall" }

    /// As of `SensitivityAtSpecificity`.
    public convenience init(recall: Float, numThresholds: Int = 200, classID: Int? = nil, name: String? = nil) {
        self.init(bound: recall, numThresholds: numThresholds, classID: classID, name: name)
    }
    override func rates(tp: Double, fp: Double, tn: Double, fn: Double) -> (constrained: Double, wanted: Double) {
        (ratio(tp, tp + fn), ratio(tp, tp + fp))
    }
}

/// The largest recall, TP / (TP + FN), where the precision, TP / (TP + FP), is at least `precision`. `keras.metrics.RecallAtPrecision`.
public final class RecallAtPrecision: ConstrainedRate {
    override class var boundName: String { "precision" }

    /// As of `SensitivityAtSpecificity`.
    public convenience init(precision: Float, numThresholds: Int = 200, classID: Int? = nil, name: String? = nil) {
        self.init(bound: precision, numThresholds: numThresholds, classID: classID, name: name)
    }
    override func rates(tp: Double, fp: Double, tn: Double, fn: Double) -> (constrained: Double, wanted: Double) {
        (ratio(tp, tp + fp), ratio(tp, tp + fn))
    }
}
