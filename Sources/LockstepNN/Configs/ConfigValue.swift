import LockstepTensor

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

    /// The keys of an object with their values; of anything else none.
    package var entries: [Entry] { if case .object(let entries) = self { entries } else { [] } }

    /// The elements of a list; of anything else none.
    package var items: [ConfigValue] { if case .array(let items) = self { items } else { [] } }

    /// The number, if it is one.
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
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

extension ConfigValue {
    /// `{"module": …, "class_name": …, "config": {…}, "registered_name": null}`
    package static func serialized(module: String, _ className: String, _ config: [Entry]) -> ConfigValue {
        .object(["module": .string(module), "class_name": .string(className), "config": .object(config), "registered_name": nil])
    }
}
