import AllocationCounter
import CKernels
import Foundation
import Lockstep
import LockstepMPI

// Training on all ranks of the job; prints figures that the tests compare between numbers of ranks.

/// A run: what is trained, and on what.
struct TrainingRun {
    var samples = 500
    var batchSize = 32
    var epochs = 1
    var optimizer: Optimizer = SGD(learningRate: 0.1)
    var shuffle = false
    /// Zero for the first part of each batch: all samples of the first rank, where there are several.
    var hasWeights = false
    var dropout: Float = 0
    /// Batch normalization behind the hidden layer: over the whole batch, over each shard, or none.
    var synchronized: Bool?
    var reduction = Loss.Reduction.sumOverBatchSize
    /// Targets are one number for each class, and metrics count what is right.
    var counts = false
    /// 300 features in two axes, and matrices so large that ranks of a host compute their gradients together.
    var isWide = false
    /// Features name rows of a table, of which a step updates these alone.
    var namesRows = false
    /// The columns of every kernel get halfway to length 0.5 at each step.
    var isConstrained = false
    /// Further epochs, one with batches of each of these sizes.
    var furtherBatchSizes: [Int] = []
}

/// The run that the check's first option names.
func namedRun() -> TrainingRun { run(named: option(0)) }

/// The names in the check's first option, with commas between them: jobs of several ranks take longer to begin than to train.
var namesOfRuns: [String] { option(0).split(separator: ",").map(String.init) }

func run(named name: String) -> TrainingRun {
    guard let run = runs[name] else { failTraining("no run \(name); one of \(runs.keys.sorted())") }
    return run
}

private var runs: [String: TrainingRun] {
    [
        "plain": TrainingRun(),
        "short-last-batch": TrainingRun(samples: 97),
        "fewer-samples-than-ranks": TrainingRun(samples: 3, epochs: 4),
        "batch-of-one": TrainingRun(samples: 20, batchSize: 1),
        "weights": TrainingRun(hasWeights: true),
        "weighted-mean": TrainingRun(hasWeights: true, reduction: .meanWithSampleWeight),
        "dropout": TrainingRun(epochs: 2, dropout: 0.3),
        "clipped": TrainingRun(optimizer: Adam(learningRate: 0.01, globalClipnorm: 0.05)),
        "clipped-by-variable": TrainingRun(optimizer: SGD(learningRate: 0.1, clipnorm: 0.05), hasWeights: true),
        "accumulated": TrainingRun(epochs: 2, optimizer: Adam(learningRate: 0.01, gradientAccumulationSteps: 3)),
        "synchronized": TrainingRun(epochs: 2, dropout: 0.2, synchronized: true),
        "synchronized-few-samples": TrainingRun(samples: 3, epochs: 4, synchronized: true),
        "synchronized-short-last-batch": TrainingRun(samples: 97, epochs: 2, synchronized: true),
        "normalized-by-shard": TrainingRun(epochs: 2, optimizer: Adam(learningRate: 0.01), synchronized: false),
        "adam-shuffled": TrainingRun(epochs: 2, optimizer: Adam(learningRate: 0.01), shuffle: true),
        "momentum": TrainingRun(optimizer: SGD(learningRate: 0.05, momentum: 0.9, nesterov: true)),
        "rmsprop": TrainingRun(
            epochs: 2, optimizer: RMSprop(learningRate: 0.01, momentum: 0.5, centered: true, weightDecay: 0.01), hasWeights: true),
        "amsgrad": TrainingRun(epochs: 2, optimizer: Adam(learningRate: 0.01, amsgrad: true, weightDecay: 0.004)),
        "adagrad": TrainingRun(epochs: 2, optimizer: Adagrad(learningRate: 0.05)),
        "clipped-accumulated": TrainingRun(
            epochs: 2, optimizer: SGD(learningRate: 0.5, weightDecay: 0.01, clipnorm: 0.05, gradientAccumulationSteps: 3), hasWeights: true),
        "lamb": TrainingRun(
            optimizer: Lamb(learningRate: GradualWarmup(baseLearningRate: 0.005, batchSize: 1024, warmupSteps: 10), weightDecay: 0.01)),
        "wide": TrainingRun(isWide: true, furtherBatchSizes: [48, 32, 7]),
        "wide-short-last-batch": TrainingRun(samples: 97, epochs: 2, optimizer: SGD(learningRate: 0.05, momentum: 0.9), isWide: true),
        "wide-few-samples": TrainingRun(samples: 3, epochs: 4, isWide: true),
        "wide-weights": TrainingRun(optimizer: Adagrad(learningRate: 0.01), hasWeights: true, dropout: 0.3, isWide: true),
        "wide-synchronized": TrainingRun(epochs: 2, dropout: 0.2, synchronized: true, isWide: true),
        "constrained": TrainingRun(epochs: 2, optimizer: Adam(learningRate: 0.01, weightDecay: 0.01), isConstrained: true),
        "constrained-accumulated": TrainingRun(
            epochs: 2, optimizer: SGD(learningRate: 0.5, clipnorm: 0.05, gradientAccumulationSteps: 3), isConstrained: true),
        "constrained-wide": TrainingRun(optimizer: SGD(learningRate: 0.05, momentum: 0.9), isWide: true, isConstrained: true),
        "averaged": TrainingRun(
            epochs: 2, optimizer: Nadam(learningRate: 0.01, useEMA: true, emaMomentum: 0.5, emaOverwriteFrequency: 3), isConstrained: true),
        "averaged-accumulated": TrainingRun(
            epochs: 2,
            optimizer: Adam(
                learningRate: 0.02, globalClipnorm: 0.05, useEMA: true, emaMomentum: 0.5, emaOverwriteFrequency: 2,
                gradientAccumulationSteps: 3)),
        "adafactor": TrainingRun(epochs: 2, optimizer: Adafactor(learningRate: 0.05, weightDecay: 0.01, useEMA: true)),
        "rows": TrainingRun(epochs: 3, optimizer: RMSprop(learningRate: 0.01, rho: 0.8), hasWeights: true, namesRows: true),
        "rows-short-last-batch": TrainingRun(
            samples: 97, epochs: 2, optimizer: Adagrad(learningRate: 0.05), namesRows: true, furtherBatchSizes: [48, 400, 7]),
        "rows-few-samples": TrainingRun(samples: 3, epochs: 4, optimizer: SGD(learningRate: 0.1), synchronized: true, namesRows: true),
        "counts": TrainingRun(epochs: 2, optimizer: Adam(learningRate: 0.01), hasWeights: true, counts: true),
    ]
}

func meetRanks(_ compression: MPICommunicator.Compression = .none) -> any Communicator {
    if MPICommunicator.launched { Distribution.communicator = MPICommunicator(compression: compression) }
    Threads.count = 1
    return Distribution.communicator
}

func leave() { (Distribution.communicator as? MPICommunicator)?.finalize() }

func failTraining(_ message: String) -> Never {
    FileHandle.standardError.write(Data("rank-checks: \(message)\n".utf8))
    Distribution.communicator.abort(status: 3)
}

/// A number in (0, 1) from a formula, the same on every machine.
func fraction(_ index: Int) -> Float { Float((index &* 7919 &+ 13) % 997) / 997 }

/// Samples whose gradients differ from each other: eight features, or many, and four classes.
func makeData(_ run: TrainingRun) throws -> Dataset {
    let shape: Shape = run.isWide ? [run.samples, 20, 15] : [run.samples, 8]
    let x = Tensor((0 ..< shape.count).map { fraction($0) - 0.5 }, shape: shape)
    let y = Tensor((0 ..< run.samples).map { Int32(fraction($0 * 8 + 3) * 4) })
    let weights = (0 ..< run.samples).map { $0 % run.batchSize < run.batchSize / 2 ? 0 : 1 + fraction($0) }
    return try Dataset(x, run.counts ? oneHot(y, 4) : y, sampleWeight: run.hasWeights ? Tensor(weights) : nil)
}

/// Makes of features the numbers of words, a few of them frequent.
private final class Words: Layer {
    override func call(_ input: Tensor, training: Bool) -> Tensor {
        let words = (input + 0.5) * 3999
        return `where`(input .> 0.1, words, words / 500).cast(to: .int32)
    }
}

func makeModel(_ run: TrainingRun) throws -> Sequential {
    let normalization: [any SequentialElement] =
        run.synchronized.map { [BatchNormalization(momentum: 0.9, synchronized: $0, name: "normalization")] } ?? []
    let hidden: [any SequentialElement] =
        run.namesRows
        ? [
            Input([8]), Words(name: "words"), Embedding(4000, 5, name: "table"), Flatten(name: "flatten"),
            Dense(16, activation: "relu", name: "hidden"),
        ]
        : run.isWide
            ? [
                Input([20, 15]), Flatten(name: "flatten"), Dense(64, activation: "relu", name: "first"),
                Dense(300, activation: "tanh", useBias: false, name: "second"), Dense(64, name: "third"),
                Dense(16, activation: "relu", name: "fourth"),
            ] : [Input([8]), Dense(16, activation: "relu", name: "hidden")]
    let model = Sequential(
        hidden + normalization + [Dropout(run.dropout, name: "dropout"), Dense(4, activation: "softmax", name: "classes")], name: "model")
    if run.isConstrained {
        for weight in model.trainableWeights where weight.shape.rank == 2 {
            weight.constraint = { $0 * (0.25 / sqrt(square($0).sum(axes: [0], keepDims: true)) + 0.5) }
        }
    }
    guard !run.counts else {
        try model.compile(
            optimizer: run.optimizer, loss: "categorical_crossentropy",
            metrics: [AUC(name: "auc"), Recall(thresholds: [0.3], name: "recall")],
            weightedMetrics: [AUC(curve: .pr, name: "pr"), Precision(topK: 2, name: "precision")])
        return model
    }
    try model.compile(
        optimizer: run.optimizer, loss: SparseCategoricalCrossentropy(reduction: run.reduction), metrics: ["accuracy"],
        weightedMetrics: [SparseCategoricalAccuracy(name: "weighted_accuracy")])
    return model
}

/// The checksum of the model's weights, which all ranks must share.
func commonChecksum(_ model: Model, _ communicator: any Communicator) -> UInt64 {
    let weights = model.weights.map { $0.value.scalars }.flatMap { $0 }
    let checksum = lk_checksum(Int64(weights.count), weights)
    let all = communicator.allGather([checksum])
    guard Set(all).count == 1 else { failTraining("rank \(communicator.rank): ranks hold different weights after training") }
    return checksum
}

/// `train NAME,… [LOGICAL-SHARDS|- [COMPRESSION]]`: prints the history, an evaluation, predictions' checksum and the weights' checksum
/// of each, behind a line with its name.
func checkTraining() {
    let communicator = meetRanks(arguments.count > 3 ? MPICommunicator.Compression(rawValue: arguments[3])! : .none)
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    for name in namesOfRuns {
        if communicator.rank == 0 { print("run", name) }
        clearSession()
        Random.setSeed(communicator.rank)  // other initial weights: rank zero's must win
        train(run(named: name), communicator)
    }
    leave()
}

/// The norm of all gradients of each epoch's last step.
private final class GradientNorms: Callback {
    private(set) var norms: [Double] = []
    override func needsGradients(_ epoch: Int) -> Bool { true }
    override func onEpochEnd(_ epoch: Int, _ logs: Logs) {
        norms.append(progress.gradients.reduce(0) { $1.values.reduce($0) { $0 + Double($1) * Double($1) } }.squareRoot())
    }
}

private func train(_ run: TrainingRun, _ communicator: any Communicator) {
    var run = run
    do {
        let (model, data) = (try makeModel(run), try makeData(run)), gradients = GradientNorms()
        let history = try model.fit(
            data, batchSize: run.batchSize, epochs: run.epochs, verbose: 0, callbacks: [gradients], validation: data, shuffle: run.shuffle,
            seed: 7)
        let joint = model.jointGradients
        let windows = { (communicator as? MPICommunicator)?.mappedWindows ?? 0 }
        let firstWindows = windows()
        for batchSize in run.furtherBatchSizes { try model.fit(data, batchSize: batchSize, verbose: 0, shuffle: run.shuffle, seed: 7) }
        // One is dropped by then, but not yet freed.
        guard windows() <= firstWindows + 1 else { failTraining("\(firstWindows) windows, then \(windows()) with batches of other sizes") }
        run.hasWeights = false
        let evaluation = try model.evaluate(try makeData(run), batchSize: 50, verbose: 0)
        let predictions = try model.predict(data, batchSize: 64)[0]

        let checksum = commonChecksum(model, communicator)
        if communicator.rank == 0 {
            for name in history.names { print(name, history[name].map { String($0) }.joined(separator: " ")) }
            for (name, value) in zip(evaluation.names, evaluation.allValues) { print("test_\(name)", value) }
            print("predicted", predictions.sum().scalar, predictions[0, 0].scalar)
            print("gradients", gradients.norms.map { String($0) }.joined(separator: " "))
            print("checksum", checksum)
            print("joint", joint.joined(separator: " "))
        }
    } catch {
        failTraining("\(error)")
    }
}

/// `steady-state NAME [FOLDER]`: counts the heap allocations of training steps, those of callbacks that look at nothing included; with a
/// folder also those of TensorBoard, which gets the figures of every batch.
func checkSteadyState() {
    final class Counter: Callback {
        var counts: [UInt64] = []
        override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { counts[batch] = heap_allocations() }
    }
    let run = namedRun()
    let communicator = meetRanks()
    do {
        var long = run
        (long.samples, long.epochs) = (run.batchSize * 200, 1)
        let counter = Counter()
        counter.counts = [UInt64](repeating: 0, count: 200)
        let board = arguments.count > 2 ? [TensorBoard(logDir: option(1), writeStepsPerSecond: true, updateFreq: .batch)] : []
        try makeModel(long).fit(
            makeData(long), batchSize: long.batchSize, verbose: 0, callbacks: board + [counter], shuffle: long.shuffle)
        let steady = counter.counts[199] - counter.counts[10]
        if communicator.rank == 0, steady != 0 { failTraining("\(steady) heap allocations in 189 steps; expected none") }
        if communicator.rank == 0, counter.counts[10] == 0 { failTraining("the counter counts nothing") }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `board FOLDER`: trains until it is killed, slowly, with all figures of every batch for TensorBoard; FOLDER.alive is written at each.
func checkBoard() {
    _ = meetRanks()
    do {
        let run = run(named: "plain")
        let slow = LambdaCallback(onTrainBatchEnd: { _, _ in
            _ = FileManager.default.createFile(atPath: "\(option(0)).alive", contents: nil)
            usleep(5000)
        })
        try makeModel(run).fit(
            makeData(run), batchSize: run.batchSize, epochs: 10_000, verbose: 0,
            callbacks: [TensorBoard(logDir: option(0), histogramFreq: 1, updateFreq: .batch), slow])
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// A layer that computes something else from a single sample.
private final class Fickle: Layer {
    private var kernel: Variable!
    override func build(_ inputShape: Shape) { kernel = addWeight("kernel", shape: [inputShape.last, 64], initializer: Ones()) }
    override func computeOutputShape(_ inputShape: Shape) -> Shape { Shape(inputShape.dimensions.dropLast() + [64]) }
    override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.shape[0] == 1 ? (input * 2).matmul(kernel.value) + input.matmul(kernel.value) : input.matmul(kernel.value)
    }
}

/// Ranks would compute the gradient of the layer's kernel together, but for its last batch.
func failByFickleCall() {
    _ = meetRanks()
    do {
        let run = TrainingRun(samples: 33, isWide: true)
        let model = Sequential([Input([20, 15]), Flatten(), Fickle(name: "fickle"), Dense(4, activation: "softmax")], name: "model")
        try model.compile(optimizer: SGD(), loss: "sparse_categorical_crossentropy")
        try model.fit(makeData(run), batchSize: 32, verbose: 0)
    } catch {
        failTraining("\(error)")
    }
    leave()
}
