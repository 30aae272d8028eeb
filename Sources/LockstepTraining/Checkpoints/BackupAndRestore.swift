import LockstepSystem

/// Keeps a checkpoint of the run while it lasts, and goes on from it where a run of the same directory was left.
/// `keras.callbacks.BackupAndRestore`.
///
/// Unlike in Keras the run goes on at the batch behind the checkpoint's, and comes to the same bytes as if it had never been left.
public final class BackupAndRestore: Checkpoints {
    private let deleteCheckpoint: Bool

    /// - Parameters:
    ///   - backupDir: of this run alone.
    ///   - saveFreq: every epoch, or every so many steps.
    ///   - doubleCheckpoint: keep the one before the last, too.
    ///   - deleteCheckpoint: remove the last one when training has ended.
    public init(_ backupDir: String, saveFreq: Frequency = .epochs(1), doubleCheckpoint: Bool = false, deleteCheckpoint: Bool = true) {
        self.deleteCheckpoint = deleteCheckpoint
        super.init(backupDir, every: [saveFreq], keep: doubleCheckpoint ? 2 : 1)
    }

    public override func onTrainEnd(_ logs: Logs) {
        super.onTrainEnd(logs)
        if deleteCheckpoint { folder.remove(folder.files.map(\.path)) }
    }
}
