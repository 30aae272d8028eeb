import Foundation
import Lockstep

/// A config as it was written: its values, where they stand, and the folder to which its paths are relative.
struct ConfigFile {
    let path: String
    let tree: ConfigTree
    /// As it was written, with the `--set` options.
    let text: String

    /// Reads a YAML file and applies `--set` options.
    ///
    /// - Throws: `InputError` for a file that is missing or not YAML, or an option that is not `key.key=value`.
    init(_ path: String, overrides: [String] = []) throws {
        self.path = path
        let data: Data
        do { data = try Files.contents(path, limit: ConfigFile.longest) } catch let failure as Files.Failure {
            throw InputError("\(path): \(failure)")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw InputError("\(path): expected YAML text in UTF-8") }
        guard var tree = try YAML.read(text, name: path) else { throw InputError("\(path): the config is empty") }
        for override in overrides {
            let place = "--set \(override)"
            guard let equals = override.firstIndex(of: "="), equals > override.startIndex else {
                throw InputError("\(place): expected key.key=value, such as fit.epochs=3")
            }
            let keys = override[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard keys.count <= ConfigFile.deepest else {
                throw InputError("\(place): \(keys.count) keys deep; expected at most \(ConfigFile.deepest)")
            }
            let value = try YAML.read(String(override[override.index(after: equals)...]), name: place, fixedPlace: place)
            try tree.set(keys[...], to: value ?? ConfigTree(content: .scalar(.null), place: place))
        }
        self.tree = tree
        self.text = ([text] + overrides).joined(separator: "\n")
    }

    /// The most bytes of a config.
    private static let longest = 16 << 20
    /// The most keys of a `--set` option.
    private static let deepest = 64

    /// The config's file name without its ending.
    var name: String {
        let name = Files.name(of: path)
        guard let point = name.lastIndex(of: "."), point > name.startIndex else { return name }
        return String(name[..<point])
    }

    /// A path in the config, as seen from the current directory.
    func resolve(_ relative: String) -> String {
        if relative.hasPrefix("/") { return relative }
        let folder = Files.folder(of: path)
        return folder == "." ? relative : folder + "/" + relative
    }

    /// Reads a part of the config; a `ConfigError` becomes an error that says where.
    func reading<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as ConfigError {
            let key = error.path.isEmpty ? "" : error.path.joined(separator: ".") + ": "
            throw InputError("\(tree.place(of: error.path[...])): \(key)\(error.message)")
        }
    }
}

/// The mapping at `key`, which may have these keys and no others.
///
/// - Throws: `ConfigError` for anything else than a mapping, or a key that is not known.
func section(_ value: ConfigValue?, keys: [String]) throws -> Config {
    let config = try Config(value ?? .null)
    if case .object(let entries)? = value {
        for entry in entries where !keys.contains(entry.key) {
            throw ConfigError(unknownName("key", entry.key, keys), at: [entry.key])
        }
    }
    return config
}
