import LockstepTensor

/// What a prediction and a truth come to together.
enum Outcome: String, CaseIterable {
    case truePositives = "true_positives"
    case falsePositives = "false_positives"
    case trueNegatives = "true_negatives"
    case falseNegatives = "false_negatives"
}

/// A metric made from counts of right and wrong predictions at one or more thresholds.
///
/// A prediction is positive where it is above a threshold, a truth where it is not zero; predictions and truths have one
/// shape, and each element counts with the weight of its sample. The states are sums, one a threshold: counts are exact as
/// long as they stay below 2²⁴, and add up over ranks.
public class ConfusionMetric: Metric {
    /// Predictions above these are positive.
    public let thresholds: [Float]
    /// Only the `topK` largest predictions of each row can be positive; all of them where there is no threshold.
    public let topK: Int?
    /// Only this class, an index along the last axis, is looked at.
    public let classID: Int?
    private let steps: Thresholds
    private let given: ConfigValue
    private var counters: [(outcome: Outcome, variable: Variable)] = []

    /// Keras' mark for what the `topK` largest leave out.
    private static let excluded: Float = -1e10

    init(_ outcomes: KeyValuePairs<Outcome, String>, thresholds: [Float]?, topK: Int? = nil, classID: Int? = nil, name: String?) {
        for threshold in thresholds ?? [] {
            check(threshold >= 0 && threshold <= 1, "\(Self.self): thresholds must lie between 0 and 1, got \(threshold)")
        }
        check((topK ?? 1) > 0 && (classID ?? 0) >= 0, "\(Self.self): topK must be positive and classID not negative")
        check(thresholds?.isEmpty != true, "\(Self.self): no thresholds; leave them out for one of 0.5")
        self.thresholds = thresholds ?? [topK == nil ? 0.5 : Self.excluded]
        (self.topK, self.classID) = (topK, classID)
        given = thresholds.map { $0.count == 1 ? ConfigValue($0[0]) : .array($0.map { ConfigValue($0) }) } ?? .null
        steps = Thresholds(self.thresholds, spacing: Thresholds.areEven(self.thresholds) ? .even : .free)
        super.init(name: name ?? Naming.unique(String(describing: Self.self)))
        for (outcome, name) in outcomes { counters.append((outcome, addWeight(name, shape: [self.thresholds.count]))) }
    }

    /// For AUC, whose thresholds go beyond 0 and 1.
    init(_ steps: Thresholds, name: String?) {
        (self.steps, thresholds, topK, classID, given) = (steps, steps.values, nil, nil, .null)
        super.init(name: name ?? Naming.unique(String(describing: Self.self)))
        for outcome in Outcome.allCases { counters.append((outcome, addWeight(outcome.rawValue, shape: [thresholds.count]))) }
    }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        var (prediction, truth) = matchingRanks(yPred.cast(to: .float32), yTrue.cast(to: .float32))
        check(
            truth.shape == prediction.shape,
            "metric \(name): targets of shape \(yTrue.shape) for predictions of shape \(yPred.shape); one target is needed for each number")
        var weight = sampleWeight.map { aligned($0.cast(to: .float32), with: truth) }
        if let topK { prediction = keepTopK(prediction, topK, rest: Self.excluded) }
        if let classID {
            check(
                prediction.shape.rank >= 2 && classID < prediction.shape.last,
                "metric \(name): class_id \(classID) is not on the last axis of predictions of shape \(yPred.shape)")
            (truth, prediction) = (truth.slice(ofLastAxis: classID), prediction.slice(ofLastAxis: classID))
        }
        weight = weight?.broadcast(to: prediction.shape)
        let counts = confusion(truth, prediction, weight: weight, steps)
        for (outcome, variable) in counters { variable.assignAdd(counts[Outcome.allCases.firstIndex(of: outcome)!]) }
    }

    /// The sums so far of one outcome, a threshold each.
    func counts(_ outcome: Outcome) -> [Float] { counters.first { $0.outcome == outcome }!.variable.value.scalars }

    /// A number for each threshold; a scalar if there is one.
    func perThreshold(_ values: [Float]) -> Tensor { values.count == 1 ? Tensor(values[0]) : Tensor(values) }

    public override var resultCount: Int { thresholds.count }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? {
        if let problem = TargetFit.elementwise.problem(yTrue: yTrue, yPred: yPred) { return problem }
        // Targets may have the shape without an axis of length 1 at the end; then predictions lose it too.
        let classes = yTrue.rank < yPred.rank && yTrue.rank > 1 ? yTrue.last : yPred.last
        if let topK, classes != Shape.unknown, topK > classes {
            return "top_k \(topK) of predictions of shape \(yPred), whose last axis has \(classes) numbers"
        }
        if let classID, yPred.rank < 2 || (classes != Shape.unknown && classID >= classes) {
            return "class_id \(classID) is not on the last axis of predictions of shape \(yPred)"
        }
        return nil
    }

    /// Keras' `thresholds`, a number or a list.
    static func thresholds(_ config: Config) throws -> [Float]? {
        try config.read("thresholds") { value in
            let list = if case .array(let items) = value { items } else { [value] }
            guard !list.isEmpty else { throw ConfigError("expected numbers, found an empty list") }
            return try list.enumerated().map { index, item in
                let number: Double? =
                    switch item {
                    case .int(let int): Double(int)
                    case .double(let double): double
                    default: nil
                    }
                guard let number, number >= 0, number <= 1 else {
                    throw ConfigError("expected numbers between 0 and 1, found \(item.kind)", at: list.count == 1 ? [] : [String(index)])
                }
                return Float(number)
            }
        }
    }

    /// The entries of `config` for those that have them.
    var thresholdsEntry: ConfigValue.Entry { .init("thresholds", given) }
    var classEntries: [ConfigValue.Entry] {
        [thresholdsEntry, .init("top_k", ConfigValue(topK)), .init("class_id", ConfigValue(classID))]
    }
    static func index(_ config: Config, _ key: String, from lowest: Int) throws -> Int? {
        guard let index = try config.optionalInt(key) else { return nil }
        guard index >= lowest else { throw ConfigError("expected a number of at least \(lowest), found \(index)", at: [key]) }
        return index
    }
}

extension Thresholds {
    /// Keras' test, with its tolerances, for thresholds 0, 1/(n - 1), …, 1: then it counts by multiplication.
    static func areEven(_ values: [Float]) -> Bool {
        values.count >= 3
            && values.enumerated().allSatisfy { index, value in
                let even = Float(index) / Float(values.count - 1)
                return abs(Double(value) - Double(even)) <= 1e-7 + 1e-5 * Double(even)
            }
    }
}

extension Tensor {
    /// One element along the last axis, which stays, with length 1.
    fileprivate func slice(ofLastAxis index: Int) -> Tensor {
        var indices: [any TensorIndex] = (1 ..< shape.rank).map { _ in all }
        indices.append(index ..< index + 1)
        return slice(indices)
    }
}

// MARK: Counts

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

// MARK: Precision and recall

/// TP / (TP + mistakes of one kind); 0 where there is neither: what precision and recall have in common.
public class TruePositiveShare: ConfusionMetric {
    class var mistakes: Outcome { Failure.report("metric \(self) does not override mistakes") }

    /// - Parameters:
    ///   - thresholds: one result each; 0.5 by default, none with `topK`.
    ///   - topK: positive are the `topK` largest predictions of each row.
    ///   - classID: look at this class alone.
    public init(thresholds: [Float]? = nil, topK: Int? = nil, classID: Int? = nil, name: String? = nil) {
        super.init(
            [.truePositives: Outcome.truePositives.rawValue, Self.mistakes: Self.mistakes.rawValue], thresholds: thresholds, topK: topK,
            classID: classID, name: name)
    }
    convenience init(config: Config) throws {
        self.init(
            thresholds: try Self.thresholds(config), topK: try Self.index(config, "top_k", from: 1),
            classID: try Self.index(config, "class_id", from: 0), name: try config.optionalString("name"))
    }
    public override func result() -> Tensor {
        perThreshold(zip(counts(.truePositives), counts(Self.mistakes)).map { ratio($0, $0 + $1) })
    }
    public override var direction: Direction? { .up }
    public override var config: [ConfigValue.Entry] { super.config + classEntries }
}

/// How much of what is predicted positive is: TP / (TP + FP); 0 where nothing is. `keras.metrics.Precision`.
public final class Precision: TruePositiveShare {
    override class var mistakes: Outcome { .falsePositives }
}

/// How much of what is positive is predicted to be: TP / (TP + FN); 0 where nothing is. `keras.metrics.Recall`.
public final class Recall: TruePositiveShare {
    override class var mistakes: Outcome { .falseNegatives }
}

/// part / whole; 0 where there is no whole.
func ratio<Number: BinaryFloatingPoint>(_ part: Number, _ whole: Number) -> Number { whole == 0 ? 0 : part / whole }
