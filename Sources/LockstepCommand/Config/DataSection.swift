import Lockstep

/// The arrays of a run: what to train on, validate with and test on.
struct DataSection {
    enum Validation {
        /// The last part of the training data.
        case split(Double)
        case source(DataSource)
    }

    let train: DataSource?
    let validation: Validation?
    let test: DataSource?

    init(_ value: ConfigValue?, _ file: ConfigFile) throws {
        let config = try section(value, keys: ["train", "validation", "test"])
        func source(_ key: String, split: Digits.Split) throws -> DataSource? {
            try config.value(key).map { value in try inside(key) { try DataSource(value, file, digits: split) } }
        }
        train = try source("train", split: .training)
        test = try source("test", split: .test)
        guard let value = config.value("validation") else {
            validation = nil
            return
        }
        validation = try inside("validation") {
            guard value["split"] != nil else { return .source(try DataSource(value, file, digits: .test)) }
            let config = try section(value, keys: ["split"])
            guard let fraction = try config.optionalDouble("split"), fraction > 0, fraction < 1 else {
                throw ConfigError("expected a fraction between 0 and 1, found \(value["split"]!.kind)", at: ["split"])
            }
            return .split(fraction)
        }
    }

    /// Whether there is validation data of its own.
    var validates: Bool { if case .source? = validation { true } else { false } }

    /// What to train on and, if asked for, to validate with.
    ///
    /// - Parameter file: the config's path, for messages.
    func loadTraining(for model: Model, _ file: String) throws -> (training: Dataset, validation: Dataset?) {
        guard let train else { throw InputError("\(file): data.train: missing; expected a source such as idx, npz, npy or digits") }
        let data = try train.load(for: model)
        switch validation {
        case nil: return (data, nil)
        case .source(let source): return (data, try source.load(for: model))
        case .split(let fraction):
            let parts = try data.split(fraction)
            return (parts.training, parts.validation)
        }
    }
}

/// One data set: where its arrays are, what inputs are divided by, and how many samples to take.
struct DataSource {
    private enum Kind {
        case idx(images: String, labels: String)
        case npz(String)
        case npy(x: String, y: String?)
        case digits(count: Int, seed: Int, split: Digits.Split)
    }

    private let kind: Kind
    private let scale: Float
    private let take: Int?

    private static let kinds = ["idx", "npz", "npy", "digits"]
    /// The keys whose values are paths.
    static let paths = [["idx", "images"], ["idx", "labels"], ["npz"], ["npy", "x"], ["npy", "y"]]

    /// - Parameter split: the part of `digits` that is drawn where the config names none.
    init(_ value: ConfigValue, _ file: ConfigFile, digits split: Digits.Split) throws {
        if value["csv"] != nil { throw ConfigError("csv is not supported yet", at: ["csv"]) }
        let config = try section(value, keys: DataSource.kinds + ["scale", "take"])
        let given = DataSource.kinds.filter { config.has($0) }
        guard given.count == 1, let kind = given.first else {
            throw ConfigError(
                "expected one of \(DataSource.kinds.joined(separator: ", ")), found \(given.isEmpty ? "none" : given.joined(separator: " and "))"
            )
        }
        let arguments = config.value(kind)!
        self.kind = try inside(kind) {
            switch kind {
            case "idx":
                let config = try section(arguments, keys: ["images", "labels"])
                return .idx(images: file.resolve(try config.string("images")), labels: file.resolve(try config.string("labels")))
            case "npz":
                guard case .string(let path) = arguments else { throw ConfigError("expected a path, found \(arguments.kind)") }
                return .npz(file.resolve(path))
            case "npy":
                let config = try section(arguments, keys: ["x", "y"])
                return .npy(x: file.resolve(try config.string("x")), y: try config.optionalString("y").map(file.resolve))
            default:
                let config = try section(arguments, keys: ["count", "seed", "split"])
                let name = try config.string("split", default: split.rawValue)
                guard let split = Digits.Split(rawValue: name) else {
                    throw ConfigError(unknownName("split", name, Digits.Split.allCases.map(\.rawValue)), at: ["split"])
                }
                let count = try config.positive("count", atMost: Int(Int32.max)) ?? 10_000
                guard count <= memoryLimit / Digits.bytesPerSample else {
                    throw ConfigError(
                        "\(count) digits take \(count * Digits.bytesPerSample) bytes, more than the \(memoryLimit) that this process can have; draw fewer",
                        at: ["count"])
                }
                return .digits(count: count, seed: try config.int("seed", default: 1), split: split)
            }
        }
        // Digits are bytes like any image, but nobody needs to be told what to divide them by.
        scale = try config.float("scale", default: kind == "digits" ? 255 : 1)
        guard scale.isFinite, scale != 0 else { throw ConfigError("expected a number other than 0, found \(scale)", at: ["scale"]) }
        take = try config.positive("take")
    }

    /// Reads the arrays, targets with them. Class numbers become `int32` where the model's loss takes class numbers.
    ///
    /// - Throws: `DataError` or `InputError` that names the file.
    func load(for model: Model) throws -> Dataset {
        let data: Dataset
        switch kind {
        case .idx(let images, let labels):
            try model.requireOneInput(images, hasTarget: true)
            data = try Dataset(
                inputs: [(DataSource.input(model), Column(IDX.open(images), as: model.inputDTypes[0], divisor: scale, source: images))],
                targets: [(model.arrayNames[0], Column(labels: IDX.open(labels), source: labels))])
        case .npy(let x, let y):
            guard y != nil else { throw InputError("\(x): no targets; name them under y") }
            data = try Arrays(npy: x, target: y, model).dataset(scale: scale, model)
        case .npz(let path):
            let arrays = try Arrays(npz: path, model)
            try arrays.requireTargets(model)
            data = try arrays.dataset(scale: scale, model)
        case .digits(let count, let seed, let split):
            try model.requireOneInput("digits", hasTarget: true)
            let (images, labels) = Digits.make(count: count, seed: seed, split: split)
            data = try Dataset(
                inputs: [(DataSource.input(model), Column(images, divisor: scale, source: "digits, images"))],
                targets: [(model.arrayNames[0], Column(labels: labels, source: "digits, labels"))])
        }
        return try take.map(data.take) ?? data
    }

    /// The name of a model's only input.
    private static func input(_ model: Model) -> String { model.inputNames?.first ?? "x" }
}

extension Digits {
    /// An image of 28 x 28 bytes, and its label.
    fileprivate static let bytesPerSample = 28 * 28 + 4
}
