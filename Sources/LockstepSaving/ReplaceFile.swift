import Foundation

/// Lets `write` make a file under a temporary name beside `path`, brings it to the disk, and gives it its name: the file
/// is there whole, or as it was before.
///
/// - Throws: `SavingError` where `path` is a directory or cannot be written; what `write` throws.
func replaceFile(_ path: String, _ write: (_ temporary: String) throws -> Void) throws {
    func failure() -> SavingError { SavingError(path, "cannot be written: \(String(cString: strerror(errno)))") }
    let folder = (path as NSString).deletingLastPathComponent
    let directory = folder.isEmpty ? "." : folder
    guard isDirectory(path) != true else {
        throw SavingError(path, "expected the name of a file to write, found a directory; name a file in it")
    }
    guard isDirectory(directory) == true else {
        throw SavingError(path, "cannot be written: there is no directory \(directory); make it first")
    }
    let temporary = "\(path).\(getpid()).tmp"
    do {
        try write(temporary)
        try sync(temporary, orThrow: failure)
        guard rename(temporary, path) == 0 else { throw failure() }
    } catch {
        unlink(temporary)
        throw error
    }
    // The new name survives a power cut only with the directory; some file systems do not sync directories.
    try? sync(directory, orThrow: failure)
}

/// Writes bytes to a new file. For `replaceFile`.
///
/// - Throws: `SavingError` naming `path`, which the file will be.
func writeFile(_ bytes: UnsafeRawBufferPointer, to temporary: String, for path: String) throws {
    func failure() -> SavingError { SavingError(path, "cannot be written: \(String(cString: strerror(errno)))") }
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure() }
    defer { close(file) }
    var done = 0
    while done < bytes.count {
        let wrote = write(file, bytes.baseAddress! + done, bytes.count - done)
        if wrote < 0, errno == EINTR { continue }
        guard wrote > 0 else { throw failure() }
        done += wrote
    }
}

/// `nil` where there is nothing at `path`.
func isDirectory(_ path: String) -> Bool? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT == S_IFDIR : nil
}

private func sync(_ path: String, orThrow failure: () -> SavingError) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure() }
    defer { close(file) }
    guard fsync(file) == 0 else { throw failure() }
}
