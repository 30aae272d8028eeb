import LockstepNN
import LockstepTensor

/// The models of golden_graphs.py.
enum GraphModels {
    static func several() -> Model {
        let a = Input([3], name: "a"), b = Input([2], name: "b")
        let joined = Concatenate()([Dense(4, activation: "relu")(a), Dense(3, useBias: false)(b)])
        return Model(
            inputs: [a, b], outputs: [Dense(1, name: "score")(joined), Dense(3, activation: "softmax", name: "kind")(joined)])
    }

    static func byName() -> Model {
        let q = Input([2], name: "q"), p = Input([3], name: "p")
        let first: KerasTensor = Dense(2, name: "late")(concatenate([q, p]))
        let second: KerasTensor = Dense(1, activation: "sigmoid", name: "early")(q)
        return Model(inputs: ["q": q, "p": p], outputs: ["second": second, "first": first], name: "by_name")
    }

    static func shared() -> Model {
        let x = Input([3]), y = Input([3])
        let both = Dense(3, activation: "tanh", name: "both")
        let once: KerasTensor = both(x)
        return Model(inputs: [x, y], outputs: add([once, both(y), both(once)]))
    }

    static func operators() -> Model {
        let x = Input([3], name: "x")
        let h: KerasTensor = Dense(3)(x)
        let y = 2 * h - x / 0.5 + (h * x - 1) * -h
        return Model(inputs: x, outputs: Dense(2)(ReLU()(y) as KerasTensor) as KerasTensor)
    }

    private static func inner(_ name: String? = nil, units: Int = 2) -> Model {
        let x = Input([3])
        let y: KerasTensor = Dense(units)(BatchNormalization()(Dense(4, activation: "relu")(x)))
        return Model(inputs: x, outputs: y, name: name)
    }

    static func nested() -> Model {
        let x = Input([3], name: "x"), y = Input([3], name: "y")
        let model = inner(units: 3)
        let first: KerasTensor = model(subtract([model(x), y]))
        return Model(inputs: [x, y], outputs: [first, model(y)])
    }

    static func nestedTwice() -> Model {
        let a = Input([3]), b = Input([2])
        let two = Model(inputs: [a, b], outputs: [Dense(2)(concatenate([a, b])), Dense(3)(b)] as [KerasTensor], name: "two")
        let c = Input([3], name: "c"), d = Input([2], name: "d")
        let outputs: [KerasTensor] = two([c, d])
        let stack: KerasTensor = Sequential([Input([3]), Dense(2, activation: "tanh"), Dense(2)])(outputs[1])
        let middle = Model(inputs: [c, d], outputs: multiply([outputs[0], stack]), name: "middle")
        let e = Input([3], name: "e"), f = Input([2], name: "f")
        return Model(inputs: [e, f], outputs: Dense(1)(middle([e, f]) as KerasTensor) as KerasTensor, name: "outer")
    }

    static func stackOfModels() -> Model {
        Sequential([
            Input([3]), Dense(3), inner("graph", units: 4), Sequential([Dense(4, activation: "relu"), Dropout(0.25)]), Dense(2),
        ])
    }

    static func frozen() -> Model {
        let x = Input([3])
        let whole = inner("whole", units: 3), part = inner("part", units: 3)
        whole.trainable = false
        part.layers[1].trainable = false
        let last = Dense(2)
        last.trainable = false
        return Model(inputs: x, outputs: last(Activation("tanh")(part(whole(x)) as KerasTensor) as KerasTensor) as KerasTensor)
    }

    static func frozenModel() -> Model {
        let model = several()
        model.trainable = false
        return model
    }

    static func grown() -> Model {
        let x = Input([3], name: "x")
        let h: KerasTensor = Dense(4, activation: "relu", name: "h")(x)
        let first = Model(inputs: x, outputs: Dense(2, name: "first")(h) as KerasTensor)
        let rest = Model(inputs: h, outputs: Dense(3, name: "rest")(h) as KerasTensor, name: "rest_of_it")
        return Model(
            inputs: first.input, outputs: [first.output, Dense(1, name: "second")(first.layer(named: "h")!.output), rest(h)], name: "grown")
    }

    static func flags() -> Model {
        let x = Input([3], name: "x"), unused = Input([1], name: "unused")
        let y: KerasTensor = Dropout(0.5)(Dense(3)(x) as KerasTensor, training: false)
        return Model(inputs: [x, unused], outputs: [BatchNormalization()(y, training: false), x], name: "flags")
    }

    static func compiled() throws -> Model {
        let model = several()
        try model.compile(
            optimizer: Adam(learningRate: 0.05), loss: ["kind": "sparse_categorical_crossentropy", "score": MeanSquaredError()],
            lossWeights: ["score": 0.5, "kind": 2],
            metrics: ["kind": ["accuracy", SparseCategoricalAccuracy(name: "sca")], "score": "mae"])
        return model
    }

    static func compiledLists() throws -> Model {
        let model = several()
        try model.compile(
            optimizer: SGD(learningRate: 0.05, momentum: 0.5), loss: ["mse", nil], metrics: [["mae"], ["accuracy"]],
            weightedMetrics: [["mse"], []])
        return model
    }

    /// A layer of layers: a property, an array with an array in it, a dictionary.
    private final class Block: Layer {
        let late = Dense(2)
        let all: [Any] = [Dense(3), Dense(3), [Dense(3)]]
        let byKey = ["a": Dense(3), "b": BatchNormalization()] as [String: Layer]
        private var own: Variable!

        override func build(_ inputShape: Shape) { own = addWeight("own", shape: [inputShape.last], initializer: Zeros()) }
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            let list = [all[0] as! Layer, all[1] as! Layer] + (all[2] as! [Dense]) + [byKey["a"]!, byKey["b"]!, late]
            return list.reduce(input + own.value) { $1($0) }
        }
    }

    /// A model with a call of its own, whose properties stand before and behind `layers`.
    private final class Classes: Model {
        let zeta = Dense(3)
        let blocks = [Block(), Dense(3)]
        let aFirst = Dense(4)
        let named = ["x": Dense(3), "y": Dense(3)]
        let seq = Sequential([Dense(3), Dense(2)])
        let graphLike = inner()
        let listsOfLists = [[Dense(3)], [Dense(3), Dense(3)]]

        override func call(_ input: Tensor, training: Bool) -> Tensor {
            let list = [zeta, aFirst] + blocks + [named["x"]!, named["y"]!] + listsOfLists.flatMap { $0 } as [Layer]
            let x = list.reduce(input) { $1($0) }
            return (seq(x) as Tensor) + (graphLike(x) as Tensor)
        }
    }

    static func subclassed() -> Model {
        let model = Classes()
        let _: Tensor = model(Tensor.zeros([1, 3]))
        return model
    }

    static var all: [(name: String, make: () throws -> Model)] {
        [
            ("several", several), ("by_name", byName), ("shared", shared), ("operators", operators), ("nested", nested),
            ("nested_twice", nestedTwice), ("stack_of_models", stackOfModels), ("frozen", frozen), ("frozen_model", frozenModel),
            ("grown", grown), ("flags", flags), ("compiled", compiled), ("compiled_lists", compiledLists), ("subclassed", subclassed),
        ]
    }
}
