import LockstepTensor

/// A layer that can be trained: `compile` says how, `fit`, `evaluate` and `predict` do it (see LockstepTraining).
open class Model: Layer {
    /// How the model is trained; `nil` before `compile`.
    public package(set) var compilation: Compilation?
    /// Set by a callback on rank zero to end training after the batch, or the epoch, that it has seen: on all ranks at the
    /// same step.
    public var stopTraining = false
    /// What training keeps between calls: traced programs, arenas. Dropped when the model changes.
    package var trainer: AnyObject?
    /// Where `Variable.assignments` stood when all ranks last had rank zero's weights; `nil` before.
    package var sharedAssignments: Int?

    /// The layers, in order, without the input.
    open var layers: [Layer] { sublayers }

    /// The layer called `name`; `nil` if there is none.
    public func layer(named name: String) -> Layer? { layers.first { $0.name == name } }
    /// A layer by its place; negative places count from the end.
    public func layer(at index: Int) -> Layer {
        let count = layers.count
        check(
            index >= -count && index < count,
            "model \(name): no layer at \(index); \(count == 0 ? "it has none" : "expected a place from \(-count) to \(count - 1)")")
        return layers[index < 0 ? index + count : index]
    }

    /// The shape of one sample of each input; empty where the model was not built with one.
    open var inputShapes: [Shape] { buildShape.map { [$0.sample] } ?? [] }
    /// The types that inputs are cast to before the model sees them: float32, or int32 for numbers that stand for things.
    open var inputDTypes: [DType] { inputNames.map { _ in .float32 } }
    /// The names of inputs and outputs, by which arrays in files go.
    open var inputNames: [String] { ["x"] }
    open var outputNames: [String] { [layers.last?.name ?? name] }

    /// Makes the weights for inputs of this shape, batch axis included (`Shape.unknown` where it does not matter).
    public func build(inputShape: Shape) { _ = buildAndInfer(inputShape) }

    /// Says how to train.
    ///
    /// - Parameters:
    ///   - optimizer: by name (`"adam"`) or an object.
    ///   - loss: by name (`"mse"`) or an object; a list for a model of several outputs.
    ///   - metrics: by name or objects; they do not see sample weights.
    ///   - weightedMetrics: as `metrics`, weighted by sample.
    ///   - runEagerly: trace nothing and run every operation at once: slower, for debugging.
    /// - Throws: `ConfigError` for a name that is not known.
    public func compile(
        optimizer: any OptimizerSpec = "rmsprop", loss: any LossSpec, metrics: [any MetricSpec] = [],
        weightedMetrics: [any MetricSpec] = [], runEagerly: Bool = false
    ) throws {
        // What is wrong leaves the model as it was.
        for metric in metrics + weightedMetrics { try metric.validate() }
        compilation = Compilation(
            optimizer: try optimizer.makeOptimizer(), losses: try loss.makeLosses(), lossSpec: loss, metrics: metrics,
            weightedMetrics: weightedMetrics, runEagerly: runEagerly)
        trainer = nil
    }

    /// Keras' `model.to_json()`: how to make the model again, without weights.
    open var json: String { Failure.report("model \(name) (\(className)) has no configuration to save") }
}

/// What `compile` was given.
public final class Compilation {
    public let optimizer: Optimizer
    public let losses: [Loss]
    package let lossSpec: any LossSpec
    public let metrics: [any MetricSpec]
    public let weightedMetrics: [any MetricSpec]
    public let runEagerly: Bool

    init(
        optimizer: Optimizer, losses: [Loss], lossSpec: any LossSpec, metrics: [any MetricSpec], weightedMetrics: [any MetricSpec],
        runEagerly: Bool
    ) {
        (self.optimizer, self.losses, self.lossSpec, self.metrics) = (optimizer, losses, lossSpec, metrics)
        (self.weightedMetrics, self.runEagerly) = (weightedMetrics, runEagerly)
    }
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

/// A loss, the name of one, or a list of either: one for each output.
public protocol LossSpec {
    func makeLosses() throws -> [Loss]
    /// As Keras writes it into `compile_config`.
    var serialized: ConfigValue { get }
}
extension Loss: LossSpec {
    public func makeLosses() -> [Loss] { [self] }
    public var serialized: ConfigValue { .serialized(module: "keras.losses", className, config) }
}
extension String: LossSpec {
    public func makeLosses() throws -> [Loss] { [try Losses.registry.make(self)] }
    public var serialized: ConfigValue { .string(self) }
}
extension Array: LossSpec where Element == any LossSpec {
    public func makeLosses() throws -> [Loss] { try flatMap { try $0.makeLosses() } }
    public var serialized: ConfigValue { .array(map(\.serialized)) }
}

/// A metric, or the name of one. `accuracy` is resolved when the shapes are known.
public protocol MetricSpec {
    func makeMetric(yTrue: Shape, yPred: Shape) throws -> Metric
    func validate() throws
    var serialized: ConfigValue { get }
}
extension Metric: MetricSpec {
    public func makeMetric(yTrue: Shape, yPred: Shape) -> Metric { self }
    public func validate() throws {
        guard resultCount != 1 else { return }
        throw ConfigError("metric \(name) gives \(resultCount) numbers, of which a history can keep one; make a metric for each threshold")
    }
    public var serialized: ConfigValue { .serialized(module: "keras.metrics", className, config) }
}
extension String: MetricSpec {
    public func makeMetric(yTrue: Shape, yPred: Shape) throws -> Metric {
        if Metrics.accuracyNames.contains(lowercased()) { return Metrics.accuracy(named: self, yTrue: yTrue, yPred: yPred) }
        let metric = try Metrics.registry.make(self)
        metric.name = self
        return metric
    }
    public func validate() throws {
        if !Metrics.accuracyNames.contains(lowercased()) { _ = try Metrics.registry.make(self) }
    }
}
