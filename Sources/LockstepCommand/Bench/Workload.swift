import Lockstep

/// A model and random data of its shapes, on which other systems have been measured too.
///
/// The layers, the optimizer, the loss, the metrics and the batch per rank are those of the scripts that measure Keras and
/// PyTorch, under the same names.
struct Workload {
    let name: String
    /// Samples of one rank's part of a batch.
    let batch: Int
    let samples: Int
    let sampleShape: Shape
    let makeModel: () throws -> Model

    static var all: [Workload] {
        [
            // 784-300-100-10, SGD.
            Workload(name: "mlp_300_100", batch: 32, samples: 32_000, sampleShape: [28, 28]) {
                let model = Sequential([
                    Input([28, 28]), Flatten(), Dense(300, activation: "relu"), Dense(100, activation: "relu"),
                    Dense(10, activation: "softmax"),
                ])
                try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
                return model
            },
            // 784-512-10, RMSprop.
            Workload(name: "mlp_512", batch: 128, samples: 60_000, sampleShape: [784]) {
                let model = Sequential([Input([784]), Dense(512, activation: "relu"), Dense(10, activation: "softmax")])
                try model.compile(optimizer: "rmsprop", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
                return model
            },
            // 784-2048-2048-10, Adam: 5.8 million parameters, so that ranks have much to tell each other.
            Workload(name: "mlp_wide", batch: 64, samples: 6_400, sampleShape: [784]) {
                let model = Sequential([
                    Input([784]), Dense(2048, activation: "relu"), Dense(2048, activation: "relu"), Dense(10, activation: "softmax"),
                ])
                try model.compile(optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
                return model
            },
        ]
    }

    /// The workloads that an option names: one, or `all`.
    static func named(_ name: String) throws -> [Workload] {
        if name == "all" { return all }
        guard let workload = all.first(where: { $0.name == name }) else {
            throw InputError("--workload: \(unknownName("workload", name, all.map(\.name) + ["all"]))")
        }
        return [workload]
    }

    /// Random images of bytes, divided by 255, and labels 0 … 9.
    func makeData(count: Int) throws -> Dataset {
        let bytes = count * sampleShape.count
        guard bytes <= memoryLimit else {
            throw InputError(
                "\(count) samples of \(name) take \(bytes) bytes, more than the \(memoryLimit) that this process can have; take a smaller batch"
            )
        }
        var state: UInt64 = 1
        func next() -> UInt64 {
            // SplitMix64.
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        let images = Tensor(shape: sampleShape.batched(count)) { (bytes: UnsafeMutableBufferPointer<UInt8>) in
            for start in stride(from: 0, to: bytes.count, by: 8) {
                var word = next()
                for index in start ..< min(start + 8, bytes.count) {
                    bytes[index] = UInt8(truncatingIfNeeded: word)
                    word >>= 8
                }
            }
        }
        let labels = Tensor((0 ..< count).map { _ in Int32(next() % 10) })
        return try Dataset(
            inputs: [("x", Column(images, divisor: 255, source: "random images"))],
            targets: [("y", Column(labels, source: "random labels"))])
    }
}
