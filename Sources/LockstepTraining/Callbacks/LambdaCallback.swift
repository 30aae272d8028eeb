import LockstepNN

/// A callback of closures, for what is done in a line or two. `keras.callbacks.LambdaCallback`.
///
///     LambdaCallback(onEpochEnd: { epoch, logs in print(epoch, logs["loss"] ?? .nan) })
public final class LambdaCallback: Callback {
    private let epochBegin: ((Int) throws -> Void)?, epochEnd: ((Int, Logs) throws -> Void)?
    private let trainBegin: (() throws -> Void)?, trainEnd: ((Logs) throws -> Void)?
    private let trainBatchBegin: ((Int) throws -> Void)?, trainBatchEnd: ((Int, Logs) throws -> Void)?

    public init(
        onEpochBegin: ((_ epoch: Int) throws -> Void)? = nil, onEpochEnd: ((_ epoch: Int, _ logs: Logs) throws -> Void)? = nil,
        onTrainBegin: (() throws -> Void)? = nil, onTrainEnd: ((_ logs: Logs) throws -> Void)? = nil,
        onTrainBatchBegin: ((_ batch: Int) throws -> Void)? = nil,
        onTrainBatchEnd: ((_ batch: Int, _ logs: Logs) throws -> Void)? = nil
    ) {
        (epochBegin, epochEnd, trainBegin, trainEnd) = (onEpochBegin, onEpochEnd, onTrainBegin, onTrainEnd)
        (trainBatchBegin, trainBatchEnd) = (onTrainBatchBegin, onTrainBatchEnd)
    }

    public override func onEpochBegin(_ epoch: Int) throws { try epochBegin?(epoch) }
    public override func onEpochEnd(_ epoch: Int, _ logs: Logs) throws { try epochEnd?(epoch, logs) }
    public override func onTrainBegin() throws { try trainBegin?() }
    public override func onTrainEnd(_ logs: Logs) throws { try trainEnd?(logs) }
    public override func onTrainBatchBegin(_ batch: Int) throws { try trainBatchBegin?(batch) }
    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws { try trainBatchEnd?(batch, logs) }
}
