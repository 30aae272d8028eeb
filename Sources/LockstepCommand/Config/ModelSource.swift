import Foundation
import Lockstep

/// Where a run's model comes from: its layers in the config, Keras' JSON form, or a file.
enum ModelSource {
    /// A file that holds a model and its weights.
    case file(String)
    /// Keras' `model.to_json()` in a file of its own.
    case json(String)
    /// `{layers: …}`, or Keras' `{class_name: …, config: …}`.
    case inline(ConfigValue)

    init(_ value: ConfigValue, _ file: ConfigFile) throws {
        switch value {
        case .string(let path) where path.hasSuffix(".json"): self = .json(file.resolve(path))
        case .string(let path): self = .file(file.resolve(path))
        case .object(let entries):
            if value["class_name"] == nil {
                _ = try section(value, keys: ["layers", "name"])
                guard entries.contains(where: { $0.key == "layers" }) else {
                    throw ConfigError("missing layers: expected a list of layers")
                }
            }
            self = .inline(value)
        default: throw ConfigError("expected a mapping with layers, or the path of a model file, found \(value.kind)")
        }
    }

    /// The model, compiled.
    ///
    /// - Parameter compile: the config's section of this name; without it a model in a file stays as it was compiled.
    /// - Throws: `ConfigError` with the path inside the config, `InputError` or `SavingError` for a file.
    func make(compiledBy compile: ConfigValue?) throws -> Model {
        let model: Model
        switch self {
        case .file(let path):
            guard let compile else { return try loadModel(path, otherwise: "give the config a section compile with others") }
            return try inside("compile") {
                try loadModel(path, compile: .replaced(by: compile), otherwise: "name others under compile, too")
            }
        case .json(let path): model = try inside("model") { try ModelSource.read(json: path) }
        case .inline(let value): model = try inside("model") { try ModelSource.make(value) }
        }
        if let compile { try inside("compile") { try model.compile(config: compile) } }
        return model
    }

    private static func read(json path: String) throws -> Model {
        let text = try Files.at(path) { try Files.contents(path) }
        guard let value = try? ConfigValue(json: text) else {
            throw InputError("\(path): expected JSON, as Keras' model.to_json() writes it")
        }
        do { return try Failure.reading(path) { try make(value) } } catch let error as ConfigError { throw InputError("\(path): \(error)") }
    }

    private static func make(_ value: ConfigValue) throws -> Model {
        let model: Model
        if value["class_name"] != nil {
            guard value["config"] != nil else { throw ConfigError("missing config: expected the model's configuration") }
            model = try Model.make(value)
        } else {
            model = try Sequential(config: value, strict: true)
        }
        guard !model.layers.isEmpty else { throw ConfigError("expected at least one layer, found none", at: ["layers"]) }
        return model
    }
}

/// The model in a file.
///
/// - Parameter advice: the way out where the file was compiled with something that is not known here.
/// - Throws: `SavingError`; `ConfigError` for what is wrong in a config's section `compile`.
func loadModel(_ path: String, compile: CompileSource = .fromFile, otherwise advice: String) throws -> Model {
    do { return try loadModel(path, compile: compile) } catch let error as SavingError where error.subject == .compilation {
        throw error.advising(advice)
    }
}
