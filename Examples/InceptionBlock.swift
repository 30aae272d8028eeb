import Lockstep

/// An inception block (Szegedy et al. 2015): four branches of different reach look at the same image, and what they find lies side by
/// side in the channels of the output.
func trainInceptionBlock() throws {
    func conv(_ filters: Int, _ size: Int, strides: Int = 1) -> Conv2D {
        Conv2D(filters, kernelSize: size, strides: strides, padding: .same, activation: "relu")
    }
    let image = Input([12, 12, 3], name: "image")
    // Each branch halves the image, so that all can be joined.
    let a: KerasTensor = conv(8, 1, strides: 2)(image)
    let b: KerasTensor = conv(8, 3, strides: 2)(conv(8, 1)(image))
    let c: KerasTensor = conv(8, 3)(AveragePooling2D(3, strides: 2, padding: .same)(image))
    let d: KerasTensor = conv(8, 3, strides: 2)(conv(8, 3)(conv(8, 1)(image)))
    let block = concatenate([a, b, c, d], axis: -1)
    let model = Model(inputs: image, outputs: Dense(3, activation: "softmax")(Flatten()(block)), name: "inception")
    model.summary()
    try trainOnColours(model, shape: [12, 12, 3])
}
