import Foundation
import LockstepNN
import LockstepSystem

extension Model {
    /// The model's `config.json`, which `loadModel` understands: what could not be opened again is said now, while the model is there.
    ///
    /// - Throws: `SavingError` that names the layer or what else is not known by its class, and the way out.
    func configurationToSave(_ path: String) throws -> String {
        guard let sequential = self as? Sequential else {
            throw SavingError(
                path,
                "model \(name) (\(className)) is of a class of your own, which could not be opened again; saveWeights keeps its weights, and loadWeights reads them into a model made anew"
            )
        }
        for layer in sequential.layers {
            guard !(layer is Model) else {
                throw SavingError(
                    path,
                    "\(label(layer)) is a model inside a model, which could not be opened again; add its layers to model \(name), or saveWeights keeps the weights"
                )
            }
            guard Layers.registry.names.contains(layer.className) else {
                throw SavingError(
                    path,
                    "\(label(layer)) is of a class that is not registered, and could not be opened again; Layers.registry.register(\"\(layer.className)\") says how it is made from its config, or saveWeights keeps the weights"
                )
            }
        }
        let text = json, configuration: ConfigValue
        do { configuration = try ConfigValue(json: Data(text.utf8)) } catch {
            throw SavingError(
                path, "model \(name) could not be opened again: its configuration is no JSON: \(error); saveWeights keeps the weights")
        }
        for (layer, config) in zip(sequential.layers, sequential.layerConfigurations(configuration)) {
            do {
                try Naming.preserving { _ = try Layers.registry.make(config) }
            } catch let error as ConfigError {
                throw SavingError(path, "\(label(layer)) could not be opened again: \(error); saveWeights keeps the weights")
            }
        }
        warnOfWhatIsNotCompiledAgain(configuration["compile_config"] ?? .null, path)
        return text
    }

    private func label(_ layer: Layer) -> String { "layer \(layer.name) (\(layer.className))" }

    /// What a model was compiled with can be named anew, so it does not keep the model from being saved.
    private func warnOfWhatIsNotCompiledAgain(_ config: ConfigValue, _ path: String) {
        guard case .object(let entries) = config, !entries.isEmpty else { return }
        do {
            try Sequential(name: name).compile(config: config)
        } catch {
            Console.warn(
                "\(path): opens again with compile: false alone: \(error); register it with Optimizers.registry, Losses.registry or Metrics.registry"
            )
        }
    }
}

extension Sequential {
    /// The configuration of each layer, in order, without the input's.
    fileprivate func layerConfigurations(_ configuration: ConfigValue) -> ArraySlice<ConfigValue> {
        guard case .array(let all)? = configuration["config"]?["layers"] else { return [] }
        return all.suffix(layers.count)
    }
}
