import LockstepNN

/// Stops training after the batch whose loss is not a finite number. `keras.callbacks.TerminateOnNaN`.
///
/// The loss is that of the epoch so far, over all ranks: once a batch's loss is NaN or infinite, so is this. The history then
/// says `endedByNaN`.
public final class TerminateOnNaN: Callback {
    private let raiseError: Bool
    /// Whether it has stopped the training.
    private(set) var hasTerminated = false

    /// - Parameter raiseError: end with an error at once, without the other callbacks' `onTrainEnd`.
    public init(raiseError: Bool = false) { self.raiseError = raiseError }

    public override func onTrainBegin() { hasTerminated = false }

    public override var state: CallbackState {
        get { CallbackState(.object(["has_terminated": .bool(hasTerminated)])) }
        set { hasTerminated = newValue.values["has_terminated"] == true }
    }

    /// - Throws: `TrainingError` if asked to.
    public override func onTrainBatchEnd(_ batch: Int, _ logs: Logs) throws {
        guard let loss = logs["loss"], !loss.isFinite else { return }
        if raiseError { throw TrainingError("batch \(batch): the loss is \(loss); lower the learning rate, or look at the data") }
        say("Batch \(batch): Invalid loss, terminating training")
        hasTerminated = true
        model?.stopTraining = true
    }
}
