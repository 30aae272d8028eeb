import Foundation

/// Reading files whole and writing them so that they are whole or as they were.
public enum Files {
    /// What is wrong with a file: without its name, which the caller knows.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(_ description: String) { self.description = description }
        /// With the system's own words for `errno`.
        init(system what: String, _ code: Int32 = errno) { self.init("\(what): \(String(cString: strerror(code)))") }
    }

    // MARK: Reading

    /// Opens a regular file to read. Never waits: a FIFO is refused before anybody would have to open its other end.
    ///
    /// - Returns: the descriptor, which the caller closes, and the file's size in bytes.
    /// - Throws: `Failure` where there is no such file, it is no regular one, or cannot be opened.
    public static func open(_ path: String) throws -> (descriptor: Int32, size: Int) {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw errno == ENOENT ? Failure("no such file") : Failure(system: "cannot be opened") }
        do {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw Failure(system: "cannot be read") }
            switch status.st_mode & S_IFMT {
            case S_IFREG: return (descriptor, Int(status.st_size))
            case S_IFDIR: throw Failure("expected a file, found a directory; name a file in it")
            default: throw Failure("expected a regular file, found a device or a pipe; save it to a file first")
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// All bytes of a file of at most `limit` bytes: for configs and other text.
    ///
    /// - Throws: `Failure`.
    public static func contents(_ path: String, limit: Int = 256 << 20) throws -> Data {
        let (descriptor, size) = try open(path)
        defer { close(descriptor) }
        guard size <= limit else { throw Failure("is \(size) bytes long; expected at most \(limit)") }
        var data = Data(count: size)
        let count = try data.withUnsafeMutableBytes { try read(descriptor, into: $0) }
        return data.prefix(count)
    }

    /// Fills `buffer` from a descriptor, as far as there are bytes.
    ///
    /// - Returns: how many there were.
    /// - Throws: `Failure`.
    public static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = 0
        while count < buffer.count {
            let got = Foundation.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Failure(system: "cannot be read") }
            if got == 0 { break }
            count += got
        }
        return count
    }

    // MARK: Writing

    /// Writes all bytes to a descriptor; waits for one that is full for the moment.
    ///
    /// - Returns: the system's error code, if that failed.
    public static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var done = 0
        while done < bytes.count {
            let wrote = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if wrote > 0 {
                done += wrote
            } else if wrote == 0 || errno == EINTR {
                continue
            } else if errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                Foundation.poll(&poll, 1, -1)
            } else {
                return errno
            }
        }
        return nil
    }

    /// Of so many bytes the disk takes longer than of two files.
    private static let largeSize = 1 << 24

    /// Writes `parts`, one after the other, into the file at `path`.
    ///
    /// A regular file is whole or as it was: the bytes go into a file of their own beside it, are brought to the disk, and take its
    /// place. A symbolic link is followed; a pipe or a device is written to and stays what it is. What writers that died have left
    /// beside `path` is cleared away.
    ///
    /// - Parameter end: what comes behind `parts`, asked for once these are written.
    /// - Throws: `Failure`, and what `end` throws; then nothing has changed.
    public static func replace(_ path: String, with parts: [UnsafeRawBufferPointer], end: () throws -> [UInt8] = { [] }) throws {
        func writeAll(to descriptor: Int32) throws {
            for part in parts { if let code = write(part, to: descriptor) { throw Failure(system: "cannot be written", code) } }
            // What takes its time on the disk does so while the end is made.
            if parts.reduce(0, { $0 + $1.count }) > Files.largeSize { fdatasync(descriptor) }
            if let code = try end().withUnsafeBytes({ write($0, to: descriptor) }) { throw Failure(system: "cannot be written", code) }
        }
        let target = try self.target(of: path)
        var status = stat()
        let exists = stat(target, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG {
            // A pipe's reader may be about to open it; one that never comes is an error, and nothing to wait for.
            var descriptor = Foundation.open(target, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
            for _ in 0 ..< 200 where descriptor < 0 && errno == ENXIO {
                usleep(10_000)
                descriptor = Foundation.open(target, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
            }
            guard descriptor >= 0 else {
                throw errno == ENXIO ? Failure("cannot be written: nobody reads this pipe") : Failure(system: "cannot be written")
            }
            defer { close(descriptor) }
            try writeAll(to: descriptor)
            return
        }
        let partial = try PartialFile(beside: target)
        do {
            try writeAll(to: partial.descriptor)
            if exists { fchmod(partial.descriptor, status.st_mode & 0o777) }
            try partial.publish()
        } catch {
            partial.discard()
            throw error
        }
    }

    /// Sees that a file could be written at `path`, without changing what is there: better now than after hours of training.
    ///
    /// - Throws: `Failure`.
    public static func checkWritable(_ path: String) throws {
        let target = try self.target(of: path)
        var status = stat()
        if stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            guard access(target, W_OK) == 0 else { throw Failure(system: "cannot be written") }
        } else {
            try PartialFile(beside: target).discard()
        }
    }

    /// Whether two paths lead to the same file, through links or not; it must be there.
    public static func isSame(_ path: String, _ other: String) -> Bool {
        var a = stat(), b = stat()
        return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino
    }

    /// `path` with symbolic links followed, also one to a file that is not there yet.
    ///
    /// - Throws: `Failure` where it is a directory, or would lie in one that is not there.
    private static func target(of path: String) throws -> String {
        var target = path
        for _ in 0 ..< 40 {
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: target) else { break }
            target = link.hasPrefix("/") ? link : folder(of: target) + "/" + link
        }
        if isDirectory(target) == true { throw Failure("expected the name of a file to write, found a directory; name a file in it") }
        let folder = folder(of: target)
        guard isDirectory(folder) == true else {
            throw Failure("cannot be written: there is no directory \(folder); make it first")
        }
        return target
    }

    // MARK: Names

    // Foundation's own functions for this end the process on names of a single letter.

    /// The directory in which `path` lies; `.` for a name alone.
    public static func folder(of path: String) -> String {
        let path = withoutLastSlashes(path)
        guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return "." }
        let folder = withoutLastSlashes(path[..<slash])
        return folder.isEmpty ? "/" : String(folder)
    }

    /// The last name of `path`.
    public static func name(of path: String) -> String {
        let path = withoutLastSlashes(path)
        guard let slash = path.unicodeScalars.lastIndex(of: "/") else { return String(path) }
        return String(path[path.unicodeScalars.index(after: slash)...])
    }

    private static func withoutLastSlashes(_ path: some StringProtocol) -> Substring {
        var scalars = Substring(path).unicodeScalars
        while scalars.last == "/" { scalars.removeLast() }
        return Substring(scalars)
    }

    /// `nil` where there is nothing at `path`.
    public static func isDirectory(_ path: String) -> Bool? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT == S_IFDIR : nil
    }
}
