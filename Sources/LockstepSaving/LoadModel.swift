import Foundation
import LockstepData
import LockstepNN

/// The model in a `.keras` file that Lockstep or Keras 3 wrote: its layers with their weights and, where it was compiled,
/// loss, metrics and the optimizer with its state, so that training goes on where it stopped. `keras.models.load_model`.
///
/// - Parameters:
///   - path: the file.
///   - compile: `false` leaves the model as it was before `compile`, for predictions alone; then a loss or an optimizer
///     that is not known here does not matter.
/// - Throws: `SavingError` in one line: where the file is missing, of another kind, cut short or damaged, has layers or
///   arguments that are not known (it lists those that are), or weights that do not fit its layers.
public func loadModel(_ path: String, compile: Bool = true) throws -> Model {
    switch try ModelFileKind(path) {
    case .keras: return try loadArchive(path, compile: compile)
    case .legacyModel:
        throw SavingError(path, "is a whole model in HDF5, which is not read yet; in Keras: load_model it and save it as .keras")
    case .weights:
        throw SavingError(path, "expected a .keras file with a model, found weights alone; make the model and call loadWeights")
    }
}

extension Model {
    /// As `loadModel(_:compile:)`.
    public static func load(_ path: String, compile: Bool = true) throws -> Model { try loadModel(path, compile: compile) }

    /// Sets the weights from a `.weights.h5` or a `.keras` file of a model of the same layers, and the optimizer's state if
    /// this model is compiled and the file has one. `keras.Model.load_weights`.
    ///
    /// Nothing changes unless all of it fits.
    ///
    /// - Parameter optimizerState: `false` leaves the optimizer as it is; for a model compiled with another optimizer, where
    ///   Keras warns and goes on.
    /// - Throws: `SavingError` where the model has no weights yet, the file cannot be read, or it is of another model.
    public func loadWeights(_ path: String, optimizerState: Bool = true) throws {
        try requireBuilt(path)
        switch try ModelFileKind(path) {
        case .keras: try setState(from: try ModelArchive(path).weights(), optimizerState: optimizerState)
        case .weights: try setState(from: try readHDF5(path), optimizerState: optimizerState)
        case .legacyModel:
            throw SavingError(path, "is a file of Keras 2, which is not read yet; in Keras 3: load it and save it as .weights.h5")
        }
    }

    fileprivate func setState(from file: HDF5File, optimizerState: Bool) throws {
        let weights = try readWeights(from: file.root)
        let setOptimizer = optimizerState ? try compilation?.optimizer.read(trainableWeights, from: file.root) : nil
        for (variable, value) in weights { variable.assign(value) }
        setOptimizer?()
    }
}

private func loadArchive(_ path: String, compile: Bool) throws -> Model {
    let archive = try ModelArchive(path), source = archive.source(ModelArchive.config)
    let configuration = try archive.configuration()
    let model = try savingErrors(source) { try makeModel(configuration) }
    // Keras gives a model that is not compiled `{}`.
    if compile, let config = configuration["compile_config"], config != .null, config != .object([]) {
        do {
            try savingErrors(source) { try model.compile(config: config) }
        } catch let error as SavingError {
            throw SavingError(
                error.source, "compile_config: \(error.message); loadModel(…, compile: false) loads the model for predictions alone")
        }
    }
    try model.setState(from: archive.weights(), optimizerState: true)
    return model
}

/// The model, without its weights, that `config.json` describes.
///
/// Throws `ConfigError`.
private func makeModel(_ configuration: ConfigValue) throws -> Model {
    guard case .string(let name)? = configuration["class_name"] else {
        throw ConfigError("expected the configuration of a model, with class_name and config")
    }
    do {
        switch name {
        case "Sequential": return try Sequential(config: configuration["config"] ?? .null)
        default: throw ConfigError(unknownName("model class", name, ["Sequential"]))
        }
    } catch let error as ConfigError {
        throw error.inside("config")
    }
}

// MARK: Kinds of files

/// What a model file holds, told by its first bytes rather than its name.
private enum ModelFileKind {
    /// A zip archive of a configuration and weights.
    case keras
    /// Keras 3's `.weights.h5`.
    case weights
    /// Keras 2's `.h5`: a whole model, or weights by layer names.
    case legacyModel

    init(_ path: String) throws {
        if isDirectory(path) == true { throw SavingError(path, "expected a .keras file, found a directory; name a file in it") }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw SavingError(path, errno == ENOENT ? "no such file" : "cannot be opened: \(String(cString: strerror(errno)))")
        }
        let first = try file.read(upToCount: 8) ?? Data()
        if first.starts(with: Data("PK".utf8)) {
            self = .keras
        } else if first.withUnsafeBytes(HDF5File.isHDF5) {
            let root = try readHDF5(path).root
            self = try ["model_config", "layer_names"].contains { try root.attribute($0) != nil } ? .legacyModel : .weights
        } else {
            let found = first.isEmpty ? "an empty file" : "something else"
            throw SavingError(path, "expected a model file (.keras, a zip archive, or .weights.h5, HDF5), found \(found)")
        }
    }
}

private func readHDF5(_ path: String) throws -> HDF5File {
    try savingErrors(path) { try ByteBuffer(contentsOf: path).withBytes { try HDF5File($0, source: path) } }
}
