import LockstepNN
import LockstepSystem

/// Where a model that is read from a file gets its optimizer, loss and metrics from.
package enum CompileSource {
    /// From the file, if it was compiled: all of them must be known, and the optimizer has its state.
    case fromFile
    /// As `fromFile`; where something of it is not known here, or the optimizer's state cannot be used, the model is left as it was
    /// before `compile`, and `Console` warns what it was. For commands that show a model.
    case fromFileIfKnown
    /// From nowhere: for predictions.
    case none
    /// From a config's `compile` section. What the section names is not needed of the file; what it does not name is as the file says.
    /// An optimizer that the section names starts anew, as with Keras' `compile`; the file's own has its state.
    case replaced(by: ConfigValue)
    /// As `replaced`, to evaluate: loss and metrics alone are needed. The file's optimizer and its state are not read.
    case evaluation(by: ConfigValue)
}

extension Model {
    /// Compiles as `source` says, given the `compile_config` of the file that the model comes from; `null` or an empty mapping if it
    /// was not compiled.
    ///
    /// - Parameter place: the file and the member, for messages.
    /// - Returns: whether the optimizer is the file's, so that its state is too.
    /// - Throws: `SavingError` about the compilation for what is not known in the file, `ConfigError` for what is wrong in the section.
    func compile(_ source: CompileSource, file: ConfigValue, place: String) throws -> Bool {
        let file = entries(of: file.withFunctionsByName.withoutLossScaling)
        switch source {
        case .none: return false
        case .fromFile:
            guard !file.isEmpty else { return false }
            do { try compile(config: .object(file)) } catch let error as ConfigError { throw unknown(error, place) }
            // Another optimizer's state is of no use to the one that stands in for none.
            return file.contains { $0.key == "optimizer" }
        case .fromFileIfKnown:
            guard !file.isEmpty else { return false }
            do { try compile(config: .object(file)) } catch let error as ConfigError {
                forgetCompilation(unknown(error, place))
                return false
            }
            return true
        case .replaced(let section):
            try compile(entries(of: section), file, place)
            return !entries(of: section).contains { $0.key == "optimizer" } && file.contains { $0.key == "optimizer" }
        case .evaluation(let section):
            let named = entries(of: section), file = file.filter { $0.key != "optimizer" }
            if !named.isEmpty || !file.isEmpty { try compile(named, file, place) }
            return false
        }
    }

    /// Compiles as a config's section says, and where it is silent as the file does.
    private func compile(_ named: [ConfigValue.Entry], _ file: [ConfigValue.Entry], _ place: String) throws {
        var kept = file.filter { entry in !named.contains { $0.key == entry.key } }
        // The weights of the file's losses say nothing about others.
        if named.contains(where: { $0.key == "loss" }) { kept.removeAll { $0.key == "loss_weights" } }
        do { try compile(config: .object(kept + named)) } catch let error as ConfigError {
            guard let key = error.path.first, kept.contains(where: { $0.key == key }) else { throw error }
            throw unknown(error, place)
        }
    }

    /// Goes back to before `compile`, and says why.
    func forgetCompilation(_ error: SavingError) {
        compilation = nil
        Console.warn("\(error); the model is shown as it is before compile")
    }

    private func unknown(_ error: ConfigError, _ place: String) -> SavingError {
        SavingError(place, error.inside("compile_config").description, about: .compilation)
    }

    /// What a mapping gives a value to.
    private func entries(of value: ConfigValue) -> [ConfigValue.Entry] {
        if case .object(let entries) = value { entries.filter { $0.value != .null } } else { [] }
    }
}

extension ConfigValue {
    /// Keras' own functions by their names alone: where it was given `keras.losses.mean_squared_error` and not `"mse"`, Keras writes
    /// `{"module": "builtins", "class_name": "function", "config": "mean_squared_error"}`.
    var withFunctionsByName: ConfigValue {
        switch self {
        case .object(let entries):
            if self["class_name"] == "function", case .string(let name)? = self["config"] { return .string(name) }
            return .object(entries.map { .init($0.key, $0.value.withFunctionsByName) })
        case .array(let items): return .array(items.map(\.withFunctionsByName))
        default: return self
        }
    }

    /// A `compile_config` with the optimizer that Keras wraps where it trains in half precision (`LossScaleOptimizer`): here gradients
    /// are float32, which needs no scaling.
    fileprivate var withoutLossScaling: ConfigValue {
        guard case .object(let entries) = self, let optimizer = self["optimizer"], optimizer["class_name"] == "LossScaleOptimizer",
            let inner = optimizer["config"]?["inner_optimizer"]
        else { return self }
        return .object(entries.map { $0.key == "optimizer" ? .init($0.key, inner) : $0 })
    }
}
