import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// Which arrays of the data go to which inputs and outputs of a model, and what is wanted of its outputs.
///
/// Found by calling the model once, traced, on tensors without elements. This builds what is not built, and shows what comes out,
/// whatever layers declare.
package struct Pairing {
    /// What batches are made of: inputs in the model's order, targets in that of the outputs that they belong to, each by the name of
    /// that input or output and in the type that model and losses need.
    let specs: BatchSpecs
    /// The places in the data of these inputs and targets.
    let inputPlaces: [Int], targetPlaces: [Int]
    let outputs: [Output]
    /// For each input the tables of which its elements say the rows.
    let tables: [[(owner: String, rows: Int)]]
    /// Whether the model looks up rows of variables that it trains.
    let readsRows: Bool
    /// Weights that a call assigns as it trains, such as moving statistics.
    let assigned: [Variable]
    /// Whether a step sums over shards before its end.
    let sumsInMidStep: Bool

    /// One output of the model.
    struct Output {
        /// Its name; a further output of the same name is `name_1`.
        let name: String
        /// Shape of the output, the length of axis 0 unknown where that is the samples.
        let shape: Shape
        let loss: Loss?
        /// By what the loss is multiplied in the sum of all.
        let weight: Float
        let metrics: [any MetricSpec], weightedMetrics: [any MetricSpec]
        let isMasked: Bool
    }

    /// For training and evaluation. Not collective.
    ///
    /// - Parameters:
    ///   - given: what the data has.
    ///   - rows: samples of a batch.
    /// - Throws: `TrainingError`, `ConfigError` or `DataError` for what does not fit, or names that are not known.
    package init(_ model: Model, _ given: BatchSpecs, rows: Int) throws {
        guard let compilation = model.compilation else { throw TrainingError.notCompiled(model) }
        let inputs = try Pairing.inputs(model, given)
        let graph = Graph()
        let (run, shapes, tables) = Pairing.trace(model, inputs.columns, rows: rows, training: true, graph)
        self.tables = tables
        let names = Pairing.unique(run.outputNames)
        let outputs = zip(try compilation.objectives(run.outputNames), names.indices).map { objective, index in
            Output(
                name: names[index], shape: shapes[index], loss: objective.loss, weight: objective.weight, metrics: objective.metrics,
                weightedMetrics: objective.weightedMetrics, isMasked: run.outputs[index].mask != nil)
        }
        let targets = try Pairing.targets(model, outputs, given)
        specs = BatchSpecs(inputs: inputs.columns, targets: targets.columns, weights: targets.places.map { given.weights[$0] })
        (inputPlaces, targetPlaces) = (inputs.places, targets.places)
        self.outputs = outputs
        readsRows = graph.tables.contains { $0.trainable }
        assigned = graph.assigned
        sumsInMidStep = graph.shardSumCount > 0 || outputs.contains { $0.isMasked && $0.loss?.dividesByValidEntries ?? false }
        try requireLoss(model, run, compilation)
    }

    /// For prediction: targets are not looked at. Not collective.
    init(toPredict model: Model, _ given: BatchSpecs, rows: Int) throws {
        let inputs = try Pairing.inputs(model, given)
        let looks = !model.built || model.looksUpRows
        tables = looks ? Pairing.trace(model, inputs.columns, rows: rows, training: false, Graph()).tables : inputs.columns.map { _ in [] }
        specs = BatchSpecs(inputs: inputs.columns, targets: [], weights: [])
        (inputPlaces, targetPlaces, outputs, assigned, sumsInMidStep, readsRows) = (inputs.places, [], [], [], false, false)
    }

    /// The target of an output among those of a batch.
    func target(of output: Output, in specs: BatchSpecs) -> Int? { specs.targets.firstIndex { $0.name == output.name } }

    /// Whether what was made for the other model call can be used for this one.
    func isSame(as other: Pairing) -> Bool {
        outputs.map(\.name) == other.outputs.map(\.name) && outputs.map(\.isMasked) == other.outputs.map(\.isMasked)
            && specs.targets.map(\.name) == other.specs.targets.map(\.name)
    }

    // MARK: Calling the model

    private static func trace(_ model: Model, _ inputs: [BatchSpecs.Column], rows: Int, training: Bool, _ graph: Graph) -> (
        Model.Run, [Shape], tables: [[(owner: String, rows: Int)]]
    ) {
        let tensors = inputs.map { Graph.placeholder(Spec(shape: $0.sample.shape.batched(rows), dtype: $0.sample.dtype)) }
        let run = graph.trace { model.run(tensors, names: inputs.map(\.name), training: training) }
        let shapes = run.outputs.map(\.shape).map { $0.rank > 0 && $0[0] == rows ? $0.sample.batched() : $0 }
        return (run, shapes, tensors.map { graph.tables(indexedBy: $0) })
    }

    /// Refuses a training that nothing is asked of.
    private func requireLoss(_ model: Model, _ run: Model.Run, _ compilation: Compilation) throws {
        guard outputs.allSatisfy({ $0.loss == nil }), run.losses.isEmpty, model.regularized.isEmpty else { return }
        func placeholders(_ columns: [BatchSpecs.Column]) -> [Tensor] {
            columns.map { Graph.placeholder(Spec(shape: $0.sample.shape.batched(run.outputs[0].shape[0]), dtype: $0.sample.dtype)) }
        }
        let own = Graph().trace {
            model.computeLoss(
                x: placeholders(specs.inputs), y: placeholders(specs.targets), yPred: run.outputs,
                sampleWeight: specs.weights.map { shape in
                    shape.map { Graph.placeholder(Spec(shape: $0.batched(run.outputs[0].shape[0]))) }
                })
        }
        if own == nil {
            throw TrainingError(
                "model \(model.name) is compiled without a loss, and its layers add none: there is nothing to compute; give compile a loss")
        }
    }

    // MARK: Inputs

    private static func inputs(_ model: Model, _ given: BatchSpecs) throws -> (columns: [BatchSpecs.Column], places: [Int]) {
        if model is Sequential, model.layers.isEmpty { throw TrainingError("model \(model.name) has no layers; add some first") }
        let places: [Int]
        if let names = model.inputNames {
            places = try Pairing.places(
                of: names, among: given.inputs, isNamed: given.inputsAreNamed, model, "input", needed: names.map { _ in true }
            ).map { $0! }
        } else {
            places = Array(given.inputs.indices)
        }
        let columns = try places.enumerated().map { index, place in
            let column = given.inputs[place]
            try model.requireInput(index, sample: column.sample.shape, source: column.source)
            return BatchSpecs.Column(
                name: model.inputNames?[index] ?? column.name, source: column.source,
                sample: Spec(shape: column.sample.shape, dtype: model.inputDType(index) ?? column.sample.dtype))
        }
        return (columns, places)
    }

    // MARK: Targets

    private static func targets(_ model: Model, _ outputs: [Output], _ given: BatchSpecs) throws -> (
        columns: [BatchSpecs.Column], places: [Int]
    ) {
        var isNeeded = outputs.map { $0.loss != nil }
        // A list without targets for outputs that are not trained.
        if !given.targetsAreNamed, given.targets.count > isNeeded.count(where: { $0 }) { isNeeded = outputs.map { _ in true } }
        let all = try places(
            of: outputs.map(\.name), among: given.targets, isNamed: given.targetsAreNamed, model, "output", needed: isNeeded)
        var (columns, places): ([BatchSpecs.Column], [Int]) = ([], [])
        for case (let output, let place?) in zip(outputs, all) {
            let column = given.targets[place]
            try require(column, for: output, model)
            try require(weights: given.weights[place], of: column.source, for: output, model)
            columns.append(
                BatchSpecs.Column(
                    name: output.name, source: column.source,
                    sample: Spec(shape: column.sample.shape, dtype: output.loss?.targetDType ?? column.sample.dtype)))
            places.append(place)
        }
        for (output, place) in zip(outputs, all) where place == nil && !(output.metrics + output.weightedMetrics).isEmpty {
            throw TrainingError("model \(model.name): output \(output.name) has metrics, and no target; give one, or leave out its metrics")
        }
        return (columns, places)
    }

    /// Refuses a target that does not go with its output.
    private static func require(_ column: BatchSpecs.Column, for output: Output, _ model: Model) throws {
        guard output.shape.rank > 0, output.shape[0] == Shape.unknown else {
            throw TrainingError(
                "model \(model.name): output \(output.name) has the shape \(output.shape), which is not one row a sample; targets cannot be compared with it"
            )
        }
        let target = column.sample.shape.batched()
        guard let loss = output.loss, let wayOut = loss.problem(target: target, output: output.shape) else { return }
        throw TrainingError(
            "\(column.source): targets of shape \(target) do not fit the output \(output.shape) of model \(model.name) under \(loss.name); \(wayOut)"
        )
    }

    /// Refuses weights that are neither one a sample nor one for each of its losses.
    private static func require(weights: Shape?, of source: String, for output: Output, _ model: Model) throws {
        guard let weights else { return }
        let losses = output.shape.sample.dimensions.dropLast() + [1]
        guard weights.rank > losses.count || zip(weights.dimensions, losses).contains(where: { $0 != 1 && $0 != $1 && $1 != Shape.unknown })
        else { return }
        throw TrainingError(
            "\(source): sample weights of shape \(weights.batched()) do not fit the output \(output.shape) of model \(model.name); expected one a sample, \(Shape([]).batched()), or one for each of its losses, \(Shape(Array(losses.dropLast())).batched())"
        )
    }

    // MARK: Names and places

    /// Where the arrays for some names are: by their names, or in order.
    ///
    /// - Parameters:
    ///   - isNamed: the arrays were given by name: all names must be known. Others go by name where each has the name of one.
    ///   - kind: "input" or "output", for messages.
    ///   - needed: which of the names must have an array; in order, others have none.
    private static func places(
        of names: [String], among columns: [BatchSpecs.Column], isNamed: Bool, _ model: Model, _ kind: String, needed: [Bool]
    ) throws -> [Int?] {
        let array = kind == "input" ? "array" : "target"
        if isNamed || (columns.count > 1 && Set(columns.map(\.name)) == Set(names)) {
            for column in columns where !names.contains(column.name) {
                throw TrainingError("model \(model.name): \(unknownName(kind, column.name, names))")
            }
            let places = names.map { name in columns.firstIndex { $0.name == name } }
            for (index, name) in names.enumerated() where needed[index] && places[index] == nil {
                throw TrainingError(
                    "model \(model.name): no \(array) for \(kind) \(name), only for \(columns.map(\.name).joined(separator: ", ")); give one for each of \(names.joined(separator: ", "))"
                )
            }
            return places
        }
        let wanted = needed.count { $0 }
        guard columns.count == wanted else {
            let list = zip(names, needed).filter(\.1).map(\.0).joined(separator: ", ")
            throw TrainingError(
                "model \(model.name) has \(wanted) \(kind)\(wanted == 1 ? "" : "s")\(kind == "output" ? " to train" : "") (\(list)), the data \(columns.count) \(kind == "input" ? "inputs" : "targets"); give one \(array) for each, in this order or by name"
            )
        }
        var next = 0
        return needed.map { isNeeded in
            defer { if isNeeded { next += 1 } }
            return isNeeded ? next : nil
        }
    }

    /// The names, of which those that were there before have a number: `d`, `d_1`.
    package static func unique(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            var (own, number) = (name, 0)
            while !taken.insert(own).inserted {
                number += 1
                own = "\(name)_\(number)"
            }
            return own
        }
    }
}

extension Model {
    /// Refuses an input whose samples have another shape than the model expects, where it is known: before its elements are read.
    ///
    /// - Throws: `TrainingError` that names `source`.
    package func requireInput(_ index: Int, sample: Shape, source: String) throws {
        guard let inputs = graph?.inputs, index < inputs.count, !inputs[index].shape.sample.matches(sample) else { return }
        let input = inputs.count == 1 ? "" : " for its input \(inputNames![index])"
        throw TrainingError(
            "\(source): samples of shape \(sample) do not fit model \(name), which expects \(inputs[index].shape.sample)\(input); reshape the data or change the model's input"
        )
    }

    /// The type that an input is cast to before the model sees it: float32, or int32 for numbers that stand for things; `nil` of a
    /// model with a `call` of its own, which sees what it is given.
    func inputDType(_ index: Int) -> DType? {
        guard let inputs = graph?.inputs, index < inputs.count else { return self is Sequential ? .float32 : nil }
        return inputs[index].dtype == .int32 ? .int32 : .float32
    }

    /// Whether there are layers in it that read rows of tables by number.
    fileprivate var looksUpRows: Bool {
        func looks(_ layer: Layer) -> Bool { layer is Embedding || layer.sublayers.contains(where: looks) }
        return looks(self)
    }

    /// `inputDType` of all inputs; float32 where it does not matter.
    package var inputDTypes: [DType] { (0 ..< max(1, inputNames?.count ?? 1)).map { inputDType($0) ?? .float32 } }

    /// The types that targets are cast to before losses and metrics see them, in the order of the outputs: int32 for class numbers,
    /// else float32.
    ///
    /// - Throws: `TrainingError` if the model is not compiled, `ConfigError` for names of outputs that there are not.
    package var targetDTypes: [DType] {
        get throws {
            guard let compilation else { throw TrainingError.notCompiled(self) }
            return try compilation.objectives(outputNames ?? ["output"]).map { $0.loss?.targetDType ?? .float32 }
        }
    }
}
