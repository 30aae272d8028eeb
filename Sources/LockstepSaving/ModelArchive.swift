import Foundation
import LockstepData
import LockstepNN

/// A `.keras` file: a zip archive of a configuration and weights, and of a run that can be gone on with.
package final class ModelArchive: StoredModel {
    static let metadata = "metadata.json"
    static let config = "config.json"
    package static let weights = "model.weights.h5"
    /// Where a run stands, and its arrays.
    package static let run = "run.json", runArrays = "run.h5"
    /// The version of Keras whose files these are.
    static let kerasVersion = "3.15.1"

    /// The most bytes of a configuration.
    private static let longestDescription = 64 << 20

    private let archive: ZipArchive
    private let path: String
    /// The members that were verified.
    private var verified: [String: ByteBuffer] = [:]

    /// Opens the file, and where it has checksums verifies all of it.
    ///
    /// - Throws: `SavingError`.
    package init(_ path: String) throws {
        self.path = path
        archive = try savingErrors(path) { try ZipArchive(reading: path, kind: "a .keras file") }
        let checksums = Checksums(comment: archive.comment)
        guard !checksums.isEmpty else {
            guard archive.names.contains(Self.run) else { return }
            throw SavingError(path, "is a checkpoint without checksums: its end is damaged; take another one")
        }
        let known = [Self.metadata, Self.config, Self.weights].filter(archive.names.contains)
        for name in Set(checksums.names + known).sorted() {
            let bytes = try member(name)
            try checksums.verify(name, bytes, source: source(name))
            verified[name] = bytes
        }
        // What is around the members: no bit of the file has changed.
        guard archive.comment == checksums.comment, try savingErrors(path, archive.isAsWritten) else {
            throw SavingError(
                path,
                "is not what was written: the archive's directory or comment has changed; copy or download the file again, or remove the comment (zip -z) if it was changed on purpose"
            )
        }
    }

    /// The configuration that `config.json` holds.
    func configuration() throws -> ConfigValue {
        let bytes = try member(Self.config)
        do {
            return try ConfigValue(json: bytes.withBytes { Data($0) })
        } catch {
            throw SavingError(source(Self.config), "expected JSON, as Keras writes it: \(error)")
        }
    }

    var configurationSource: String { source(Self.config) }
    func weights() throws -> any StoredWeights {
        PlacedWeights(try HDF5File(member(Self.weights), source: source(Self.weights)).root)
    }

    /// How many members have a checksum, all of which were verified.
    var checksumCount: Int { verified.count }
    package func has(_ name: String) -> Bool { archive.names.contains(name) }

    /// What to call a member in messages.
    func source(_ name: String) -> String { "\(path), member \(name)" }

    /// The bytes of a member.
    ///
    /// - Throws: `SavingError` where there is none of this name.
    package func member(_ name: String) throws -> ByteBuffer {
        if let bytes = verified[name] { return bytes }
        guard let index = archive.names.firstIndex(of: name) else {
            if name == Self.config, has(Self.run) {
                throw SavingError(
                    path,
                    "has weights and no layers, as a checkpoint of a model of a class of one's own does; make the model and call loadWeights, or go on with the run"
                )
            }
            let found = archive.names.isEmpty ? "nothing" : archive.names.prefix(8).joined(separator: ", ")
            throw SavingError(
                path, "expected a .keras file with a member \(name), found \(found); save the model in Keras 3 with model.save(\"….keras\")"
            )
        }
        // Descriptions are text; arrays may have any size.
        let limit = name.hasSuffix(".h5") ? Int.max : Self.longestDescription
        return try savingErrors(source(name)) { try archive.member(index, limit: limit) }
    }
}

extension Model {
    /// Sets the weights and the optimizer's state from a `.weights.h5` file in memory; `source` names it in messages. Nothing changes
    /// unless all of it fits.
    ///
    /// - Throws: `SavingError`.
    package func setState(from bytes: ByteBuffer, source: String) throws {
        try requireBuilt(source)
        try setState(from: PlacedWeights(HDF5File(bytes, source: source).root), optimizerState: true)
    }
}
