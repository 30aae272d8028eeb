import LockstepTensor

/// Applies a layer to each step of a sequence by itself.
///
/// - Input: `[batch, steps, …]`, of three axes or more; the layer sees `[batch · steps, …]`.
/// - Output: `[batch, steps, …]`; the mask of the input stays.
/// - Weights: those of the layer.
///
/// Random numbers and sums stay by sample. As in Keras, the layer's own `activityRegularizer` does not count, and a mask reaches it only
/// where it has axes behind the steps: `[batch, steps, inner steps]`. Where Keras would run `BatchNormalization` step by step, with
/// statistics of each, here its statistics are those of all steps.
///
/// `keras.layers.TimeDistributed`.
public final class TimeDistributed: Layer {
    public let layer: Layer

    public init(_ layer: Layer, name: String? = nil) {
        self.layer = layer
        super.init(name: name)
    }

    convenience init(config: Config) throws {
        guard let layer = try config.layer("layer") else { throw ConfigError("missing layer: expected a layer") }
        self.init(layer, name: try config.optionalString("name"))
    }

    public override var inputSpec: InputSpec? { InputSpec(minRank: 3) }

    public override func build(_ inputShape: Shape) {
        let inner = Shape([inputShape[0]] + inputShape.dimensions.dropFirst(2))
        NameScope.with(layer.name) { layer.buildIfNeeded([inner]) }
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        let (batch, steps) = (input.shape[0], input.shape[1])
        func folded(_ x: Tensor) -> Tensor { x.reshaped(Shape([batch * steps] + x.shape.dimensions.dropFirst(2))) }
        var inner = folded(input)
        if let mask = input.mask {
            check(
                mask.shape.rank >= 2 && mask.shape[0] == batch && mask.shape[1] == steps,
                "TimeDistributed: expected a mask of shape \(Shape([batch, steps])), the batch and its steps; got \(mask.shape)")
            if mask.shape.rank > 2, layer.supportsMasking { inner = inner.masked(by: folded(mask)) }
        }
        let outputs = CallContext.current!.folding(steps) {
            NameScope.with(layer.name) {
                layer.fitting([inner.spec])
                return layer.call([inner], CallArguments(), training: training)
            }
        }
        check(outputs.count == 1, "TimeDistributed: layer \(layer.name) (\(layer.className)) has \(outputs.count) outputs; expected one")
        let output = outputs[0]
        check(
            output.shape.rank > 0 && output.shape[0] == batch * steps,
            "TimeDistributed: layer \(layer.name) (\(layer.className)) gives \(output.shape) for \(inner.shape); expected as many rows")
        return output.reshaped(Shape([batch, steps] + output.shape.dimensions.dropFirst()))
    }

    public override var supportsMasking: Bool { true }
    package override var takesMask: Bool { true }
    public override var config: [ConfigValue.Entry] { [.init("layer", .object(layer.nestedEntries))] }
}
