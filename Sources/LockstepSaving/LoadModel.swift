import LockstepData
import LockstepNN
import LockstepTensor

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
    do {
        return try loadModel(path, compile: compile ? CompileSource.fromFile : .none)
    } catch let error as SavingError where error.subject == .compilation {
        throw error.advising("loadModel(…, compile: false) loads the model for predictions, or to be compiled anew")
    }
}

/// As above; `compile` says where optimizer, loss and metrics come from.
///
/// - Throws: `SavingError` about the file: its `subject` is `compilation` where another source would help. `ConfigError` about the
///   section that `compile` gives.
package func loadModel(_ path: String, compile: CompileSource) throws -> Model {
    switch try ModelFile(path) {
    case .archive(let archive): return try archive.model(compile: compile)
    case .keras2(let found):
        throw SavingError(path, "is a file of Keras 2 (\(found)), which is not read yet; in Keras 3: load it and save it as .keras")
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
        switch try ModelFile(path) {
        case .archive(let archive): try setState(from: archive.weights(), optimizerState: optimizerState)
        case .weights(let file): try setState(from: file, optimizerState: optimizerState)
        case .keras2(let found):
            throw SavingError(
                path, "is a file of Keras 2 (\(found)), which is not read yet; in Keras 3: load it and save it as .weights.h5")
        }
    }

    func setState(from file: HDF5File, optimizerState: Bool) throws {
        let weights = try readWeights(from: file.root)
        let setOptimizer: (() -> Void)?
        do { setOptimizer = optimizerState ? try compilation?.optimizer.read(trainableWeights, from: file.root) : nil } catch {
            // The weights can be had without it.
            throw (error as? SavingError).map { SavingError($0.source, $0.message, about: .compilation) } ?? error
        }
        for (variable, value) in weights { variable.assign(value) }
        setOptimizer?()
    }
}

extension ModelArchive {
    /// The model with its weights.
    fileprivate func model(compile: CompileSource) throws -> Model {
        let source = source(ModelArchive.config), configuration = try configuration()
        // What a layer refuses is the file's fault: it names both.
        let model = try Failure.reading(source) {
            try savingErrors(source) { try Model.make(configuration.withFunctionsByName) }
        }
        let isFilesOptimizer = try model.compile(compile, file: configuration["compile_config"] ?? .null, place: source)
        let weights = try weights()
        do { try model.setState(from: weights, optimizerState: isFilesOptimizer) } catch let error as SavingError {
            guard case .fromFileIfKnown = compile, error.subject == .compilation else { throw error }
            model.forgetCompilation(error)
            try model.setState(from: weights, optimizerState: false)
        }
        return model
    }
}
