import Foundation
import LockstepData
import LockstepNN
import LockstepTensor

extension Model {
    /// Writes the whole model — layers, weights and, where it is compiled, loss, metrics and optimizer with its state — to
    /// a `.keras` file. `keras.Model.save`.
    ///
    /// The file is the zip archive that Keras 3.15.1 writes, and Keras opens it: `config.json` (the layers and how to
    /// train), `model.weights.h5` (HDF5) and `metadata.json` (versions and date). It appears whole or not at all: written
    /// under a temporary name in the same directory, brought to the disk, renamed. Weights and states keep every bit.
    ///
    /// - Throws: `SavingError` where the name does not end in `.keras`, the directory is missing, or writing fails.
    public func save(_ path: String) throws {
        guard path.hasSuffix(".keras") else {
            throw SavingError(
                path,
                "expected a name that ends in .keras; \(path.hasSuffix(".weights.h5") ? "saveWeights writes weights alone" : "add it")")
        }
        let members: [(String, ByteBuffer)] = try savingErrors(path) {
            let metadata: ConfigValue = .object([
                "keras_version": .string(ModelArchive.kerasVersion), "date_saved": .string(Self.dateSaved),
            ])
            return [
                (ModelArchive.metadata, try ByteBuffer(Array(metadata.json.utf8))),
                (ModelArchive.config, try ByteBuffer(Array(json.utf8))),
                (ModelArchive.weights, try weightsImage(source: "\(path), member \(ModelArchive.weights)")),
            ]
        }
        try replaceFile(path) { temporary in
            do {
                try withExtendedLifetime(members) {
                    try ZipArchive.write(members.map { name, buffer in (name, [buffer.withBytes { $0 }]) }, to: temporary)
                }
            } catch let error as DataError {
                throw SavingError(path, error.message)
            }
        }
    }

    /// Writes the weights and, where the model is compiled, the optimizer's state to a `.weights.h5` file.
    /// `keras.Model.save_weights`.
    ///
    /// The file appears whole or not at all, as with `save`.
    ///
    /// - Throws: `SavingError` where the name does not end in `.weights.h5`, the model has no weights yet, or writing fails.
    public func saveWeights(_ path: String) throws {
        guard path.hasSuffix(".weights.h5") else {
            throw SavingError(path, "expected a name that ends in .weights.h5; save(_:) writes .keras files")
        }
        try requireBuilt(path)
        let image = try savingErrors(path) { try weightsImage(source: path) }
        try replaceFile(path) { temporary in try image.withBytes { try writeFile($0, to: temporary, for: path) } }
    }

    /// The HDF5 file of weights and optimizer state.
    private func weightsImage(source: String) throws -> ByteBuffer {
        let file = try HDF5File(source: source)
        try writeWeights(to: file.root)
        try compilation?.optimizer.write(trainableWeights, to: file.root)
        return try file.image()
    }

    func requireBuilt(_ path: String) throws {
        guard built else { throw SavingError(path, "model \(name) has no weights yet; call build(inputShape:) first") }
    }

    /// As Keras writes it: `2025-01-31@23:59:59`, local time.
    private static var dateSaved: String {
        var now = time(nil), parts = tm()
        localtime_r(&now, &parts)
        return String(
            format: "%04d-%02d-%02d@%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
            parts.tm_sec)
    }
}
