/// The ranks that models of this process train with.
public enum Distribution {
    /// A process alone unless set, before any training, to a communicator that knows others.
    nonisolated(unsafe) public static var communicator: any Communicator = LocalCommunicator()

    /// How ranks share the work. A training that has begun goes on as it was set; the next one follows what is set then.
    public struct Settings: Equatable, Sendable {
        /// Parts of each global batch that are computed alone and summed in a fixed order, whatever the number of ranks: the
        /// same trained bytes on 1 … S ranks. `nil`: one a rank.
        public var logicalShards: Int?
        /// Whether each rank keeps the optimizer's state for its part of the parameters only (ZeRO, stage 1).
        public var shardsOptimizer = false
        /// Steps within which a parameter that differs on one rank is found; 0 does not look.
        public var checkInterval = 32

        public init() {}
    }

    nonisolated(unsafe) public static var settings = Settings()

    /// Whether the number of threads of matrix products was left to the library: with logical shards it is one, as the bytes of a
    /// product depend on it, and its share of the cores on the ranks.
    nonisolated(unsafe) package static var sharesOutThreads = false

    /// `settings.logicalShards`.
    public static var logicalShards: Int? {
        get { settings.logicalShards }
        set { settings.logicalShards = newValue }
    }
    /// `settings.shardsOptimizer`.
    public static var shardsOptimizer: Bool {
        get { settings.shardsOptimizer }
        set { settings.shardsOptimizer = newValue }
    }
    /// `settings.checkInterval`.
    public static var checkInterval: Int {
        get { settings.checkInterval }
        set { settings.checkInterval = newValue }
    }
}
