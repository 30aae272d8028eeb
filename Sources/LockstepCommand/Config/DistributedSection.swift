import Lockstep

/// How the ranks of a run work together.
struct DistributedSection {
    /// Parts of each batch whose sums do not depend on the number of ranks; `nil`: one a rank.
    let logicalShards: Int?
    /// Whether each rank keeps the optimizer's state for its part of the parameters only.
    let shardOptimizer: Bool
    /// Steps within which a parameter that differs on one rank is found; 0 does not look.
    let desyncCheckSteps: Int

    private static let keys = ["logical_shards", "shard_optimizer", "desync_check_steps", "watchdog_seconds"]

    init(_ value: ConfigValue?) throws {
        let config = try section(value, keys: DistributedSection.keys)
        if config.has("watchdog_seconds") { throw ConfigError("watchdog_seconds is not supported yet", at: ["watchdog_seconds"]) }
        logicalShards = try config.positive("logical_shards")
        shardOptimizer = try config.bool("shard_optimizer", default: false)
        desyncCheckSteps = try config.int("desync_check_steps", default: Distribution.checkInterval)
        guard desyncCheckSteps >= 0 else {
            throw ConfigError(
                "expected a number of steps, or 0 to turn the check off, found \(desyncCheckSteps)", at: ["desync_check_steps"])
        }
    }

    /// Takes over what the config says, before any model is trained.
    func apply() {
        Distribution.logicalShards = logicalShards
        Distribution.shardsOptimizer = shardOptimizer
        Distribution.checkInterval = desyncCheckSteps
    }
}
