import Lockstep

/// A residual block (He et al. 2016): convolutions learn what is to be added to their input. Where the shape changes, the way around
/// them is a convolution of size 1.
func trainResidualBlock() throws {
    let image = Input([12, 12, 3], name: "image")
    var x: KerasTensor = Conv2D(8, kernelSize: 3, padding: .same, activation: "relu")(image)
    x = residualBlock(x, filters: 8)
    x = residualBlock(x, filters: 16, strides: 2)
    let model = Model(inputs: image, outputs: Dense(3, activation: "softmax")(GlobalAveragePooling2D()(x)), name: "residual")
    model.summary()
    try trainOnColours(model, shape: [12, 12, 3])
}

/// Two convolutions, beside them the way around.
func residualBlock(_ x: KerasTensor, filters: Int, strides: Int = 1) -> KerasTensor {
    var y: KerasTensor = Conv2D(filters, kernelSize: 3, strides: strides, padding: .same, activation: "relu")(x)
    y = Conv2D(filters, kernelSize: 3, padding: .same)(y)
    let around = strides == 1 ? x : Conv2D(filters, kernelSize: 1, strides: strides, padding: .same)(x)
    return relu(add([y, around]))
}
