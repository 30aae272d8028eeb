import Lockstep

/// Models as layers of models: a graph inside of a class, and a class inside of a graph.
func nestModels() throws {
    let x = Tensor.randomNormal([256, 3], seed: 1)
    let y = (x[0..., 0 ..< 1] .> 0).cast(to: .float32)

    // A graph of layers, used by a class.
    let input = Input([3])
    let classifier = Model(inputs: input, outputs: Dense(1, activation: "sigmoid")(Dense(8, activation: "relu")(input)), name: "classifier")
    let model = Scaled(classifier)
    // A class, used in a graph.
    let features = Input([3])
    let graph = Model(inputs: features, outputs: Classifier()(Dense(4, activation: "relu")(features)), name: "graph")

    for model in [model, graph] as [Model] {
        try model.compile(optimizer: "adam", loss: "binary_crossentropy", metrics: ["accuracy"])
        try model.fit(x, y, epochs: 3, verbose: 0, seed: 2)
        report(model.name, try model.evaluate(x, y, verbose: 0))
    }
    graph.summary()
}

/// Another model on inputs that it scales.
final class Scaled: Model {
    private let inner: Model
    init(_ inner: Model) {
        self.inner = inner
        super.init(name: "scaled")
    }
    override func call(_ input: Tensor, training: Bool) -> Tensor { inner(input * 2) }
}

/// Two classes, or more.
final class Classifier: Model {
    private let dense: Dense
    init(classes: Int = 2) {
        dense = classes == 2 ? Dense(1, activation: "sigmoid") : Dense(classes, activation: "softmax")
        super.init(name: nil)
    }
    override func call(_ input: Tensor, training: Bool) -> Tensor { dense(input) }
}
