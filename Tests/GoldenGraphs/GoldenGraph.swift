import Foundation
import Lockstep

/// A model that a script in LockstepTrainingTests/Golden wrote, and what Keras makes of it.
public struct GoldenGraph {
    public struct Weight {
        public let path: String, isTrainable: Bool, value: Tensor
    }

    public let json: ConfigValue

    /// The paths of all files of such models.
    public static func families() throws -> [String] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let folder = tests.appendingPathComponent("LockstepTrainingTests/Golden")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.sorted()
            .map { folder.appendingPathComponent($0).path }
    }

    public static func read(_ path: String) throws -> [GoldenGraph] {
        try ConfigValue(json: Data(contentsOf: URL(fileURLWithPath: path)))["graphs"]!.items.map { GoldenGraph(json: $0) }
    }

    public var name: String { json["name"]!.text! }
    public var config: ConfigValue { json["config"]! }
    public var layers: [String] { json["layers"]!.items.map { $0.text! } }
    /// `nil` of a `Sequential`.
    public var outputs: [String]? {
        json["outputs"]! == .null ? nil : json["outputs"]!.items.map { $0.text! }
    }
    public var weights: [Weight] {
        json["weights"]!.items.map {
            Weight(path: $0["path"]!.text!, isTrainable: $0["trainable"] == true, value: $0.tensor)
        }
    }
    public var trained: [[Float]] { json["trained"]!.items.map { $0.items.map { $0.float! } } }
    public var predictions: [Tensor] { json["predictions"]!.entries.map(\.value.tensor) }
    public var history: [(name: String, values: [Float])] {
        json["history"]!.entries.map { ($0.key, $0.value.items.map { $0.float! }) }
    }
    public var evaluated: [(name: String, value: Float)] {
        json["evaluated"]!.entries.map { ($0.key, $0.value.float!) }
    }
    public var evaluatedList: [Float] { json["evaluated_list"]!.items.map { $0.float! } }
    public var batchSize: Int { Int(json["batch_size"]!.float!) }
    public var epochs: Int { Int(json["epochs"]!.float!) }
    public var count: Int { x[0].value.shape[0] }
    /// How many steps training takes.
    public var steps: Int { (count + batchSize - 1) / batchSize * epochs }

    public func untrained() throws -> Model {
        clearSession()
        let model = try Model.make(config)
        setWeights(of: model)
        return model
    }

    /// Numbers of the file in the types that the weights have.
    public func setWeights(of model: Model) {
        let weights = weights.map(\.value)
        model.setWeights(
            weights.count == model.weights.count ? zip(weights, model.weights).map { $0.cast(to: $1.dtype) } : weights)
    }

    public func compiled() throws -> Model {
        let model = try untrained()
        try model.compile(config: json["compile"]!)
        return model
    }

    public func fit(_ model: Model) throws -> History {
        try model.fit(
            given(x), given(y), batchSize: batchSize, epochs: epochs, verbose: 0, shuffle: false, classWeight: classWeight,
            sampleWeight: sampleWeight)
    }

    public func predict(_ model: Model) throws -> [Tensor] { try model.predict(given(x)) }

    // MARK: Data

    public var x: [(name: String, value: Tensor)] { json["x"]!.entries.map { ($0.key, $0.value.tensor) } }
    public var y: [(name: String, value: Tensor)] { json["y"]!.entries.map { ($0.key, $0.value.tensor) } }
    public var sampleWeight: (any ModelArrays)? { json["sample_weight"].map { given($0.entries.map { ($0.key, $0.value.tensor) }) } }
    public var classWeight: [Int: Float]? {
        json["class_weight"].map { Dictionary(uniqueKeysWithValues: $0.entries.map { (Int($0.key)!, $0.value.float!) }) }
    }

    /// As Keras was given them: by name, or in order.
    public func given(_ arrays: [(name: String, value: Tensor)]) -> any ModelArrays {
        json["by_name"] == true ? Dictionary(uniqueKeysWithValues: arrays.map { ($0.name, $0.value) }) : arrays.map(\.value)
    }
}

extension ConfigValue {
    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var float: Float? {
        switch self {
        case .int(let value): Float(value)
        case .double(let value): Float(value)
        default: nil
        }
    }
    /// `{"shape": …, "scalars": …}`.
    public var tensor: Tensor {
        Tensor(
            self["scalars"]!.items.map { $0.float! },
            shape: Shape(self["shape"]!.items.map { Int($0.float!) }))
    }
}
