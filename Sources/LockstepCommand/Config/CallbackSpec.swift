import Lockstep

/// A callback of the config's list, made when it is known where files go.
struct CallbackSpec {
    /// Keras' name of its class.
    let name: String
    private let make: (_ directory: String) -> Callback

    /// Whether it writes files, and has no say in the training.
    var writes: Bool { ["BackupAndRestore", "CSVLogger", "ModelCheckpoint", "TensorBoard"].contains(name) }

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
        guard name != "LambdaCallback" else {
            throw ConfigError("LambdaCallback takes functions, which only a program can give; see Examples", at: [name])
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
            let config = try section(arguments, keys: ["filename", "separator", "append"])
            let (filename, append) = (try config.string("filename"), try config.bool("append", default: false))
            let separator = try config.string("separator", default: ",")
            guard !separator.isEmpty, !separator.contains(where: { $0.isNewline || $0.isNumber }) else {
                throw ConfigError("expected what can stand between two numbers, found \(separator.debugDescription)", at: ["separator"])
            }
            guard
                ![
                    RunFolder.model, RunFolder.diverged, RunFolder.config, RunFolder.trace, RunFolder.audit, RunFolder.environment,
                    RunFolder.curves,
                ].contains(filename)
            else {
                throw ConfigError("\(filename) is a file of the run's own; name another", at: ["filename"])
            }
            return { CSVLogger(located(filename, in: $0), separator: separator, append: append) }
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
        "LearningRateScheduler": { arguments in
            let config = try section(arguments, keys: ["schedule", "verbose"])
            guard let schedule = try config.schedule("schedule") else {
                throw ConfigError("expected a learning rate schedule, whose steps are epochs here, found nothing", at: ["schedule"])
            }
            let verbose = try config.count("verbose", default: 0)
            return { _ in LearningRateScheduler(schedule, verbose: verbose) }
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
        "SwapEMAWeights": { arguments in
            let onEpoch = try section(arguments, keys: ["swap_on_epoch"]).bool("swap_on_epoch", default: false)
            return { _ in SwapEMAWeights(swapOnEpoch: onEpoch) }
        },
        "TensorBoard": { arguments in
            let config = try section(
                arguments,
                keys: [
                    "log_dir", "histogram_freq", "write_graph", "write_images", "write_steps_per_second", "update_freq", "profile_batch",
                    "embeddings_freq", "embeddings_metadata",
                ])
            let (directory, histograms) = (try config.string("log_dir", default: "logs"), try config.count("histogram_freq", default: 0))
            let (graph, images) = (try config.bool("write_graph", default: true), try config.bool("write_images", default: false))
            let speed = try config.bool("write_steps_per_second", default: false)
            let (frequency, profiled) = (try config.updateFrequency(), try config.profiledSteps())
            let (embeddings, metadata) = (try config.count("embeddings_freq", default: 0), try config.texts("embeddings_metadata"))
            return {
                TensorBoard(
                    logDir: located(directory, in: $0), histogramFreq: histograms, writeGraph: graph, writeImages: images,
                    writeStepsPerSecond: speed, updateFreq: frequency, profileBatch: profiled, embeddingsFreq: embeddings,
                    embeddingsMetadata: metadata)
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

    /// How often TensorBoard gets the figures of batches.
    fileprivate func updateFrequency() throws -> TensorBoard.UpdateFrequency {
        switch value("update_freq") {
        case nil, .string("epoch"): return .epoch
        case .string("batch"): return .batch
        case .int(let batches) where 1 ... mostOfAll ~= batches: return .batches(batches)
        default: throw ConfigError("expected epoch, batch, or a number of batches", at: ["update_freq"])
        }
    }

    /// The steps to profile: one, or the first and the last; `nil` for 0.
    fileprivate func profiledSteps() throws -> ClosedRange<Int>? {
        switch value("profile_batch") {
        case nil, .int(0): return nil
        case .int(let step) where 1 ... mostOfAll ~= step: return step ... step
        case .array(let steps):
            if steps.count == 2, case .int(let first) = steps[0], case .int(let last) = steps[1], 1 ... mostOfAll ~= first, first <= last,
                last <= mostOfAll
            {
                return first ... last
            }
            fallthrough
        default: throw ConfigError("expected a step, from 1, or a list of the first and the last", at: ["profile_batch"])
        }
    }

    /// Texts by name; none where there is nothing.
    fileprivate func texts(_ key: String) throws -> [String: String] {
        guard let value = value(key), value != .null else { return [:] }
        guard case .object(let entries) = value else { throw ConfigError("expected a mapping, found \(value.kind)", at: [key]) }
        return Dictionary(
            try entries.map { entry in
                guard case .string(let text) = entry.value else {
                    throw ConfigError("expected a text, found \(entry.value.kind)", at: [key, entry.key])
                }
                return (entry.key, text)
            }
        ) { first, _ in first }
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
