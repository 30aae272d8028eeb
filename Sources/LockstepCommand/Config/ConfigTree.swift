import Lockstep

/// A value of a configuration that knows where it was written.
struct ConfigTree {
    indirect enum Content {
        case scalar(ConfigValue)
        case list([ConfigTree])
        case mapping([Entry])
    }
    struct Entry {
        let key: String
        /// Where the key stands.
        let place: String
        var tree: ConfigTree
    }

    var content: Content
    /// `quickstart.yaml:3:5`, or `--set fit.epochs=3`.
    let place: String

    /// The value alone, as the core's registries read it.
    var value: ConfigValue {
        switch content {
        case .scalar(let value): value
        case .list(let items): .array(items.map(\.value))
        case .mapping(let entries): .object(entries.map { .init($0.key, $0.tree.value) })
        }
    }

    /// Where the value stands to which a `ConfigError`'s path leads, or the innermost one around it.
    ///
    /// The registries name an item by its class. The config may call it by another name (`sgd` for `SGD`), or have its
    /// arguments under `config`, as Keras' own form has.
    func place(of path: ArraySlice<String>) -> String {
        guard let key = path.first else { return place }
        let rest = path.dropFirst()
        switch content {
        case .scalar: return place
        case .list(let items):
            guard let index = Int(key), items.indices.contains(index) else { return place }
            return items[index].place(of: rest)
        case .mapping(let entries):
            func follow(_ entry: Entry) -> String { rest.isEmpty ? entry.place : entry.tree.place(of: rest) }
            if let entry = entries.first(where: { $0.key == key }) { return follow(entry) }
            if let arguments = entries.first(where: { $0.key == "config" }) {
                return arguments.tree.place(of: entries.contains { $0.key == "class_name" } ? rest : path)
            }
            if entries.count == 1, !rest.isEmpty { return follow(entries[0]) }
            return place
        }
    }

    /// Replaces the value at a path, making mappings that are missing.
    ///
    /// - Throws: `InputError` where the path leads through something else than mappings and lists.
    mutating func set(_ path: ArraySlice<String>, to value: ConfigTree) throws {
        guard let key = path.first else {
            self = value
            return
        }
        switch content {
        case .list(var items):
            guard let index = Int(key), items.indices.contains(index) else {
                throw InputError("\(value.place): \(key): expected a place in the list, 0 to \(items.count - 1)")
            }
            try items[index].set(path.dropFirst(), to: value)
            content = .list(items)
        case .mapping(var entries):
            let index = entries.firstIndex { $0.key == key } ?? entries.count
            if index == entries.count {
                entries.append(Entry(key: key, place: value.place, tree: ConfigTree(content: .scalar(.null), place: value.place)))
            }
            try entries[index].tree.set(path.dropFirst(), to: value)
            entries[index] = Entry(key: key, place: path.count == 1 ? value.place : entries[index].place, tree: entries[index].tree)
            content = .mapping(entries)
        case .scalar(.null):
            content = .mapping([])
            try set(path, to: value)
        case .scalar(let scalar):
            throw InputError("\(value.place): \(key): expected a mapping around it, found \(scalar.kind) at \(place)")
        }
    }
}
