import Foundation
import LockstepNN
import LockstepSaving
import LockstepTensor
import XCTest

/// Models for check_with_keras.py, which opens them in Keras. Here they are only read back.
final class KerasExchangeTests: SavingTestCase {
    func testModelsForKeras() throws {
        let folder = ProcessInfo.processInfo.environment["LOCKSTEP_KEEP"] ?? directory
        func keep(_ name: String, _ model: Model, next: Bool) throws {
            try model.save("\(folder)/\(name).keras")
            var entries: [ConfigValue.Entry] = [
                .init("inputs", list(Golden.inputs)), .init("input_shape", .array([2, 2])),
                .init("predictions", list(model(inputs).scalars)),
                .init("weights", .array(model.weightBits.map(list))),
                .init("optimizer", model.compilation == nil ? nil : .array(model.optimizerBits.map(list))),
                .init("labels", .array(next ? labels.map { .int(Int($0)) } : [])),
            ]
            let loaded = try loadModel("\(folder)/\(name).keras")
            assertSameBits(loaded.weightBits, model.weightBits, name)
            if next {
                step(loaded, training: true)
                entries.append(.init("weights_after_step", .array(loaded.weightBits.map(list))))
            }
            try ConfigValue.object(entries).json.write(toFile: "\(folder)/\(name).json", atomically: true, encoding: .utf8)
        }
        // Keras has no LARS.
        for (index, optimizer) in optimizers().enumerated() where !(optimizer is LARS) {
            clearSession()
            let model = classifier(dropout: 0)
            try model.compile(
                optimizer: optimizer, loss: index % 2 == 0 ? "sparse_categorical_crossentropy" : SparseCategoricalCrossentropy(),
                metrics: ["accuracy", SparseCategoricalAccuracy(name: "sca")], weightedMetrics: [SparseCategoricalAccuracy()])
            for _ in 0 ..< 4 { step(model) }
            try keep("\(optimizer.className.lowercased())-\(index)", model, next: true)
            if index == 3 {
                try model.save("\(folder)/weights.keras")
                try FileManager.default.copyItem(atPath: "\(folder)/adam-3.json", toPath: "\(folder)/weights.json")
                try model.saveWeights("\(folder)/weights.weights.h5")
            }
        }
        clearSession()
        let normalized = normalizedClassifier()
        // Not Adam: the bias before a normalization has no gradient but rounding errors, which Adam makes large.
        try normalized.compile(optimizer: SGD(learningRate: 0.05, momentum: 0.9), loss: "sparse_categorical_crossentropy")
        for _ in 0 ..< 4 { step(normalized, training: true) }
        try keep("normalized", normalized, next: true)
        clearSession()
        try keep(
            "plain",
            Sequential([
                Input([2, 2], name: "pixels"), Flatten(), Dense(4, activation: "relu", useBias: false), Dense(1, activation: "sigmoid"),
            ]), next: false)
        // A file that Keras wrote, read and written again.
        try keep("again", try loadModel(golden("golden.keras", Golden.adam.file)), next: false)
    }

    private func list(_ numbers: [Float]) -> ConfigValue { .array(numbers.map { ConfigValue($0) }) }
}
