import LockstepNN

/// Something done while a model trains: showing progress, writing a file, stopping early.
///
/// Callbacks run on rank zero alone and see figures over all ranks. `keras.callbacks.Callback`.
open class Callback {
    /// The model that trains.
    public package(set) weak var model: Model?
    /// How the run was started.
    public package(set) var parameters = FitParameters(epochs: 1, steps: nil, verbose: 0)

    public init() {}

    open func onTrainBegin() throws {}
    open func onTrainEnd(_ logs: Logs) throws {}
    open func onEpochBegin(_ epoch: Int) throws {}
    open func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {}
    open func onTrainBatchBegin(_ batch: Int) throws {}
    open func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {}
    open func onTestBegin() throws {}
    open func onTestEnd(_ logs: Logs) throws {}
    open func onTestBatchEnd(_ batch: Int, _ logs: Logs) throws {}
}

/// How a run was started.
public struct FitParameters: Sendable {
    public let epochs: Int
    /// Batches of an epoch.
    public let steps: Int?
    public let verbose: Int
}

/// Runs a rank's callbacks: rank zero's are those given, the others have none.
struct CallbackList {
    let callbacks: [Callback]

    init(_ callbacks: [Callback], model: Model, parameters: FitParameters, isRankZero: Bool) {
        self.callbacks = isRankZero ? callbacks : []
        for callback in self.callbacks {
            callback.model = model
            callback.parameters = parameters
        }
    }

    func each(_ body: (Callback) throws -> Void) rethrows { for callback in callbacks { try body(callback) } }
}
