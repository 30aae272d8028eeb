/// The ranks that models of this process train with.
public enum Distribution {
    /// A process alone unless set, before any training, to a communicator that knows others.
    nonisolated(unsafe) public static var communicator: any Communicator = LocalCommunicator()
    /// Parts of each global batch that are computed alone and summed in a fixed order, whatever the number of ranks: the
    /// same trained bytes on 1 … S ranks, if matrix products use the same number of threads. `nil`: one a rank.
    nonisolated(unsafe) public static var logicalShards: Int?
    /// Whether each rank keeps the optimizer's state for its part of the parameters only (ZeRO, stage 1).
    nonisolated(unsafe) public static var shardsOptimizer = false
    /// Steps within which a parameter that differs on one rank is found; 0 does not look.
    nonisolated(unsafe) public static var checkInterval = 32
}
