import LockstepTensor

/// What `compile` was given.
public final class Compilation {
    public let optimizer: Optimizer
    package let loss: PerOutput<any LossSpec>
    package let lossWeights: PerOutput<Float>
    package let metrics: PerOutput<MetricList>
    package let weightedMetrics: PerOutput<MetricList>
    public let runEagerly: Bool

    /// - Throws: `ConfigError` for a name that is not known, or a metric that no history can keep.
    init(
        optimizer: any OptimizerSpec, loss: PerOutput<any LossSpec>, lossWeights: PerOutput<Float>, metrics: PerOutput<MetricList>,
        weightedMetrics: PerOutput<MetricList>, runEagerly: Bool
    ) throws {
        try loss.validate("loss") { _ = try $0.makeLoss() }
        for (argument, lists) in [("metrics", metrics), ("weighted_metrics", weightedMetrics)] {
            try lists.validate(argument) { for metric in $0.specs { try metric.validate() } }
        }
        self.optimizer = try optimizer.makeOptimizer()
        (self.loss, self.lossWeights, self.metrics) = (loss, lossWeights, metrics)
        (self.weightedMetrics, self.runEagerly) = (weightedMetrics, runEagerly)
    }

    /// What is wanted of each output.
    ///
    /// - Throws: `ConfigError` where a list is longer or shorter, or a dictionary names an output that there is not.
    package func objectives(_ outputs: [String]) throws -> [Objective] {
        let losses = try loss.values(outputs, "loss"), weights = try lossWeights.values(outputs, "loss_weights")
        let metrics = try metrics.spread(over: outputs).values(outputs, "metrics")
        let weighted = try weightedMetrics.spread(over: outputs).values(outputs, "weighted_metrics")
        return try outputs.indices.map {
            Objective(
                output: outputs[$0], loss: try losses[$0]?.makeLoss(), weight: weights[$0] ?? 1, metrics: metrics[$0]?.specs ?? [],
                weightedMetrics: weighted[$0]?.specs ?? [])
        }
    }
}

/// What is wanted of one output.
package struct Objective {
    package let output: String
    /// `nil` where the output is not trained by itself.
    package let loss: Loss?
    /// By what the loss is multiplied in the sum of all.
    package let weight: Float
    package let metrics: [any MetricSpec]
    package let weightedMetrics: [any MetricSpec]
}

/// What `compile` says of a model's outputs: one thing of each, a list in their order, or some by name.
public enum PerOutput<Element> {
    case all(Element)
    case list([Element?])
    case named([String: Element])

    /// All that is said.
    var elements: [Element] {
        switch self {
        case .all(let element): [element]
        case .list(let list): list.compactMap { $0 }
        case .named(let named): named.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// Looks at all that is said; errors tell of which output, where it is not of all.
    fileprivate func validate(_ argument: String, _ body: (Element) throws -> Void) throws {
        switch self {
        case .all(let element): try body(element)
        case .list(let list):
            for case (let index, let element?) in list.enumerated() { try inside(argument, String(index)) { try body(element) } }
        case .named(let named):
            for (name, element) in named.sorted(by: { $0.key < $1.key }) { try inside(argument, name) { try body(element) } }
        }
    }

    /// What is said of each output.
    func values(_ outputs: [String], _ argument: String) throws -> [Element?] {
        switch self {
        case .all(let element): return outputs.map { _ in element }
        case .list(let list):
            guard list.count == outputs.count else {
                throw ConfigError(
                    "expected one for each of the \(outputs.count) outputs (\(outputs.joined(separator: ", "))), found \(list.count)",
                    at: [argument])
            }
            return list
        case .named(let named):
            for name in named.keys.sorted() where !outputs.contains(name) {
                throw ConfigError(unknownName("output", name, outputs), at: [argument, name])
            }
            return outputs.map { named[$0] }
        }
    }

    /// As Keras writes it into `compile_config`.
    func serialized(_ element: (Element) -> ConfigValue) -> ConfigValue {
        switch self {
        case .all(let one): element(one)
        case .list(let list): .array(list.map { $0.map(element) ?? .null })
        case .named(let named): .object(named.sorted { $0.key < $1.key }.map { .init($0.key, element($0.value)) })
        }
    }
}

extension PerOutput: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: Element?...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, Element?)...) {
        self = .named(Dictionary(elements.compactMap { name, element in element.map { (name, $0) } }) { $1 })
    }
}

extension PerOutput: ExpressibleByUnicodeScalarLiteral, ExpressibleByExtendedGraphemeClusterLiteral, ExpressibleByStringLiteral
where Element == any LossSpec {
    public init(stringLiteral name: String) { self = .all(name) }
}

extension PerOutput where Element == MetricList {
    /// A plain list says one metric of each output, where there are several.
    func spread(over outputs: [String]) -> PerOutput {
        guard case .all(let list) = self, outputs.count > 1, !list.specs.isEmpty else { return self }
        return .list(list.specs.map { [$0] })
    }
}

/// The metrics of one output: one, or a list.
public struct MetricList: ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    package let specs: [any MetricSpec]
    /// Whether it was given as one metric and not as a list, which files keep apart.
    package let isSingle: Bool

    package init(_ specs: [any MetricSpec], isSingle: Bool = false) { (self.specs, self.isSingle) = (specs, isSingle) }
    public init(arrayLiteral elements: any MetricSpec...) { self.init(elements) }
    public init(stringLiteral name: String) { self.init([name], isSingle: true) }
    public init(_ metric: any MetricSpec) { self.init([metric], isSingle: true) }

    var serialized: ConfigValue { isSingle ? specs[0].serialized : .array(specs.map(\.serialized)) }
}

// MARK: Names or objects

/// An optimizer, or the name of one.
public protocol OptimizerSpec {
    func makeOptimizer() throws -> Optimizer
}
extension Optimizer: OptimizerSpec {
    public func makeOptimizer() -> Optimizer { self }
}
extension String: OptimizerSpec {
    public func makeOptimizer() throws -> Optimizer { try Optimizers.registry.make(self) }
}

/// A loss, or the name of one.
public protocol LossSpec {
    func makeLoss() throws -> Loss
    /// As Keras writes it into `compile_config`.
    var serialized: ConfigValue { get }
}
extension Loss: LossSpec {
    public func makeLoss() -> Loss { self }
    public var serialized: ConfigValue { Losses.registry.serialized(className, config, module: "keras.losses") }
}
extension String: LossSpec {
    public func makeLoss() throws -> Loss { try Losses.registry.make(self) }
    public var serialized: ConfigValue { .string(self) }
}

/// A metric, or the name of one. `accuracy` is resolved when the shapes are known.
public protocol MetricSpec {
    func makeMetric(yTrue: Shape, yPred: Shape) throws -> Metric
    func validate() throws
    /// Whether its states take sums over all shards in mid-step.
    var sumsOverShards: Bool { get }
    var serialized: ConfigValue { get }
}
extension Metric: MetricSpec {
    public func makeMetric(yTrue: Shape, yPred: Shape) -> Metric { self }
    public func validate() throws {
        if let severalResults {
            throw ConfigError("metric \(name) gives \(severalResults.what), of which a history can keep one; \(severalResults.wayOut)")
        }
    }
    public var serialized: ConfigValue { Metrics.registry.serialized(className, config, module: "keras.metrics") }
}
extension String: MetricSpec {
    public func makeMetric(yTrue: Shape, yPred: Shape) throws -> Metric {
        if Metrics.accuracyNames.contains(lowercased()) { return Metrics.accuracy(named: self, yTrue: yTrue, yPred: yPred) }
        let metric = try Metrics.registry.make(self)
        metric.name = self
        return metric
    }
    public func validate() throws {
        if !Metrics.accuracyNames.contains(lowercased()) { try Metrics.registry.make(self).validate() }
    }
    public var sumsOverShards: Bool { (try? Metrics.registry.make(self).sumsOverShards) ?? false }
}
