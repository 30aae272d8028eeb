import LockstepSystem
import LockstepTensor

/// How much of the targets' variance predictions explain, by output; `[batch, outputs]`:
/// 1 - Σ w (yTrue - yPred)² / (Σ w yTrue² - (Σ w yTrue)² / Σ w). `keras.metrics.R2Score`.
///
/// The states are sums over samples. Targets that do not vary, with predictions that are off, count as 0.
public final class R2Score: Metric {
    /// What becomes of the scores of the outputs.
    public enum ClassAggregation: String, Sendable {
        /// Their mean.
        case uniformAverage = "uniform_average"
        /// The mean by the targets' variances.
        case varianceWeightedAverage = "variance_weighted_average"
    }
    /// `nil` for a score of each output.
    public let classAggregation: ClassAggregation?
    public let numRegressors: Int
    private var samples: Variable!
    private var sums: [Variable] = []

    /// - Parameters:
    ///   - classAggregation: `nil` for a score of each output, which a model cannot report.
    ///   - numRegressors: with p > 0 independent variables the score is adjusted: 1 - (1 - R²) (n - 1) / (n - p - 1), n the number of targets.
    public init(classAggregation: ClassAggregation? = .uniformAverage, numRegressors: Int = 0, name: String = "r2_score") {
        (self.classAggregation, self.numRegressors) = (classAggregation, numRegressors)
        super.init(name: name)
        check(numRegressors >= 0, "R2Score: numRegressors must not be negative, got \(numRegressors)")
        samples = addWeight("num_samples")
    }
    convenience init(config: Config) throws {
        var aggregation: ClassAggregation? = .uniformAverage
        if config.contains("class_aggregation") {
            aggregation = try config.optionalString("class_aggregation").map { name in
                guard let known = ClassAggregation(rawValue: name) else {
                    throw ConfigError(
                        unknownName("class_aggregation", name, ["uniform_average", "variance_weighted_average"]), at: ["class_aggregation"])
                }
                return known
            }
        }
        let regressors = try config.int("num_regressors", default: 0)
        guard regressors >= 0 else { throw ConfigError("expected a number of at least 0, found \(regressors)", at: ["num_regressors"]) }
        self.init(classAggregation: aggregation, numRegressors: regressors, name: try config.string("name", default: "r2_score"))
    }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? {
        if let problem = TargetFit.elementwise.problem(yTrue: yTrue, yPred: yPred) { return problem }
        guard max(yTrue.rank, yPred.rank) == 2 else { return "expected predictions of shape (batch, outputs), not \(yPred)" }
        return sums.isEmpty || sums[0].shape.count == yPred.last || yPred.rank == 1
            ? nil : "sums of \(sums[0].shape.count) outputs for predictions of shape \(yPred)"
    }

    public override func build(yTrue: Shape, yPred: Shape) {
        sums = ["squared_sum", "sum", "residual", "count"].map { addWeight($0, shape: [yPred.rank == 2 ? yPred.last : 1]) }
    }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        if let problem = problem(yTrue: yTrue.shape, yPred: yPred.shape) { Failure.report("metric \(name): \(problem)") }
        ensureBuilt(yTrue: yTrue.shape, yPred: yPred.shape)
        let (truth, prediction) = matchingRanks(yTrue.cast(to: .float32), yPred.cast(to: .float32))
        let weight = (sampleWeight.map { aligned($0, with: truth) } ?? .ones([1])).broadcast(to: truth.shape)
        let terms = [truth * truth * weight, truth * weight, square(truth - prediction) * weight, weight]
        for (sum, term) in zip(sums, terms) { sum.assignAdd(term.sum(axes: [0])) }
        samples.assignAdd(Tensor(Float(truth.shape.count)))
    }

    public override func result() -> Tensor {
        let values = sums.map { $0.value.scalars.map { Double($0) } }
        guard !values.isEmpty else { return Tensor(Float.nan) }
        let totals = values[0].indices.map { values[0][$0] - values[1][$0] * (values[1][$0] / values[3][$0]) }
        let scores = zip(values[2], totals).map { residual, total in
            let score = 1 - residual / total
            return score.isInfinite ? 0 : score
        }
        switch classAggregation {
        case nil: return Tensor(scores.map { Float(adjusted($0)) })
        case .uniformAverage: return Tensor(Float(adjusted(scores.reduce(0, +) / Double(scores.count))))
        case .varianceWeightedAverage:
            return Tensor(Float(adjusted(zip(scores, totals).reduce(0) { $0 + $1.0 * $1.1 } / totals.reduce(0, +))))
        }
    }

    private func adjusted(_ score: Double) -> Double {
        let count = Double(samples.value.scalar), regressors = Double(numRegressors)
        guard numRegressors > 0 else { return score }
        guard regressors < count - 1 else {
            Console.warn(
                "R2Score: \(numRegressors) independent variables need at least \(numRegressors + 2) targets; the score is not adjusted")
            return score
        }
        return 1 - (1 - score) * (count - 1) / (count - regressors - 1)
    }

    public override var severalResults: (what: String, wayOut: String)? {
        classAggregation == nil
            ? ("a number for each output", "set class_aggregation to uniform_average or variance_weighted_average") : nil
    }
    public override var direction: Direction? { .up }
    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("class_aggregation", classAggregation.map { .string($0.rawValue) } ?? .null),
            .init("num_regressors", .int(numRegressors)),
        ]
    }
}
