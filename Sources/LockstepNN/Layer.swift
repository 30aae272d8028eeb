import LockstepSystem
import LockstepTensor

/// A function of tensors with weights: the unit of which models are made.
///
/// A layer makes its weights when it first sees an input (`build`), then computes with them (`call`). A layer of one's own
/// overrides these two:
///
///     final class Scale: Layer {
///         private var factor: Variable!
///         override func build(_ inputShape: Shape) {
///             factor = addWeight("factor", shape: [inputShape.last], initializer: Ones())
///         }
///         override func call(_ input: Tensor, training: Bool) -> Tensor { input * factor.value }
///     }
///
/// Layers of several inputs or outputs override the forms that take and give lists. Layers that are stored properties, alone, in
/// arrays, dictionaries or optionals, are part of the layer, with their weights. The shapes of the outputs are found by running
/// `call` on tensors without elements.
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
    /// The shapes that `build` saw, one for each input, batch axis included.
    public package(set) var buildShapes: [Shape] = []
    /// The shapes of what its first call was given by name.
    package var buildArgumentShapes = CallArguments<Shape>()
    /// The shapes of the outputs when they were first known; for summaries.
    package var outputShapes: [Shape] = []
    /// What `addWeight` made, in order.
    var ownWeights: [Variable] = []
    /// Those of them that have a regularizer.
    var ownRegularized: [(variable: Variable, regularizer: Regularizer)] = []
    /// A penalty of what the layer gives out, which each call adds to the loss.
    public var activityRegularizer: Regularizer?
    /// The calls on symbolic tensors, in order: nodes of the graphs that models are made of, which keep them.
    var calls: [WeakCallNode] = []
    /// What the last call from outside of any model has added to the loss.
    var addedLosses: [AddedLoss] = []
    private var hasWarnedOfMask = false

    /// - Parameter name: unique in its model; made from the class name by default, as Keras does.
    public init(name: String? = nil) {
        self.name = name ?? Naming.unique(String(describing: Self.self))
        trainable = true
    }

    /// Keras' name of the class, for configurations and files.
    open var className: String { String(describing: type(of: self)) }

    // MARK: What a layer is

    /// Makes the weights for an input of `inputShape`, whose batch axis may be unknown.
    open func build(_ inputShape: Shape) {}

    /// Makes the weights for several inputs; a layer of one input overrides the other `build`.
    open func build(_ inputShapes: [Shape]) { if let shape = inputShapes.first { build(shape) } }

    /// The output for one input.
    open func call(_ input: Tensor, training: Bool) -> Tensor {
        Failure.report("layer \(name) (\(className)) does not override call(_:training:)")
    }

    /// The outputs for several inputs; a layer of one input overrides the other `call`.
    open func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        check(inputs.count == 1, "layer \(name) (\(className)) takes one input; \(inputs.count) were given")
        return [call(inputs[0], training: training)]
    }

    /// The outputs for several inputs and what the call is given by name, for a layer that has `callParameters`.
    open func call(_ inputs: [Tensor], _ arguments: CallArguments<Tensor>, training: Bool) -> [Tensor] { call(inputs, training: training) }

    /// What calls may be given by name beside `training` and `mask`, in Keras' order; nothing by default.
    open var callParameters: [CallParameter] { [] }

    /// The names of the inputs, where Keras' call takes each by itself and not as a list: `query`, `value`, `key`.
    package var inputParameters: [String]? { nil }

    /// What inputs must look like; anything by default.
    open var inputSpec: InputSpec? { nil }

    /// Stops where inputs do not fit; otherwise gives them with the unknown lengths that follow from the other inputs.
    @discardableResult
    func fitting(_ inputs: [Spec]) -> [Spec] {
        inputSpec?.require(inputs, by: self)
        return inputs
    }

    /// The shape of the output, for a layer that declares it; the calls' own shapes are compared with it. By default they alone say
    /// what comes out.
    open func computeOutputShape(_ inputShape: Shape) -> Shape? { nil }

    /// Whether the layer knows what to do with masked inputs. The masks of others end here, with a warning.
    open var supportsMasking: Bool { false }

    /// The masks of the outputs where `call` has given them none; by default that of the input.
    ///
    /// - Parameter masks: those of `inputs`; `nil` where all steps count.
    open func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] { masks }

    /// The arguments that make this layer again, by their Keras names, without `name`, `trainable` and `dtype`.
    open var config: [ConfigValue.Entry] { [] }

    /// What Keras writes of the layer into a model's configuration.
    package var serializedEntries: [ConfigValue.Entry] { layerEntries }

    /// Whether files say what the layer was built for. Keras writes it unless its layer is built when it is made.
    open var savesBuildShape: Bool { true }

    /// What files say of what the layer was built for, where that is not its `input_shape`.
    package var buildConfig: ConfigValue? { nil }

    /// Whether Keras' layer can be called with a mask: files then say of each of its calls in a graph that it was given none.
    package var takesMask: Bool { false }

    /// The layers inside this one: by default those among its stored properties, in their order.
    open var sublayers: [Layer] { LayerContents(self).layers }

    // MARK: Calling

    /// Computes the output, after building the layer if this is its first call.
    ///
    /// - Parameter training: `nil` for what the call holds in which this one takes place; outside of any, `false`.
    public func callAsFunction(_ input: Tensor, training: Bool? = nil) -> Tensor { single(callAll([input], training: training)) }

    /// As above, for several inputs and one output.
    public func callAsFunction(_ inputs: [Tensor], training: Bool? = nil) -> Tensor { single(callAll(inputs, training: training)) }

    /// As above, for several outputs.
    @_disfavoredOverload
    public func callAsFunction(_ inputs: [Tensor], training: Bool? = nil) -> [Tensor] { callAll(inputs, training: training) }

    @_disfavoredOverload
    public func callAsFunction(_ input: Tensor, training: Bool? = nil) -> [Tensor] { callAll([input], training: training) }

    private func single(_ outputs: [Tensor]) -> Tensor {
        check(outputs.count == 1, "layer \(name) (\(className)) has \(outputs.count) outputs; take them as [Tensor]")
        return outputs[0]
    }

    final func callAll(_ inputs: [Tensor], _ arguments: CallArguments<Tensor> = CallArguments(), training: Bool?) -> [Tensor] {
        let inputs = arguments.masking(inputs), arguments = arguments.without("mask")
        let isOutermost = CallContext.current == nil
        return CallContext.with(training: training) { context in
            let outputs = NameScope.with(name) {
                fitting(inputs.map(\.spec))
                buildIfNeeded(inputs.map { context.remembered($0.shape) }, arguments.map { context.remembered($0.shape) })
                let outputs = withMasks(call(inputs, arguments, training: context.training), inputs)
                if let activityRegularizer { for output in outputs { penalize(output, by: activityRegularizer) } }
                if outputShapes.isEmpty { outputShapes = outputs.map { context.remembered($0.shape) } }
                return outputs
            }
            if isOutermost, Graph.current == nil { addedLosses = context.losses }
            return outputs
        }
    }

    /// Gives outputs the masks that `computeMask` says.
    private func withMasks(_ outputs: [Tensor], _ inputs: [Tensor]) -> [Tensor] {
        let masks = inputs.map(\.mask)
        guard supportsMasking else {
            if !hasWarnedOfMask, masks.contains(where: { $0 != nil }), outputs.contains(where: { $0.mask == nil }) {
                hasWarnedOfMask = true
                Console.warn(
                    "layer \(name) (\(className)) was passed an input with a mask, which it does not support: layers behind it do not see the mask"
                )
            }
            return outputs
        }
        guard masks.contains(where: { $0 != nil }), outputs.contains(where: { $0.mask == nil }) else { return outputs }
        let computed = computeMask(inputs, masks)
        return outputs.enumerated().map { index, output in
            guard output.mask == nil, index < computed.count, let mask = computed[index] else { return output }
            return output.masked(by: mask)
        }
    }

    /// Makes the weights for `inputShapes` unless they are made.
    package func buildIfNeeded(_ inputShapes: [Shape], _ argumentShapes: CallArguments<Shape> = CallArguments()) {
        guard !built else { return }
        (buildShapes, buildArgumentShapes) = (inputShapes, argumentShapes)
        CallContext.alone(training: false) { _ in Graph.untraced { build(inputShapes) } }
        built = true
    }

    /// Makes the weights for an input of this shape, batch axis included (`Shape.unknown` where it does not matter), before the first
    /// call; also for layers inside of another's `build`.
    public func build(inputShape: Shape) { _ = outputSpecs(for: [Spec(shape: inputShape)]) }

    /// The symbolic tensor that the layer was called on; stops where it was called on none, on several, or more than once.
    public var input: KerasTensor { onlyTensor(\.inputs, "input") }
    /// The symbolic tensor that its call gave; stops as `input` does.
    public var output: KerasTensor { onlyTensor(\.tensors, "output") }

    /// Adds a term to the loss; for `call`.
    ///
    /// - Parameter reduction: what `loss`, a scalar, is to the samples of the call.
    public func addLoss(_ loss: Tensor, reduction: AddedLoss.Reduction) {
        check(loss.shape == [], "layer \(name): addLoss takes a scalar, got a tensor of shape \(loss.shape); sum it, or take its mean")
        guard let context = CallContext.current else { Failure.report("layer \(name): addLoss is for call(_:training:); call it there") }
        context.add(AddedLoss(loss, reduction: reduction))
    }

    /// Adds a penalty of an output to the loss, divided by the length of axis 0: as in Keras it weighs the same whatever the size of the
    /// batch. That of a batch is the mean over its parts, so for a sum over samples, as `L1` and `L2` are, it is exact.
    func penalize(_ output: Tensor, by regularizer: Regularizer) {
        let rows = output.shape.rank == 0 ? 1 : output.shape[0]
        // A part of a batch may have no rows.
        addLoss(rows == 0 ? Tensor(0) : regularizer(output) / Float(rows), reduction: .mean)
    }

    /// The key of the random numbers of the call at hand: two calls of a layer in one call of the model draw others.
    package func randomPurpose(_ base: String) -> String {
        let number = CallContext.current?.number(ofCallBy: self) ?? 0
        return number == 0 ? base : "\(base)/call \(number)"
    }
}
