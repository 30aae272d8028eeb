import Foundation
import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

/// A model file in memory: a copy of a model as it is now, that can be written while the model trains on.
package struct ModelImage {
    private enum Form {
        /// `.keras`.
        case archive([(name: String, bytes: FileImage)])
        /// `.h5`.
        case hdf5(FileImage)
    }
    private let form: Form

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
    ///   - path: the file that it is for: `.h5` is HDF5 in the form of Keras 2, anything else a `.keras` archive.
    ///   - added: further members of an archive.
    ///   - isCopy: whether the model may change before the file is written.
    /// - Throws: `SavingError` for `model` that could not be opened again, weights that are not there yet, or memory that does not
    ///   suffice.
    package init(
        _ model: Model, for path: String, _ contents: Contents = .model, adding added: [(name: String, bytes: FileImage)] = [],
        isCopy: Bool
    ) throws {
        var configuration: String?
        do { configuration = try model.configurationToSave(path) } catch {
            guard contents == .atLeastWeights else { throw error }
        }
        if ModelFile.isHDF5(path) {
            form = .hdf5(try savingErrors(path) { try model.legacyImage(source: path, isCopy: isCopy) })
            return
        }
        let weights = try model.weightsImage(source: "\(path), member \(ModelArchive.weights)", isCopy: isCopy)
        form = try savingErrors(path) {
            let metadata: ConfigValue = .object([
                "keras_version": .string(ModelArchive.kerasVersion), "date_saved": .string(ModelImage.dateSaved),
            ])
            return .archive(
                [(ModelArchive.metadata, FileImage(try ByteBuffer(Array(metadata.json.utf8))))]
                    + (try configuration.map { [(ModelArchive.config, FileImage(try ByteBuffer(Array($0.utf8))))] } ?? [])
                    + [(ModelArchive.weights, weights)] + added)
        }
    }

    /// Writes the file: it is whole, or what was there stays. From any thread.
    ///
    /// - Throws: `SavingError`.
    package func write(to path: String) throws {
        try savingErrors(path) {
            switch form {
            case .archive(let members):
                // Checksums are made while the disk takes the bytes.
                let checksums = Beside { Checksums(members).comment }
                try withExtendedLifetime(members) {
                    defer { _ = checksums.value }
                    try ZipArchive.write(members.map { ($0, $1.pieces) }, to: path, comment: checksums.value)
                }
            case .hdf5(let image): try withExtendedLifetime(image) { try Files.replace(path, with: image.pieces) }
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

/// A text that is made on a thread of its own.
private final class Beside: @unchecked Sendable {
    private let done = DispatchGroup()
    private var text = ""

    init(_ body: @escaping () -> String) {
        nonisolated(unsafe) let body = body
        done.enter()
        Thread.detachNewThread { [self] in
            text = body()
            done.leave()
        }
    }

    /// Waits for it.
    var value: String {
        done.wait()
        return text
    }
}
