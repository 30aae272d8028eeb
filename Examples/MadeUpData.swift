import Lockstep

// What several examples train on.

/// Which colour is the strongest in an image that is noise.
func trainOnColours(_ model: Model, shape: Shape) throws {
    let images = Tensor.randomNormal(shape.batched(384), seed: 1)
    let strongest = images.sum(axes: [1, 2]).argmax(axis: -1)
    try model.compile(optimizer: Adam(learningRate: 0.01), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    try model.fit(images, strongest, batchSize: 32, epochs: 6, verbose: 0, seed: 7)
    report(model.name, try model.evaluate(images, strongest, verbose: 0))
}

/// Digits that are drawn on the spot, as float images of one channel, and what they are.
func drawnDigits(count: Int) -> (images: Tensor, labels: Tensor) {
    let (images, labels) = Digits.make(count: count, seed: 1)
    return (images.reshaped([count, 28, 28, 1]).cast(to: .float32) / 255, labels)
}

/// Whole numbers that are the same in every run.
struct Dice {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func roll(_ range: ClosedRange<Int>) -> Int {
        // Knuth's linear congruential generator; its high bits are the good ones.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return range.lowerBound + Int(state >> 33) % range.count
    }
}
