import LockstepTensor

/// Whole numbers as the categories that they stand for.
///
/// - Input: `[batch, …]`, numbers from 0 to `numTokens - 1`; others belong to no category.
/// - Output: of `oneHot` a row of zeros with a one for each number, `[batch, …, numTokens]`, where a last axis of length 1 goes; of
///   `multiHot` ones for the numbers that are there along the last axis, `[batch, numTokens]`; of `count` how often each is, or the
///   sums of the call's `countWeights`.
///
/// `keras.layers.CategoryEncoding`.
public final class CategoryEncoding: Layer {
    public enum OutputMode: String, Sendable, CaseIterable { case multiHot = "multi_hot", oneHot = "one_hot", count }

    public let numTokens: Int
    public let outputMode: OutputMode

    public init(numTokens: Int, outputMode: OutputMode = .multiHot, name: String? = nil) {
        (self.numTokens, self.outputMode) = (numTokens, outputMode)
        super.init(name: name)
        check(numTokens > 0, "CategoryEncoding: numTokens must be positive, got \(numTokens)")
    }

    convenience init(config: Config) throws {
        let text = try config.string("output_mode", default: "multi_hot")
        guard let mode = OutputMode(rawValue: text == "binary" ? "multi_hot" : text) else {
            throw ConfigError(unknownName("mode", text, OutputMode.allCases.map(\.rawValue)), at: ["output_mode"])
        }
        let count = try config.length("num_tokens")
        // A file must not ask for memory without end.
        guard count <= 1 << 24 else { throw ConfigError("expected at most \(1 << 24) tokens, found \(count)", at: ["num_tokens"]) }
        self.init(numTokens: count, outputMode: mode, name: try config.optionalString("name"))
        if try config.bool("sparse", default: false) { throw ConfigError("sparse tensors are not supported", at: ["sparse"]) }
    }

    public override var inputSpec: InputSpec? { InputSpec(minRank: outputMode == .oneHot ? 1 : 2) }
    public override var callParameters: [CallParameter] { [.init("count_weights", .tensor)] }

    public override func call(_ inputs: [Tensor], _ arguments: CallArguments<Tensor>, training: Bool) -> [Tensor] {
        check(inputs.count == 1, "CategoryEncoding: expected one input, got \(inputs.count)")
        let input = inputs[0], weights = arguments.tensor("count_weights")
        check(
            weights == nil || outputMode == .count && weights!.shape == input.shape,
            "CategoryEncoding: countWeights are for the mode count, of the input's shape; got \(weights?.shape ?? []) for \(input.shape)")
        let shape =
            outputMode == .oneHot && input.shape.rank > 1 && input.shape.last == 1 ? Shape(input.shape.dimensions.dropLast()) : input.shape
        let found = oneHot(input.cast(to: .int32).reshaped(shape), numTokens)
        return switch outputMode {
        case .oneHot: [found]
        case .multiHot: [(found.sum(axes: [-2]) .> 0).cast(to: .float32)]
        case .count: [(weights.map { found * $0.cast(to: .float32).expandingDims(axis: -1) } ?? found).sum(axes: [-2])]
        }
    }

    /// - Parameter countWeights: what each number counts for, of the input's shape.
    public func callAsFunction(_ input: Tensor, countWeights: Tensor) -> Tensor {
        callAll([input], CallArguments(["count_weights": .tensor(countWeights)]), training: nil)[0]
    }

    /// Notes down a call.
    public func callAsFunction(_ input: KerasTensor, countWeights: KerasTensor) -> KerasTensor {
        noted([input], CallArguments(["count_weights": .tensor(countWeights)]), training: nil)[0]
    }

    public override var config: [ConfigValue.Entry] {
        [.init("num_tokens", .int(numTokens)), .init("output_mode", .string(outputMode.rawValue))]
    }
}
