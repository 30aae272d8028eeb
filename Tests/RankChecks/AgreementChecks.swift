import Foundation
import Lockstep
import LockstepMPI

// Ranks that differ, and what they do together outside of `fit`.

/// Runs `body`; prints each rank's error in rank order. All ranks must have come to the same.
private func printErrors(_ body: (any Communicator) throws -> Void) {
    let communicator = meetRanks()
    var error = "none"
    do { try body(communicator) } catch let failure { error = "\(type(of: failure)): \(failure)" }
    let all = Set(communicator.allGather(error))
    guard all.count == 1 else { failTraining("ranks throw different errors: \(all)") }
    if communicator.rank == 0 { print(error) }
    leave()
}

/// `differ NAME`: the last rank does something else than the others.
func checkDifference() {
    let name = option(0)
    printErrors { communicator in
        let differs = communicator.rank == communicator.size - 1
        var run = TrainingRun(samples: name == "samples" && differs ? 40 : 20)
        if name == "layer", differs { run.dropout = 0.3 }
        if name == "optimizer", differs { run.optimizer = SGD(learningRate: 0.2) }
        let model = try makeModel(run)
        if name == "activity", differs { model.layers[0].activityRegularizer = L1() }
        if name == "frozen", differs { model.layers[0].trainable = false }
        if name == "name", differs { model.add(Dense(4, name: "another")) }
        var data = try makeData(run)
        if name == "values" || name == "labels" {
            let x = data.inputs[0].column.tensor, y = data.targets[0].column.tensor
            data =
                name == "values"
                ? try Dataset(differs ? x * 1.5 : x, y)
                : try Dataset(x, differs ? Tensor([Int32](repeating: 9, count: 20)) : y)
        }
        if name == "compression", differs { (communicator as! MPICommunicator).compression = .bfloat16 }
        if name == "shards" { Distribution.logicalShards = differs ? 8 : 4 }
        if name == "evaluate", differs {
            try model.evaluate(data, verbose: 0)
        } else if name == "predict" {
            _ = try model.predict(differs ? data.take(10) : data)
        } else if name == "allReduce", differs {
            _ = try Distribution.allReduce([Tensor(1 as Float)])
        } else {
            let callbacks = name == "monitor" ? [EarlyStopping(monitor: "acc")] : []
            try model.fit(
                data, batchSize: name == "batchSize" && differs ? 8 : 4, verbose: 0, callbacks: callbacks,
                validation: name == "validation" && differs ? data : nil, seed: name == "seed" && differs ? 1 : 0)
            // Once more, and another time on other data.
            // Weights that one rank has set count for nothing: rank zero's do, as before the first fit.
            if name == "weights" {
                func forget() { if differs { for weight in model.weights { weight.assign(weight.value * 0) } } }
                let figures = try model.evaluate(data, batchSize: 4, verbose: 0).allValues
                let predictions = try model.predict(data, batchSize: 4)[0].scalars
                forget()
                let isEvaluatedAlike = try model.evaluate(data, batchSize: 4, verbose: 0).allValues == figures
                forget()
                let isPredictedAlike = try model.predict(data, batchSize: 4)[0].scalars == predictions
                throw TrainingError("evaluated alike: \(isEvaluatedAlike), predicted alike: \(isPredictedAlike)")
            }
            if name == "later" { try model.fit(differs ? data.take(10) : data, batchSize: 4, verbose: 0) }
        }
    }
}

/// `all-reduce`: tensors that differ from rank to rank are summed, and a loop of one's own trains as one process would.
func checkAllReduce() {
    let communicator = meetRanks()
    do {
        let (rank, size) = (communicator.rank, communicator.size)
        let own = Tensor((0 ..< 6).map { Float((rank + 1) * ($0 + 1)) }, shape: [2, 3])
        let sums = try Distribution.allReduce([own, Tensor(Float(rank)), .zeros([0])])
        let factor = Float(size * (size + 1) / 2)
        guard sums[0].shape == [2, 3], sums[0].scalars == (0 ..< 6).map({ factor * Float($0 + 1) }), sums[1].shape == [],
            sums[1].scalars == [Float(size * (size - 1) / 2)], sums[2].shape == [0]
        else { failTraining("rank \(rank): sums \(sums.map(\.scalars))") }
        let means = try Distribution.allReduce(own, average: true)
        guard zip(means.scalars, 0 ..< 6).allSatisfy({ abs($0 - factor / Float(size) * Float($1 + 1)) < 1e-5 }) else {
            failTraining("rank \(rank): means \(means.scalars)")
        }

        let variable = Variable(.zeros([3]), name: "weight")
        let optimizer = SGD(learningRate: 0.5)
        let samples = Tensor((0 ..< 21).map { fraction($0) }, shape: [7, 3])
        for _ in 0 ..< 5 {
            let part = balancedPart(rank, of: size, count: 7)
            let tape = GradientTape()
            let loss = tape.record { () -> Tensor in
                let rest = samples[part.lowerBound ..< part.upperBound] - variable.value
                return (rest * rest * rest).sum() / 7
            }
            let gradients = zip(tape.gradient(loss, [variable]), [variable]).map { $0 ?? .zeros($1.shape) }
            optimizer.apply(try Distribution.allReduce(gradients), to: [variable])
        }
        let all = communicator.allGather(variable.value.scalars)
        guard Set(all).count == 1 else { failTraining("ranks come to different weights: \(all)") }
        if rank == 0 { print(variable.value.scalars.map { String($0) }.joined(separator: " ")) }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `diverge [LOGICAL-SHARDS]`: the loss becomes NaN, and training goes on to its end on every rank.
func checkDivergence() {
    let communicator = meetRanks()
    if arguments.count > 1 { Distribution.logicalShards = Int(arguments[1]) }
    Distribution.checkInterval = 1
    do {
        let x = Tensor((0 ..< 64 * 6).map { fraction($0) - 0.5 }, shape: [64, 6])
        let model = Sequential([Input([6]), Dense(8, activation: "relu", name: "hidden"), Dense(1, name: "out")], name: "model")
        try model.compile(optimizer: SGD(learningRate: 100), loss: "mse", metrics: ["mae"])
        let history = try model.fit(x, x.sum(axes: [1]), batchSize: 8, epochs: 6, verbose: 0)
        if communicator.rank == 0 {
            print("epochs", history.epochs.count, "loss", history["loss"].last!, "mae", history["mae"].last!, "ended", history.endedByNaN)
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `recompile [sharded]`: the same objects in a second compilation, of fewer weights, and a third.
func checkRecompilation() {
    let communicator = meetRanks()
    Distribution.shardsOptimizer = arguments.contains("sharded")
    do {
        let run = TrainingRun(samples: 40)
        let (model, data) = (try makeModel(run), try makeData(run))
        let metrics: [any MetricSpec] = [SparseCategoricalAccuracy(name: "accuracy")]
        var losses: [Float] = []
        let optimizer = Adam(learningRate: 0.01)
        for isTrained in [true, false, true] {
            model.layers[0].trainable = isTrained
            try model.compile(optimizer: optimizer, loss: "sparse_categorical_crossentropy", metrics: metrics)
            let history = try model.fit(data, batchSize: 8, epochs: 2, verbose: 0, shuffle: false)
            losses += history["loss"] + history["accuracy"]
            losses += try model.evaluate(data, verbose: 0).allValues
        }
        _ = commonChecksum(model, communicator)
        if communicator.rank == 0 { print(losses.map { String(format: "%.4f", $0) }.joined(separator: " ")) }
    } catch {
        failTraining("\(error)")
    }
    leave()
}

/// `alone`: a program that does not meet the other ranks.
func checkTrainingAlone() {
    do {
        let run = TrainingRun(samples: 20)
        let (model, data) = (try makeModel(run), try makeData(run))
        for _ in 0 ..< 2 { try model.fit(data, verbose: 0) }
    } catch {
        failTraining("\(error)")
    }
}

/// `csv PATH`: writes a history there.
func checkHistoryFile() {
    do {
        let run = TrainingRun(samples: 20)
        let history = try makeModel(run).fit(makeData(run), epochs: 3, verbose: 0, callbacks: [CSVLogger(option(0))])
        print("epochs", history.epochs.count)
    } catch {
        failTraining("\(error)")
    }
}

/// `labels`: binary cross-entropy of labels that are no probabilities, and a monitored figure that is promised and never comes.
func checkWarnings() {
    final class Promising: Callback {
        override var addedFigures: [String] { ["f1"] }
    }
    do {
        let model = Sequential([Input([1]), Dense(1, activation: "sigmoid", kernelInitializer: Zeros())])
        try model.compile(optimizer: SGD(learningRate: 0.1), loss: "binary_crossentropy")
        let callbacks = [Promising(), EarlyStopping(monitor: "f1", mode: .max)]
        let labels = Tensor([0, 1, 2, 1] as [Int32], shape: [4, 1])
        print("epochs", try model.fit(.ones([4, 1]), labels, epochs: 3, verbose: 0, callbacks: callbacks).epochs.count)
    } catch {
        failTraining("\(error)")
    }
}
