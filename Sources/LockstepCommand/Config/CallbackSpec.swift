import Lockstep

/// A callback of the config's list, made when it is known where files go.
struct CallbackSpec {
    /// Keras' name of its class.
    let name: String
    private let make: (_ directory: String) -> Callback

    /// Whether it writes files, and has no say in the training.
    var writes: Bool { ["BackupAndRestore", "CSVLogger", "ModelCheckpoint"].contains(name) }

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
        guard let maker = CallbackSpec.makers.first(where: { $0.key == name }) else {
            throw ConfigError(unknownName("callback", name, CallbackSpec.makers.map(\.key)), at: [name])
        }
        self.name = name
        make = try inside(name) { try maker.value(arguments) }
    }

    /// The callbacks that a config may name, by Keras' class names, with Keras' arguments.
    private static let makers: KeyValuePairs<String, @Sendable (ConfigValue) throws -> (_ directory: String) -> Callback> = [
        "CSVLogger": { arguments in
            let config = try section(arguments, keys: ["filename", "append"])
            let (filename, append) = (try config.string("filename"), try config.bool("append", default: false))
            guard ![RunFolder.model, RunFolder.diverged, RunFolder.config, RunFolder.trace, RunFolder.audit].contains(filename) else {
                throw ConfigError("\(filename) is a file of the run's own; name another", at: ["filename"])
            }
            return { CSVLogger(located(filename, in: $0), append: append) }
        },
        "EarlyStopping": { arguments in
            let config = try section(
                arguments,
                keys: ["monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights", "start_from_epoch"])
            let (monitor, delta) = (try config.string("monitor", default: "val_loss"), try config.float("min_delta", default: 0))
            let (patience, verbose, mode) = (
                try config.count("patience", default: 0), try config.count("verbose", default: 0), try config.mode()
            )
            let baseline = try config.optionalFloat("baseline")
            let restore = try config.bool("restore_best_weights", default: false)
            let start = try config.count("start_from_epoch", default: 0)
            return { _ in
                EarlyStopping(
                    monitor: monitor, minDelta: delta, patience: patience, verbose: verbose, mode: mode, baseline: baseline,
                    restoreBestWeights: restore, startFromEpoch: start)
            }
        },
        "ReduceLROnPlateau": { arguments in
            let config = try section(
                arguments, keys: ["monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr"])
            let (monitor, delta) = (try config.string("monitor", default: "val_loss"), try config.float("min_delta", default: 1e-4))
            let (patience, verbose, mode) = (
                try config.count("patience", default: 10), try config.count("verbose", default: 0), try config.mode()
            )
            let (factor, cooldown) = (try config.double("factor", default: 0.1), try config.count("cooldown", default: 0))
            guard factor < 1 else { throw ConfigError("expected a number below 1, found \(factor)", at: ["factor"]) }
            let minLR = try config.double("min_lr", default: 0)
            return { _ in
                ReduceLROnPlateau(
                    monitor: monitor, factor: factor, patience: patience, verbose: verbose, mode: mode, minDelta: delta, cooldown: cooldown,
                    minLR: minLR)
            }
        },
        "BackupAndRestore": { arguments in
            let config = try section(arguments, keys: ["backup_dir", "save_freq", "double_checkpoint", "delete_checkpoint"])
            let directory = try config.string("backup_dir")
            let frequency = try config.saveFrequency().map { Checkpoints.Frequency.steps($0) } ?? .epochs(1)
            let (double, delete) = (
                try config.bool("double_checkpoint", default: false), try config.bool("delete_checkpoint", default: true)
            )
            return { BackupAndRestore(located(directory, in: $0), saveFreq: frequency, doubleCheckpoint: double, deleteCheckpoint: delete) }
        },
        "ModelCheckpoint": { arguments in
            let config = try section(
                arguments,
                keys: [
                    "filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode", "save_freq", "initial_value_threshold",
                ])
            let (path, monitor) = (try config.string("filepath"), try config.string("monitor", default: "val_loss"))
            guard ![RunFolder.model, RunFolder.diverged].contains(path) else {
                throw ConfigError("\(path) is a file of the run's own; name another", at: ["filepath"])
            }
            let (verbose, mode) = (try config.count("verbose", default: 0), try config.mode())
            let (best, weights) = (
                try config.bool("save_best_only", default: false), try config.bool("save_weights_only", default: false)
            )
            let frequency = try config.saveFrequency().map { ModelCheckpoint.SaveFrequency.batches($0) } ?? .epoch
            let threshold = try config.optionalFloat("initial_value_threshold")
            return {
                ModelCheckpoint(
                    located(path, in: $0), monitor: monitor, verbose: verbose, saveBestOnly: best, saveWeightsOnly: weights, mode: mode,
                    saveFreq: frequency, initialValueThreshold: threshold)
            }
        },
        "TerminateOnNaN": { arguments in
            let raise = try section(arguments, keys: ["raise_error"]).bool("raise_error", default: false)
            return { _ in TerminateOnNaN(raiseError: raise) }
        },
    ]
}

/// A path that the config gives relative to the run's directory.
private func located(_ path: String, in directory: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

extension Config {
    /// Every so many batches; `nil` for every epoch.
    fileprivate func saveFrequency() throws -> Int? {
        switch value("save_freq") {
        case nil, .string("epoch"): return nil
        case .int(let batches) where 1 ... mostOfAll ~= batches: return batches
        default: throw ConfigError("expected epoch, or a number of batches", at: ["save_freq"])
        }
    }

    /// Whether less or more of a monitored figure is better.
    func mode() throws -> MonitorMode {
        let name = try string("mode", default: "auto")
        guard let mode = MonitorMode(rawValue: name) else {
            throw ConfigError(unknownName("mode", name, ["auto", "min", "max"]), at: ["mode"])
        }
        return mode
    }
}
