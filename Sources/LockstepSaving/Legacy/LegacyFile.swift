import Foundation
import LockstepData
import LockstepNN
import LockstepTensor

/// An `.h5` file of a whole model, as Keras 2 and, on request, Keras 3 write it: the configuration in attributes, weights by layer.
final class LegacyModel: StoredModel {
    static let modelConfig = "model_config", trainingConfig = "training_config", weights = "model_weights"

    private let root: HDF5Group

    init(_ root: HDF5Group) { self.root = root }

    var configurationSource: String { root.source("attribute \(Self.modelConfig)") }

    func configuration() throws -> ConfigValue {
        let version = try root.attribute("keras_version")?.first
        return try savingErrors(configurationSource) {
            guard case .object(let model)? = try json(Self.modelConfig) else { throw ConfigError("expected the configuration of a model") }
            let legacy = LegacyConfiguration(kerasVersion: version)
            return .object(
                try legacy.modern(.object(model)).entries
                    + (try json(Self.trainingConfig).map { [.init("compile_config", try legacy.compileConfig($0))] } ?? []))
        }
    }

    private func json(_ attribute: String) throws -> ConfigValue? {
        guard let text = try root.attribute(attribute)?.first else { return nil }
        do { return try ConfigValue(json: Data(text.utf8)) } catch {
            throw SavingError(root.source("attribute \(attribute)"), "expected JSON, as Keras writes it: \(error)")
        }
    }

    /// There are no checksums.
    func verify() {}

    func weights() throws -> any StoredWeights {
        guard let group = try root.group(Self.weights) else { throw SavingError(root.source(), "has no group \(Self.weights)") }
        let isKeras2 = try root.attribute("keras_version")?.first?.hasPrefix("2.") ?? true
        return LegacyWeights(group, optimizer: try root.group(LegacyWeights.optimizer), isKeras2: isKeras2)
    }
}

/// Weights by layer, as `.h5` files have them: layers in order, whatever their names are.
struct LegacyWeights: StoredWeights {
    static let layerNames = "layer_names", weightNames = "weight_names", topLevel = "top_level_model_weights",
        optimizer = "optimizer_weights"

    private let group: HDF5Group
    private let optimizer: HDF5Group?
    private let isKeras2: Bool

    init(_ group: HDF5Group, optimizer: HDF5Group?, isKeras2: Bool) {
        (self.group, self.optimizer, self.isKeras2) = (group, optimizer, isKeras2)
    }

    /// Whether a group holds weights in this form.
    static func isOne(_ group: HDF5Group) throws -> Bool { try group.attributeList(layerNames) != nil }

    func values(for model: Model) throws -> [(variable: Variable, value: Tensor)] {
        let layers = model.layers.map { ($0, $0.legacyWeights) }.filter { !$0.1.isEmpty }
        let stored = try (group.attributeList(Self.layerNames) ?? []).compactMap { name -> ArrayList? in
            guard let layer = try group.group(name) else { throw SavingError(group.source(), "has no group of layer \(name)") }
            let arrays = try arrays(layer)
            return arrays.count == 0 ? nil : arrays
        }
        guard layers.count == stored.count else {
            throw SavingError(
                group.source(),
                "expected weights of \(layers.count) layers of model \(model.name), found those of \(stored.count); the file was saved from another model"
            )
        }
        let own = model.ownVariables.filter(\.trainable) + model.ownVariables.filter { !$0.trainable }
        return try zip(layers, stored).flatMap { layer, arrays in try arrays.values(for: layer.1, of: model.owner(layer.0)) }
            + (try group.group(Self.topLevel).map { try arrays($0).values(for: own, of: model.owner(model)) } ?? [])
    }

    func optimizerState(of optimizer: Optimizer) throws -> StoredOptimizer? {
        guard let group = self.optimizer else { return nil }
        let arrays = try arrays(group)
        guard arrays.count > 0 else { return nil }
        guard isKeras2 else { return StoredOptimizer(arrays: arrays, hasLearningRate: optimizer.schedule == nil) }
        guard let (places, hasLearningRate) = optimizer.keras2Places(arrays.names) else {
            throw SavingError(
                group.source(), "optimizer \(optimizer.className): its state is not one that Keras 2 saves: \(arrays.names.prefix(4))…")
        }
        return StoredOptimizer(arrays: arrays.taking(places), hasLearningRate: hasLearningRate)
    }

    private func arrays(_ group: HDF5Group) throws -> ArrayList { ArrayList(group, try group.attributeList(Self.weightNames) ?? []) }
}

extension Layer {
    /// The order of weights in `.h5` files: those that are trained first, at all depths.
    fileprivate var legacyWeights: [Variable] { trainableWeights + nonTrainableWeights }
}

extension Model {
    /// The `.h5` file of this model.
    ///
    /// - Throws: `SavingError` for memory that does not suffice, or names that HDF5 cannot hold.
    func legacyImage(source: String, isCopy: Bool) throws -> FileImage {
        let file = try HDF5Writer(source: source, isCopy: isCopy), weights = LegacyModel.weights
        let (model, training) = try LegacyConfiguration.legacy(self)
        func setOrigin(_ path: String) throws {
            try file.setAttribute("backend", "lockstep", of: path)
            try file.setAttribute("keras_version", ModelArchive.kerasVersion, of: path)
        }
        func write(_ arrays: [(name: String, value: Tensor)], to path: String) throws {
            try file.makeGroup(path)
            try file.setAttribute(LegacyWeights.weightNames, arrays.map(\.name), of: path)
            for array in arrays { try file.write(array.value, at: "\(path)/\(array.name)") }
        }
        try setOrigin("/")
        try file.setAttribute(LegacyModel.modelConfig, model.json, of: "/")
        if let training { try file.setAttribute(LegacyModel.trainingConfig, training.json, of: "/") }
        try file.makeGroup(weights)
        try file.setAttribute(LegacyWeights.layerNames, layers.map(\.name), of: weights)
        try setOrigin(weights)
        for layer in layers { try write(layer.legacyWeights.map { ($0.path, $0.value) }, to: "\(weights)/\(layer.name)") }
        try write([], to: "\(weights)/\(LegacyWeights.topLevel)")
        if let optimizer = compilation?.optimizer {
            try write(
                optimizer.arrays(trainableWeights, source: source).map { ("\(optimizer.name)/\($0.name)", $0.value) },
                to: LegacyWeights.optimizer)
        }
        return try file.image()
    }
}
