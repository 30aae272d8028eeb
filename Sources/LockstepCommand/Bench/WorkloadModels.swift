import Lockstep

/// The models of workloads, each compiled as it is measured.
extension Workload {
    static var all: [Workload] {
        [mlp300x100, mlp512, mlpWide, tickets, answers, posts, inception, residual, lenet, resnet]
    }

    private static let digit = [RandomArray("y", .wholes(0 ..< 10))]

    /// 784-300-100-10, SGD.
    private static var mlp300x100: Workload {
        Workload(name: "mlp_300_100", batch: 32, batches: 1000, inputs: [RandomArray("x", .bytes, [28, 28])], targets: digit) {
            let model = Sequential([
                Input([28, 28]), Flatten(), Dense(300, activation: "relu"), Dense(100, activation: "relu"),
                Dense(10, activation: "softmax"),
            ])
            try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
            return model
        }
    }

    /// 784-512-10, RMSprop.
    private static var mlp512: Workload {
        Workload(name: "mlp_512", batch: 128, batches: 469, inputs: [RandomArray("x", .bytes, [784])], targets: digit) {
            let model = Sequential([Input([784]), Dense(512, activation: "relu"), Dense(10, activation: "softmax")])
            try model.compile(optimizer: "rmsprop", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
            return model
        }
    }

    /// 784-2048-2048-10, Adam: 5.8 million parameters, so that ranks have much to tell each other.
    private static var mlpWide: Workload {
        Workload(name: "mlp_wide", batch: 64, batches: 100, inputs: [RandomArray("x", .bytes, [784])], targets: digit) {
            let model = Sequential([
                Input([784]), Dense(2048, activation: "relu"), Dense(2048, activation: "relu"), Dense(10, activation: "softmax"),
            ])
            try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
            return model
        }
    }

    /// Three inputs, two outputs, 1.29 million parameters.
    private static var tickets: Workload {
        let inputs = [("title", 10_000), ("text_body", 10_000), ("tags", 100)].map { RandomArray($0, .bits, [$1]) }
        return Workload(
            name: "tickets", batch: 32, batches: 80, inputs: inputs,
            targets: [RandomArray("priority", .floats, [1]), RandomArray("department", .oneHot, [4])]
        ) {
            let symbolic = inputs.map { Input($0.sampleShape, name: $0.name) }
            let features = Dense(64, activation: "relu")(concatenate(symbolic))
            let model = Model(
                inputs: symbolic,
                outputs: [
                    Dense(1, activation: "sigmoid", name: "priority")(features),
                    Dense(4, activation: "softmax", name: "department")(features),
                ])
            try model.compile(
                optimizer: "adam", loss: ["mean_squared_error", "categorical_crossentropy"],
                metrics: [["mean_absolute_error"], ["accuracy"]])
            return model
        }
    }

    /// Two texts, each through an embedding and an LSTM, and a choice of 500 answers.
    private static var answers: Workload {
        let inputs = ["text", "question"].map { RandomArray($0, .wholes(1 ..< 10_000), [100]) }
        return Workload(name: "qa_lstm", batch: 128, batches: 10, inputs: inputs, targets: [RandomArray("answer", .oneHot, [500])]) {
            let symbolic = inputs.map { Input($0.sampleShape, dtype: .int32, name: $0.name) }
            let read = symbolic.map { LSTM(32)(Embedding(10_000, 64)($0)) }
            let model = Model(inputs: symbolic, outputs: [Dense(500, activation: "softmax")(concatenate(read))])
            try model.compile(optimizer: "rmsprop", loss: "categorical_crossentropy", metrics: ["accuracy"])
            return model
        }
    }

    /// Posts of 500 words through an embedding and five convolutions to three heads.
    private static var posts: Workload {
        Workload(
            name: "posts_conv1d", batch: 64, batches: 4, inputs: [RandomArray("posts", .wholes(0 ..< 50_000), [500])],
            targets: [
                RandomArray("age", .floats, [1]), RandomArray("income", .oneHot, [10]), RandomArray("gender", .bits, [1]),
            ]
        ) {
            let posts = Input([500], dtype: .int32, name: "posts")
            var x: KerasTensor = Embedding(50_000, 256)(posts)
            x = MaxPooling1D(5)(Conv1D(128, kernelSize: 5, activation: "relu")(x))
            x = Conv1D(256, kernelSize: 5, activation: "relu")(x)
            x = MaxPooling1D(5)(Conv1D(256, kernelSize: 5, activation: "relu")(x))
            x = Conv1D(256, kernelSize: 5, activation: "relu")(x)
            x = Conv1D(256, kernelSize: 5, activation: "relu")(x)
            x = Dense(128, activation: "relu")(GlobalMaxPooling1D()(x))
            let model = Model(
                inputs: posts,
                outputs: [
                    Dense(1, name: "age")(x), Dense(10, activation: "softmax", name: "income")(x),
                    Dense(1, activation: "sigmoid", name: "gender")(x),
                ])
            try model.compile(
                optimizer: "rmsprop", loss: ["mse", "categorical_crossentropy", "binary_crossentropy"], lossWeights: [0.25, 1, 10])
            return model
        }
    }

    /// One block of four branches on 28x28x256.
    private static var inception: Workload {
        Workload(name: "inception", batch: 16, batches: 4, inputs: [RandomArray("x", .floats, [28, 28, 256])], targets: digit) {
            func conv(_ filters: Int, _ size: Int, strides: Int = 1) -> Conv2D {
                Conv2D(filters, kernelSize: size, strides: strides, padding: .same, activation: "relu")
            }
            let x = Input([28, 28, 256])
            let a: KerasTensor = conv(128, 1, strides: 2)(x)
            let b: KerasTensor = conv(128, 3, strides: 2)(conv(128, 1)(x))
            let c: KerasTensor = conv(128, 3)(AveragePooling2D(3, strides: 2, padding: .same)(x))
            let d: KerasTensor = conv(128, 3, strides: 2)(conv(128, 3)(conv(128, 1)(x)))
            let model = Model(inputs: x, outputs: Dense(10, activation: "softmax")(Flatten()(concatenate([a, b, c, d]))))
            try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy")
            return model
        }
    }

    /// Two 3x3 convolutions of 128 channels beside the way around them, on 28x28x128.
    private static var residual: Workload {
        Workload(name: "residual", batch: 16, batches: 4, inputs: [RandomArray("x", .floats, [28, 28, 128])], targets: digit) {
            let x = Input([28, 28, 128])
            var y: KerasTensor = Conv2D(128, kernelSize: 3, padding: .same, activation: "relu")(x)
            y = Conv2D(128, kernelSize: 3, padding: .same, activation: "relu")(y)
            let model = Model(inputs: x, outputs: Dense(10, activation: "softmax")(Flatten()(add([y, x]))))
            try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy")
            return model
        }
    }

    /// Two convolutions and two poolings on images of digits, Adam.
    private static var lenet: Workload {
        Workload(name: "lenet", batch: 128, batches: 50, inputs: [RandomArray("x", .bytes, [28, 28, 1])], targets: digit) {
            let model = Sequential([
                Input([28, 28, 1]), Conv2D(32, kernelSize: 3, activation: "relu"), MaxPooling2D(2),
                Conv2D(64, kernelSize: 3, activation: "relu"), MaxPooling2D(2), Flatten(), Dense(10, activation: "softmax"),
            ])
            try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
            return model
        }
    }

    /// Six 3x3 convolutions of 64 channels on 32x32, Adam: much to compute for few parameters.
    private static var resnet: Workload {
        Workload(name: "resnet_small", batch: 32, batches: 20, inputs: [RandomArray("x", .floats, [32, 32, 3])], targets: digit) {
            let convolutions = (0 ..< 6).map { _ in Conv2D(64, kernelSize: 3, padding: .same, activation: "relu") }
            let model = Sequential(
                [Input([32, 32, 3])] + convolutions + [AveragePooling2D(8), Flatten(), Dense(10, activation: "softmax")])
            try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy")
            return model
        }
    }
}
