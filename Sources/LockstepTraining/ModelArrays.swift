import LockstepData
import LockstepNN
import LockstepTensor

/// Arrays for the inputs of a model, its targets or their weights: one, a list in their order, or some by name.
///
///     try model.fit(["title": titles, "tags": tags], ["priority": priorities, "department": departments])
public protocol ModelArrays {
    /// The arrays, each with its name if it has one. A list of weights has `nil` where samples of a target all count the same.
    var arrays: [(name: String?, tensor: Tensor?)] { get }
}

extension Tensor: ModelArrays {
    public var arrays: [(name: String?, tensor: Tensor?)] { [(nil, self)] }
}

/// An array of a list: `Tensor` or `Tensor?`.
public protocol ModelArray {
    var tensor: Tensor? { get }
}
extension Tensor: ModelArray {
    public var tensor: Tensor? { self }
}
extension Optional: ModelArray where Wrapped == Tensor {
    public var tensor: Tensor? { self }
}

extension Array: ModelArrays where Element: ModelArray {
    public var arrays: [(name: String?, tensor: Tensor?)] { map { (nil, $0.tensor) } }
}

extension Dictionary: ModelArrays where Key == String, Value == Tensor {
    public var arrays: [(name: String?, tensor: Tensor?)] { sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}

extension Dataset {
    /// A data set of arrays in memory.
    ///
    /// - Parameters:
    ///   - x: inputs, `[samples, …]`. - y: targets.
    ///   - sampleWeight: one array for all targets, a list of one for each, or some by the targets' names.
    /// - Throws: `DataError` where numbers of samples differ, or weights are not of a target.
    public init(_ x: any ModelArrays, _ y: any ModelArrays, sampleWeight: (any ModelArrays)? = nil) throws {
        let targets = try Dataset.columns(y, "y")
        try self.init(
            inputs: Dataset.columns(x, "x"), targets: targets, sampleWeights: Dataset.weights(sampleWeight, of: targets.map(\.name)),
            inputsAreNamed: x.areNamed, targetsAreNamed: y.areNamed)
    }

    /// As above, of inputs alone: to predict.
    ///
    /// - Throws: `DataError` where numbers of samples differ.
    public init(_ x: any ModelArrays) throws { try self.init(inputs: Dataset.columns(x, "x"), inputsAreNamed: x.areNamed) }

    private static func columns(_ arrays: any ModelArrays, _ kind: String) throws -> [(name: String, column: Column)] {
        let all = arrays.arrays
        return try all.enumerated().map { index, array in
            let name = array.name ?? (all.count == 1 ? kind : "\(kind)[\(index)]")
            guard let tensor = array.tensor else { throw DataError(name, "expected an array, found nil") }
            return (name, try Column(tensor, source: name))
        }
    }

    private static func weights(_ arrays: (any ModelArrays)?, of targets: [String]) throws -> [Column?] {
        guard let arrays else { return [] }
        func column(_ tensor: Tensor?, _ name: String?) throws -> Column? {
            try tensor.map { try Column($0, source: name.map { "sample_weight of \($0)" } ?? "sample_weight") }
        }
        guard arrays.areNamed else { return try arrays.arrays.map { try column($0.tensor, nil) } }
        let named = Dictionary(uniqueKeysWithValues: arrays.arrays.map { ($0.name!, $0.tensor) })
        for name in named.keys.sorted() where !targets.contains(name) {
            throw DataError("sample_weight", "\(unknownName("target", name, targets)); weights by name need targets by name")
        }
        return try targets.map { try column(named[$0] ?? nil, $0) }
    }
}

extension ModelArrays {
    fileprivate var areNamed: Bool { arrays.first.map { $0.name != nil } ?? false }
}
