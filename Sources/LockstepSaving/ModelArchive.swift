import Foundation
import LockstepData
import LockstepNN
import LockstepSystem

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
    /// The members that have checksums; `hashes` is made of them meanwhile.
    private var members: [String: ByteBuffer] = [:]
    private let checksums: Checksums
    private let hashes: HashedMembers

    /// Opens the file; where it has checksums all of it is read, and `verify` compares.
    ///
    /// - Throws: `SavingError`.
    package init(_ path: String) throws {
        self.path = path
        archive = try savingErrors(path) { try ZipArchive(reading: path, kind: "a .keras file") }
        checksums = Checksums(comment: archive.comment)
        hashes = HashedMembers(archive.names.count)
        guard !checksums.isEmpty else {
            guard archive.names.contains(Self.run) else { return }
            throw SavingError(path, "is a checkpoint without checksums: its end is damaged; take another one")
        }
        if let name = archive.names.first(where: { !checksums.names.contains($0) }) {
            throw SavingError(
                source(name),
                "has no SHA-256 in the archive's comment, as others have; remove the comment (zip -z) if it was added on purpose")
        }
        // No bit of the file may have changed, nor of what is around the members.
        guard archive.comment == checksums.comment,
            let bytes = try savingErrors(path, { try archive.membersAsWritten(hashes.add) })
        else {
            throw SavingError(
                path,
                "is not what was written: the archive's directory or comment has changed, or the file is cut short; copy or download it again, or remove the comment (zip -z) if it was changed on purpose"
            )
        }
        members = Dictionary(uniqueKeysWithValues: zip(archive.names, bytes))
    }

    /// Waits until all that was read is known to be what was written: nothing of a file may be believed before.
    ///
    /// - Throws: `SavingError` that names the member which is not.
    package func verify() throws {
        guard !checksums.isEmpty else { return }
        for (name, hash) in zip(archive.names, hashes.finish()) { try checksums.verify(name, hash: hash, source: source(name)) }
    }

    /// The configuration that `config.json` holds.
    func configuration() throws -> ConfigValue {
        let bytes = try memberToVerify(Self.config)
        do {
            return try ConfigValue(json: bytes.withBytes { Data($0) })
        } catch {
            throw SavingError(source(Self.config), "expected JSON, as Keras writes it: \(error)")
        }
    }

    var configurationSource: String { source(Self.config) }
    func weights() throws -> any StoredWeights {
        PlacedWeights(try HDF5File(memberToVerify(Self.weights), source: source(Self.weights)).root)
    }

    /// How many members have a checksum.
    var checksumCount: Int { members.count }
    package func has(_ name: String) -> Bool { archive.names.contains(name) }

    /// What to call a member in messages.
    func source(_ name: String) -> String { "\(path), member \(name)" }

    /// The bytes of a member, verified.
    ///
    /// - Throws: `SavingError` where there is none of this name, or it is not what was written.
    package func member(_ name: String) throws -> ByteBuffer {
        try verify()
        return try memberToVerify(name)
    }

    private func memberToVerify(_ name: String) throws -> ByteBuffer {
        if let bytes = members[name] { return bytes }
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

/// The SHA-256 of an archive's members, made on a thread of its own while they are read.
private final class HashedMembers: @unchecked Sendable {
    private let queue = DispatchQueue(label: "lockstep.checksums")
    private var streams: [SHA256.Stream]
    private var hashes: [[UInt8]] = []

    init(_ count: Int) { streams = (0 ..< count).map { _ in SHA256.Stream() } }

    /// The next piece of a member, which `owner` keeps alive.
    func add(_ member: Int, _ piece: UnsafeRawBufferPointer, owner: ByteBuffer) {
        nonisolated(unsafe) let (piece, owner) = (piece, owner)
        queue.async { [self] in withExtendedLifetime(owner) { streams[member].add(piece) } }
    }

    /// The hashes of all members, once they are made.
    func finish() -> [[UInt8]] {
        queue.sync {
            if hashes.isEmpty { hashes = streams.map { $0.finish() } }
            return hashes
        }
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
