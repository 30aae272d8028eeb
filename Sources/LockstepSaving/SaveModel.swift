import Foundation
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

extension Model {
    /// Writes the whole model — layers, weights and, where it is compiled, loss, metrics and optimizer with its state — to
    /// a `.keras` or `.h5` file. `keras.Model.save`.
    ///
    /// A `.keras` file is the zip archive that Keras 3.15.1 writes, and Keras opens it: `config.json` (the layers and how to
    /// train), `model.weights.h5` (HDF5) and `metadata.json` (versions and date); the archive's comment has the SHA-256 of each,
    /// which `loadModel` verifies. An `.h5` file is the form of Keras 2, as Keras 3.15.1 writes it: it has no checksums. The file appears
    /// whole or not at all: written under a temporary name in the same directory, brought to the disk, renamed. A symbolic link is
    /// followed, a pipe or a device written to. Weights and states keep every bit, also of numbers that are not finite.
    ///
    /// - Throws: `SavingError` where the name does not end in `.keras` or `.h5`, the model has parts that could not be opened again (a
    ///   model inside it, a class of one's own that is not registered), the directory is missing, or writing fails; and where its
    ///   weights are not finite and there is a model at `path` whose are, which stays.
    public func save(_ path: String) throws {
        guard path.hasSuffix(".keras") || ModelFile.isHDF5(path) else {
            throw SavingError(
                path,
                "expected a name that ends in .keras or .h5; \(path.hasSuffix(".weights.h5") ? "saveWeights writes weights alone" : "add one")"
            )
        }
        let image = try ModelImage(self, for: path, isCopy: false)
        if !hasFiniteWeights, Naming.preserving({ (try? loadModel(path, compile: false))?.hasFiniteWeights ?? false }) {
            throw SavingError(path, "has a model whose weights are finite, those of model \(name) are not; save it under another name")
        }
        try image.write(to: path)
    }

    /// Writes the weights and, where the model is compiled, the optimizer's state to a `.weights.h5` file.
    /// `keras.Model.save_weights`.
    ///
    /// The file appears whole or not at all, as with `save`.
    ///
    /// - Throws: `SavingError` where the name does not end in `.weights.h5`, the model has no weights yet, or writing fails.
    public func saveWeights(_ path: String) throws {
        guard path.hasSuffix(".weights.h5") else {
            throw SavingError(path, "expected a name that ends in .weights.h5; save(_:) writes whole models, .keras or .h5")
        }
        try requireBuilt(path)
        try savingErrors(path) {
            let image = try weightsImage(source: path, isCopy: false)
            try withExtendedLifetime(image) { try Files.replace(path, with: image.pieces) }
        }
    }

    /// The HDF5 file of weights and optimizer state.
    func weightsImage(source: String, isCopy: Bool) throws -> FileImage {
        let file = try HDF5Writer(source: source, isCopy: isCopy)
        try writeWeights(to: file)
        if let optimizer = compilation?.optimizer {
            try file.makeGroup(Optimizer.path, attributes: ["name": optimizer.name])
            for (index, array) in try optimizer.arrays(trainableWeights, source: source).enumerated() {
                try file.write(array.value, at: "\(Optimizer.path)/\(index)")
            }
        }
        return try file.image()
    }

    func requireBuilt(_ path: String) throws {
        guard built else { throw SavingError(path, "model \(name) has no weights yet; call build(inputShape:) first") }
    }

    /// Whether no weight is infinite or not a number: whether the model is worth keeping in place of another.
    package var hasFiniteWeights: Bool {
        weights.allSatisfy { weight in
            guard weight.value.dtype == .float32 else { return true }
            return weight.value.withElements(of: Float.self) { elements in
                // An exponent of ones alone is that of infinities and NaN. No branch, so that the loop is vectorised.
                elements.reduce(UInt32(0)) { max($0, $1.bitPattern & 0x7f80_0000) } < 0x7f80_0000
            }
        }
    }
}
