import Foundation
import LockstepNN
import LockstepSystem

extension Model {
    /// The model's `config.json`, which `loadModel` understands: what could not be opened again is said now, while the model is there.
    ///
    /// - Throws: `SavingError` that names the layer or what else is not known by its class, and the way out.
    func configurationToSave(_ path: String) throws -> String {
        var homes: [ObjectIdentifier: Model] = [:]
        try requireKnownLayers(self, path, &homes)
        let text = toJSON(), configuration: ConfigValue
        do { configuration = try ConfigValue(json: Data(text.utf8)) } catch {
            throw SavingError(
                path, "model \(name) could not be opened again: its configuration is no JSON: \(error); saveWeights keeps the weights")
        }
        warnOfWhatIsNotCompiledAgain(configuration["compile_config"] ?? .null, path)
        return text
    }

    /// Each layer can be made from its configuration, at any depth.
    ///
    /// - Parameter homes: in which model each layer was found.
    private func requireKnownLayers(_ model: Model, _ path: String, _ homes: inout [ObjectIdentifier: Model]) throws {
        guard model.hasConfig else {
            throw SavingError(
                path,
                "model \(model.name) (\(model.className)) is of a class of your own, which could not be opened again; saveWeights keeps its weights, and loadWeights reads them into a model made anew"
            )
        }
        for layer in model.layers where !(layer is InputLayer) {
            if let other = homes.updateValue(model, forKey: ObjectIdentifier(layer)) {
                throw SavingError(
                    path,
                    "\(label(layer)) is part of the models \(other.name) and \(model.name); a file has the layers of each model, so two would be made of it when it is opened; saveWeights keeps the weights, and loadWeights reads them into a model made anew"
                )
            }
            if let inner = layer as? Model {
                try requireKnownLayers(inner, path, &homes)
                continue
            }
            guard Layers.registry.names.contains(layer.className) else {
                throw SavingError(
                    path,
                    "\(label(layer)) is of a class that is not registered, and could not be opened again; Layers.registry.register(\"\(layer.className)\", package: …) says how it is made of its config, or saveWeights keeps the weights"
                )
            }
            do {
                // As a file would have it.
                let text = ConfigValue.object(layer.serializedEntries).json
                try Naming.preserving { _ = try Layers.registry.make(ConfigValue(json: Data(text.utf8))) }
            } catch {
                throw SavingError(path, "\(label(layer)) could not be opened again: \(error); saveWeights keeps the weights")
            }
        }
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
