import Foundation
import LockstepNN
import LockstepTensor

/// What differs between the models of two files: settings by their place in the configuration, weights and optimizer states by their
/// names, and of checkpoints where the runs stand.
public struct ModelComparison {
    /// A setting that is not the same, or of one model alone.
    public struct Setting: Sendable {
        /// `config.layers.1.config.units`, `compile_config.loss`, `run.epoch`; where one model has more layers, their names instead of
        /// numbers.
        public let place: String
        /// As JSON; `nil` where a file does not have it.
        public let first: String?, second: String?
    }

    /// A weight or a state that is not the same.
    public struct Array: Sendable {
        public enum Difference: Sendable {
            /// Of one model alone: of the first, or of the second.
            case missing(inFirst: Bool)
            case shapes(Shape, Shape)
            /// How many of how many elements, and the largest difference; `nan` where a number is none.
            case elements(Int, of: Int, largest: Float)
        }
        public let name: String
        public let difference: Difference
    }

    public private(set) var settings: [Setting] = []
    public private(set) var weights: [Array] = []
    /// Of the optimizers.
    public private(set) var states: [Array] = []
    public var isEmpty: Bool { settings.isEmpty && weights.isEmpty && states.isEmpty }

    /// Compares two files of models, of any form.
    ///
    /// - Throws: `SavingError` for the first that cannot be read.
    public init(_ first: String, _ second: String) throws {
        let (one, other) = (try Side(first), try Side(second))
        compare(one.configuration, other.configuration, at: [])
        weights = ModelComparison.differences(one.weights, other.weights)
        states = ModelComparison.differences(one.states, other.states)
    }

    /// What is compared of a file.
    private struct Side {
        let configuration: ConfigValue
        let weights: [(name: String, value: Tensor)], states: [(name: String, value: Tensor)]

        init(_ path: String) throws {
            // Names that layers are given count per process: those of two files must not count on.
            let model = try Naming.preserving { try loadModel(path, compile: .fromFileIfKnown) }
            var entries = model.serialized.entries
            if case .model(let stored) = try ModelFile(path), let archive = stored as? ModelArchive, archive.has(ModelArchive.run) {
                let run = try archive.member(ModelArchive.run)
                entries.append(.init("run", try ConfigValue(json: run.withBytes { Data($0) })))
            }
            configuration = .object(entries)
            weights = model.weights.map { ($0.path, $0.value) }
            states = try model.compilation?.optimizer.arrays(model.trainableWeights, source: path) ?? []
        }
    }

    private mutating func compare(_ first: ConfigValue?, _ second: ConfigValue?, at place: [String]) {
        switch (first, second) {
        case (.object(let one)?, .object(let other)?):
            for entry in one { compare(entry.value, second![entry.key], at: place + [entry.key]) }
            for entry in other where first![entry.key] == nil { compare(nil, entry.value, at: place + [entry.key]) }
        case (.array(let one)?, .array(let other)?) where one.count == other.count:
            for (index, (a, b)) in zip(one, other).enumerated() { compare(a, b, at: place + [String(index)]) }
        case (.array(let one)?, .array(let other)?):
            guard let (layers, others) = ModelComparison.byName(one, other) else { fallthrough }
            compare(.object(layers), .object(others), at: place)
        default:
            if first != second { settings.append(Setting(place: place.joined(separator: "."), first: first?.json, second: second?.json)) }
        }
    }

    /// Lists of layers, by their names; `nil` where they are none, or where those that both have are not in the same order.
    private static func byName(_ first: [ConfigValue], _ second: [ConfigValue]) -> ([ConfigValue.Entry], [ConfigValue.Entry])? {
        func named(_ layers: [ConfigValue]) -> [ConfigValue.Entry] {
            layers.compactMap { if case .string(let name)? = $0["config"]?["name"] { .init(name, $0) } else { nil } }
        }
        let (one, other) = (named(first), named(second))
        let (names, others) = (one.map(\.key), other.map(\.key))
        guard one.count == first.count, other.count == second.count, Set(names).count == names.count, Set(others).count == others.count
        else { return nil }
        return names.filter(others.contains) == others.filter(names.contains) ? (one, other) : nil
    }

    private static func differences(_ first: [(name: String, value: Tensor)], _ second: [(name: String, value: Tensor)]) -> [Array] {
        let others = Dictionary(second.map { ($0.name, $0.value) }) { one, _ in one }
        let known = Set(first.map(\.name))
        return first.compactMap { name, value in
            guard let other = others[name] else { return Array(name: name, difference: .missing(inFirst: false)) }
            return difference(value, other).map { Array(name: name, difference: $0) }
        } + second.filter { !known.contains($0.name) }.map { Array(name: $0.name, difference: .missing(inFirst: true)) }
    }

    /// `nil` where all bits are the same.
    private static func difference(_ first: Tensor, _ second: Tensor) -> Array.Difference? {
        guard first.shape == second.shape else { return .shapes(first.shape, second.shape) }
        let (first, second) = (first.cast(to: .float32), second.cast(to: .float32))
        return first.withElements(of: Float.self) { one in
            second.withElements(of: Float.self) { other in
                var count = 0, largest: Float = 0
                for (a, b) in zip(one, other) where a.bitPattern != b.bitPattern {
                    count += 1
                    largest = (a - b).isNaN ? .nan : max(largest, abs(a - b))
                }
                return count == 0 ? nil : .elements(count, of: one.count, largest: largest)
            }
        }
    }
}
