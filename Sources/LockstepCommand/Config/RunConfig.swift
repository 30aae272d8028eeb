import Lockstep

/// What a config says about a run: every key read and checked, no file opened yet.
struct RunConfig {
    let file: ConfigFile
    let model: ModelSource
    let compile: ConfigValue?
    let data: DataSection
    let fit: FitSection
    let callbacks: [CallbackSpec]
    let logicalShards: Int?
    /// Seconds without progress after which a stuck job ends; `nil` where the config is silent.
    let watchdogSeconds: Double?

    /// - Throws: `InputError` with the place of the first thing that is wrong.
    init(_ file: ConfigFile) throws {
        self.file = file
        (model, compile, data, fit, callbacks, logicalShards, watchdogSeconds) = try file.reading {
            let top = try section(file.tree.value, keys: ["model", "data", "compile", "fit", "callbacks", "distributed"])
            guard let model = top.value("model") else {
                throw ConfigError("missing model: expected a mapping with layers, or the path of a model file")
            }
            let compile = top.value("compile")
            _ = try inside("compile") { try section(compile, keys: ["optimizer", "loss", "metrics", "weighted_metrics"]) }
            return (
                try inside("model") { try ModelSource(model, file) }, compile,
                try inside("data") { try DataSection(top.value("data"), file) },
                try inside("fit") { try FitSection(top.value("fit")) },
                try inside("callbacks") { try CallbackSpec.list(top.optionalArrayHere("callbacks")) },
                try inside("distributed") { try RunConfig.logicalShards(top.value("distributed")) },
                try inside("distributed") { try RunConfig.watchdogSeconds(top.value("distributed")) }
            )
        }
    }

    /// Makes the model, compiled as the config says; what a model file was compiled with stays where the config is silent.
    ///
    /// - Throws: `InputError`, or `SavingError` for a model file that cannot be read.
    func makeModel() throws -> Model {
        try file.reading {
            Random.setSeed(fit.seed)
            let model = try inside("model") { try self.model.make() }
            try compileIfAsked(model)
            return model
        }
    }

    /// As `makeModel`, for a model that a command was given by name.
    func recompile(_ model: Model) throws { try file.reading { try compileIfAsked(model) } }

    private func compileIfAsked(_ model: Model) throws {
        guard let compile else { return }
        try inside("compile") { try model.compile(config: compile) }
    }

    private static func logicalShards(_ value: ConfigValue?) throws -> Int? {
        let config = try section(value, keys: ["logical_shards", "watchdog_seconds"])
        return try config.positive("logical_shards")
    }

    private static func watchdogSeconds(_ value: ConfigValue?) throws -> Double? {
        let config = try section(value, keys: ["logical_shards", "watchdog_seconds"])
        let seconds = try config.optionalDouble("watchdog_seconds")
        if let seconds, !(seconds >= 0) {
            throw ConfigError("\(seconds): expected a number of at least 0 (0 turns the watchdog off)", at: ["watchdog_seconds"])
        }
        return seconds
    }
}

/// How long, in what portions and in what order a model is trained.
struct FitSection {
    let epochs: Int, batchSize: Int, shuffle: Bool, seed: Int

    init(_ value: ConfigValue?) throws {
        let config = try section(value, keys: ["epochs", "batch_size", "shuffle", "seed"])
        epochs = try config.positive("epochs") ?? 1
        batchSize = try config.positive("batch_size") ?? 32
        shuffle = try config.bool("shuffle", default: true)
        seed = try config.int("seed", default: 0)
    }
}

/// A callback of the config's list, made when it is known where files go.
struct CallbackSpec {
    private let make: (_ directory: String) -> Callback

    func make(in directory: String) -> Callback { make(directory) }

    static func list(_ values: [ConfigValue]?) throws -> [CallbackSpec] {
        try (values ?? []).enumerated().map { index, value in try inside(String(index)) { try CallbackSpec(value) } }
    }

    private init(_ value: ConfigValue) throws {
        let name: String, arguments: ConfigValue
        switch value {
        case .string(let text): (name, arguments) = (text, .null)
        case .object(let entries) where entries.count == 1: (name, arguments) = (entries[0].key, entries[0].value)
        default: throw ConfigError("expected a callback by name, found \(value.kind)")
        }
        switch name {
        case "CSVLogger":
            make = try inside(name) {
                let config = try section(arguments, keys: ["filename", "append"])
                let (filename, append) = (try config.string("filename"), try config.bool("append", default: false))
                return { CSVLogger(filename.hasPrefix("/") ? filename : "\($0)/\(filename)", append: append) }
            }
        default: throw ConfigError(unknownName("callback", name, ["CSVLogger"]), at: [name])
        }
    }
}

extension Config {
    /// A whole number of at least one.
    func positive(_ key: String) throws -> Int? {
        guard let number = try optionalInt(key) else { return nil }
        guard number >= 1 else { throw ConfigError("expected a whole number of at least 1, found \(number)", at: [key]) }
        return number
    }

    /// A list, its error without the key, which the caller names.
    func optionalArrayHere(_ key: String) throws -> [ConfigValue]? {
        guard let value = value(key) else { return nil }
        guard case .array(let items) = value else { throw ConfigError("expected a list, found \(value.kind)") }
        return items
    }
}
