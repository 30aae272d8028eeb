import LockstepTensor

/// What a tensor of a model will look like: a shape, whose lengths may be unknown, and a type, and which layer computes it from what.
///
/// Layers, models and operators that are called on such tensors compute nothing and note down the call; `Model(inputs:outputs:)` makes
/// a model of all the calls between two tensors.
///
///     let x = Input([3])
///     let hidden = Dense(4, activation: "relu")(x)
///     let model = Model(inputs: x, outputs: Dense(1)(concatenate([x, hidden])))
///
/// `keras.KerasTensor`.
public class KerasTensor {
    /// Batch axis included; `Shape.unknown` where a length is not known.
    public let shape: Shape
    public let dtype: DType
    public let name: String
    /// The call that computes it.
    package let node: CallNode
    /// Which output of the call it is.
    package let index: Int

    init(_ node: CallNode, _ index: Int, name: String? = nil) {
        (self.node, self.index) = (node, index)
        (shape, dtype) = (node.outputs[index].shape, node.outputs[index].dtype)
        self.name = name ?? "\(node.layer.name)/output\(index == 0 ? "" : "_\(index)")"
    }

    package var spec: Spec { node.outputs[index] }
    /// Whether both are the same output of the same call.
    package func isSame(as other: KerasTensor) -> Bool { node === other.node && index == other.index }
}

/// One input of a model: what a sample of it looks like. `keras.Input`.
public final class Input: KerasTensor, SequentialElement {
    /// - Parameters:
    ///   - shape: of one sample; `nil` for a length that is not known: `Input([nil, 8])`.
    ///   - dtype: int32 for numbers that stand for things; arrays are cast to it.
    public init(_ shape: Shape, dtype: DType = .float32, name: String? = nil) {
        let layer = InputLayer(shape, dtype: dtype, name: name)
        super.init(CallNode(layer, [], outputs: [Spec(shape: shape.batched(), dtype: dtype)]), 0, name: layer.name)
    }

    /// The input that a layer stands for.
    init(_ layer: InputLayer) {
        super.init(
            CallNode(layer, [], outputs: [Spec(shape: layer.shape.batched(layer.batchSize), dtype: layer.dtype)]), 0, name: layer.name)
    }

    package var layer: InputLayer { node.layer as! InputLayer }
}

/// A call of a layer on symbolic tensors: a node of the graph that models are made of. It lives as long as a tensor or a model needs
/// it.
package final class CallNode {
    package let layer: Layer
    package let inputs: [KerasTensor]
    /// What it is given by name.
    package let arguments: CallArguments<KerasTensor>
    package let outputs: [Spec]
    /// All tensors that it needs: its inputs, then those that it is given by name.
    package let sources: [KerasTensor]
    /// What the call said about training; `nil` for what the model's call says.
    package let training: Bool?
    /// Its number among all calls of its layer, those included that no model keeps.
    let number: Int

    init(
        _ layer: Layer, _ inputs: [KerasTensor], _ arguments: CallArguments<KerasTensor> = CallArguments(), outputs: [Spec],
        training: Bool? = nil
    ) {
        (self.layer, self.inputs, self.arguments, self.outputs, self.training) = (layer, inputs, arguments, outputs, training)
        sources = inputs + arguments.tensors
        number = layer.calls.count
        layer.calls.append(WeakCallNode(node: self))
    }

    package var tensors: [KerasTensor] { outputs.indices.map { KerasTensor(self, $0) } }
}

struct WeakCallNode { weak var node: CallNode? }

extension Layer {
    /// The calls on symbolic tensors that models or tensors still keep, in order.
    package var inboundNodes: [CallNode] { calls.compactMap(\.node) }

    /// Notes down a call: builds the layer and says what its output looks like.
    public func callAsFunction(_ input: KerasTensor, training: Bool? = nil) -> KerasTensor { single(noted([input], training: training)) }

    /// As above, for several inputs and one output.
    public func callAsFunction(_ inputs: [KerasTensor], training: Bool? = nil) -> KerasTensor { single(noted(inputs, training: training)) }

    /// As above, for several outputs.
    @_disfavoredOverload
    public func callAsFunction(_ inputs: [KerasTensor], training: Bool? = nil) -> [KerasTensor] { noted(inputs, training: training) }

    @_disfavoredOverload
    public func callAsFunction(_ input: KerasTensor, training: Bool? = nil) -> [KerasTensor] { noted([input], training: training) }

    final func noted(
        _ inputs: [KerasTensor], _ arguments: CallArguments<KerasTensor> = CallArguments(), training: Bool?
    ) -> [KerasTensor] {
        let outputs = outputSpecs(for: inputs.map(\.spec), arguments.map(\.spec), training: training ?? false)
        return CallNode(self, inputs, arguments, outputs: outputs, training: training).tensors
    }

    private func single(_ outputs: [KerasTensor]) -> KerasTensor {
        check(outputs.count == 1, "layer \(name) (\(className)) has \(outputs.count) outputs; take them as [KerasTensor]")
        return outputs[0]
    }

    /// The one tensor that the layer was called on, or gave.
    func onlyTensor(_ tensors: (CallNode) -> [KerasTensor], _ what: String) -> KerasTensor {
        let nodes = inboundNodes
        check(!nodes.isEmpty, "layer \(name): it has no \(what) yet; call it on a symbolic tensor first")
        check(
            nodes.count == 1,
            "layer \(name): it was called \(nodes.count) times, so it has no one \(what); keep the tensor of the call that you mean")
        let found = tensors(nodes[0])
        check(found.count == 1, "layer \(name): it has \(found.count) \(what)s; keep the tensors of its call")
        return found[0]
    }
}
