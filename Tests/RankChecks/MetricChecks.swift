import Foundation
import Lockstep
import LockstepMPI

/// A metric of a user's own: the share of samples whose prediction is off by more than a half, weighted.
private final class FarOff: Metric {
    private var far: Variable!
    private var all: Variable!

    init() {
        super.init(name: "far_off")
        far = addWeight("far")
        all = addWeight("all")
    }

    override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        let isFar = (LockstepTensor.abs(yTrue.cast(to: .float32) - yPred) .> 0.5).cast(to: .float32).reshaped([yPred.shape[0]])
        far.assignAdd((sampleWeight.map { isFar * $0 } ?? isFar).sum())
        all.assignAdd(sampleWeight.map { $0.sum() } ?? Tensor(Float(yPred.shape[0])))
    }

    override func result() -> Tensor { far.value / all.value }
}

/// `metrics SAMPLES [LOGICAL-SHARDS]`: prints figures of an evaluation, then of training, on parts that are uneven.
func checkMetrics() {
    let communicator = meetRanks()
    let samples = Int(option(0))!
    if arguments.count > 2 { Distribution.logicalShards = Int(arguments[2]) }
    do {
        let x = Tensor((0 ..< samples * 3).map { fraction($0) - 0.5 }, shape: [samples, 3])
        let y = Tensor((0 ..< samples).map { fraction($0 * 3) + 0.3 * fraction($0 * 5 + 1) > 0.6 ? 1 : 0 as Float }, shape: [samples, 1])
        let weights = Tensor((0 ..< samples).map { Float($0 % 4) })
        let model = Sequential([Input([3]), Dense(5, activation: "tanh"), Dense(1, activation: "sigmoid")], name: "model")
        try model.compile(
            optimizer: "adam", loss: "binary_crossentropy",
            metrics: [AUC(), AUC(curve: .pr, name: "pr"), Precision(), Recall(), FarOff(), "accuracy"],
            weightedMetrics: [Recall(name: "weighted_recall")])
        let data = try Dataset(x, y, sampleWeight: weights)
        let logs = try model.evaluate(data, batchSize: 37, verbose: 0)
        let history = try model.fit(data, batchSize: 37, epochs: 3, verbose: 0)
        if communicator.rank == 0 {
            for (name, value) in zip(logs.names, logs.allValues) { print("evaluated", name, value) }
            for name in history.names { print("trained", name, history[name].map { String($0) }.joined(separator: " ")) }
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}
