import Foundation

/// A file that is being written beside the one whose place it will take.
///
/// Its name has 64 random bits, so that neither another host nor a stranger can know it, and is taken with `O_EXCL`. It is locked as
/// long as its writer lives: one that can be locked was left behind, and is cleared away by the next writer of the same file.
package final class PartialFile {
    package let descriptor: Int32
    private let path: String
    private let target: String

    private static let ending = ".tmp"
    private static func beginning(_ name: String) -> String { ".\(name).lockstep-" }

    /// - Throws: `Files.Failure` where no file can be made there.
    package init(beside target: String) throws {
        self.target = target
        let (folder, name) = (Files.folder(of: target), Files.name(of: target))
        PartialFile.clear(name, in: folder)
        while true {
            let random = String(UInt64.random(in: .min ... .max), radix: 16)
            let path = "\(folder)/\(PartialFile.beginning(name))\(random)\(PartialFile.ending)"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor < 0, errno == EEXIST { continue }
            guard descriptor >= 0 else { throw Files.Failure(system: "cannot be written") }
            flock(descriptor, LOCK_EX | LOCK_NB)
            var status = stat()
            // Another writer that came between the two calls has taken it for one that was left behind.
            if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
                close(descriptor)
                continue
            }
            (self.descriptor, self.path) = (descriptor, path)
            return
        }
    }

    /// Removes what dead writers of `name` have left.
    private static func clear(_ name: String, in folder: String) {
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where entry.hasPrefix(beginning(name)) && entry.hasSuffix(ending) {
            let path = "\(folder)/\(entry)"
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
            close(descriptor)
        }
    }

    /// Brings the bytes to the disk and gives the file its name.
    ///
    /// - Throws: `Files.Failure`.
    package func publish() throws {
        guard fsync(descriptor) == 0 else { throw Files.Failure(system: "cannot be written") }
        guard rename(path, target) == 0 else { throw Files.Failure(system: "cannot be written") }
        close(descriptor)
        // The new name survives a power cut only with the directory; some file systems do not sync directories.
        let folder = open(Files.folder(of: target), O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Removes it.
    package func discard() {
        unlink(path)
        close(descriptor)
    }
}
