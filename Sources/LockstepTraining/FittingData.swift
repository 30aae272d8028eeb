import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

// Does the data fit the model?

extension Model {
    /// Refuses data that does not fit the model, as `fit`, `evaluate` and, for data without targets, `predict` would;
    /// builds the model if it is not built. Not collective.
    ///
    /// - Throws: `TrainingError`, `DataError` or `ConfigError`.
    package func validate(_ data: Dataset, batchSize: Int) throws {
        _ = data.targets.isEmpty ? try fittingInputs(data, batchSize: batchSize) : try fitting(data, batchSize: batchSize)
    }

    /// The types that targets are cast to before losses and metrics see them: int32 for class numbers, else float32.
    ///
    /// - Throws: `TrainingError` if the model is not compiled.
    package var targetDTypes: [DType] {
        get throws {
            guard let compilation else { throw TrainingError.notCompiled(self) }
            return compilation.losses.map { $0 is SparseCategoricalCrossentropy ? .int32 : .float32 }
        }
    }

    /// Builds the model for the data if it is not built, and refuses what does not fit.
    ///
    /// - Returns: the data in the types that model and losses need.
    func fitting(_ data: Dataset, batchSize: Int) throws -> Dataset {
        guard let compilation else { throw TrainingError.notCompiled(self) }
        guard data.targets.count == compilation.losses.count else {
            throw TrainingError(
                "model \(name) has \(compilation.losses.count) losses, the data \(data.targets.count) targets; give one target for each loss"
            )
        }
        let inputs = try fittingInputs(data, batchSize: batchSize)
        let output = outputShape(forSamples: data.inputs[0].column.sampleShape)
        var targets = data.targets
        for (index, loss) in compilation.losses.enumerated() {
            let column = targets[index].column
            let (shape, isSparse) = (column.sampleShape, loss is SparseCategoricalCrossentropy)
            guard loss.accepts(shape, output: output.sample) else {
                let wayOut =
                    isSparse
                    ? "expected one integer label for each prediction"
                    : loss is CategoricalCrossentropy && shape == []
                        ? "integer labels need sparse_categorical_crossentropy" : "expected \(output)"
                throw TrainingError(
                    "\(column.source): targets of shape \(shape.batched()) do not fit the output \(output) of model \(name) under \(loss.name); \(wayOut)"
                )
            }
            if isSparse { try column.validateLabels(classes: output.last) }
            targets[index].column = try column.converted(to: targetDTypes[index])
            loss.warn(about: targets[index].column)
        }
        return try Dataset(inputs: inputs.inputs, targets: targets, sampleWeights: data.sampleWeights)
    }

    /// As above, for the inputs alone.
    func fittingInputs(_ data: Dataset, batchSize: Int) throws -> Dataset {
        guard !layers.isEmpty else { throw TrainingError("model \(name) has no layers; add some first") }
        guard data.inputs.count == (inputNames?.count ?? 1) else {
            throw TrainingError(
                "model \(name) has \(inputNames?.count ?? 1) inputs (\((inputNames ?? []).joined(separator: ", "))), the data \(data.inputs.count)"
            )
        }
        let sample = data.inputs[0].column.sampleShape
        if !built { build(inputShape: sample.batched(min(batchSize, data.count))) }
        for (index, input) in data.inputs.enumerated() {
            try requireInput(index, sample: input.column.sampleShape, source: input.column.source)
        }
        var inputs = data.inputs
        for (index, dtype) in inputDTypes.enumerated() { inputs[index].column = try inputs[index].column.converted(to: dtype) }
        return try Dataset(inputs: inputs, targets: data.targets, sampleWeights: data.sampleWeights)
    }
}

extension Model {
    /// Refuses an input whose samples have another shape than the model expects, where it is known: before its elements are read.
    ///
    /// - Throws: `TrainingError` that names `source`.
    package func requireInput(_ index: Int, sample: Shape, source: String) throws {
        guard let specs = inputSpecs, index < specs.count, !specs[index].shape.sample.matches(sample) else { return }
        throw TrainingError(
            "\(source): samples of shape \(sample) do not fit model \(name), which expects \(specs[index].shape.sample); reshape the data or change the model's input"
        )
    }
}

extension Loss {
    /// Whether one sample's target of shape `target` goes with an output of shape `output`. A loss of one's own checks its
    /// targets itself.
    fileprivate func accepts(_ target: Shape, output: Shape) -> Bool {
        let withoutLast = Shape(Array(output.dimensions.dropLast()))
        switch self {
        case is SparseCategoricalCrossentropy: return target == withoutLast || target == Shape(withoutLast.dimensions + [1])
        case is MeanSquaredError, is MeanAbsoluteError, is BinaryCrossentropy, is CategoricalCrossentropy:
            return target == output || (output.last == 1 && target == withoutLast)
        default: return true
        }
    }

    /// Warns of targets for which the loss does not mean what it says.
    fileprivate func warn(about column: Column) {
        guard let range = targetRange else { return }
        let values = column.tensor.scalars
        if let index = values.firstIndex(where: { !range.contains($0 / column.divisor) }) {
            Console.warn(
                "\(column.source): target \(index) is \(values[index] / column.divisor); \(name) is meant for \(range.lowerBound) to \(range.upperBound), and may fall without end for others"
            )
        }
    }
}

extension Model {
    /// The types that inputs are cast to before the model sees them: float32, or int32 for numbers that stand for things.
    package var inputDTypes: [DType] { inputSpecs?.map { $0.dtype == .int32 ? .int32 : .float32 } ?? [.float32] }

    /// The shape of the first output.
    func outputShape(forSamples shape: Shape) -> Shape { outputSpecs(for: [Spec(shape: shape.batched())])[0].shape }
}

extension Compilation {
    /// What is wanted of the one output.
    var objectives: [Objective] { (try? objectives(["output"])) ?? [] }
    var losses: [Loss] { objectives.compactMap(\.loss) }
}
