import Lockstep
import LockstepMPI

/// How the ranks of a run work together.
struct DistributedSection {
    /// Parts of each batch whose sums do not depend on the number of ranks; `nil`: one a rank.
    let logicalShards: Int?
    /// Whether each rank keeps the optimizer's state for its part of the parameters only.
    let shardOptimizer: Bool
    /// Steps within which a parameter that differs on one rank is found; 0 does not look.
    let desyncCheckSteps: Int

    /// Seconds without progress after which a stuck job ends; `nil` where the config is silent.
    let watchdogSeconds: Double?

    /// How gradients are summed, and how they travel between hosts.
    let reduction: MPICommunicator.Reduction
    let compression: MPICommunicator.Compression

    /// Each has an arena of gradients and is computed alone.
    private static let mostShards = 4096
    /// More than three years.
    private static let mostSeconds = 1e8

    private static let keys = [
        "logical_shards", "shard_optimizer", "desync_check_steps", "watchdog_seconds", "reduction", "compression",
    ]

    init(_ value: ConfigValue?) throws {
        let config = try section(value, keys: DistributedSection.keys)
        watchdogSeconds = try config.optionalDouble("watchdog_seconds")
        if let watchdogSeconds, !(0 ... DistributedSection.mostSeconds ~= watchdogSeconds) {
            throw ConfigError(
                "\(watchdogSeconds): expected a number of at least 0, at most \(Int(DistributedSection.mostSeconds)) (0 turns the watchdog off)",
                at: ["watchdog_seconds"])
        }
        logicalShards = try config.positive("logical_shards", atMost: DistributedSection.mostShards)
        reduction = try config.choice("reduction", default: .automatic)
        compression = try config.choice("compression", default: .none)
        if logicalShards != nil, compression != .none || reduction == .allReduce {
            throw ConfigError(
                "promises the same bytes on any number of ranks, which neither compressed gradients nor MPI's own all-reduce can keep; leave out one of the two",
                at: ["logical_shards"])
        }
        if compression != .none, reduction == .exchange || reduction == .allReduce {
            throw ConfigError(
                "goes with the reductions automatic and hierarchical, not with \(snakeCase(reduction.rawValue))", at: ["compression"])
        }
        shardOptimizer = try config.bool("shard_optimizer", default: false)
        desyncCheckSteps = try config.int("desync_check_steps", default: Distribution.checkInterval)
        guard 0 ... mostOfAll ~= desyncCheckSteps else {
            throw ConfigError(
                "expected a number of steps, or 0 to turn the check off, found \(desyncCheckSteps)", at: ["desync_check_steps"])
        }
    }

    /// Takes over what the config says, before any model is trained.
    func apply(_ communicator: any Communicator) {
        Distribution.logicalShards = logicalShards
        Distribution.shardsOptimizer = shardOptimizer
        Distribution.checkInterval = desyncCheckSteps
        guard let communicator = communicator as? MPICommunicator else { return }
        if let watchdogSeconds { communicator.watchdogSeconds = watchdogSeconds }
        (communicator.reduction, communicator.compression) = (reduction, compression)
    }
}

extension Config {
    /// One of an enumeration's names, written as in all configs: `shared_memory`.
    fileprivate func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default fallback: Choice) throws -> Choice
    where Choice.RawValue == String {
        guard let name = try optionalString(key) else { return fallback }
        guard let choice = Choice.allCases.first(where: { snakeCase($0.rawValue) == name }) else {
            throw ConfigError(unknownName(key, name, Choice.allCases.map { snakeCase($0.rawValue) }), at: [key])
        }
        return choice
    }
}
