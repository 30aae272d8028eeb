/// The named things of one family: Keras' class names and short names, and how to make each from a configuration.
///
/// One literal table a family; `register` adds a user's own, which files name by package, `my_package>Name`, as
/// `keras.saving.register_keras_serializable` does. Unknown names list the known ones.
public struct Registry<Item> {
    public typealias Make = (Config) throws -> Item

    private let kind: String
    /// A class of one's own is `package>Name`.
    private var makers: [(name: String, make: Make)]
    private var aliases: [String: String]
    /// Names that are understood elsewhere, where more is known than here.
    private let elsewhere: [String]

    init(_ kind: String, _ makers: KeyValuePairs<String, Make>, aliases: [String: String] = [:], elsewhere: [String] = []) {
        (self.kind, self.aliases, self.elsewhere) = (kind, aliases, elsewhere)
        self.makers = makers.map { ($0.key, $0.value) }
    }

    /// Makes a class of one's own known, or replaces what its name meant.
    ///
    /// - Parameter package: tells it from classes of the same name in files; in Keras a class that is registered by package and name.
    public mutating func register(_ name: String, package: String = "Custom", _ make: @escaping Make) {
        makers.removeAll { $0.name == name || $0.name == "\(package)>\(name)" }
        makers.append(("\(package)>\(name)", make))
    }

    /// The names of classes, without packages.
    public var names: [String] { makers.map { Registry.className(of: $0.name) }.sorted() }

    private static func className(of name: String) -> String { String(name.split(separator: ">").last ?? "") }

    /// What a file says of an item: of one of Keras' its module, of a class of one's own the package and the name.
    package func serialized(_ className: String, _ config: [ConfigValue.Entry], module: String) -> ConfigValue {
        let origin = origin(of: className, module: module)
        return .object([
            "module": .string(origin.module), "class_name": .string(className), "config": .object(config),
            "registered_name": origin.registeredName,
        ])
    }

    /// Where a class comes from.
    func origin(of className: String, module: String) -> (module: String, registeredName: ConfigValue) {
        guard let own = makers.first(where: { $0.name.hasSuffix(">\(className)") }) else { return (module, nil) }
        return (String(own.name.dropLast(className.count + 1)), .string(own.name))
    }

    /// Whether an item can be made of this name.
    func knows(_ name: String) -> Bool { maker(name) != nil }

    private func maker(_ name: String) -> (name: String, make: Make)? {
        let key = aliases[name] ?? name
        if key.contains(">") { return makers.first { $0.name == key } }
        return makers.first { $0.name == key || $0.name.hasSuffix(">\(key)") }
            ?? makers.first {
                let name = Registry.className(of: $0.name)
                return snakeCase(name) == key.lowercased() || name.lowercased() == key.lowercased()
            }
    }

    /// Makes the item called `name`. Names match by class name (`SGD`), short name (`mse`) or snake case
    /// (`categorical_crossentropy`).
    ///
    /// - Parameter strict: refuse arguments that the item does not know.
    /// - Throws: `ConfigError` for an unknown name or a wrong argument.
    public func make(_ name: String, _ arguments: ConfigValue = .null, strict: Bool = true) throws -> Item {
        if elsewhere.contains(name) { throw ConfigError("\(kind) \"\(name)\" takes no arguments; give its name alone") }
        guard let maker = maker(name) else {
            throw ConfigError(unknownName(kind, name, names + elsewhere, others: aliases.keys.sorted(by: >)))
        }
        return try inside(maker.name) {
            let config = try Config(arguments)
            let item = try maker.make(config)
            if strict { try config.finish() }
            return item
        }
    }

    /// Makes an item from what a configuration may say: a name, `{Name: arguments}`, or Keras' `{class_name, config}`.
    ///
    /// What Keras has written, with the module that it comes from, may have arguments of features that do not matter here.
    public func make(_ value: ConfigValue, strict: Bool = true) throws -> Item {
        switch value {
        case .string(let name): return try make(name)
        case .object(let entries):
            if case .string(var name)? = value["class_name"] {
                // A class of one's own goes by its package, too; Keras 2 has registered its own as if they were such.
                let isKeras = if case .string(let module)? = value["module"] { module.hasPrefix("keras") } else { false }
                if !isKeras, case .string(let registered)? = value["registered_name"], registered.contains(">") { name = registered }
                guard !name.contains(">") || knows(name) else {
                    let parts = name.split(separator: ">").map(String.init)
                    throw ConfigError(
                        "\(kind) \"\(name)\" is a class of one's own that is not registered here; before the file is opened, registry.register(\"\(parts.last!)\", package: \"\(parts[0])\") { … } says how it is made of its config"
                    )
                }
                return try make(name, value["config"] ?? .null, strict: strict && value["module"] == nil && value["registered_name"] == nil)
            }
            guard entries.count == 1 else {
                throw ConfigError("expected one \(kind) by name, found \(entries.map(\.key).joined(separator: ", "))")
            }
            return try make(entries[0].key, entries[0].value, strict: strict)
        default: throw ConfigError("expected a \(kind) by name, found \(value.kind)")
        }
    }
}

/// `LayerNormalization` to `layer_normalization`, as Keras names layers; `Conv2D` to `conv2d`, `RMSprop` to `rm_sprop`.
package func snakeCase(_ name: String) -> String {
    // Keras' rule: an underscore before a capital that a small letter follows, and between a small one and a capital.
    let characters = Array(name)
    var result = ""
    for (index, character) in characters.enumerated() {
        let next = index + 1 < characters.count ? characters[index + 1] : nil
        if index > 0, character.isUppercase,
            characters[index - 1].isLowercase || (next?.isLowercase ?? false)
        {
            result += "_"
        }
        result += character.lowercased()
    }
    return result
}
