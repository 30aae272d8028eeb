import Foundation
import Lockstep

/// A callback of one's own: the loss after each batch, drawn after each epoch.
func keepLossHistory() throws {
    let x = Tensor.randomNormal([256, 8], seed: 1), y = x.sum(axes: [1], keepDims: true)
    let model = Sequential([Input([8]), Dense(16, activation: "tanh"), Dense(1)])
    try model.compile(optimizer: "adam", loss: "mse")
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("loss-history-\(getpid())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let history = LossHistory(folder)
    try model.fit(x, y, batchSize: 32, epochs: 2, verbose: 0, callbacks: [history], seed: 1)
    for (batch, loss) in history.losses.enumerated() { print("batch \(batch) loss \(loss)") }
    if Distribution.communicator.rank == 0 {
        print("pictures count \(try FileManager.default.contentsOfDirectory(atPath: folder).count)")
    }
}

/// Callbacks run on rank zero, where the figures of all ranks are.
final class LossHistory: Callback {
    private(set) var losses: [Float] = []
    private var epochBegin = 0
    private let folder: String

    /// - Parameter folder: where `loss_plot_epoch_N.svg` go.
    init(_ folder: String) { self.folder = folder }

    override func onTrainBegin() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    override func onEpochBegin(_ epoch: Int) { epochBegin = losses.count }
    override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) { losses.append(logs["loss"]!) }

    override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
        let own = losses[epochBegin...], high = max(own.max() ?? 1, .leastNormalMagnitude)
        let points = own.enumerated().map { "\(20 + 360 * $0 / max(1, own.count - 1)),\(180 - 160 * $1 / high)" }.joined(separator: " ")
        let picture = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200" font-family="sans-serif" font-size="12">
            <path d="M20 20v160h360" fill="none" stroke="dimgray"/><polyline points="\(points)" fill="none" stroke="#1f6fb4"/>
            <text x="200" y="15" text-anchor="middle">Training loss for each batch of epoch \(epoch + 1), up to \(high)</text>
            </svg>
            """
        try picture.write(toFile: "\(folder)/loss_plot_epoch_\(epoch).svg", atomically: true, encoding: .utf8)
    }
}
