import Foundation
import Lockstep
import Yams

/// The config of a run as its folder keeps it: with the values of `--set`, and with paths that hold from anywhere, so that
/// `lockstep train DIR/config.yaml` runs it again.
struct KeptConfig {
    let text: String

    private static let mark = "# Written by lockstep train: "

    /// - Parameter command: the program and its arguments.
    init(_ file: ConfigFile, command: [String], date: Date = Date()) throws {
        let head =
            KeptConfig.mark
            + "the config of a run, with what --set changed in it.\n# \(date.ISO8601Format()): \(KeptConfig.quoted(command).asLine(limit: 4000))\n"
        text = head + (try serialize(node: KeptConfig.node(KeptConfig.located(file), depth: 0), width: -1))
    }

    /// Writes it to `config.yaml`, or beside a file of this name that the user has made.
    ///
    /// - Throws: `InputError`.
    func write(to folder: RunFolder) throws { try folder.write(text, to: KeptConfig.name(in: folder)) }

    /// The name under which a run in `folder` keeps its config.
    static func name(in folder: RunFolder) -> String {
        let path = folder[RunFolder.config]
        guard Files.isDirectory(path) != nil else { return RunFolder.config }
        let isOurs = (try? Files.contents(path))?.starts(with: Data(mark.utf8)) ?? false
        return isOurs ? RunFolder.config : "lockstep-config.yaml"
    }

    /// A command as a shell takes it.
    private static func quoted(_ words: [String]) -> String {
        words.map { word in
            let isPlain =
                !word.isEmpty
                && word.utf8.allSatisfy { byte in
                    Character(UnicodeScalar(byte)).isLetter && byte < 0x80 || "0123456789_-./=:,@%+".utf8.contains(byte)
                }
            return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
        }.joined(separator: " ")
    }

    // MARK: Paths

    /// The config's values, relative paths resolved.
    private static func located(_ file: ConfigFile) -> ConfigValue {
        let paths = [["model"]] + ["train", "validation", "test"].flatMap { part in DataSource.paths.map { ["data", part] + $0 } }
        return paths.reduce(file.tree.value) { value, path in locate(path[...], in: value, file) }
    }

    private static func locate(_ path: ArraySlice<String>, in value: ConfigValue, _ file: ConfigFile) -> ConfigValue {
        switch value {
        case .string(let relative) where path.isEmpty:
            let path = file.resolve(relative)
            return .string(path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)")
        case .object(let entries):
            guard let key = path.first else { return value }
            return .object(entries.map { $0.key == key ? .init(key, locate(path.dropFirst(), in: $0.value, file)) : $0 })
        default: return value
        }
    }

    // MARK: YAML

    private static func node(_ value: ConfigValue, depth: Int) -> Node {
        switch value {
        case .array(let items):
            return .sequence(.init(items.map { node($0, depth: depth + 1) }, Tag(.implicit), style(value, depth)))
        case .object(let entries):
            let pairs = entries.map { (node(.string($0.key), depth: depth), node($0.value, depth: depth + 1)) }
            return .mapping(.init(pairs, Tag(.implicit), style(value, depth)))
        case .string(let text):
            // Text that would be read as a number, say, is quoted.
            return .scalar(.init(text, Tag(.implicit), YAML.plain(text) == value ? .any : .doubleQuoted))
        case .double(let number) where number.isNaN: return .scalar(.init(".nan"))
        case .double(let number) where number.isInfinite: return .scalar(.init(number < 0 ? "-.inf" : ".inf"))
        default: return .scalar(.init(value.json))
        }
    }

    /// A line for each key of the outer mappings; what lies deeper goes on one line.
    private static func style(_ value: ConfigValue, _ depth: Int) -> Node.Mapping.Style { depth > 2 || !isNested(value) ? .flow : .block }
    private static func style(_ value: ConfigValue, _ depth: Int) -> Node.Sequence.Style { depth > 2 || !isNested(value) ? .flow : .block }

    private static func isNested(_ value: ConfigValue) -> Bool {
        let inside =
            switch value {
            case .array(let items): items
            case .object(let entries): entries.map(\.value)
            default: [ConfigValue]()
            }
        return inside.contains { item in
            switch item {
            case .array, .object: true
            default: false
            }
        }
    }
}
