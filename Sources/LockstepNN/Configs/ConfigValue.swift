import LockstepTensor

import Foundation

/// A value of a configuration: what JSON and YAML can say. Objects keep their order.
public enum ConfigValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case array([ConfigValue])
    case object([Entry])

    public struct Entry: Equatable, Sendable {
        public let key: String
        public let value: ConfigValue

        public init(_ key: String, _ value: ConfigValue) {
            self.key = key
            self.value = value
        }
    }

    /// An object, its keys in the order given.
    public static func object(_ entries: KeyValuePairs<String, ConfigValue>) -> ConfigValue {
        .object(entries.map { Entry($0.key, $0.value) })
    }

    /// The value of a key of an object; `nil` if this is no object or has no such key.
    public subscript(key: String) -> ConfigValue? {
        guard case .object(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// What it is, for messages: `the number 3`, `a list`.
    public var kind: String {
        switch self {
        case .null: "nothing"
        case .bool(let value): "\(value)"
        case .int(let value): "the number \(value)"
        case .double(let value): "the number \(value)"
        case .string(let value): "\"\(value)\""
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}

extension ConfigValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    /// A float by its shortest decimal form: 0.1 stays 0.1.
    public init(_ value: Float) { self = .double(Double(value.description) ?? Double(value)) }
    public init(_ value: Float?) { self = value.map { ConfigValue($0) } ?? .null }
    /// A shape with `null` for lengths that are not known.
    public init(_ shape: Shape) { self = .array(shape.dimensions.map { $0 == Shape.unknown ? .null : .int($0) }) }
}

// MARK: JSON

extension ConfigValue: Decodable {
    /// Reads JSON text.
    public init(json: Data) throws { self = try JSONDecoder().decode(ConfigValue.self, from: json) }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            self = .object(try object.allKeys.map { Entry($0.stringValue, try object.decode(ConfigValue.self, forKey: $0)) })
        } else if var list = try? decoder.unkeyedContainer() {
            var values: [ConfigValue] = []
            while !list.isAtEnd { values.append(try list.decode(ConfigValue.self)) }
            self = .array(values)
        } else {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let value = try? single.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? single.decode(Int.self) {
                self = .int(value)
            } else if let value = try? single.decode(Double.self) {
                self = .double(value)
            } else {
                self = .string(try single.decode(String.self))
            }
        }
    }

    /// JSON text as Python's `json.dumps` writes it: `{"units": 3, "activation": null}`.
    public var json: String {
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .double(let value):
            // JSON has no NaN; Python writes and reads these words.
            return value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.description
        case .string(let value): return ConfigValue.quoted(value)
        case .array(let values): return "[" + values.map(\.json).joined(separator: ", ") + "]"
        case .object(let entries):
            return "{" + entries.map { ConfigValue.quoted($0.key) + ": " + $0.value.json }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
