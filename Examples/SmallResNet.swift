import Lockstep

/// A small ResNet (He et al. 2016): a convolution, two blocks that two ways lead through, of which the second halves the image, a mean over
/// it, and a choice. The statistics of its normalizations are those of the whole batch, on any number of ranks.
func trainSmallResNet() throws {
    func conv(_ filters: Int, _ size: Int, strides: Int, _ x: KerasTensor) -> KerasTensor {
        let y: KerasTensor = Conv2D(filters, kernelSize: size, strides: strides, padding: .same, useBias: false)(x)
        return BatchNormalization(momentum: 0.8, synchronized: true)(y)
    }
    func block(_ x: KerasTensor, _ filters: Int, strides: Int) -> KerasTensor {
        let y = conv(filters, 3, strides: 1, relu(conv(filters, 3, strides: strides, x)))
        return relu(add([y, strides == 1 ? x : conv(filters, 1, strides: strides, x)]))
    }
    let image = Input([28, 28, 1], name: "image")
    var x = relu(conv(8, 3, strides: 2, image))
    x = block(x, 8, strides: 1)
    x = block(x, 16, strides: 2)
    let model = Model(inputs: image, outputs: Dense(10, activation: "softmax")(GlobalAveragePooling2D()(x)), name: "resnet")
    model.summary()
    let (images, labels) = drawnDigits(count: 640)
    try model.compile(optimizer: Adam(learningRate: 0.01), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    try model.fit(images, labels, batchSize: 32, epochs: 4, verbose: 0, seed: 7)
    report("resnet", try model.evaluate(images, labels, verbose: 0))
}
