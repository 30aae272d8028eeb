import LockstepData
import LockstepSystem

/// The SHA-256 of each member of an archive, in the archive's comment: lines as `sha256sum` writes them.
///
/// The checksums that zip archives have (CRC-32) are of 32 bits and made for accidents on a line. With these, a file of which a single
/// bit has changed is refused before any of it is believed. Files that Keras wrote have none.
struct Checksums: Equatable {
    /// Hash, in hexadecimal digits, by name.
    private var hashes: [String: String] = [:]

    var isEmpty: Bool { hashes.isEmpty }
    /// Of the members that have one.
    var names: [String] { hashes.keys.sorted() }

    /// Those of these members.
    init(_ members: [(name: String, bytes: FileImage)]) {
        for (name, image) in members {
            let stream = SHA256.Stream()
            for piece in image.pieces { stream.add(piece) }
            hashes[name] = SHA256.hexadecimal(stream.finish())
        }
    }

    /// Those in a comment; none where it is another text.
    init(comment: String) {
        for line in comment.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].count == 64, parts[0].allSatisfy(\.isHexDigit), parts[1].first == " " else { continue }
            hashes[String(parts[1].dropFirst())] = String(parts[0])
        }
    }

    /// The archive's comment.
    var comment: String { hashes.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }.joined() }

    /// - Throws: `SavingError` where the bytes of a member are not those that were written.
    func verify(_ name: String, hash: [UInt8], source: String) throws {
        guard hashes[name] == SHA256.hexadecimal(hash) else {
            throw SavingError(
                source,
                "is not what was written: its SHA-256 differs from the one in the archive's comment; copy or download the file again, or remove the comment (zip -z) if it was changed on purpose"
            )
        }
    }
}
