import LockstepTensor

/// A layer that can be trained: `compile` says how, `fit`, `evaluate` and `predict` do it (see LockstepTraining).
///
/// Three ways to make one:
/// - `Sequential`: layers one after the other;
/// - of symbolic tensors, any graph: `Model(inputs: x, outputs: y)`;
/// - a class of one's own, with layers as properties, that overrides `call`.
///
/// `keras.Model`.
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
    /// The calls between inputs and outputs, of a model that was made of symbolic tensors.
    package var graph: FunctionalGraph?

    /// For a model with a `call` of its own.
    public override init(name: String? = nil) { super.init(name: name) }

    /// The model of all calls of layers that lead from `inputs` to `outputs`: tensors, lists of them, or dictionaries.
    ///
    /// The layers are those that were called: they keep their weights, and share them with other models that they are part of.
    /// Stops where an output needs an input that is not given, or two layers have one name.
    public init(inputs: any TensorStructure, outputs: any TensorStructure, name: String? = nil) {
        super.init(name: name ?? Naming.unique(Self.self == Model.self ? "Functional" : String(describing: Self.self)))
        let graph = FunctionalGraph(inputs, outputs, model: self.name)
        self.graph = graph
        built = true
        buildShapes = graph.inputs.map(\.shape)
        outputShapes = graph.outputs.map(\.shape)
    }

    package override var takesMask: Bool { true }
    open override var className: String { type(of: self) == Model.self && graph != nil ? "Functional" : super.className }

    // MARK: Layers

    /// The layers, in Keras' order: of a graph the farthest from the outputs first, else as properties are declared.
    open var layers: [Layer] { sublayers }

    open override var sublayers: [Layer] {
        guard let graph else { return super.sublayers }
        return graph.layers + super.sublayers.filter { layer in !graph.layers.contains { $0 === layer } }
    }

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

    // MARK: Inputs and outputs

    /// The symbolic inputs, in order; none of a model with a `call` of its own.
    public var inputs: [KerasTensor] { graph?.inputs ?? [] }
    public var outputs: [KerasTensor] { graph?.outputs ?? [] }
    public override var input: KerasTensor { only(graph?.inputs, "input") ?? super.input }
    public override var output: KerasTensor { only(graph?.outputs, "output") ?? super.output }
    private func only(_ tensors: [KerasTensor]?, _ what: String) -> KerasTensor? {
        guard let tensors else { return nil }
        check(tensors.count == 1, "model \(name): it has \(tensors.count) \(what)s; take one of its \(what)s")
        return tensors[0]
    }

    /// The names of the inputs, by which arrays go; `nil` of a model that takes what it is given.
    open var inputNames: [String]? { graph.map { $0.inputKeys ?? $0.inputs.map(\.name) } }
    /// The names of the outputs, by which targets and figures go; `nil` where they are not known before the first call.
    open var outputNames: [String]? { graph.map { $0.outputKeys ?? $0.outputs.map(\.node.layer.name) } }

    // MARK: Calling

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        guard let graph, !(self is Sequential) else { return super.fitting(inputs) }
        check(
            inputs.count == graph.inputs.count,
            "model \(name): expected \(graph.inputs.count) inputs (\(inputNames!.joined(separator: ", "))), got \(inputs.count)")
        for (input, expected) in zip(inputs, graph.inputs) {
            let shape = input.shape
            if shape.rank > 0, expected.shape.sample.matches(shape.sample) { continue }
            Failure.report("model \(name), input \(expected.name): expected the shape \(expected.shape), got \(shape)")
        }
        return inputs
    }

    /// The outputs; a model of one's own overrides this, or the form for one input, or that for dictionaries.
    open override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        guard let graph else { return super.call(inputs, training: training) }
        return graph(zip(inputs, graph.inputs).map { $0.cast(to: $1.dtype).masked(like: $0) })
    }

    /// The outputs by name for inputs by name; `nil`, the default, of a model that takes lists.
    open func call(_ inputs: [String: Tensor], training: Bool) -> [String: Tensor]? { nil }

    /// The outputs by name for inputs by name.
    public func callAsFunction(_ inputs: [String: Tensor], training: Bool? = nil) -> [String: Tensor] {
        let names = inputNames ?? inputs.keys.sorted()
        for name in names where inputs[name] == nil {
            Failure.report(
                "model \(self.name): no input \(name) among those given (\(inputs.keys.sorted().joined(separator: ", "))); give all of \(names.joined(separator: ", "))"
            )
        }
        for name in inputs.keys.sorted() where !names.contains(name) {
            Failure.report("model \(self.name): \(unknownName("input", name, names))")
        }
        let run = run(names.map { inputs[$0]! }, names: names, training: training ?? false)
        return Dictionary(uniqueKeysWithValues: zip(run.outputNames, run.outputs))
    }

    /// A call from outside: its outputs with their names, and what layers add to the loss.
    package struct Run {
        package let outputs: [Tensor]
        package let outputNames: [String]
        package let losses: [AddedLoss]
    }

    /// Calls the model, whatever kind it is, on inputs with names; builds what is not built.
    package func run(_ inputs: [Tensor], names: [String], training: Bool) -> Run {
        CallContext.alone(training: training) { context in
            let byName = Dictionary(zip(names, inputs)) { $1 }
            if let outputs = NameScope.with(name, { call(byName, training: training) }) {
                built = true
                let names = outputs.keys.sorted()
                return Run(outputs: names.map { outputs[$0]! }, outputNames: names, losses: context.losses)
            }
            let outputs = callAll(inputs, training: training)
            return Run(outputs: outputs, outputNames: outputNames ?? Model.outputNames(outputs.count, of: self), losses: context.losses)
        }
    }

    private static func outputNames(_ count: Int, of model: Model) -> [String] {
        count == 1 ? ["output"] : (0 ..< count).map { "output_\($0)" }
    }

    // MARK: Losses

    /// The loss of a batch, or of a part of one, for a model that computes it in its own way; `nil`, the default, for what `compile`
    /// says. `keras.Model.compute_loss`.
    ///
    /// - Parameters:
    ///   - x, y, yPred: inputs, targets and outputs, in order.
    ///   - sampleWeight: of each target.
    open func computeLoss(x: [Tensor], y: [Tensor], yPred: [Tensor], sampleWeight: [Tensor?]) -> AddedLoss? { nil }

    // MARK: Compiling

    /// Says how to train a model of one output, or all of its outputs alike.
    ///
    /// - Parameters:
    ///   - optimizer: by name (`"adam"`) or an object.
    ///   - loss: by name (`"mse"`) or an object.
    ///   - metrics: by name or objects; they do not see sample weights. Of several outputs, one for each.
    ///   - weightedMetrics: as `metrics`, weighted by sample.
    ///   - runEagerly: trace nothing and run every operation at once: slower, for debugging.
    /// - Throws: `ConfigError` for a name that is not known.
    public func compile(
        optimizer: any OptimizerSpec = "rmsprop", loss: any LossSpec, metrics: [any MetricSpec] = [],
        weightedMetrics: [any MetricSpec] = [], runEagerly: Bool = false
    ) throws {
        try compile(
            Compilation(
                optimizer: optimizer, loss: .all(loss), lossWeights: .all(1), metrics: .all(MetricList(metrics)),
                weightedMetrics: .all(MetricList(weightedMetrics)), runEagerly: runEagerly))
    }

    /// Says how to train each output: in lists, in the order of the outputs, or by name.
    ///
    ///     try model.compile(
    ///         loss: ["age": "mse", "income": "categorical_crossentropy"], lossWeights: ["age": 0.25, "income": 1],
    ///         metrics: ["income": ["accuracy"]])
    ///
    /// - Parameters:
    ///   - loss: by name or objects; outputs without one are not trained by themselves.
    ///   - lossWeights: by what each loss is multiplied in their sum; 1 by default.
    /// - Throws: `ConfigError` for a name that is not known. Names of outputs are looked at when they are known.
    @_disfavoredOverload
    public func compile(
        optimizer: any OptimizerSpec = "rmsprop", loss: PerOutput<any LossSpec> = [:], lossWeights: PerOutput<Float> = .all(1),
        metrics: PerOutput<MetricList> = .all([]), weightedMetrics: PerOutput<MetricList> = .all([]), runEagerly: Bool = false
    ) throws {
        try compile(
            Compilation(
                optimizer: optimizer, loss: loss, lossWeights: lossWeights, metrics: metrics, weightedMetrics: weightedMetrics,
                runEagerly: runEagerly))
    }

    /// What is wrong leaves the model as it was.
    func compile(_ compilation: Compilation) throws {
        if let outputNames { _ = try compilation.objectives(outputNames) }
        self.compilation = compilation
        trainer = nil
    }

    // MARK: Configuration

    /// Keras' `model.get_config()`; of a model with a `call` of its own, what it overrides this with.
    open override var config: [ConfigValue.Entry] { graph?.config(name: name, trainable: trainable) ?? [] }

    package override var serializedEntries: [ConfigValue.Entry] { modelEntries }

    /// Keras' `model.to_json()`: how to make the model again, without weights.
    public func toJSON() -> String { serialized.json }

    /// The model as Keras writes it into `config.json`.
    package var serialized: ConfigValue {
        .object(nestedEntries)
    }
}
