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
    /// By what the numbers of each place along the last axis are multiplied, besides the weights of their samples.
    var labelWeights: [Float]? { nil }
    /// Whether each place along the last axis has counts of its own.
    var countsByLabel: Bool { false }

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

    /// With all four counts at other thresholds; the counts are made by `makeCounters`.
    init(_ steps: Thresholds, classID: Int? = nil, name: String?) {
        check((classID ?? 0) >= 0, "\(Self.self): classID must not be negative")
        (self.steps, thresholds, topK, self.classID, given) = (steps, steps.values, nil, classID, .null)
        super.init(name: name ?? Naming.unique(String(describing: Self.self)))
    }

    /// - Parameter labels: how many have counts of their own; `nil` where all are counted together.
    func makeCounters(_ outcomes: [Outcome], labels: Int? = nil) {
        for outcome in outcomes {
            counters.append((outcome, addWeight(outcome.rawValue, shape: Shape([thresholds.count] + (labels.map { [$0] } ?? [])))))
        }
    }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        ensureBuilt(yTrue: yTrue.shape, yPred: yPred.shape)
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
        if let labelWeights { weight = weight.map { $0 * Tensor(labelWeights) } ?? Tensor(labelWeights) }
        weight = weight?.broadcast(to: prediction.shape)
        let counts = confusion(truth, prediction, weight: weight, steps, byLabel: countsByLabel)
        for (outcome, variable) in counters { variable.assignAdd(counts[Outcome.allCases.firstIndex(of: outcome)!]) }
    }

    /// The sums so far of one outcome, a threshold each; or a label each of the first threshold, then of the second …
    func counts(_ outcome: Outcome) -> [Float] { counters.first { $0.outcome == outcome }!.variable.value.scalars }

    /// A number for each threshold; a scalar if there is one.
    func perThreshold(_ values: [Float]) -> Tensor { values.count == 1 ? Tensor(values[0]) : Tensor(values) }

    public override var severalResults: (what: String, wayOut: String)? {
        thresholds.count == 1 ? nil : ("\(thresholds.count) numbers", "make a metric for each threshold")
    }

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

/// part / whole; 0 where there is no whole.
func ratio<Number: BinaryFloatingPoint>(_ part: Number, _ whole: Number) -> Number { whole == 0 ? 0 : part / whole }
