import Foundation
import LockstepTensor

/// The bytes of a file or of what it holds, in one block that tensors may be views of.
package final class ByteBuffer {
    package private(set) var pointer: UnsafeMutableRawPointer
    /// Bytes in use.
    package var count: Int
    package private(set) var capacity: Int

    /// Room for `capacity` bytes, 64-byte aligned. Throws `DataError` for `source` where memory does not suffice.
    package init(capacity: Int, source: String) throws {
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, 64, max(capacity, 64)) == 0, let block else {
            throw DataError(source, "needs \(capacity) bytes of memory, which the system does not grant")
        }
        pointer = block
        count = 0
        self.capacity = capacity
    }

    deinit { free(pointer) }

    package convenience init(_ bytes: [UInt8], source: String = "bytes") throws {
        try self.init(capacity: bytes.count, source: source)
        bytes.withUnsafeBytes { if let base = $0.baseAddress { pointer.copyMemory(from: base, byteCount: $0.count) } }
        count = bytes.count
    }

    /// Makes room for `capacity` bytes; what is in use stays.
    package func grow(to capacity: Int, source: String) throws {
        let larger = try ByteBuffer(capacity: capacity, source: source)
        larger.pointer.copyMemory(from: pointer, byteCount: count)
        swap(&pointer, &larger.pointer)
        swap(&self.capacity, &larger.capacity)
    }

    /// Calls `body` with the bytes in use, which live until it returns.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(.init(start: pointer, count: count)) }
    }
}

// MARK: Files

extension ByteBuffer {
    /// The whole of a regular file.
    ///
    /// Throws `DataError` where it is missing, not a regular file, empty, or cannot be read. The file is read, not
    /// mapped: a file that another program cuts short meanwhile is an error, not a crash.
    package convenience init(contentsOf path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw DataError(path, errno == ENOENT ? "no such file" : "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw DataError(path, "cannot be read: \(String(cString: strerror(errno)))") }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw DataError(path, "expected a file, found a directory; name a file in it")
        default: throw DataError(path, "expected a regular file, found a device or a pipe; save it to a file first")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw DataError(path, "the file is empty") }
        try self.init(capacity: size, source: path)
        while count < size {
            let got = Foundation.read(file, pointer + count, size - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw DataError(path, "cannot be read: \(String(cString: strerror(errno)))") }
            guard got > 0 else { throw DataError(path, "expected \(size) bytes, found \(count): the file shrank while it was read") }
            count += got
        }
    }
}

/// Writes `parts` one after the other to a temporary file beside `path`, which then takes its name: the file is whole or
/// not there. Throws `DataError`.
func writeFile(_ parts: [UnsafeRawBufferPointer], to path: String) throws {
    let temporary = "\(path).\(getpid()).tmp"
    func failure(_ action: String) -> DataError { DataError(path, "cannot be \(action): \(String(cString: strerror(errno)))") }
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure("written") }
    do {
        defer { close(file) }
        for part in parts {
            var done = 0
            while done < part.count {
                let wrote = Foundation.write(file, part.baseAddress! + done, part.count - done)
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else { throw failure("written") }
                done += wrote
            }
        }
        guard rename(temporary, path) == 0 else { throw failure("renamed from \(temporary)") }
    } catch {
        unlink(temporary)
        throw error
    }
}
