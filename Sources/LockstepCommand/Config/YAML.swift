import Foundation
import Lockstep
import Yams

/// YAML text as a tree that knows its lines and columns.
///
/// Scalars are read as YAML 1.2 says and a little beyond: `true` and `false` in any case, whole numbers also as 60_000,
/// numbers also as 1e-3. `yes`, `no`, `on`, `off` and 0o17 are text.
enum YAML {
    /// - Parameters:
    ///   - name: how messages call the text.
    ///   - fixedPlace: what is given as the place of all values, in place of lines and columns.
    /// - Throws: `InputError` for text that is not YAML, a key that is there twice, an environment variable that is not set.
    static func read(_ text: String, name: String, fixedPlace: String? = nil) throws -> ConfigTree? {
        do {
            return try compose(yaml: text).map { try tree($0, name, fixedPlace) }
        } catch let error as YamlError {
            throw InputError(fixedPlace.map { "\($0): \(describe(error).problem)" } ?? describe(error, name))
        }
    }

    private static func tree(_ node: Node, _ name: String, _ fixedPlace: String?) throws -> ConfigTree {
        func place(_ node: Node) -> String { fixedPlace ?? node.mark.map { "\(name):\($0.line):\($0.column)" } ?? name }
        switch node {
        case .scalar(let scalar):
            let text = try Environment.expand(scalar.string, place: place(node))
            let isText =
                [.singleQuoted, .doubleQuoted, .literal, .folded].contains(scalar.style) || scalar.tag.description == Tag.Name.str.rawValue
            return ConfigTree(content: .scalar(isText ? .string(text) : plain(text)), place: place(node))
        case .sequence(let sequence):
            return ConfigTree(content: .list(try sequence.map { try tree($0, name, fixedPlace) }), place: place(node))
        case .mapping(let mapping):
            return ConfigTree(
                content: .mapping(
                    try mapping.map { key, value in
                        guard let text = key.scalar?.string else {
                            throw InputError("\(place(key)): expected a word as a key, found a list or a mapping")
                        }
                        return .init(key: text, place: place(key), tree: try tree(value, name, fixedPlace))
                    }), place: place(node))
        case .alias: return ConfigTree(content: .scalar(.null), place: place(node))
        }
    }

    /// A scalar without quotes.
    static func plain(_ text: String) -> ConfigValue {
        switch text.lowercased() {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case ".inf", "+.inf": return .double(.infinity)
        case "-.inf": return .double(-.infinity)
        case ".nan": return .double(.nan)
        default: break
        }
        let bare = text.drop { $0 == "-" || $0 == "+" }
        // Swift reads words such as "infinity" and hexadecimal as numbers too; here a number starts as one.
        guard let first = bare.first, text.count - bare.count <= 1, first.isASCII, first.isNumber || first == "." else {
            return .string(text)
        }
        let digits = text.replacing("_", with: "")
        if let int = Int(digits) { return .int(int) }
        guard !bare.lowercased().hasPrefix("0x"), let double = Double(digits) else { return .string(text) }
        return .double(double)
    }

    private static func describe(_ error: YamlError, _ name: String) -> String {
        let (problem, mark) = describe(error)
        return mark.map { "\(name):\($0.line):\($0.column): \(problem)" } ?? "\(name): \(problem)"
    }

    private static func describe(_ error: YamlError) -> (problem: String, mark: Mark?) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            ("not YAML: \(problem)", mark)
        case .duplicatedKeysInMapping(let duplicates, let context):
            ("the key \(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) is there twice", context.mark)
        case .reader(let problem, _, _, _): ("not YAML: \(problem)", nil)
        default: ("not YAML: \(error)", nil)
        }
    }
}

/// `${NAME}` and `${NAME:-default}` in the values of a config.
enum Environment {
    /// - Throws: `InputError` that names a variable which is neither set nor has a default.
    static func expand(_ text: String, place: String) throws -> String {
        var result = ""
        var rest = Substring(text)
        while let start = rest.range(of: "${") {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw InputError("\(place): \"\(text)\": expected } after ${")
            }
            let body = rest[start.upperBound ..< end]
            let separator = body.range(of: ":-")
            let name = String(body[..<(separator?.lowerBound ?? body.endIndex)])
            let value = getenv(name).map { String(cString: $0) }
            result += rest[..<start.lowerBound]
            // As in a shell, the default of `:-` also stands in for an empty variable.
            if let separator {
                result += value.flatMap { $0.isEmpty ? nil : $0 } ?? String(body[separator.upperBound...])
            } else if let value {
                result += value
            } else {
                throw InputError("\(place): the environment variable \(name) is not set; set it, or give a default: ${\(name):-default}")
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
