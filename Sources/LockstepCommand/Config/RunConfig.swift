import Lockstep

/// What a config says about a run: every key read and checked, no file opened yet.
struct RunConfig {
    let file: ConfigFile
    let model: ModelSource
    let compile: ConfigValue?
    let data: DataSection
    let fit: FitSection
    let callbacks: [CallbackSpec]
    /// `nil` where none are asked for.
    let checkpoints: CheckpointsSection?
    let distributed: DistributedSection
    /// Whether convolutions may use Winograd's algorithm.
    let winograd: Bool

    /// - Throws: `InputError` with the place of the first thing that is wrong.
    init(_ file: ConfigFile) throws {
        self.file = file
        (model, compile, data, fit, callbacks, checkpoints, distributed, winograd) = try file.reading {
            let top = try section(
                file.tree.value, keys: ["model", "data", "compile", "fit", "callbacks", "checkpoints", "distributed", "winograd"])
            guard let model = top.value("model") else {
                throw ConfigError("missing model: expected a mapping with layers, or the path of a model file")
            }
            let compile = top.value("compile")
            _ = try inside("compile") { try section(compile, keys: ["optimizer", "loss", "loss_weights", "metrics", "weighted_metrics"]) }
            return (
                try inside("model") { try ModelSource(model, file) }, compile,
                try inside("data") { try DataSection(top.value("data"), file) },
                try inside("fit") { try FitSection(top.value("fit")) },
                try inside("callbacks") { try CallbackSpec.list(top.optionalArrayHere("callbacks")) },
                try inside("checkpoints") { try top.value("checkpoints").map { try CheckpointsSection($0) } },
                try inside("distributed") { try DistributedSection(top.value("distributed")) }, try top.bool("winograd", default: true)
            )
        }
    }

    /// Makes the model, compiled as the config says; what a model file was compiled with stays where the config is silent.
    ///
    /// - Throws: `InputError`, or `SavingError` for a model file that cannot be read.
    func makeModel() throws -> Model {
        try file.reading {
            Random.setSeed(fit.seed)
            return try model.make(compiledBy: compile)
        }
    }

    /// The model in a file, to be evaluated with the loss and the metrics that the config names, else with its own.
    func load(_ path: String) throws -> Model {
        try file.reading {
            try inside("compile") {
                try loadModel(path, compile: .evaluation(by: compile ?? .null), otherwise: "name others under compile, too")
            }
        }
    }
}

/// How long, in what portions and in what order a model is trained.
struct FitSection {
    let epochs: Int, batchSize: Int, shuffle: Bool, seed: Int
    /// Steps from one record of the weights' checksums to the next; `nil` for those of epochs' ends alone.
    let auditSteps: Int?

    init(_ value: ConfigValue?) throws {
        let config = try section(value, keys: ["epochs", "batch_size", "shuffle", "seed", "audit_steps"])
        epochs = try config.positive("epochs", atMost: mostOfAll) ?? 1
        batchSize = try config.positive("batch_size") ?? 32
        shuffle = try config.bool("shuffle", default: true)
        seed = try config.int("seed", default: 0)
        auditSteps = try config.positive("audit_steps", atMost: mostOfAll)
    }
}

/// Of epochs, steps and the like: sums and products of a few such numbers stay far from the end of `Int`.
let mostOfAll = 1_000_000_000

extension Config {
    /// A whole number of at least one.
    func positive(_ key: String, atMost most: Int = .max) throws -> Int? {
        guard let number = try optionalInt(key) else { return nil }
        guard number >= 1 else { throw ConfigError("expected a whole number of at least 1, found \(number)", at: [key]) }
        guard number <= most else { throw ConfigError("expected a whole number of at most \(most), found \(number)", at: [key]) }
        return number
    }

    /// A whole number of epochs, steps and the like.
    func count(_ key: String, default fallback: Int) throws -> Int {
        let number = try int(key, default: fallback)
        guard number >= 0 else { throw ConfigError("expected a whole number of at least 0, found \(number)", at: [key]) }
        guard number <= mostOfAll else { throw ConfigError("expected a whole number of at most \(mostOfAll), found \(number)", at: [key]) }
        return number
    }

    /// A list, its error without the key, which the caller names.
    func optionalArrayHere(_ key: String) throws -> [ConfigValue]? {
        guard let value = value(key) else { return nil }
        guard case .array(let items) = value else { throw ConfigError("expected a list, found \(value.kind)") }
        return items
    }
}
