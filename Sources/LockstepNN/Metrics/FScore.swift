import LockstepTensor

/// The weighted harmonic mean of precision P and recall R, of classes of which several may hold; `[batch, classes]`.
/// (1 + beta²) P R / (beta² P + R). `keras.metrics.FBetaScore`.
///
/// The states are sums over samples: of what is predicted and true, and of what is not. Divisors have 10⁻⁷ added, as in Keras.
public class FBetaScore: Metric {
    /// What becomes of the scores of the classes.
    public enum Average: String, Sendable {
        /// Counts of all classes are added before anything is divided.
        case micro
        /// The mean of the classes' scores.
        case macro
        /// The mean by how often each class is true.
        case weighted
    }
    /// `nil` for a score of each class.
    public let average: Average?
    public let beta: Float
    /// A prediction is positive above it; `nil` where the largest of each row is.
    public let threshold: Float?
    private var states: [Variable] = []
    private static let epsilon = 1e-7

    /// - Parameters:
    ///   - average: a score of each class by default, which a model cannot report: give one to `compile`.
    ///   - beta: how much recall counts beside precision.
    ///   - threshold: above 0 and at most 1; by default the largest prediction of a row is the positive one, if it is not 0.
    public init(average: Average? = nil, beta: Float = 1, threshold: Float? = nil, name: String = "fbeta_score") {
        (self.average, self.beta, self.threshold) = (average, beta, threshold)
        super.init(name: name)
        check(beta > 0 && beta.isFinite, "\(className): beta must be positive, got \(beta)")
        check(
            (threshold ?? 1) > 0 && (threshold ?? 1) <= 1, "\(className): threshold must lie above 0 and not above 1, got \(threshold ?? 0)"
        )
    }

    /// The arguments of a configuration, but for its name.
    static func arguments(_ config: Config) throws -> (average: Average?, beta: Float, threshold: Float?) {
        let average = try config.optionalString("average").map { name -> Average in
            guard let average = Average(rawValue: name) else {
                throw ConfigError(unknownName("average", name, ["micro", "macro", "weighted"]), at: ["average"])
            }
            return average
        }
        let threshold = try config.optionalFloat("threshold")
        if let threshold, !(threshold > 0 && threshold <= 1) {
            throw ConfigError("expected a number above 0 and not above 1, found \(threshold)", at: ["threshold"])
        }
        let beta = try config.float("beta", default: 1)
        guard beta > 0 else { throw ConfigError("expected a positive number, found \(beta)", at: ["beta"]) }
        return (average, beta, threshold)
    }
    convenience init(config: Config) throws {
        let (average, beta, threshold) = try Self.arguments(config)
        self.init(average: average, beta: beta, threshold: threshold, name: try config.string("name", default: "fbeta_score"))
    }

    public override func problem(yTrue: Shape, yPred: Shape) -> String? {
        guard yPred.rank == 2, yPred == yTrue || TargetFit.distributions.wayOut(yTrue, yPred) == nil else {
            return "targets of shape \(yTrue) for predictions of shape \(yPred); expected both of shape (batch, classes)"
        }
        let classes = states.first?.shape.count
        return average == .micro || classes == nil || classes == yPred.last
            ? nil : "counts of \(classes!) classes for predictions of shape \(yPred)"
    }

    public override func build(yTrue: Shape, yPred: Shape) {
        let shape: Shape = average == .micro ? [] : [yPred.last]
        states = ["true_positives", "false_positives", "false_negatives", "intermediate_weights"].map { addWeight($0, shape: shape) }
    }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        if let problem = problem(yTrue: yTrue.shape, yPred: yPred.shape) { Failure.report("metric \(name): \(problem)") }
        ensureBuilt(yTrue: yTrue.shape, yPred: yPred.shape)
        let truth = yTrue.cast(to: .float32), positive = positives(yPred)
        let weight = sampleWeight.map { $0.reshaped([-1, 1]) }
        let terms = [positive * truth, positive * (1 - truth), (1 - positive) * truth, truth]
        for (state, term) in zip(states, terms) {
            state.assignAdd((weight.map { term * $0 } ?? term).sum(axes: average == .micro ? nil : [0]))
        }
    }

    /// 1 where a class is predicted, else 0.
    private func positives(_ yPred: Tensor) -> Tensor {
        if let threshold { return (yPred .> threshold).cast(to: .float32) }
        let isLargest = (yPred .>= yPred.max(axes: [-1], keepDims: true)).cast(to: .float32)
        // A row of zeros predicts nothing.
        return isLargest * (abs(yPred) .> 1e-9).cast(to: .float32)
    }

    public override func result() -> Tensor {
        guard !states.isEmpty else { return Tensor(0) }
        let values = states.map { $0.value.scalars.map { Double($0) } }, square = Double(beta) * Double(beta)
        let scores = values[0].indices.map { i -> Double in
            let precision = values[0][i] / (values[0][i] + values[1][i] + Self.epsilon)
            let recall = values[0][i] / (values[0][i] + values[2][i] + Self.epsilon)
            return precision * recall / (square * precision + recall + Self.epsilon) * (1 + square)
        }
        switch average {
        case nil: return Tensor(scores.map { Float($0) })
        case .micro, .macro: return Tensor(Float(scores.reduce(0, +) / Double(scores.count)))
        case .weighted:
            let all = values[3].reduce(0, +) + Self.epsilon
            return Tensor(Float(zip(scores, values[3]).reduce(0) { $0 + $1.0 * ($1.1 / all) }))
        }
    }

    public override var severalResults: (what: String, wayOut: String)? {
        average == nil ? ("a number for each class", "set average to micro, macro or weighted") : nil
    }
    public override var direction: Direction? { .up }
    public override var config: [ConfigValue.Entry] {
        super.config + [
            .init("average", average.map { .string($0.rawValue) } ?? .null), .init("beta", ConfigValue(beta)),
            .init("threshold", ConfigValue(threshold)),
        ]
    }
}

/// The harmonic mean of precision and recall: `FBetaScore` with a beta of 1. `keras.metrics.F1Score`.
public final class F1Score: FBetaScore {
    /// As of `FBetaScore`.
    public convenience init(average: Average? = nil, threshold: Float? = nil, name: String = "f1_score") {
        self.init(average: average, beta: 1, threshold: threshold, name: name)
    }
    convenience init(config: Config) throws {
        guard !config.has("beta") else { throw ConfigError("F1Score has a beta of 1; use FBetaScore", at: ["beta"]) }
        let (average, _, threshold) = try Self.arguments(config)
        self.init(average: average, threshold: threshold, name: try config.string("name", default: "f1_score"))
    }
    public override var config: [ConfigValue.Entry] { super.config.filter { $0.key != "beta" } }
}
