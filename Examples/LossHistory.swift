import Lockstep

/// A callback of one's own: the loss after each batch.
func keepLossHistory() throws {
    let x = Tensor.randomNormal([256, 8], seed: 1), y = x.sum(axes: [1], keepDims: true)
    let model = Sequential([Input([8]), Dense(16, activation: "tanh"), Dense(1)])
    try model.compile(optimizer: "adam", loss: "mse")
    let history = LossHistory()
    try model.fit(x, y, batchSize: 32, epochs: 2, verbose: 0, callbacks: [history], seed: 1)
    for (batch, loss) in history.losses.enumerated() { print("batch \(batch) loss \(loss)") }
}

/// Callbacks run on rank zero, where the figures of all ranks are.
final class LossHistory: Callback {
    private(set) var losses: [Float] = []
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { losses.append(logs["loss"]!) }
}
