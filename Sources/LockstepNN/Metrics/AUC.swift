import Foundation
import LockstepTensor

/// The area under a curve of a binary classifier, by summing it up between thresholds. `keras.metrics.AUC`.
///
/// - `roc`: the rate of true positives over that of false positives.
/// - `pr`: precision over recall; interpolated as in Davis & Goadrich 2006.
/// - `prGain`: precision gain over recall gain; Flach & Kull 2015.
///
/// All numbers of the predictions are taken as answers to one question; with `multiLabel` each label, a place along the last axis, is
/// one by itself, and the areas are averaged.
public final class AUC: ConfusionMetric {
    public enum Curve: String, Sendable {
        case roc = "ROC"
        case pr = "PR"
        case prGain = "PRGAIN"
    }
    /// The height of the curve between two thresholds: by straight lines, or the lower or the upper end.
    public enum SummationMethod: String, Sendable { case interpolation, minoring, majoring }

    public let curve: Curve, summationMethod: SummationMethod, fromLogits: Bool
    public let multiLabel: Bool, numLabels: Int?
    private let given: [Float]?, givenWeights: [Float]?
    private var labels: Int?
    /// More numbers between 0 and 1 float32 cannot tell apart.
    private static let mostThresholds = 1 << 24

    /// - Parameters:
    ///   - numThresholds: how many, evenly spread over [0, 1].
    ///   - thresholds: in place of these, thresholds inside [0, 1] of one's own; one below and one above are added.
    ///   - multiLabel: whether each label has an area of its own, of whose mean the metric is. Predictions are `[batch, labels]`.
    ///   - numLabels: how many labels there are; by default as many as the predictions have.
    ///   - labelWeights: with `multiLabel` the weights of the labels' areas in the mean, else of the labels' numbers in the counts.
    ///   - fromLogits: predictions are not probabilities yet; the sigmoid is applied.
    public init(
        numThresholds: Int = 200, curve: Curve = .roc, summationMethod: SummationMethod = .interpolation, name: String? = nil,
        thresholds: [Float]? = nil, multiLabel: Bool = false, numLabels: Int? = nil, labelWeights: [Float]? = nil, fromLogits: Bool = false
    ) {
        check(multiLabel || numLabels == nil, "AUC: numLabels is for multiLabel: true alone")
        check((numLabels ?? 1) > 0, "AUC: numLabels must be positive, got \(numLabels ?? 0)")
        check(
            numLabels == nil || labelWeights == nil || labelWeights!.count == numLabels!,
            "AUC: \(labelWeights?.count ?? 0) labelWeights for \(numLabels ?? 0) labels")
        for weight in labelWeights ?? [] { checkFinite("AUC", ["weight of each label": weight]) }
        check(
            thresholds != nil || (numThresholds > 1 && numThresholds <= AUC.mostThresholds),
            "AUC: numThresholds must lie between 2 and \(AUC.mostThresholds), got \(numThresholds)")
        let inner = thresholds?.sorted() ?? (1 ..< numThresholds - 1).map { Float(Double($0) / Double(numThresholds - 1)) }
        let margin = 1e-7, even = thresholds == nil || Thresholds.areEven([0] + inner + [1])
        (self.curve, self.summationMethod, self.fromLogits, given) = (curve, summationMethod, fromLogits, thresholds?.sorted())
        (self.multiLabel, self.numLabels, givenWeights) = (multiLabel, numLabels, labelWeights)
        super.init(Thresholds([Float(-margin)] + inner + [Float(1 + margin)], spacing: even ? .evenWithin : .free), name: name)
        if !multiLabel { makeCounters(Outcome.allCases) } else if let numLabels { makeCounters(of: numLabels) }
    }

    private func makeCounters(of labels: Int) {
        self.labels = labels
        makeCounters(Outcome.allCases, labels: labels)
    }

    override var countsByLabel: Bool { multiLabel }
    override var labelWeights: [Float]? { multiLabel ? nil : givenWeights }

    public override func build(yTrue: Shape, yPred: Shape) {
        if multiLabel, labels == nil { makeCounters(of: yPred.last) }
    }

    convenience init(config: Config) throws {
        func choice<Choice: RawRepresentable<String>>(_ key: String, _ known: [String], _ fallback: Choice) throws -> Choice {
            guard let name = try config.optionalString(key) else { return fallback }
            guard let known = known.first(where: { $0.lowercased() == name.lowercased() }).flatMap({ Choice(rawValue: $0) }) else {
                throw ConfigError(unknownName(key, name, known), at: [key])
            }
            return known
        }
        let count = try config.int("num_thresholds", default: 200)
        guard count > 1 else { throw ConfigError("expected a number greater than 1, found \(count)", at: ["num_thresholds"]) }
        guard count <= AUC.mostThresholds else {
            throw ConfigError("expected a number of at most \(AUC.mostThresholds), found \(count)", at: ["num_thresholds"])
        }
        let multiLabel = try config.bool("multi_label", default: false), numLabels = try config.optionalInt("num_labels")
        let labelWeights = try config.read("label_weights") { try numbers($0) }
        if let numLabels {
            guard multiLabel else { throw ConfigError("is for multi_label: true alone", at: ["num_labels"]) }
            guard numLabels > 0 else { throw ConfigError("expected a positive number, found \(numLabels)", at: ["num_labels"]) }
            if let labelWeights, labelWeights.count != numLabels {
                throw ConfigError("expected \(numLabels) numbers, one for each label, found \(labelWeights.count)", at: ["label_weights"])
            }
        }
        self.init(
            numThresholds: count, curve: try choice("curve", ["ROC", "PR", "PRGAIN"], .roc),
            summationMethod: try choice("summation_method", ["interpolation", "minoring", "majoring"], .interpolation),
            name: try config.optionalString("name"), thresholds: try Self.thresholds(config), multiLabel: multiLabel, numLabels: numLabels,
            labelWeights: labelWeights, fromLogits: try config.bool("from_logits", default: false))
    }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? {
        if let problem = super.problem(yTrue: yTrue, yPred: yPred) { return problem }
        if multiLabel, yPred.rank != 2 { return "multi_label needs predictions of shape (batch, labels), not \(yPred)" }
        if let labels, labels != yPred.last { return "counts of \(labels) labels for predictions of shape \(yPred)" }
        if let givenWeights, givenWeights.count != yPred.last {
            return "\(givenWeights.count) label_weights for predictions of shape \(yPred)"
        }
        return nil
    }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        if let problem = problem(yTrue: yTrue.shape, yPred: yPred.shape) { Failure.report("metric \(name): \(problem)") }
        super.updateState(yTrue, fromLogits ? sigmoid(yPred) : yPred, sampleWeight: sampleWeight)
    }

    public override var severalResults: (what: String, wayOut: String)? { nil }
    public override var direction: Direction? { .up }

    public override func result() -> Tensor {
        guard multiLabel else { return Tensor(Float(area(ofLabel: 0, of: 1))) }
        guard let labels else { return Tensor(0) }
        let areas = (0 ..< labels).map { area(ofLabel: $0, of: labels) }
        let weights = (givenWeights ?? areas.map { _ in 1 }).map { Double($0) }
        return Tensor(Float(ratio(zip(areas, weights).reduce(0) { $0 + $1.0 * $1.1 }, weights.reduce(0, +))))
    }

    private func area(ofLabel label: Int, of labels: Int) -> Double {
        func counts(_ outcome: Outcome) -> [Double] {
            let all = self.counts(outcome)
            return stride(from: label, to: all.count, by: labels).map { Double(all[$0]) }
        }
        let (tp, fp, tn, fn) = (counts(.truePositives), counts(.falsePositives), counts(.trueNegatives), counts(.falseNegatives))
        if curve == .pr, summationMethod == .interpolation { return interpolatedPrecision(tp, fp, fn) }
        // A point of the curve for each threshold, from the right end to the left.
        let points = tp.indices.map { i in
            switch curve {
            case .roc: (x: ratio(fp[i], fp[i] + tn[i]), y: ratio(tp[i], tp[i] + fn[i]))
            case .pr: (x: ratio(tp[i], tp[i] + fn[i]), y: ratio(tp[i], tp[i] + fp[i]))
            case .prGain: gain(tp[i], fp[i], tn[i], fn[i])
            }
        }
        let areas = zip(points, points.dropFirst()).map { right, left in
            let height =
                switch summationMethod {
                case .interpolation: (right.y + left.y) / 2
                case .minoring: min(right.y, left.y)
                case .majoring: max(right.y, left.y)
                }
            return (right.x - left.x) * height
        }
        return areas.reduce(0, +)
    }

    /// Without true positives the recall gain counts as 0 and the precision gain as 1; a negative recall gain as 0.
    private func gain(_ tp: Double, _ fp: Double, _ tn: Double, _ fn: Double) -> (x: Double, y: Double) {
        guard tp != 0 else { return (0, 1) }
        let scale = ratio(tp + fn, tn + fp)
        return (max(0, 1 - scale * fn / tp), 1 - scale * fp / tp)
    }

    /// True positives and all positives vary linearly between thresholds, their ratio does not:
    /// Σ slope (ΔTP + intercept log(P_right / P_left)) / (TP + FN).
    private func interpolatedPrecision(_ tp: [Double], _ fp: [Double], _ fn: [Double]) -> Double {
        (0 ..< tp.count - 1).reduce(0) { area, i in
            let (right, left) = (tp[i] + fp[i], tp[i + 1] + fp[i + 1]), rise = tp[i] - tp[i + 1]
            let slope = ratio(rise, max(0, right - left)), intercept = tp[i + 1] - slope * left
            let logarithm = right > 0 && left > 0 ? log(right / left) : 0
            return area + ratio(slope * (rise + intercept * logarithm), max(0, tp[i + 1] + fn[i + 1]))
        }
    }

    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("num_thresholds", .int(thresholds.count)), .init("curve", .string(curve.rawValue)),
            .init("summation_method", .string(summationMethod.rawValue)), .init("multi_label", .bool(multiLabel)),
            .init("num_labels", ConfigValue(numLabels)),
            .init("label_weights", givenWeights.map { .array($0.map { ConfigValue($0) }) } ?? .null),
            .init("from_logits", .bool(fromLogits)),
        ] + (given.map { [.init("thresholds", .array($0.map { ConfigValue($0) }))] } ?? [])
    }
}

/// Numbers as a list, or as Keras writes a tensor.
private func numbers(_ value: ConfigValue) throws -> [Float] {
    let list = value["class_name"] == "__tensor__" ? value["config"]?["value"] ?? .null : value
    guard case .array(let items) = list else { throw ConfigError("expected a list of numbers, found \(list.kind)") }
    return try items.enumerated().map { index, item in
        guard let number = item.number, Float(number).isFinite else {
            throw ConfigError("expected a finite number, found \(item.kind)", at: [String(index)])
        }
        return Float(number)
    }
}
