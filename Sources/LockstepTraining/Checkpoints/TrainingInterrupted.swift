import LockstepSystem

/// A signal asked the training to end, and it ended behind a step, on all ranks together.
public struct TrainingInterrupted: Error, CustomStringConvertible {
    public let signal: Int32
    /// Where the run was left.
    public let position: String
    /// The checkpoint that has it; `nil` where none are written.
    public let checkpoint: String?

    /// What a process that ends for this reason returns to its parent, as shells have it.
    public var exitStatus: Int32 { 128 + signal }

    public var description: String {
        "training was interrupted by \(Interruption.name(of: signal)) at \(position); "
            + (checkpoint.map { "\($0) has the run" } ?? "no checkpoint was written, as none are asked for")
    }
}
