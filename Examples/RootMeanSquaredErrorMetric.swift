import Lockstep

/// A metric of one's own, exact on any number of ranks: its states are sums, which ranks add up.
func measureRootMeanSquaredError() throws {
    let (images, labels) = Digits.make(count: 600, seed: 2), x = images.cast(to: .float32) / 255
    let model = Sequential([Input([28, 28]), Flatten(), Dense(32, activation: "relu"), Dense(10, activation: "softmax")])
    try model.compile(optimizer: "rmsprop", loss: "sparse_categorical_crossentropy", metrics: [OneHotError()])
    try model.fit(x, labels, batchSize: 60, epochs: 2, verbose: 0, seed: 1)
    report("digits", try model.evaluate(x, labels, verbose: 0))
}

/// √(Σ (one-hot label - prediction)² / samples).
final class OneHotError: Metric {
    private var squares: Variable!, samples: Variable!

    init() {
        super.init(name: "rmse")
        squares = addWeight("squares")
        samples = addWeight("samples")
    }

    override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor?) {
        let labels = oneHot(yTrue.cast(to: .int32), yPred.shape.last)
        squares.assignAdd(square(labels - yPred).sum())
        samples.assignAdd(Tensor(Float(yPred.shape[0])))
    }

    override func result() -> Tensor { sqrt(squares.value / samples.value) }
    override var direction: Direction? { .down }
}
