import CKernels
import Foundation
import Lockstep
import LockstepMPI

// Models of several inputs and outputs on all ranks.

/// Makes its layers in its first call, and adds to the loss.
private final class Lazy: Layer {
    private var inner: [Dense] = []

    override func call(_ input: Tensor, training: Bool) -> Tensor {
        if inner.isEmpty { inner = [Dense(4, activation: "tanh", name: "inner"), Dense(4, activation: "relu", name: "second")] }
        let output = inner.reduce(input) { $1($0) }
        addLoss(square(output).sum() * 0.001, reduction: .sum)
        addLoss(square(inner[0].kernel.value).sum() * 0.01, reduction: .once)
        return output
    }
}

/// Two inputs and two outputs by name.
private final class Named: Model {
    private let lazy = Lazy(name: "lazy")
    private let normalization = BatchNormalization(momentum: 0.9, synchronized: true, name: "normalization")
    private let dropout = Dropout(0.2, name: "dropout")
    private let heads = [
        "tag": Dense(3, activation: "softmax", name: "tag"), "score": Dense(1, kernelRegularizer: L2(0.01), name: "score"),
    ]

    override func call(_ inputs: [String: Tensor], training: Bool) -> [String: Tensor]? {
        let steps = inputs["steps"]!.reshaped([inputs["steps"]!.shape[0], 18])
        let hidden = dropout(normalization(lazy(steps)))
        let score: Tensor = heads["score"]!(hidden + lazy(steps))
        return ["tag": heads["tag"]!(hidden), "score": score + inputs["plain"]!.sum(axes: [1], keepDims: true)]
    }
}

/// A graph with masks, penalties and a model inside of the model.
private func functional() -> Model {
    let (steps, plain) = (Input([6, 3], name: "steps"), Input([4], name: "plain"))
    let hidden: KerasTensor = Dense(5, activation: "tanh", kernelRegularizer: L2(0.01), activityRegularizer: L2(0.02), name: "hidden")(
        Masking(name: "masking")(steps))
    let tags: KerasTensor = Dense(3, activation: "softmax", name: "tags")(hidden)
    let part = Input([4])
    let shared = Model(
        inputs: part, outputs: Dense(4, activation: "relu", name: "inside")(part) as KerasTensor, name: "shared")
    let score: KerasTensor = Dense(1, biasRegularizer: L1(0.1), name: "score")(shared(shared(plain) as KerasTensor) as KerasTensor)
    return Model(inputs: [steps, plain], outputs: [tags, score], name: "model")
}

/// `graph functional|named [LOGICAL-SHARDS]`: prints figures, predictions and the weights' checksum.
func checkGraph() {
    let communicator = meetRanks()
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    do {
        // The last batch has two samples: with three ranks one has none.
        let count = 50
        // A fifth of the steps are zeros, which the graph masks.
        let steps = Tensor(
            (0 ..< count * 18).map { $0 / 3 % 5 == 0 || $0 / 18 % 7 == 3 ? 0 : fraction($0) - 0.5 }, shape: [count, 6, 3])
        let x = ["steps": steps, "plain": Tensor((0 ..< count * 4).map { fraction($0 * 3) - 0.5 }, shape: [count, 4])]
        let score = Tensor((0 ..< count).map { fraction($0 * 11) }, shape: [count, 1])
        let isFunctional = option(0) == "functional"
        let tags = Tensor(
            (0 ..< count * (isFunctional ? 6 : 1)).map { Int32(fraction($0 * 5) * 3) }, shape: isFunctional ? [count, 6] : [count])
        let tag = isFunctional ? "tags" : "tag"
        let model: Model = isFunctional ? functional() : Named(name: "model")
        try model.compile(
            optimizer: Adam(learningRate: 0.02), loss: [tag: "sparse_categorical_crossentropy", "score": "mse"],
            lossWeights: [tag: 0.7, "score": 1.5], metrics: [tag: ["accuracy"], "score": ["mae"]],
            weightedMetrics: [tag: ["accuracy"]])
        let weights = [tag: Tensor((0 ..< count).map { 0.5 + fraction($0) })]
        let history = try model.fit(
            x, [tag: tags, "score": score], batchSize: 16, epochs: 3, verbose: 0,
            validationData: .init(x, [tag: tags, "score": score], sampleWeight: weights), sampleWeight: weights, seed: 4)
        let evaluated = try model.evaluate(x, [tag: tags, "score": score], batchSize: 16, verbose: 0)
        let predicted: [String: Tensor] = try model.predict(x, batchSize: 8)
        let checksum = commonChecksum(model, communicator)
        if communicator.rank == 0 {
            for name in history.names { print(name, history[name].map { String($0) }.joined(separator: " ")) }
            for (name, value) in zip(evaluated.names, evaluated.allValues) { print("test_\(name)", value) }
            for name in [tag, "score"] { print("predicted_\(name)", predicted[name]!.sum().scalar, square(predicted[name]!).sum().scalar) }
            print("checksum", checksum)
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// Makes another layer when it sees a batch of another size.
private final class Growing: Layer {
    private var inner: [Int: Dense] = [:]

    override func call(_ input: Tensor, training: Bool) -> Tensor {
        let key = input.shape[0] > 1 ? 2 : 1
        if inner[key] == nil { inner[key] = Dense(1, name: "of_\(key)") }
        return inner[key]!(input)
    }
}

/// `grow`: the model makes weights once those to train are laid out.
func failByGrowth() {
    _ = meetRanks()
    do {
        let model = Sequential([Input([3]), Growing(name: "growing")], name: "model")
        try model.compile(optimizer: SGD(), loss: "mse")
        try model.fit(.ones([9, 3]), .zeros([9, 1]), batchSize: 8, verbose: 0)
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `frozen`: nothing of the model is trained.
func checkFrozen() {
    let communicator = meetRanks()
    do {
        let run = TrainingRun(samples: 20)
        let model = try makeModel(run)
        model.trainable = false
        try model.compile(optimizer: Adam(), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
        let before = model.getWeights().map(\.scalars)
        let losses = try model.fit(makeData(run), batchSize: 8, epochs: 2, verbose: 0)["loss"]
        guard model.getWeights().map(\.scalars) == before else { failTraining("weights have changed") }
        if communicator.rank == 0 { print("same", abs(losses[0] - losses[1]) < 1e-5) }
    } catch {
        failTraining("\(error)")
    }
    leave()
}
