import Lockstep

/// Digits with a layer and a model of one's own.
func trainSimpleDense() throws {
    let (images, labels) = Digits.make(count: 1000, seed: 1)
    let model = DigitsModel()
    try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    try model.fit(images.cast(to: .float32) / 255, labels, batchSize: 64, epochs: 3, verbose: 0, seed: 1)
    report("digits", try model.evaluate(images.cast(to: .float32) / 255, labels, verbose: 0))
    model.summary()
}

/// `activation(input · w + b)`.
final class SimpleDense: Layer {
    private let units: Int, activation: ActivationFunction
    private var w: Variable!, b: Variable!

    init(_ units: Int, activation: ActivationFunction = "linear", name: String? = nil) {
        (self.units, self.activation) = (units, activation)
        super.init(name: name)
    }

    override func build(_ inputShape: Shape) {
        w = addWeight("w", shape: [inputShape.last, units], initializer: "random_normal")
        b = addWeight("b", shape: [units], initializer: "zeros")
    }

    override func call(_ input: Tensor, training: Bool) -> Tensor { activation(input.matmul(w.value) + b.value) }
}

/// A stack of them; how many is decided when the model is made.
final class DigitsModel: Model {
    private let flatten = Flatten(), hidden: [SimpleDense], dropout = Dropout(0.2)
    private let classes = SimpleDense(10, activation: "softmax")

    init(widths: [Int] = [64, 32], name: String? = nil) {
        hidden = widths.map { SimpleDense($0, activation: "relu") }
        super.init(name: name)
    }

    override func call(_ input: Tensor, training: Bool) -> Tensor {
        var x: Tensor = flatten(input)
        for layer in hidden { x = layer(x) }
        if training { x = dropout(x) }
        return classes(x)
    }
}
