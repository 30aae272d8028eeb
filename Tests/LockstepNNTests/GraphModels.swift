import LockstepNN
import LockstepTensor

/// Two outputs: the first two columns, and the others.
final class Split: Layer {
    override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        [inputs[0][all, 0 ..< 2], inputs[0][all, 2...]]
    }
}

final class Block: Model {
    private let first: Dense
    private let inner: Sequential
    private let last: Dense

    init(_ units: Int) {
        first = Dense(units, activation: "relu")
        inner = Sequential([Dense(3), Dropout(0.5)])
        last = Dense(2)
        super.init()
    }

    override func call(_ input: Tensor, training: Bool) -> Tensor { last(inner(first(input))) }
}

/// The graphs whose summaries and plots Golden/golden.py writes down, under the same names; made anew each time.
enum TestGraph: String, CaseIterable {
    case chain, twoInputs = "two_inputs", byName = "by_name", operators, shared, sharedChain = "shared_chain", calledBefore =
        "called_before", nested, structures, outputs
    case frozen, unused, part, unbuiltBlock = "unbuilt_block", block, blockInside = "block_inside", graphInStack = "graph_in_stack"
    case longNames = "long_names", compiledGraph = "compiled_graph", ticket, ticketGrown = "ticket_grown"

    func make() throws -> Model {
        clearSession()
        switch self {
        case .chain:
            let x = Input([3])
            return Model(inputs: x, outputs: Dense(2)(Dropout(0.5)(Dense(4, activation: "relu")(x))))
        case .twoInputs:
            let left = Input([3], name: "left"), right = Input([5], name: "right")
            return Model(inputs: [left, right], outputs: Dense(1, activation: "sigmoid", name: "answer")(Dense(4)(left) + Dense(4)(right)))
        case .byName:
            let inputs = ["b": Input([3], dtype: .int32, name: "b"), "a": Input([4], name: "a")]
            return Model(
                inputs: inputs, outputs: ["sum": Dense(3, name: "sum")(inputs["a"]!) * 2, "plain": Dense(2, name: "plain")(inputs["b"]!)],
                name: "by_name")
        case .operators:
            let x = Input([3]), y = Input([3])
            return Model(inputs: [x, y], outputs: -(2 * x - y / (x + 1)))
        case .shared:
            let left = Input([4], name: "left"), right = Input([4], name: "right")
            let encode = Dense(8, activation: "tanh", name: "encode")
            return Model(inputs: [left, right], outputs: Dense(1)(encode(left) * encode(right)), name: "siamese")
        case .sharedChain:
            let x = Input([4]), dense = Dense(4)
            return Model(inputs: x, outputs: dense(dense(x)))
        case .calledBefore:
            let x = Input([3], name: "x"), dense = Dense(4, name: "dense")
            _ = dense(Input([3])) as KerasTensor
            let y: KerasTensor = dense(x)
            return Model(inputs: x, outputs: y * y, name: "called_before")
        case .nested:
            let i = Input([4]), j = Input([6]), x = Input([6], name: "x"), y = Input([4], name: "y")
            let inner = Model(inputs: i, outputs: Dense(4, name: "inside")(i), name: "inner")
            let middle = Model(inputs: j, outputs: Sequential([Dense(3), Dense(2)], name: "stack")(inner(Dense(4)(j))), name: "middle")
            return Model(inputs: [x, y], outputs: [middle(x) + Dense(2)(inner(y)), middle(Dense(6)(y))], name: "outer")
        case .structures:
            let i = Input([4]), p = Input([3], name: "p"), q = Input([2], name: "q"), x = Input([4], name: "x")
            let single = Model(inputs: [i], outputs: [Dense(3)(i)], name: "single")
            let double = Model(inputs: ["p": p, "q": q], outputs: ["u": q + 1, "v": Dense(2)(p)], name: "double")
            let stack = Sequential([Input([3]), Dense(2)], name: "stack")
            let y: KerasTensor = single(x)
            let outputs: [KerasTensor] = double([y, stack(y)])
            return Model(inputs: x, outputs: outputs, name: "structures")
        case .outputs:
            let x = Input([5], name: "x"), parts: [KerasTensor] = Split()([x])
            return Model(inputs: x, outputs: [Dense(3)(parts[0]), parts[1], x * x], name: "outputs")
        case .frozen:
            let i = Input([4]), x = Input([4])
            let base = Model(inputs: i, outputs: BatchNormalization()(Dense(8)(i)), name: "base")
            base.trainable = false
            let hidden = Dense(8)
            hidden.trainable = false
            return Model(inputs: x, outputs: Dense(2)(hidden(base(x)) + Dense(8)(x)))
        case .unused:
            let x = Input([3], name: "x"), y = Input([2], name: "y")
            return Model(inputs: [x, y], outputs: Dense(2)(x))
        case .part:
            let x = Input([3])
            let hidden = Dense(4, activation: "relu")(x)
            let whole = Model(inputs: x, outputs: Dense(1)(hidden + Dense(4)(x)))
            let middle = whole.layers[1].output
            return Model(inputs: middle, outputs: Dense(2)(Dense(5)(middle)), name: "part")
        case .unbuiltBlock: return Block(4)
        case .block:
            let model = Block(4)
            _ = model(.zeros([5, 3]))
            return model
        case .blockInside:
            let x = Input([3])
            return Model(inputs: x, outputs: Block(4)(x) + Dense(2)(x), name: "with_block")
        case .graphInStack:
            let i = Input([4], name: "i")
            return Sequential(
                [Input([4]), Model(inputs: i, outputs: Dense(4)(i) + i, name: "residual"), Dense(2, activation: "softmax")], name: "stack")
        case .longNames:
            let x = Input([3], name: "an_input_whose_name_does_not_fit_anywhere")
            let y = Dense(1000, name: "a_dense_layer_with_quite_a_long_name_indeed")(x)
            return Model(
                inputs: x, outputs: [y, Dense(1234, name: "another_layer_with_a_name")(y) + Dense(1234)(x)], name: "a_model_with_a_name")
        case .compiledGraph:
            let model = try TestGraph.twoInputs.make()
            model.layers[2].trainable = false
            try model.compile(optimizer: "adam", loss: "mse")
            model.compilation!.optimizer.build(model.trainableWeights)
            return model
        case .ticket, .ticketGrown:
            let inputs = [Input([100], name: "title"), Input([100], name: "text_body"), Input([12], name: "tags")]
            let features = Dense(64, activation: "relu")(Concatenate()(inputs))
            let outputs = [
                Dense(1, activation: "sigmoid", name: "priority")(features), Dense(4, activation: "softmax", name: "department")(features),
            ]
            let model = Model(inputs: inputs, outputs: outputs)
            if self == .ticket { return model }
            let difficulty = Dense(3, activation: "softmax", name: "difficulty")(model.layers[4].output)
            return Model(inputs: inputs, outputs: outputs + [difficulty])
        }
    }
}
