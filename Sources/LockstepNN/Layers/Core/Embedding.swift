import LockstepTensor

/// Turns whole numbers, such as those of words in a vocabulary, into vectors of a fixed length: rows of a table that is trained.
///
///     y[i…, :] = embeddings[x[i…], :]
///
/// - Input: indices from 0 up to `inputDim`, of any shape, `[batch, steps]` mostly. Floats are cut off to whole numbers, as in Keras;
///   an index outside of the vocabulary is an error: `fit`, `evaluate` and `predict` look through their data beforehand.
/// - Output: the input's shape and one axis more, `[batch, steps, outputDim]`, float32.
/// - Weights: `embeddings` `[inputDim, outputDim]`.
/// - Mask: with `maskZero`, whether an index is not 0, which then is padding and no word: `inputDim` counts it.
///
/// A step of training touches the rows that its batch names, not the table, where the optimizer allows it.
///
/// `keras.layers.Embedding`, without its LoRA and quantization.
public final class Embedding: Layer {
    public let inputDim: Int, outputDim: Int
    public let embeddingsInitializer: any Initializer
    public let embeddingsRegularizer: Regularizer?, embeddingsConstraint: Constraint?
    public let maskZero: Bool
    /// What the table holds at first, if not what the initializer says.
    private let initialWeights: Tensor?

    public private(set) var embeddings: Variable!

    /// - Parameters:
    ///   - inputDim: the size of the vocabulary, the largest index and one.
    ///   - outputDim: the length of a vector.
    ///   - maskZero: index 0 is padding, which layers behind, losses and metrics leave out.
    ///   - weights: the table to begin with, `[inputDim, outputDim]`.
    public init(
        _ inputDim: Int, _ outputDim: Int, embeddingsInitializer: any InitializerSpec = RandomUniform(),
        embeddingsRegularizer: (any RegularizerSpec)? = nil, activityRegularizer: (any RegularizerSpec)? = nil,
        embeddingsConstraint: (any ConstraintSpec)? = nil, maskZero: Bool = false, weights: Tensor? = nil, inputShape: Shape? = nil,
        name: String? = nil
    ) {
        (self.inputDim, self.outputDim, self.maskZero, initialWeights) = (inputDim, outputDim, maskZero, weights)
        self.embeddingsInitializer = embeddingsInitializer.resolved(for: "Embedding")
        self.embeddingsRegularizer = embeddingsRegularizer?.resolved(for: "Embedding")
        self.embeddingsConstraint = embeddingsConstraint?.resolved(for: "Embedding")
        super.init(name: name)
        self.activityRegularizer = activityRegularizer?.resolved(for: "Embedding")
        self.inputShape = inputShape
        check(inputDim > 0, "Embedding: inputDim must be positive, got \(inputDim)")
        check(outputDim > 0, "Embedding: outputDim must be positive, got \(outputDim)")
        check(inputDim <= Int(Int32.max), "Embedding: inputDim must be an int32, got \(inputDim)")
        if let weights {
            check(
                weights.shape == [inputDim, outputDim] && weights.dtype == .float32,
                "Embedding: weights must be float32 of shape \([inputDim, outputDim] as Shape), got \(weights.dtype) of shape \(weights.shape)"
            )
        }
    }

    convenience init(config: Config) throws {
        self.init(
            try config.length("input_dim"), try config.length("output_dim"),
            embeddingsInitializer: try config.initializer("embeddings_initializer", default: RandomUniform()),
            embeddingsRegularizer: try config.regularizer("embeddings_regularizer"),
            activityRegularizer: try config.regularizer("activity_regularizer"),
            embeddingsConstraint: try config.constraint("embeddings_constraint"),
            maskZero: try config.bool("mask_zero", default: false), name: try config.optionalString("name"))
        // An argument of old files, which says nothing that the input does not.
        _ = config.value("input_length")
        try config.refuse("lora_rank", "lora_alpha", "quantization_config", "weights")
    }

    public override func build(_ inputShape: Shape) {
        embeddings = addWeight(
            "embeddings", shape: [inputDim, outputDim], initializer: embeddingsInitializer, regularizer: embeddingsRegularizer,
            constraint: embeddingsConstraint)
        if let initialWeights { embeddings.assign(initialWeights) }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let vectors = embeddings.value.gathered(input.cast(to: .int32), by: "layer \(name) (Embedding)")
        return maskZero ? vectors.masked(by: input.cast(to: .float32) .!= Tensor(0)) : vectors
    }

    public override var supportsMasking: Bool { maskZero }
    public override var config: [ConfigValue.Entry] {
        [
            .init("input_dim", .int(inputDim)), .init("output_dim", .int(outputDim)),
            .init("embeddings_initializer", embeddingsInitializer.serialized),
            .init("embeddings_regularizer", embeddingsRegularizer.serialized),
            .init("embeddings_constraint", embeddingsConstraint.serialized), .init("mask_zero", .bool(maskZero)),
            .init("quantization_config", nil),
            // One that there is, is written of every layer.
        ] + (activityRegularizer == nil ? [.init("activity_regularizer", nil)] : [])
    }
}
