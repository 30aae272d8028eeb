import LockstepData
import LockstepNN
import LockstepTensor

/// The model in a `.keras` or `.h5` file that Lockstep or Keras wrote, Keras 2's `.h5` included: its layers with their weights and, where it was compiled,
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
    case .model(let stored): return try stored.model(compile: compile)
    case .weights:
        throw SavingError(
            path, "expected a file with a model (.keras or .h5), found weights alone; make the model and call loadWeights")
    }
}

extension Model {
    /// As `loadModel(_:compile:)`.
    public static func load(_ path: String, compile: Bool = true) throws -> Model { try loadModel(path, compile: compile) }

    /// Sets the weights from a file of a model of the same layers, and the optimizer's state if this model is compiled and the file
    /// has one. `keras.Model.load_weights`. The file is one of a model (`.keras`, `.h5`) or of weights alone: `.weights.h5`, the
    /// `.weights.json` of several such files, or Keras 2's `.h5`, in which layers come in order, under any names.
    ///
    /// Nothing changes unless all of it fits.
    ///
    /// - Parameter optimizerState: `false` leaves the optimizer as it is; for a model compiled with another optimizer, where
    ///   Keras warns and goes on.
    /// - Throws: `SavingError` where the model has no weights yet, the file cannot be read, or it is of another model.
    public func loadWeights(_ path: String, optimizerState: Bool = true) throws {
        try requireBuilt(path)
        try setState(from: ModelFile(path).weights(), optimizerState: optimizerState)
    }
}
