import LockstepCommunication
import LockstepData
import LockstepNN
import LockstepTensor

// What ranks that train together must have in common.

extension Identity {
    /// How a model computes: its layers with their settings and the shapes of their weights. Not the weights themselves: all
    /// ranks go on with rank zero's.
    package mutating func add(_ model: Model) {
        // Names are what random numbers are keyed by.
        add("name of the model", model.name)
        add("number of layers", "\(model.layers.count)")
        for (index, layer) in model.layers.enumerated() {
            let settings = ConfigValue.object(layer.fullConfig).json
            let trained = Set(layer.trainableWeights.map { ObjectIdentifier($0) })
            let weights = layer.weights.map {
                "\($0.name) \($0.shape)\(trained.contains(ObjectIdentifier($0)) ? "" : " not trained")"
            }.joined(separator: ", ")
            add("layer \(index)", "\(layer.className) \(layer.name) \(settings)\(weights.isEmpty ? "" : " with \(weights)")")
        }
    }

    /// What the model was compiled with, and how ranks share the work.
    package mutating func add(_ compilation: Compilation) {
        add("optimizer", compilation.optimizer.serialized.json)
        for (key, name) in [
            ("loss", "loss"), ("loss_weights", "loss weights"), ("metrics", "list of metrics"),
            ("weighted_metrics", "list of weighted metrics"),
        ] {
            add(name, (compilation.serialized[key] ?? .null).json)
        }
        add("runEagerly", "\(compilation.runEagerly)")
        add("Distribution.logicalShards", Distribution.logicalShards.map { "\($0)" } ?? "none")
        add("Distribution.shardsOptimizer", "\(Distribution.shardsOptimizer)")
        add("Distribution.checkInterval", "\(Distribution.checkInterval)")
        add("Convolutions.winograd", "\(Convolutions.winograd)")
        add("Distribution.communicator", Distribution.communicator.settings)
    }

    /// What a run of `fit` is of.
    package init(
        ofRun model: Model, _ compilation: Compilation, batchSize: Int, shuffle: Bool, training: Dataset, validation: Dataset?
    ) {
        self.init()
        add(model)
        add(compilation)
        add("batchSize", "\(batchSize)")
        add("shuffle", "\(shuffle)")
        add("training data", training)
        add("validation data", validation)
    }

    /// What a run that is gone on with must still be of: how its ranks work together may change.
    package var runFacts: [RunState.Fact] {
        let free = ["Distribution.shardsOptimizer", "Distribution.checkInterval", "Distribution.communicator"]
        return facts.filter { !free.contains($0.name) }
    }

    /// Sizes and bytes of data.
    package mutating func add(_ name: String, _ data: Dataset?) { add(name, data?.fingerprint ?? "none") }
}

extension Dataset {
    /// Sizes and a checksum of all bytes.
    fileprivate var fingerprint: String {
        func texts(_ columns: [(name: String, column: Column)], _ areNamed: Bool) -> [String] {
            columns.map { (areNamed ? "\($0.name) " : "") + "\($0.column.sampleShape)" }
        }
        let shapes = (texts(inputs, inputsAreNamed) + texts(targets, targetsAreNamed)).joined(separator: " and ")
        let sum = (inputs.map(\.column) + targets.map(\.column) + sampleWeights.compactMap { $0 }).reduce(UInt64(0)) {
            $0 &* 31 &+ KnownChecksums.checksum(of: $1.tensor.value) &+ UInt64($1.divisor.bitPattern)
        }
        return "\(count) samples of \(shapes), checksum \(String(sum, radix: 16))"
    }
}

/// Checksums of arrays that are still in memory: data that is trained on again is not read again for them.
private enum KnownChecksums {
    private final class Entry {
        weak var value: Value?
        let checksum: UInt64
        init(_ value: Value, _ checksum: UInt64) { (self.value, self.checksum) = (value, checksum) }
    }

    nonisolated(unsafe) private static var entries: [Entry] = []

    static func checksum(of value: Value) -> UInt64 {
        entries.removeAll { $0.value == nil }
        if let known = entries.first(where: { $0.value === value }) { return known.checksum }
        let sum = LockstepData.checksum(UnsafeRawBufferPointer(start: value.pointer, count: value.byteCount))
        entries.append(Entry(value, sum))
        return sum
    }
}
