import LockstepNN
import LockstepSaving
import LockstepTensor

// A run as checkpoints hold it: texts and numbers as JSON, which keeps every bit of a finite float, and arrays as HDF5.

extension RunState {
    /// The version of this form.
    private static let format = 1

    /// Writes the arrays.
    ///
    /// - Returns: all else.
    func record(into file: HDF5Writer) throws -> [ConfigValue.Entry] {
        let width = metrics.sums.count
        if isInEpoch, width > 0 {
            try file.makeGroup("metrics")
            try file.write(Tensor(metrics.shards.flatMap { $0 }, shape: [metrics.shards.count, width]), at: "metrics/shards")
            try file.write(Tensor(metrics.sums, shape: [width]), at: "metrics/sums")
        }
        let callbacks = try self.callbacks.enumerated().map { index, callback -> ConfigValue in
            if !callback.tensors.isEmpty { try file.makeGroup("callbacks/\(index)") }
            for (number, tensor) in callback.tensors.enumerated() where tensor.shape.count > 0 {
                try file.write(tensor, at: "callbacks/\(index)/\(number)")
            }
            let arrays = callback.tensors.map { ConfigValue.array([.string($0.dtype.rawValue), ConfigValue($0.shape)]) }
            return .object(["class": .string(callback.owner), "values": callback.values, "arrays": .array(arrays)])
        }
        return [
            .init("format", .int(RunState.format)), .init("epoch", .int(epoch)), .init("in_epoch", .bool(isInEpoch)),
            .init("batch", .int(batch)), .init("seed", .int(seed)), .init("stops_training", .bool(stopsTraining)),
            .init("swapped_averages", .bool(hasSwappedAverages)),
            .init("learning_rate", ConfigValue(learningRate)), .init("metrics", .array([.int(metrics.shards.count), .int(width)])),
            .init("history", history.record), .init("callbacks", .array(callbacks)),
            .init("run_of", .array(facts.map { .array([.string($0.name), .string($0.value)]) })),
        ]
    }

    /// Reads what `record` has made.
    ///
    /// - Throws: `ConfigError` or `SavingError` for what it never makes.
    init(_ record: ConfigValue, _ root: HDF5Group) throws {
        let config = try Config(record)
        let format = try config.int("format")
        guard format == RunState.format else {
            throw ConfigError("expected \(RunState.format), found \(format): it was written by another version", at: ["format"])
        }
        self.init(epoch: try config.count("epoch"), seed: try config.int("seed"))
        (isInEpoch, batch) = (try config.bool("in_epoch", default: false), try config.count("batch"))
        (stopsTraining, learningRate) = (try config.bool("stops_training", default: false), try config.float("learning_rate"))
        hasSwappedAverages = try config.bool("swapped_averages", default: false)
        history = try History(record: config.value("history") ?? .null)
        facts = try config.array("run_of").enumerated().map { index, fact in
            guard case .array(let texts) = fact, texts.count == 2, case .string(let name) = texts[0], case .string(let value) = texts[1]
            else { throw ConfigError("expected a name and a value", at: ["run_of", String(index)]) }
            return Fact(name: name, value: value)
        }
        let lengths = try config.lengths("metrics")
        guard lengths.count == 2 else { throw ConfigError("expected two lengths", at: ["metrics"]) }
        if isInEpoch, lengths[1] > 0 {
            func read(_ name: String, _ shape: Shape) throws -> [Float] {
                guard let dataset = try root.group("metrics")?.dataset(name) else {
                    throw SavingError(root.source(), "has no array metrics/\(name)")
                }
                return try dataset.read(shape, .float32).scalars
            }
            let all = try read("shards", Shape(lengths))
            metrics.shards = (0 ..< lengths[0]).map { Array(all[$0 * lengths[1] ..< ($0 + 1) * lengths[1]]) }
            metrics.sums = try read("sums", [lengths[1]])
        }
        callbacks = try config.array("callbacks").enumerated().map { index, value in
            do { return try CallbackState(record: Config(value), root.group("callbacks/\(index)")) } catch let error as ConfigError {
                throw ConfigError(error.message, at: ["callbacks", String(index)] + error.path)
            }
        }
    }
}

extension CallbackState {
    fileprivate init(record: Config, _ group: HDF5Group?) throws {
        self.init(record.value("values") ?? .object([]))
        owner = try record.string("class")
        tensors = try record.array("arrays").enumerated().map { number, value in
            guard case .array(let parts) = value, parts.count == 2, case .string(let name) = parts[0], let dtype = DType(rawValue: name),
                case .array(let lengths) = parts[1]
            else { throw ConfigError("expected a type and a shape", at: ["arrays", String(number)]) }
            let shape = Shape(try inside("arrays", String(number)) { try lengths.map(Config.length) })
            guard let elements = shape.checkedCount else {
                throw ConfigError("expected a shape whose elements memory can hold, found \(shape)", at: ["arrays", String(number)])
            }
            if elements == 0 { return Tensor.zeros(shape).cast(to: dtype) }
            guard let dataset = try group?.dataset(String(number)) else {
                throw ConfigError("its array is missing in run.h5", at: ["arrays", String(number)])
            }
            return try dataset.read(shape, dtype)
        }
    }
}

extension History {
    /// As JSON; figures that are not finite are the words that Python uses.
    fileprivate var record: ConfigValue {
        .object([
            "epochs": .array(epochs.map { .int($0) }),
            "figures": .array(names.map { .array([.string($0), .array(self[$0].map { ConfigValue($0) })]) }),
            "ended_by_nan": .bool(endedByNaN),
        ])
    }

    fileprivate init(record: ConfigValue) throws {
        let config = try Config(record)
        let epochs = try config.lengths("epochs")
        let figures = try config.array("figures").enumerated().map { index, value -> (name: String, values: [Float]) in
            guard case .array(let parts) = value, parts.count == 2, case .string(let name) = parts[0], case .array(let numbers) = parts[1]
            else { throw ConfigError("expected a name and its values", at: ["figures", String(index)]) }
            return (name, try inside("figures", String(index)) { try numbers.map(Config.figure) })
        }
        self.init(epochs: epochs, figures: figures)
        endedByNaN = try config.bool("ended_by_nan", default: false)
    }
}

extension Config {
    fileprivate func count(_ key: String) throws -> Int {
        let value = try int(key)
        guard 0 ... Int(Int32.max) ~= value else {
            throw ConfigError("expected a number from 0 to \(Int32.max), found \(value)", at: [key])
        }
        return value
    }

    fileprivate func lengths(_ key: String) throws -> [Int] { try inside(key) { try array(key).map(Config.length) } }

    fileprivate static func length(_ value: ConfigValue) throws -> Int {
        guard case .int(let length) = value, 0 ... Int(Int32.max) ~= length else {
            throw ConfigError("expected lengths, found \(value.kind)")
        }
        return length
    }

    fileprivate static func figure(_ value: ConfigValue) throws -> Float {
        switch value {
        case .double(let number): return Float(number)
        case .int(let number): return Float(number)
        default: throw ConfigError("expected numbers, found \(value.kind)")
        }
    }
}
