import LockstepTensor

/// What `Sequential` is made of: layers and, in front of them, an `Input`.
public protocol SequentialElement {}
extension Layer: SequentialElement {}

/// Layers one after the other. `keras.Sequential`.
///
///     let model = Sequential([Input([28, 28]), Flatten(), Dense(10, activation: "softmax")])
///
/// With an `Input`, or an `inputShape` on the first layer, the weights are made as layers are added; otherwise when the
/// model first sees data.
public final class Sequential: Model, @unchecked Sendable {
    private var stack: [Layer] = []
    /// The names of its layers.
    private(set) var names: Set<String> = []
    /// What one sample looks like, once known.
    package private(set) var start: Input?
    /// What the last layer gives for `start`, once known.
    private var end: KerasTensor?

    public init(_ elements: [any SequentialElement] = [], name: String? = nil) {
        super.init(name: name)
        for element in elements { if let input = element as? Input { add(input) } else { add(element as! Layer) } }
    }

    /// The calls from `start` to `end`, noted when they are asked for: not anew for each layer that is added.
    package override var graph: FunctionalGraph? {
        get {
            if super.graph == nil, let start, let end { super.graph = FunctionalGraph(start, end, model: name) }
            return super.graph
        }
        set { super.graph = newValue }
    }

    public override var layers: [Layer] { stack }
    public override var sublayers: [Layer] { stack }

    /// Says what one sample looks like; before any layer.
    public func add(_ input: Input) {
        check(stack.isEmpty && start == nil, "model \(name): an Input can only be the first layer")
        start = input
        trainer = nil
    }

    /// Appends a layer; builds it if the input's shape is known.
    public func add(_ layer: Layer) {
        if let layer = layer as? InputLayer { return add(Input(layer)) }
        check(names.insert(layer.name).inserted, "model \(name): it already has a layer called \(layer.name); names are unique")
        trainer = nil
        if stack.isEmpty, start == nil {
            if let shape = layer.inputShape {
                start = Input(shape)
            } else if let model = layer as? Model, model.graph?.inputs.count == 1 {
                start = Input(model.graph!.inputs[0].shape.sample, dtype: model.graph!.inputs[0].dtype)
            }
        }
        stack.append(layer)
        if let start { append(layer, behind: end ?? start) }
    }

    private func append(_ layer: Layer, behind tensor: KerasTensor) {
        let output: KerasTensor = NameScope.with(name) { layer(tensor) }
        (end, graph) = (output, nil)
        if buildShapes.isEmpty { buildShapes = [start!.shape] }
        outputShapes = [output.shape]
        built = true
    }

    public override var config: [ConfigValue.Entry] { sequentialConfig }

    public override func build(_ inputShape: Shape) {
        check(!stack.isEmpty, "model \(name) has no layers; add some first")
        let input = Input(InputLayer(inputShape.sample, dtype: .float32, name: nil, batchSize: inputShape[0]))
        start = input
        // The model's name is in scope already.
        (end, graph) = (stack.reduce(input) { $1($0) }, nil)
    }

    public override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        check(inputs.count == 1, "model \(name): a Sequential takes one input, got \(inputs.count)")
        let input = inputs[0], typed = start?.dtype == .int32 ? input.cast(to: .int32).masked(like: input) : input
        return stack.reduce([typed]) { $1.callAll($0, training: nil) }
    }
}
