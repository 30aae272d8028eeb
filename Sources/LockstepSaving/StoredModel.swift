import Foundation
import LockstepNN
import LockstepTensor

/// A model in a file, whatever the form of the file.
protocol StoredModel {
    /// What holds the configuration, for messages.
    var configurationSource: String { get }
    /// How to make the model, as the `config.json` of a `.keras` file says it, `compile_config` included.
    ///
    /// - Throws: `SavingError`.
    func configuration() throws -> ConfigValue
    /// What the layers have learned.
    func weights() throws -> any StoredWeights
    /// Waits until what was read is known to be what was written: it is checked meanwhile.
    ///
    /// - Throws: `SavingError` where it is not.
    func verify() throws
}

/// The weights of a model in a file, and the state of its optimizer where the file has it.
protocol StoredWeights {
    /// A value for every weight of `model`, whose weights stay as they are: nothing changes unless the whole file fits.
    ///
    /// - Throws: `SavingError` that names the layer and the weight for which the file has no value, or one of another shape or
    ///   type, and a layer that this model does not have.
    func values(for model: Model) throws -> [(variable: Variable, value: Tensor)]
    /// What the file has of an optimizer of this kind; `nil` where it has nothing.
    func optimizerState(of optimizer: Optimizer) throws -> StoredOptimizer?
}

/// The state of an optimizer in a file.
struct StoredOptimizer {
    /// How many batches it has seen, the learning rate where `hasLearningRate` says so, and what it keeps of variables and besides, in
    /// the order of Keras' `optimizer.variables`; nothing of variables before the first step.
    let arrays: ArrayList
    /// Keras 3 keeps a rate that no schedule gives; of Keras 2 the configuration alone says it.
    let hasLearningRate: Bool
}

/// Arrays of a file in the order in which Keras keeps those of a layer, or of an optimizer.
struct ArrayList {
    /// The file and the group in it, for messages.
    let source: String
    private let arrays: [(group: HDF5Group, name: String)]

    init(_ source: String, _ arrays: [(group: HDF5Group, name: String)]) { (self.source, self.arrays) = (source, arrays) }
    /// The arrays of one group.
    init(_ group: HDF5Group, _ names: [String]) { self.init(group.source(), names.map { (group, $0) }) }

    var count: Int { arrays.count }
    var names: [String] { arrays.map(\.name) }
    func source(_ index: Int) -> String { arrays[index].group.source(arrays[index].name) }

    /// The arrays at these places, in this order.
    func taking(_ indices: [Int]) -> ArrayList { ArrayList(source, indices.map { arrays[$0] }) }

    /// - Throws: `SavingError` where the file does not have it.
    subscript(index: Int) -> HDF5Dataset {
        get throws {
            let (group, name) = arrays[index]
            guard let dataset = try group.dataset(name) else { throw SavingError(group.source(), "has no array \(name)") }
            return dataset
        }
    }

    /// A value for each of `variables`.
    ///
    /// - Parameter owner: whose they are, for messages: `layer dense (Dense)`.
    /// - Throws: `SavingError` where number, shapes or types are others.
    func values(for variables: [Variable], of owner: String) throws -> [(variable: Variable, value: Tensor)] {
        guard count == variables.count else { throw ArrayList.misfit(source, variables, of: owner, "\(count) arrays") }
        return try variables.enumerated().map { index, variable in
            do { return (variable, try self[index].read(variable.shape, variable.dtype)) } catch let error as SavingError {
                throw SavingError(error.source, "\(owner), \(variable.name): \(error.message)")
            }
        }
    }

    /// That a layer's weights are not what was found.
    static func misfit(_ source: String, _ variables: [Variable], of owner: String, _ found: String) -> SavingError {
        let wanted = variables.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
        return SavingError(source, "\(owner): expected \(wanted); found \(found); the file was saved from another model")
    }
}

extension StoredModel {
    /// The model with its weights.
    ///
    /// - Throws: `SavingError`; `ConfigError` about a section that `compile` gives.
    func model(compile: CompileSource) throws -> Model {
        do {
            let model = try unverifiedModel(compile: compile)
            try verify()
            return model
        } catch {
            // Of a damaged file, that it is damaged.
            try verify()
            throw error
        }
    }

    private func unverifiedModel(compile: CompileSource) throws -> Model {
        let (model, isFilesOptimizer) = try InitialValues.loaded {
            try Model.make(configuration(), compile: compile, source: configurationSource)
        }
        let weights = try weights()
        do { try model.setState(from: weights, optimizerState: isFilesOptimizer) } catch let error as SavingError {
            guard case .fromFileIfKnown = compile, error.subject == .compilation else { throw error }
            model.forgetCompilation(error)
            try model.setState(from: weights, optimizerState: false)
        }
        return model
    }
}

extension Model {
    /// The model of a configuration, compiled as it says or as `compile` does.
    ///
    /// - Returns: also whether the optimizer is the configuration's.
    static func make(_ configuration: ConfigValue, compile: CompileSource, source: String) throws -> (Model, isFilesOptimizer: Bool) {
        // What a layer refuses is the file's fault: it names both.
        let model = try Failure.reading(source) {
            try savingErrors(source) { try Model.make(configuration.withFunctionsByName) }
        }
        return (model, try model.compile(compile, file: configuration["compile_config"] ?? .null, place: source))
    }

    /// The model of a text that `toJSON` has written, or Keras' `to_json`: its layers with new weights, compiled as the text says.
    /// `keras.models.model_from_json`.
    ///
    /// - Parameter compile: `false` leaves the model as it is before `compile`.
    /// - Throws: `SavingError` for a text that is no JSON, and for layers or arguments that are not known.
    public static func fromJSON(_ text: String, compile: Bool = true) throws -> Model {
        let source = "the model's JSON", configuration: ConfigValue
        do { configuration = try ConfigValue(json: Data(text.utf8)) } catch { throw SavingError(source, "expected JSON: \(error)") }
        // Keras 2 says that it is.
        let isKeras2 = if case .string(let version)? = configuration["keras_version"] { version.hasPrefix("2.") } else { false }
        return try make(
            isKeras2 ? savingErrors(source) { try LegacyConfiguration(kerasVersion: "2").modern(configuration) } : configuration,
            compile: compile ? .fromFile : .none, source: source
        ).0
    }

    /// What a layer is called in messages about weights.
    func owner(_ layer: Layer) -> String { layer === self ? "model \(name)" : "layer \(layer.name) (\(layer.className))" }

    /// Takes weights, and the optimizer's state where this model is compiled and the file has one. Nothing changes unless all of it
    /// fits.
    func setState(from stored: any StoredWeights, optimizerState: Bool) throws {
        let weights = try stored.values(for: self)
        var setOptimizer: (() -> Void)?
        if optimizerState, let optimizer = compilation?.optimizer {
            do {
                setOptimizer = try stored.optimizerState(of: optimizer).map { try optimizer.read(trainableWeights, from: $0) }
            } catch let error as SavingError {
                // The weights can be had without it.
                throw SavingError(error.source, error.message, about: .compilation)
            }
        }
        for (variable, value) in weights { variable.assign(value) }
        setOptimizer?()
    }
}
