import Lockstep

// Small forms of the models that this project is measured with, on all ranks.

/// `models`: trains each with eight logical shards; prints its loss and its weights' checksum.
func checkModels() {
    let communicator = meetRanks()
    Distribution.logicalShards = 8
    do {
        for (name, make) in models {
            clearSession()
            let (model, x, y) = try make()
            let history = try model.fit(x, y, batchSize: 20, epochs: 2, verbose: 0, seed: 3)
            let checksum = commonChecksum(model, communicator)
            if communicator.rank == 0 { print(name, history["loss"].map { String($0) }.joined(separator: " "), checksum) }
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// With their data: more than two batches, the last one smaller than there are ranks.
private var models: [(name: String, make: () throws -> (Model, [Tensor], [Tensor]))] {
    [
        ("lenet", lenet), ("resnet", resnet), ("qa_lstm", questions), ("posts", posts), ("transformer", transformer),
    ]
}
private let count = 44

private func numbers(_ shape: Shape) -> Tensor { Tensor((0 ..< shape.count).map { fraction($0 * 7) - 0.5 }, shape: shape) }
private func words(_ shape: Shape, of vocabulary: Int) -> Tensor {
    Tensor((0 ..< shape.count).map { Int32(fraction($0 * 13) * Float(vocabulary)) }, shape: shape)
}

private func lenet() throws -> (Model, [Tensor], [Tensor]) {
    let model = Sequential(
        [
            Input([20, 20, 1]), Conv2D(32, kernelSize: 3, activation: "relu"), MaxPooling2D(),
            Conv2D(32, kernelSize: 3, activation: "relu"),
            MaxPooling2D(), Flatten(), Dense(10, activation: "softmax"),
        ], name: "lenet")
    try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy")
    return (model, [numbers([count, 20, 20, 1])], [words([count], of: 10)])
}

private func resnet() throws -> (Model, [Tensor], [Tensor]) {
    let image = Input([12, 12, 3])
    var x: KerasTensor = Conv2D(32, kernelSize: 3, padding: .same, activation: "relu")(image)
    for _ in 0 ..< 2 {
        let first: KerasTensor = Conv2D(32, kernelSize: 3, padding: .same, useBias: false)(x)
        let inner: KerasTensor = Activation("relu")(BatchNormalization(synchronized: true)(first) as KerasTensor)
        let second: KerasTensor = Conv2D(32, kernelSize: 3, padding: .same, useBias: false)(inner)
        x = Activation("relu")(x + (BatchNormalization(synchronized: true)(second) as KerasTensor))
    }
    let model = Model(
        inputs: image, outputs: Dense(5, activation: "softmax")(GlobalAveragePooling2D()(x) as KerasTensor) as KerasTensor, name: "resnet")
    try model.compile(optimizer: SGD(learningRate: 0.05, momentum: 0.9), loss: "sparse_categorical_crossentropy")
    return (model, [numbers([count, 12, 12, 3])], [words([count], of: 5)])
}

private func questions() throws -> (Model, [Tensor], [Tensor]) {
    let (text, question) = (Input([12], dtype: .int32, name: "text"), Input([7], dtype: .int32, name: "question"))
    let read: KerasTensor = LSTM(8)(Embedding(2000, 16, maskZero: true)(text) as KerasTensor)
    let asked: KerasTensor = LSTM(8)(Embedding(2000, 16)(question) as KerasTensor)
    let answer: KerasTensor = Dense(20, activation: "softmax")(concatenate([read, asked]))
    let model = Model(inputs: [text, question], outputs: answer, name: "questions")
    try model.compile(optimizer: "rmsprop", loss: "sparse_categorical_crossentropy")
    return (model, [words([count, 12], of: 2000), words([count, 7], of: 2000)], [words([count], of: 20)])
}

private func posts() throws -> (Model, [Tensor], [Tensor]) {
    let post = Input([40], dtype: .int32)
    var x: KerasTensor = Embedding(5000, 16)(post)
    x = MaxPooling1D(3)(Conv1D(32, kernelSize: 5, activation: "relu")(x) as KerasTensor)
    x = GlobalMaxPooling1D()(Conv1D(16, kernelSize: 5, activation: "relu")(x) as KerasTensor)
    let outputs: [KerasTensor] = [
        Dense(1, name: "age")(x), Dense(10, activation: "softmax", name: "income")(x), Dense(1, activation: "sigmoid", name: "gender")(x),
    ]
    let model = Model(inputs: post, outputs: outputs, name: "posts")
    try model.compile(
        optimizer: "rmsprop", loss: ["mse", "sparse_categorical_crossentropy", "binary_crossentropy"], lossWeights: [0.25, 1, 10])
    let gender = words([count, 1], of: 2).cast(to: .float32)
    return (model, [words([count, 40], of: 5000)], [numbers([count, 1]), words([count], of: 10), gender])
}

/// The encoder of Keras' guide, with padding, a causal layer and dropout.
private func transformer() throws -> (Model, [Tensor], [Tensor]) {
    let (text, places) = (Input([12], dtype: .int32, name: "words"), Input([12], dtype: .int32, name: "places"))
    let tokens: KerasTensor = Embedding(3000, 16, maskZero: true)(text), positions: KerasTensor = Embedding(12, 16)(places)
    var x = add([tokens, positions])
    for isCausal in [false, true] {
        let attended = MultiHeadAttention(numHeads: 2, keyDim: 16, dropout: 0.1)(query: x, value: x, useCausalMask: isCausal)
        x = LayerNormalization(epsilon: 1e-6)(add([x, Dropout(0.1)(attended) as KerasTensor]))
        let inner: KerasTensor = Dense(16)(Dense(32, activation: "relu")(x) as KerasTensor)
        x = LayerNormalization(epsilon: 1e-6)(add([x, Dropout(0.1)(inner) as KerasTensor]))
    }
    let pooled: KerasTensor = Dropout(0.1)(GlobalAveragePooling1D()(x) as KerasTensor)
    let model = Model(inputs: [text, places], outputs: Dense(2, activation: "softmax")(pooled) as KerasTensor, name: "transformer")
    try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy")
    let order = Tensor((0 ..< count * 12).map { Int32($0 % 12) }, shape: [count, 12])
    return (model, [words([count, 12], of: 3000), order], [words([count], of: 2)])
}
