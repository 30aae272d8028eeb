import LockstepTensor

/// Attention of several heads: each projects queries, keys and values, and every target takes of the values what its query's likeness
/// with their keys says; what all heads found is projected once more (Vaswani et al. 2017, "Attention is all you need").
///
///     let attention = MultiHeadAttention(numHeads: 8, keyDim: 64)
///     let y = attention(query: x, value: x, useCausalMask: true)
///
/// `softmax(query·keyᵀ / √keyDim)·value` for each head, in one operation (`dotProductAttention`).
///
/// - Inputs: `[query, value]` or `[query, value, key]`: query `[batch, targets, features]`, value and key `[batch, sources, features]`;
///   the key is the value unless given. More axes between the first and the last: see `attentionAxes`.
/// - Output: as the query, or with `outputShape` in place of its last axis. With `returnAttentionScores` also the weights,
///   `[batch, heads, targets, sources]`, before dropout.
/// - Masks: a target sees what the masks of query, value and key, `attentionMask` and the causal mask all show. The output has the
///   query's mask.
/// - Weights: `kernel` and `bias` of `query`, `key`, `value` and `attention_output`, `EinsumDense` layers.
///
/// `keras.layers.MultiHeadAttention`.
public final class MultiHeadAttention: Layer {
    public let numHeads: Int, keyDim: Int, valueDim: Int
    public let dropout: Float
    public let useBias: Bool, useGate: Bool
    public let outputShape: Shape?
    /// Those over which attention goes; known once the layer is built.
    public private(set) var attentionAxes: [Int]?
    public let slidingWindow: Int?
    public let seed: Int?
    public let kernelInitializer: any Initializer, biasInitializer: any Initializer
    public let kernelRegularizer: Regularizer?, biasRegularizer: Regularizer?
    public let kernelConstraint: Constraint?, biasConstraint: Constraint?
    /// Of what each of the projections gives out, as in Keras; not of the layer's output once more.
    private var projectionRegularizer: Regularizer?

    public private(set) var queryDense: EinsumDense!
    public private(set) var keyDense: EinsumDense!
    /// Files name it by Keras' private property.
    private var _gateDense: EinsumDense?
    public private(set) var valueDense: EinsumDense!
    public private(set) var outputDense: EinsumDense!
    private var purpose = ""

    /// - Parameters:
    ///   - keyDim: the size of each head's queries and keys.
    ///   - valueDim: the size of each head's values; `keyDim` by default.
    ///   - dropout: the share of weights that are dropped in training.
    ///   - outputShape: in place of the query's last axis.
    ///   - attentionAxes: of the inputs; by default all between the first and the last.
    ///   - slidingWindow: targets see sources that are less than so many steps away.
    ///   - useGate: whether what heads find is multiplied by a sigmoid of the query (Qiu et al. 2025, "Gated attention").
    public init(
        numHeads: Int, keyDim: Int, valueDim: Int? = nil, dropout: Float = 0, useBias: Bool = true, outputShape: Shape? = nil,
        attentionAxes: [Int]? = nil, slidingWindow: Int? = nil, kernelInitializer: any InitializerSpec = GlorotUniform(),
        biasInitializer: any InitializerSpec = Zeros(), kernelRegularizer: (any RegularizerSpec)? = nil,
        biasRegularizer: (any RegularizerSpec)? = nil, activityRegularizer: (any RegularizerSpec)? = nil,
        kernelConstraint: (any ConstraintSpec)? = nil, biasConstraint: (any ConstraintSpec)? = nil, useGate: Bool = false,
        seed: Int? = nil, name: String? = nil
    ) {
        (self.numHeads, self.keyDim, self.valueDim, self.dropout) = (numHeads, keyDim, valueDim ?? keyDim, dropout)
        (self.useBias, self.useGate, self.outputShape) = (useBias, useGate, outputShape?.rank == 0 ? nil : outputShape)
        (self.attentionAxes, self.slidingWindow, self.seed) = (attentionAxes, slidingWindow, seed)
        self.kernelInitializer = kernelInitializer.resolved(for: "MultiHeadAttention")
        self.biasInitializer = biasInitializer.resolved(for: "MultiHeadAttention")
        self.kernelRegularizer = kernelRegularizer?.resolved(for: "MultiHeadAttention")
        self.biasRegularizer = biasRegularizer?.resolved(for: "MultiHeadAttention")
        self.kernelConstraint = kernelConstraint?.resolved(for: "MultiHeadAttention")
        self.biasConstraint = biasConstraint?.resolved(for: "MultiHeadAttention")
        projectionRegularizer = activityRegularizer?.resolved(for: "MultiHeadAttention")
        super.init(name: name)
        for (argument, value) in [
            ("numHeads", numHeads), ("keyDim", keyDim), ("valueDim", self.valueDim), ("slidingWindow", slidingWindow ?? 1),
        ] {
            check(value > 0, "MultiHeadAttention: \(argument) must be positive, got \(value)")
        }
        check(dropout >= 0 && dropout <= 1, "MultiHeadAttention: dropout must lie between 0 and 1, got \(dropout)")
    }

    convenience init(config: Config) throws {
        self.init(
            numHeads: try config.length("num_heads"), keyDim: try config.length("key_dim"),
            valueDim: try config.has("value_dim") ? config.length("value_dim") : nil,
            dropout: try config.float("dropout", default: 0, in: 0 ... 1), useBias: try config.bool("use_bias", default: true),
            outputShape: try config.has("output_shape") ? config.lengths("output_shape") : nil,
            attentionAxes: try config.attentionAxes("attention_axes"),
            slidingWindow: try config.has("sliding_window") ? config.length("sliding_window") : nil,
            kernelInitializer: try config.initializer("kernel_initializer", default: GlorotUniform()),
            biasInitializer: try config.initializer("bias_initializer", default: Zeros()),
            kernelRegularizer: try config.regularizer("kernel_regularizer"), biasRegularizer: try config.regularizer("bias_regularizer"),
            activityRegularizer: try config.regularizer("activity_regularizer"),
            kernelConstraint: try config.constraint("kernel_constraint"), biasConstraint: try config.constraint("bias_constraint"),
            useGate: try config.bool("use_gate", default: false), seed: try config.optionalInt("seed"),
            name: try config.optionalString("name"))
        // What is here is as fast; a flag that asks for another library's kernel cannot be kept.
        if try config.bool("flash_attention", default: false) { try config.refuse("flash_attention") }
        if let outputShape, !outputShape.isKnown { throw ConfigError("expected known lengths, found \(outputShape)", at: ["output_shape"]) }
    }

    public override var activityRegularizer: Regularizer? {
        get { nil }
        set { projectionRegularizer = newValue }
    }

    // MARK: Building

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        let shapes = inputs.map(\.shape), found = shapes.map(\.description).joined(separator: ", ")
        check(
            inputs.count == 2 || inputs.count == 3,
            "MultiHeadAttention: expected [query, value] or [query, value, key]; got \(inputs.count) inputs (\(found))")
        check(
            shapes.allSatisfy { $0.rank == shapes[0].rank && $0.rank >= 3 },
            "MultiHeadAttention: expected query, value and key of [batch, steps, features], or all with as many axes more; got \(found)")
        for axis in 0 ..< shapes[0].rank - 1 {
            let isAttended = attentionAxes?.contains { $0 == axis || $0 + shapes[0].rank == axis } ?? (axis > 0)
            let lengths = Set((isAttended ? shapes.dropFirst() : shapes[...]).map { $0[axis] }).subtracting([Shape.unknown])
            check(
                lengths.count < 2,
                "MultiHeadAttention: expected value and key of the same lengths but for the last axis, and a query of the same batch; got \(found)"
            )
        }
        if built {
            for (shape, dense) in zip(shapes, [queryDense!, valueDense!, keyDense!]) { _ = dense.fitting([Spec(shape: shape)]) }
        }
        return inputs
    }

    public override func build(_ inputShapes: [Shape]) {
        let (query, value) = (inputShapes[0], inputShapes[1]), key = inputShapes.count > 2 ? inputShapes[2] : value
        let rank = query.rank
        let axes = attentionAxes?.map { $0 < 0 ? rank + $0 : $0 } ?? Array(1 ..< rank - 1)
        check(
            !axes.isEmpty && Set(axes).count == axes.count && axes.allSatisfy { $0 > 0 && $0 < rank - 1 },
            "MultiHeadAttention: expected attentionAxes between the batch and the last axis; got \(attentionAxes ?? []) for a query of shape \(query)"
        )
        attentionAxes = axes
        purpose = NameScope.path + "/dropout" + (seed.map { "/\($0)" } ?? "")
        queryDense = projection("query", from: query, to: keyDim)
        keyDense = projection("key", from: key, to: keyDim)
        if useGate { _gateDense = projection("gate", from: query, to: valueDim, activation: "sigmoid") }
        valueDense = projection("value", from: value, to: valueDim)
        let free = MultiHeadAttention.letters(rank - 1), width = outputShape ?? [query.last]
        let ends = String(MultiHeadAttention.letters(rank + 1 + width.rank).dropFirst(rank + 1))
        let heads = String(MultiHeadAttention.letters(rank + 1).dropFirst(rank - 1))
        outputDense = dense(
            "attention_output", "\(free)\(heads),\(heads)\(ends)->\(free)\(ends)", to: width, biasAxes: ends, free: rank - 2)
        outputDense.build(inputShape: Shape(query.dimensions.dropLast() + [numHeads, valueDim]))
    }

    private static func letters(_ count: Int) -> String { String("abcdefghijklmnopqrstuvwxyz".prefix(count)) }

    /// `abc,cde->abde`
    private func projection(_ name: String, from shape: Shape, to size: Int, activation: ActivationFunction = "linear") -> EinsumDense {
        let letters = MultiHeadAttention.letters(shape.rank + 2), free = letters.prefix(shape.rank - 1), heads = letters.suffix(2)
        let dense = dense(
            name, "\(letters.prefix(shape.rank)),\(letters.suffix(3))->\(free)\(heads)", to: [numHeads, size], biasAxes: String(heads),
            free: shape.rank - 2, activation: activation)
        dense.build(inputShape: shape)
        return dense
    }

    private func dense(
        _ name: String, _ equation: String, to shape: Shape, biasAxes: String, free: Int, activation: ActivationFunction = "linear"
    ) -> EinsumDense {
        let dense = EinsumDense(
            equation, outputShape: Shape([Int](repeating: Shape.unknown, count: free) + shape.dimensions), activation: activation,
            biasAxes: useBias ? biasAxes : nil, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer,
            kernelRegularizer: kernelRegularizer, biasRegularizer: biasRegularizer, activityRegularizer: projectionRegularizer,
            kernelConstraint: kernelConstraint, biasConstraint: biasConstraint, name: name)
        dense.trainable = trainable
        return dense
    }

    // MARK: Calling

    public override var callParameters: [CallParameter] {
        [
            .init("value_mask", .tensor), .init("key_mask", .tensor), .init("attention_mask", .tensor),
            .init("return_attention_scores", .flag), .init("use_causal_mask", .flag),
        ]
    }
    package override var inputParameters: [String]? { ["query", "value", "key"] }

    public override func call(_ inputs: [Tensor], _ arguments: CallArguments<Tensor>, training: Bool) -> [Tensor] {
        let isCausal = arguments.flag("use_causal_mask")
        let valueMask = arguments.tensor("value_mask") ?? inputs[1].mask
        let keyMask = arguments.tensor("key_mask") ?? (inputs.count > 2 ? inputs[2].mask : nil)
        let floats = inputs.map { $0.unmasked.cast(to: .float32) }
        let (query, value) = (floats[0], floats[1]), key = inputs.count > 2 ? floats[2] : value
        let axes = AttentionAxes(query.shape, value.shape, attentionAxes!)

        var masks: [Tensor] = []
        if let mask = inputs[0].mask { masks.append(mask.expandingDims(axis: -1)) }
        for mask in [valueMask, keyMask] { if let mask { masks.append(mask.cast(to: .bool).expandingDims(axis: -2)) } }
        if let slidingWindow { masks.append(AttentionAxes.band(query.shape[1], value.shape[1], width: slidingWindow)) }
        check(
            query.shape.rank == 3 || masks.isEmpty && !isCausal,
            "MultiHeadAttention: masks of inputs, causal ones and sliding windows are for inputs of [batch, steps, features]; got \(query.shape). Give an attentionMask"
        )
        var mask = masks.isEmpty ? nil : masks.dropFirst().reduce(masks[0], logicalAnd)
        if let given = arguments.tensor("attention_mask")?.cast(to: .bool) {
            check(
                axes.fits(given.shape, heads: numHeads),
                "MultiHeadAttention: expected an attentionMask that broadcasts to [batch, heads, targets, sources] = \(axes.scores(numHeads)), its heads left out or not; got \(given.shape)"
            )
            mask = mask.map { logicalAnd(given, given.shape.rank == 4 ? $0.expandingDims(axis: 1) : $0) } ?? given
        }
        let (q, k, v) = (axes.folded(queryDense(query)), axes.folded(keyDense(key)), axes.folded(valueDense(value)))
        let sight = mask.map { axes.folded(mask: $0) }
        let drop =
            training && dropout > 0
            ? AttentionDropout(
                rate: dropout, purpose: randomPurpose(purpose),
                rowsPerSample: (CallContext.current?.rowsPerSample ?? 1) * axes.folds) : nil
        let scale = 1 / Float(keyDim).squareRoot()
        var found: Tensor, scores: Tensor?
        if arguments.flag("return_attention_scores") {
            (found, scores) = MultiHeadAttention.attend(q, k, v, scale: scale, mask: sight, isCausal: isCausal, dropout: drop)
        } else {
            found = dotProductAttention(q, k, v, scale: scale, mask: sight, isCausal: isCausal, dropout: drop)
        }
        found = axes.unfolded(found)
        if let _gateDense { found = found * _gateDense(query) }
        return [outputDense(found)] + (scores.map { [$0.reshaped(axes.scores(numHeads))] } ?? [])
    }

    /// As `dotProductAttention`, with the weights before dropout.
    private static func attend(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, scale: Float, mask: Tensor?, isCausal: Bool, dropout: AttentionDropout?
    ) -> (Tensor, Tensor) {
        func byHead(_ x: Tensor) -> Tensor { x.transposed([0, 2, 1, 3]) }
        let causal = isCausal ? causalMask(targets: q.shape[1], sources: k.shape[1]) : nil
        let sight = mask.map { mask in causal.map { logicalAnd(mask, $0) } ?? mask } ?? causal
        let weights = attentionWeights((byHead(q) * scale).matmul(byHead(k), transposeB: true), mask: sight)
        return (byHead(dropped(weights, dropout).matmul(byHead(v))), weights)
    }

    public override var supportsMasking: Bool { true }
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] { [masks[0]] }

    package override var buildConfig: ConfigValue? {
        .object([
            "shapes_dict": .object(zip(["query_shape", "value_shape", "key_shape"], buildShapes).map { .init($0, ConfigValue($1)) })
        ])
    }

    public override var config: [ConfigValue.Entry] {
        [
            .init("num_heads", .int(numHeads)), .init("key_dim", .int(keyDim)), .init("value_dim", .int(valueDim)),
            .init("dropout", ConfigValue(dropout)), .init("use_bias", .bool(useBias)), .init("use_gate", .bool(useGate)),
            .init("output_shape", outputShape.map { ConfigValue($0) } ?? nil),
            .init("attention_axes", attentionAxes.map { .array($0.map { .int($0) }) } ?? nil),
            .init("sliding_window", slidingWindow.map { .int($0) } ?? nil),
            .init("kernel_initializer", kernelInitializer.serialized), .init("bias_initializer", biasInitializer.serialized),
            .init("kernel_regularizer", kernelRegularizer.serialized), .init("bias_regularizer", biasRegularizer.serialized),
            .init("activity_regularizer", projectionRegularizer.serialized),
            .init("kernel_constraint", kernelConstraint.serialized), .init("bias_constraint", biasConstraint.serialized),
            .init("seed", seed.map { .int($0) } ?? nil),
        ]
    }
}

/// Weights of attention, some of them dropped.
func dropped(_ weights: Tensor, _ dropout: AttentionDropout?) -> Tensor {
    dropout.map { LockstepTensor.dropout(weights, rate: $0.rate, purpose: $0.purpose, rowsPerSample: $0.rowsPerSample) } ?? weights
}

// MARK: Calls with their arguments' names

extension MultiHeadAttention {
    /// - Parameters:
    ///   - key: the value by default.
    ///   - attentionMask: which sources a target sees: `[batch, targets, sources]`, or with heads behind the batch.
    ///   - useCausalMask: whether target i sees sources up to i alone.
    public func callAsFunction(
        query: Tensor, value: Tensor, key: Tensor? = nil, attentionMask: Tensor? = nil, useCausalMask: Bool = false,
        training: Bool? = nil
    ) -> Tensor {
        callAll([query, value] + (key.map { [$0] } ?? []), arguments(attentionMask, useCausalMask, false), training: training)[0]
    }

    /// As above; with `returnAttentionScores` the output and the weights, before dropout.
    public func callAsFunction(
        query: Tensor, value: Tensor, key: Tensor? = nil, attentionMask: Tensor? = nil, useCausalMask: Bool = false,
        returnAttentionScores: Bool, training: Bool? = nil
    ) -> [Tensor] {
        let arguments = arguments(attentionMask, useCausalMask, returnAttentionScores)
        return callAll([query, value] + (key.map { [$0] } ?? []), arguments, training: training)
    }

    /// Notes down a call.
    public func callAsFunction(
        query: KerasTensor, value: KerasTensor, key: KerasTensor? = nil, attentionMask: KerasTensor? = nil, useCausalMask: Bool = false,
        training: Bool? = nil
    ) -> KerasTensor {
        noted([query, value] + (key.map { [$0] } ?? []), arguments(attentionMask, useCausalMask, false), training: training)[0]
    }

    /// Notes down a call.
    public func callAsFunction(
        query: KerasTensor, value: KerasTensor, key: KerasTensor? = nil, attentionMask: KerasTensor? = nil, useCausalMask: Bool = false,
        returnAttentionScores: Bool, training: Bool? = nil
    ) -> [KerasTensor] {
        let arguments = arguments(attentionMask, useCausalMask, returnAttentionScores)
        return noted([query, value] + (key.map { [$0] } ?? []), arguments, training: training)
    }

    private func arguments<T>(_ mask: T?, _ isCausal: Bool, _ returnsScores: Bool) -> CallArguments<T> {
        CallArguments([
            "attention_mask": mask.map { .tensor($0) }, "use_causal_mask": isCausal ? .constant(true) : nil,
            "return_attention_scores": returnsScores ? .constant(true) : nil,
        ])
    }
}

extension Config {
    /// One axis or several; `nil` for all.
    fileprivate func attentionAxes(_ key: String) throws -> [Int]? {
        if case .int(let axis)? = value(key) { return [axis] }
        return try optionalArray(key)?.map { item in
            guard case .int(let axis) = item else { throw ConfigError("expected whole numbers, found \(item.kind)", at: [key]) }
            return axis
        }
    }
}
