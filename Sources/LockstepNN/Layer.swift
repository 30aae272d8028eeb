import LockstepTensor

/// A function of tensors with weights: the unit of which models are made.
///
/// A layer makes its weights when it first sees an input (`build`), then computes with them (`call`). A layer of one's own
/// overrides these two, and `computeOutputShape` if the output has another shape:
///
///     final class Scale: Layer {
///         private var factor: Variable!
///         override func build(_ inputShape: Shape) {
///             factor = addWeight("factor", shape: [inputShape.last], initializer: Ones())
///         }
///         override func call(_ input: Tensor, training: Bool) -> Tensor { input * factor.value }
///     }
///
/// While a model trains, `call` is traced: it runs once for each shape of batch and its operations are then repeated.
open class Layer {
    public let name: String
    /// Whether training changes this layer's weights; also that of its sublayers.
    open var trainable: Bool {
        didSet { for layer in sublayers { layer.trainable = trainable } }
    }
    /// The shape of one sample, where this is the first layer of a model without an `Input`.
    public package(set) var inputShape: Shape?
    public package(set) var built = false
    /// The shape that `build` saw, batch axis included.
    public package(set) var buildShape: Shape?
    /// The shapes of the outputs when they were first known; for summaries.
    package var outputShapes: [Shape] = []
    /// The layers inside this one, in the order in which they were tracked.
    public package(set) var sublayers: [Layer] = []
    private var ownWeights: [Variable] = []
    /// The sublayers that Keras' files keep under the name of an attribute (`forward_layer`), sorted by it; the others go
    /// into a list called `layers`.
    open var namedSublayers: [(attribute: String, layer: Layer)] { [] }

    /// - Parameter name: unique in its model; made from the class name by default, as Keras does.
    public init(name: String? = nil) {
        self.name = name ?? Naming.unique(String(describing: Self.self))
        trainable = true
    }

    /// Keras' name of the class, for configurations and files.
    open var className: String { String(describing: type(of: self)) }

    // MARK: What a layer is

    /// Makes the weights for inputs of `inputShape`, whose batch axis may be unknown.
    open func build(_ inputShape: Shape) {}

    /// The output for one input.
    open func call(_ input: Tensor, training: Bool) -> Tensor {
        Failure.report("layer \(name) (\(className)) does not override call(_:training:)")
    }

    /// The outputs for several inputs; a layer of one input overrides the other `call`.
    open func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        check(inputs.count == 1, "layer \(name) (\(className)) takes one input; \(inputs.count) were given")
        return [call(inputs[0], training: training)]
    }

    /// The shape of the output for inputs of `inputShape`; the same shape by default.
    open func computeOutputShape(_ inputShape: Shape) -> Shape { inputShape }

    /// The arguments that make this layer again, by their Keras names, without `name`, `trainable` and `dtype`.
    open var config: [ConfigValue.Entry] { [] }

    /// Whether files say what the layer was built for. Keras writes it unless its layer is built when it is made.
    open var savesBuildShape: Bool { true }

    // MARK: Weights

    /// Makes a weight; for `build`. Its initial value depends on the seed and its path alone.
    public func addWeight(_ name: String, shape: Shape, initializer: any InitializerSpec, trainable: Bool = true) -> Variable {
        check(
            shape.isKnown,
            "weight \(name): shape \(shape) is not known; the layer was built for \(buildShape.map(String.init(describing:)) ?? "no shape")"
        )
        // A weight that cannot be made is named as the layer is.
        Failure.scope.append(name)
        defer { Failure.scope.removeLast() }
        let path = Failure.scope.joined(separator: "/")
        let variable = Variable(
            Graph.untraced { initializer.resolved(for: "weight").make(shape, key: Random.key(path)) }, name: name, trainable: trainable)
        variable.path = path
        ownWeights.append(variable)
        return variable
    }

    /// Makes `layer`'s weights part of this one's; for layers that hold layers.
    @discardableResult
    public func track<L: Layer>(_ layer: L) -> L {
        if !sublayers.contains(where: { $0 === layer }) { sublayers.append(layer) }
        return layer
    }

    /// All variables, own ones first, those that are trained before those that are not, then those of sublayers: Keras' order.
    public var weights: [Variable] {
        var seen = Set<ObjectIdentifier>()
        let own = ownWeights.filter(\.trainable) + ownWeights.filter { !$0.trainable }
        return (own + sublayers.flatMap(\.weights)).filter { seen.insert(ObjectIdentifier($0)).inserted }
    }
    /// The values of `weights`, in their order.
    public func getWeights() -> [Tensor] { weights.map(\.value) }
    /// Assigns `weights`, in their order; stops, and changes none, where number or shapes are others.
    public func setWeights(_ values: [Tensor]) {
        let weights = weights
        check(
            values.count == weights.count,
            "layer \(name): \(values.count) values for \(weights.count) weights\(built ? "" : "; it is not built yet, so build or call it first")"
        )
        for (value, weight) in zip(values, weights) {
            check(
                value.shape == weight.shape && value.dtype == weight.dtype,
                "layer \(name): a value of \(value.dtype) and shape \(value.shape) for \(weight.path), which is \(weight.dtype) of shape \(weight.shape)"
            )
        }
        for (value, weight) in zip(values, weights) { weight.assign(value) }
    }
    /// Own variables only, in the order in which they were added.
    package var ownVariables: [Variable] { ownWeights }
    public var trainableWeights: [Variable] {
        guard trainable else { return [] }
        var seen = Set<ObjectIdentifier>()
        return (ownWeights.filter(\.trainable) + sublayers.flatMap(\.trainableWeights)).filter {
            seen.insert(ObjectIdentifier($0)).inserted
        }
    }
    public var nonTrainableWeights: [Variable] {
        let trainable = Set(trainableWeights.map { ObjectIdentifier($0) })
        return weights.filter { !trainable.contains(ObjectIdentifier($0)) }
    }
    public func countParams() -> Int { weights.reduce(0) { $0 + $1.shape.count } }

    // MARK: Calling

    /// Computes the output, after building the layer if this is its first call.
    public func callAsFunction(_ input: Tensor, training: Bool = false) -> Tensor { callAsFunction([input], training: training)[0] }

    public func callAsFunction(_ inputs: [Tensor], training: Bool = false) -> [Tensor] {
        scoped {
            if let first = inputs.first { buildIfNeeded(first.shape) }
            let outputs = call(inputs, training: training)
            if outputShapes.isEmpty { outputShapes = outputs.map(\.shape) }
            return outputs
        }
    }

    /// Makes the weights for `inputShape` unless they are made.
    package func buildIfNeeded(_ inputShape: Shape) {
        guard !built else { return }
        buildShape = inputShape
        build(inputShape)
        built = true
    }

    /// As a call would, on shapes alone: builds the layer and gives the output's shape.
    package func buildAndInfer(_ inputShape: Shape) -> Shape {
        scoped {
            buildIfNeeded(inputShape)
            let shape = computeOutputShape(inputShape)
            outputShapes = [shape]
            return shape
        }
    }

    private func scoped<Result>(_ body: () -> Result) -> Result {
        Failure.scope.append(name)
        defer { Failure.scope.removeLast() }
        return body()
    }
}
