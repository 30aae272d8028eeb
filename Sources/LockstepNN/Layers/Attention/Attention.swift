import LockstepTensor

/// Every target takes of the values what its query's likeness with their keys says: `softmax(scores)·value` (Luong et al. 2015).
///
/// Scores of a query and a key are `scale query·key`, or with the mode `concat` `weight Σ tanh(scale (query + key))`; `scale` is 1
/// unless it is trained.
///
/// - Inputs: `[query, value]` or `[query, value, key]`: query `[batch, targets, dim]`, value `[batch, sources, width]`, key
///   `[batch, sources, dim]`, the value unless given.
/// - Output: `[batch, targets, width]`. With `returnAttentionScores` also the weights, `[batch, targets, sources]`.
/// - Masks: values that are masked are not looked at; targets that are masked become zeros, and the output has their mask.
/// - Weights: `scale` `[]` where used, `concat_score_weight` `[]` of the mode `concat`.
///
/// `keras.layers.Attention`.
public class Attention: Layer {
    public enum ScoreMode: String, Sendable, CaseIterable { case dot, concat }

    public let useScale: Bool
    public let scoreMode: ScoreMode
    public let dropout: Float
    public let seed: Int?

    public fileprivate(set) var scale: Variable?
    public private(set) var concatScoreWeight: Variable?
    private var purpose = ""

    public init(
        useScale: Bool = false, scoreMode: ScoreMode = .dot, dropout: Float = 0, seed: Int? = nil, name: String? = nil
    ) {
        (self.useScale, self.scoreMode, self.dropout, self.seed) = (useScale, scoreMode, dropout, seed)
        super.init(name: name)
        check(dropout >= 0 && dropout <= 1, "\(className): dropout must lie between 0 and 1, got \(dropout)")
    }

    convenience init(config: Config) throws {
        let mode = try config.string("score_mode", default: "dot")
        guard let scoreMode = ScoreMode(rawValue: mode) else {
            throw ConfigError(unknownName("mode", mode, ScoreMode.allCases.map(\.rawValue)), at: ["score_mode"])
        }
        self.init(
            useScale: try config.bool("use_scale", default: false), scoreMode: scoreMode,
            dropout: try config.float("dropout", default: 0, in: 0 ... 1), seed: try config.optionalInt("seed"),
            name: try config.optionalString("name"))
    }

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        let shapes = inputs.map(\.shape), found = shapes.map(\.description).joined(separator: ", ")
        check(
            inputs.count == 2 || inputs.count == 3,
            "\(className): expected [query, value] or [query, value, key]; got \(inputs.count) inputs (\(found))")
        func agree(_ lengths: [Int]) -> Bool { Set(lengths).subtracting([Shape.unknown]).count < 2 }
        check(
            shapes.allSatisfy { $0.rank == 3 } && agree(shapes.map { $0[0] }) && agree([shapes[0][2], shapes.last![2]])
                && agree([shapes[1][1], shapes.last![1]]),
            "\(className): expected query [batch, targets, dim], value [batch, sources, width] and key [batch, sources, dim]; got \(found)"
        )
        return inputs
    }

    public override func build(_ inputShapes: [Shape]) {
        purpose = NameScope.path + (seed.map { "/\($0)" } ?? "")
        makeScale(inputShapes[0])
        if scoreMode == .concat { concatScoreWeight = addWeight("concat_score_weight", shape: [], initializer: Ones()) }
    }

    fileprivate func makeScale(_ queryShape: Shape) {
        if useScale { scale = addWeight("scale", shape: [], initializer: Ones()) }
    }

    /// Of each query with each key.
    fileprivate func scores(_ query: Tensor, _ key: Tensor) -> Tensor {
        if let concatScoreWeight { return additiveScores(query, key, factor: scale?.value) * concatScoreWeight.value }
        return scaled(query).matmul(key, transposeB: true)
    }

    private func scaled(_ query: Tensor) -> Tensor { scale.map { query * $0.value } ?? query }

    /// Whether scores are products of queries and keys.
    fileprivate var isDot: Bool { scoreMode == .dot }

    public override var callParameters: [CallParameter] {
        [.init("return_attention_scores", .flag), .init("use_causal_mask", .flag)]
    }

    public override func call(_ inputs: [Tensor], _ arguments: CallArguments<Tensor>, training: Bool) -> [Tensor] {
        let (queryMask, valueMask) = (inputs[0].mask, inputs[1].mask)
        let floats = inputs.map { $0.unmasked.cast(to: .float32) }
        let (query, value, key) = (floats[0], floats[1], floats.last!)
        let isCausal = arguments.flag("use_causal_mask")
        let drop =
            training && dropout > 0
            ? AttentionDropout(
                rate: dropout, purpose: randomPurpose(purpose), rowsPerSample: CallContext.current?.rowsPerSample ?? 1) : nil
        var output: Tensor, weights: Tensor?
        if isDot, !arguments.flag("return_attention_scores") {
            func oneHead(_ x: Tensor) -> Tensor { x.expandingDims(axis: 2) }
            let mask = valueMask.map { $0.reshaped([$0.shape[0], 1, 1, $0.shape[1]]) }
            output = dotProductAttention(
                oneHead(scaled(query)), oneHead(key), oneHead(value), scale: 1, mask: mask, isCausal: isCausal, dropout: drop,
                endsWhereHidden: false
            ).squeezed(axes: [2])
        } else {
            let causal = isCausal ? causalMask(targets: query.shape[1], sources: key.shape[1]) : nil
            let visible = valueMask.map { $0.expandingDims(axis: 1) }
            let mask = visible.map { visible in causal.map { logicalAnd(visible, $0) } ?? visible } ?? causal
            let kept = dropped(attentionWeights(scores(query, key), mask: mask, endsWhereHidden: false), drop)
            (output, weights) = (kept.matmul(value), kept)
        }
        if let queryMask { output = `where`(queryMask.expandingDims(axis: -1), output, Tensor(0)) }
        guard arguments.flag("return_attention_scores") else { return [output] }
        return [output, weights!]
    }

    public override var supportsMasking: Bool { true }
    package override var takesMask: Bool { true }
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] { [masks[0]] }

    public override var config: [ConfigValue.Entry] {
        [
            .init("use_scale", .bool(useScale)), .init("score_mode", .string(scoreMode.rawValue)), .init("dropout", ConfigValue(dropout)),
            .init("seed", seed.map { .int($0) } ?? nil),
        ]
    }

    // MARK: Calls with their arguments' names

    /// - Parameter useCausalMask: whether target i sees sources up to i alone.
    public func callAsFunction(_ inputs: [Tensor], useCausalMask: Bool, training: Bool? = nil) -> Tensor {
        callAll(inputs, arguments(useCausalMask, false), training: training)[0]
    }

    /// As above; with `returnAttentionScores` the output and the weights, after dropout.
    public func callAsFunction(
        _ inputs: [Tensor], useCausalMask: Bool = false, returnAttentionScores: Bool, training: Bool? = nil
    ) -> [Tensor] {
        callAll(inputs, arguments(useCausalMask, returnAttentionScores), training: training)
    }

    /// Notes down a call.
    public func callAsFunction(_ inputs: [KerasTensor], useCausalMask: Bool, training: Bool? = nil) -> KerasTensor {
        noted(inputs, arguments(useCausalMask, false), training: training)[0]
    }

    /// Notes down a call.
    public func callAsFunction(
        _ inputs: [KerasTensor], useCausalMask: Bool = false, returnAttentionScores: Bool, training: Bool? = nil
    ) -> [KerasTensor] {
        noted(inputs, arguments(useCausalMask, returnAttentionScores), training: training)
    }

    private func arguments<T>(_ isCausal: Bool, _ returnsScores: Bool) -> CallArguments<T> {
        CallArguments([
            "use_causal_mask": isCausal ? .constant(true) : nil, "return_attention_scores": returnsScores ? .constant(true) : nil,
        ])
    }
}

/// Attention whose scores are `Σ scale tanh(query + key)` over the last axis (Bahdanau et al. 2015).
///
/// Inputs, outputs and masks as those of `Attention`.
///
/// - Weights: `scale` `[dim]` where used.
///
/// `keras.layers.AdditiveAttention`.
public final class AdditiveAttention: Attention {
    public init(useScale: Bool = true, dropout: Float = 0, seed: Int? = nil, name: String? = nil) {
        super.init(useScale: useScale, scoreMode: .dot, dropout: dropout, seed: seed, name: name)
    }

    convenience init(config: Config) throws {
        self.init(
            useScale: try config.bool("use_scale", default: true), dropout: try config.float("dropout", default: 0, in: 0 ... 1),
            seed: try config.optionalInt("seed"), name: try config.optionalString("name"))
    }

    fileprivate override func makeScale(_ queryShape: Shape) {
        guard useScale else { return }
        check(queryShape.last > 0, "AdditiveAttention: the last axis of the query must be known; got \(queryShape)")
        scale = addWeight("scale", shape: [queryShape.last], initializer: GlorotUniform())
    }

    fileprivate override var isDot: Bool { false }
    fileprivate override func scores(_ query: Tensor, _ key: Tensor) -> Tensor { additiveScores(query, key, weight: scale?.value) }

    public override var config: [ConfigValue.Entry] { super.config.filter { $0.key != "score_mode" } }
}
