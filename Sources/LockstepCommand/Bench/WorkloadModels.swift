import Lockstep

/// The models of workloads, each compiled as it is measured.
extension Workload {
    static var all: [Workload] { [mlp300x100, mlp512, mlpWide, tickets] }

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
}
