import Foundation
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// A `.keras` file in memory: a copy of a model as it is now, that can be written while the model trains on.
package struct ModelImage {
    private let members: [(name: String, bytes: ByteBuffer)]

    /// How much of a model must be there for it to be saved.
    package enum Contents {
        /// Layers, weights and compilation: a file that opens as a model.
        case model
        /// Weights alone, where the model has parts that could not be opened again: for a program that makes the model itself.
        case atLeastWeights
    }

    /// Copies a model.
    ///
    /// - Parameters:
    ///   - path: the file that it is for, for messages.
    ///   - added: further members.
    /// - Throws: `SavingError` for `model` that could not be opened again, weights that are not there yet, or memory that does not
    ///   suffice.
    package init(_ model: Model, for path: String, _ contents: Contents = .model, adding added: [(name: String, bytes: ByteBuffer)] = [])
        throws
    {
        var configuration: String?
        do { configuration = try model.configurationToSave(path) } catch {
            guard contents == .atLeastWeights else { throw error }
        }
        let weights = try model.weightsImage(source: "\(path), member \(ModelArchive.weights)")
        members = try savingErrors(path) {
            let metadata: ConfigValue = .object([
                "keras_version": .string(ModelArchive.kerasVersion), "date_saved": .string(ModelImage.dateSaved),
            ])
            return [(ModelArchive.metadata, try ByteBuffer(Array(metadata.json.utf8)))]
                + (try configuration.map { [(ModelArchive.config, try ByteBuffer(Array($0.utf8)))] } ?? [])
                + [(ModelArchive.weights, weights)] + added
        }
    }

    /// Writes the file: it is whole, or what was there stays. From any thread.
    ///
    /// - Throws: `SavingError`.
    package func write(to path: String) throws {
        try withExtendedLifetime(members) {
            try savingErrors(path) {
                try ZipArchive.write(
                    members.map { name, bytes in (name, [bytes.withBytes { $0 }]) }, to: path, comment: Checksums(members).comment)
            }
        }
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
