import LockstepTensor

/// What is wrong with a configuration: where, and what was expected.
public struct ConfigError: Error, CustomStringConvertible, Equatable {
    /// The keys that lead to the wrong value, outermost first; list positions are numbers.
    public var path: [String]
    public let message: String

    public init(_ message: String, at path: [String] = []) {
        self.message = message
        self.path = path
    }

    public var description: String { path.isEmpty ? message : "\(path.joined(separator: ".")): \(message)" }

    /// The same error, seen from outside of `key`.
    public func inside(_ key: String) -> ConfigError { ConfigError(message, at: [key] + path) }
}

/// Runs `body`, which reads what is at `path`: its errors are seen from outside.
package func inside<Result>(_ path: String..., body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ConfigError { throw path.reversed().reduce(error) { $0.inside($1) } }
}

/// The arguments of a layer, an optimizer, a loss …, as a configuration gives them.
///
/// Reading an argument marks its key as known. `finish` then refuses keys that nothing read: a misspelt argument is an
/// error with the nearest known name, never ignored. Files that Keras wrote hold arguments of features that do not matter
/// here; they are read without `finish`.
public final class Config {
    private let entries: [ConfigValue.Entry]
    private var known: [String] = []

    /// - Throws: `ConfigError` if `value` is neither a mapping nor nothing.
    public init(_ value: ConfigValue) throws {
        switch value {
        case .object(let entries): self.entries = entries
        case .null: entries = []
        default: throw ConfigError("expected arguments by name, found \(value.kind)")
        }
    }

    /// Whether the key is there, be its value null.
    func contains(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// Whether the key is there with a value other than null.
    public func has(_ key: String) -> Bool { value(key) != nil }

    /// The value of `key`; `nil` where it is missing or null.
    public func value(_ key: String) -> ConfigValue? {
        if !known.contains(key) { known.append(key) }
        let value = entries.first { $0.key == key }?.value
        return value == .null ? nil : value
    }

    /// All of it, for what reads its arguments itself.
    func whole() -> ConfigValue {
        known += entries.map(\.key)
        return .object(entries)
    }

    private func read<T>(_ key: String, _ expected: String, _ convert: (ConfigValue) throws -> T?) throws -> T? {
        guard let value = value(key) else { return nil }
        return try inside(key) {
            guard let converted = try convert(value) else { throw ConfigError("expected \(expected), found \(value.kind)") }
            return converted
        }
    }

    private func required<T>(_ key: String, _ value: T?, _ expected: String) throws -> T {
        if let value { return value }
        // `unit: 10` is a misspelt `units` rather than none at all.
        if let typo = entries.prefix(1000).first(where: { !known.contains($0.key) && editDistance($0.key, key) <= 2 }) {
            throw ConfigError(unknownName("argument", typo.key, [key]), at: [typo.key])
        }
        throw ConfigError("missing \(key): expected \(expected)")
    }

    public func int(_ key: String) throws -> Int { try required(key, optionalInt(key), "a whole number") }
    public func int(_ key: String, default fallback: Int) throws -> Int { try optionalInt(key) ?? fallback }
    public func optionalInt(_ key: String) throws -> Int? {
        try read(key, "a whole number") { value in
            switch value {
            case .int(let int): int
            case .double(let double): Int(exactly: double)
            default: nil
            }
        }
    }

    public func float(_ key: String) throws -> Float { try required(key, optionalFloat(key), "a number") }
    public func float(_ key: String, default fallback: Float) throws -> Float { try optionalFloat(key) ?? fallback }
    public func float(_ key: String, default fallback: Float? = nil, in range: ClosedRange<Float>) throws -> Float {
        let number = try fallback.map { try float(key, default: $0) } ?? float(key)
        guard range.contains(number) else {
            // Bounds of configurations are whole numbers.
            throw ConfigError("expected a number between \(Int(range.lowerBound)) and \(Int(range.upperBound)), found \(number)", at: [key])
        }
        return number
    }
    /// A number that is finite as float32.
    public func optionalFloat(_ key: String) throws -> Float? {
        try optionalDouble(key).map { number in
            guard Float(number).isFinite else { throw ConfigError("expected a number that float32 can hold, found \(number)", at: [key]) }
            return Float(number)
        }
    }
    public func double(_ key: String, default fallback: Double) throws -> Double { try optionalDouble(key) ?? fallback }
    /// A number that is finite: no argument has a use for others, and JSON has no word for them.
    public func optionalDouble(_ key: String) throws -> Double? {
        try read(key, "a number") { value in
            let number: Double? =
                switch value {
                case .int(let int): Double(int)
                case .double(let double): double
                case .string(let text): Double(text)  // YAML reads 1e-3 as text
                default: nil
                }
            if let number, !number.isFinite { throw ConfigError("expected a finite number, found \(number)") }
            return number
        }
    }

    public func bool(_ key: String, default fallback: Bool) throws -> Bool {
        try read(key, "true or false") { if case .bool(let bool) = $0 { bool } else { nil } } ?? fallback
    }

    public func optionalString(_ key: String) throws -> String? {
        try read(key, "a text") { if case .string(let string) = $0 { string } else { nil } }
    }
    public func string(_ key: String) throws -> String { try required(key, optionalString(key), "a text") }
    public func string(_ key: String, default fallback: String) throws -> String { try optionalString(key) ?? fallback }

    public func array(_ key: String) throws -> [ConfigValue] { try required(key, optionalArray(key), "a list") }
    public func optionalArray(_ key: String) throws -> [ConfigValue]? {
        try read(key, "a list") { if case .array(let array) = $0 { array } else { nil } }
    }

    /// A shape: whole numbers, `null` for a length that is not known.
    public func optionalShape(_ key: String) throws -> Shape? {
        try optionalArray(key).map { array in
            let shape = Shape(
                try array.map { length in
                    switch length {
                    case .null: return Shape.unknown
                    case .int(let int) where int >= 0 && int <= Config.longestAxis: return int
                    case .int(let int) where int > 0: throw Config.tooLong(int, at: key)
                    default: throw ConfigError("expected lengths of axes, found \(length.kind)", at: [key])
                    }
                })
            guard shape.checkedCount != nil else {
                throw ConfigError("expected a shape whose elements memory can hold, found \(shape)", at: [key])
            }
            return shape
        }
    }

    /// No axis is longer: labels and indices are int32.
    private static let longestAxis = Int(Int32.max)
    private static func tooLong(_ length: Int, at key: String) -> ConfigError {
        ConfigError("expected a length of at most \(longestAxis), found \(length)", at: [key])
    }

    /// The length of an axis: at least 1.
    func length(_ key: String) throws -> Int {
        let length = try int(key)
        guard length > 0 else { throw ConfigError("expected a positive number, found \(length)", at: [key]) }
        guard length <= Config.longestAxis else { throw Config.tooLong(length, at: key) }
        return length
    }

    /// Reads `key` with `convert`, which sees its value; errors name the key.
    public func read<T>(_ key: String, _ convert: (ConfigValue) throws -> T) throws -> T? {
        try read(key, "") { try convert($0) }
    }

    /// Throws if one of `keys` has a value: what would change the result and is not implemented is never left out in
    /// silence.
    public func refuse(_ keys: String...) throws {
        for key in keys where has(key) { throw ConfigError("\(key) is not supported yet", at: [key]) }
    }

    /// What every layer may be given; models read these.
    private static let common = ["name", "trainable", "dtype", "activity_regularizer", "input_shape"]

    /// - Throws: `ConfigError` if there is a key that nothing has read.
    public func finish() throws {
        for entry in entries where !known.contains(entry.key) && !Config.common.contains(entry.key) {
            throw ConfigError(unknownName("argument", entry.key, known), at: [entry.key])
        }
    }
}

/// `unknown layer "Dens"; did you mean Dense? Known: Activation, Dense, …`
///
/// - Parameter others: names that may be meant too, but need not be listed: other spellings of the known ones.
public func unknownName(_ kind: String, _ name: String, _ known: [String], others: [String] = []) -> String {
    let nearest = (known + others).map { ($0, editDistance(name.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
    let hint =
        nearest.flatMap { $0.1 <= max(2, name.count / 3) && $0.1 < name.count ? "; did you mean \($0.0)?" : nil } ?? "."
    return "unknown \(kind) \"\(name)\"\(hint) Known: \(known.joined(separator: ", "))"
}

/// The number of insertions, deletions and replacements that turn one text into the other (Levenshtein 1966).
private func editDistance(_ a: String, _ b: String) -> Int {
    // A text from a file may have any length; no name has such a one.
    guard a.utf8.count <= 64, b.utf8.count <= 64 else { return .max }
    let b = Array(b)
    var row = Array(0 ... b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            (diagonal, row[j + 1]) = (row[j + 1], min(diagonal + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1))
        }
    }
    return row[b.count]
}
