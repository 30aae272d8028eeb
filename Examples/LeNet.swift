import Lockstep

/// Convolutions on images of digits (LeCun et al. 1998, in the form of Keras' guide): the digits are drawn on the spot.
func trainLeNet() throws {
    let model = Sequential(
        [
            Input([28, 28, 1]), Conv2D(16, kernelSize: 3, activation: "relu"), MaxPooling2D(2),
            Conv2D(32, kernelSize: 3, activation: "relu"),
            MaxPooling2D(2), Flatten(), Dropout(0.2), Dense(10, activation: "softmax"),
        ], name: "lenet")
    model.summary()
    let (images, labels) = drawnDigits(count: 1200)
    try model.compile(optimizer: Adam(learningRate: 0.005), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    try model.fit(images, labels, batchSize: 64, epochs: 2, verbose: 0, seed: 7)
    report("lenet", try model.evaluate(images, labels, verbose: 0))
}
