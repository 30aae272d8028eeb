import CZip
import LockstepSystem

extension ZipArchive {
    /// Writes an archive, each member from its parts in turn. The same members make the same bytes.
    ///
    /// The bytes behind `members` must live until this returns. The archive is made in memory and then put into the file whole (see
    /// `Files.replace`).
    ///
    /// - Parameter comment: a text for the archive as a whole, at most 65,535 bytes.
    /// - Throws: `DataError` where the file cannot be written.
    package static func write(
        _ members: [(name: String, parts: [UnsafeRawBufferPointer])], to path: String, compressed: Bool = false, comment: String = ""
    ) throws {
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let memory = zip_source_buffer_create(nil, 0, 0, &error) else { throw failure(&error, path) }
        // The archive gives its source back when it is closed; this second hold on it is for reading what it then has.
        zip_source_keep(memory)
        defer { zip_source_free(memory) }
        guard let archive = zip_open_from_source(memory, ZIP_TRUNCATE, &error) else {
            zip_source_free(memory)
            throw failure(&error, path)
        }
        var isOpen = true
        defer { if isOpen { zip_discard(archive) } }
        for (name, parts) in members { try add(name, parts, to: archive, compressed, path) }
        guard comment.utf8.count <= Int(UInt16.max), zip_set_archive_comment(archive, comment, UInt16(comment.utf8.count)) == 0 else {
            throw DataError(
                path, "cannot be written: its comment of \(comment.utf8.count) bytes: \(String(cString: zip_strerror(archive)))")
        }
        // libzip reads what it was given only now.
        guard zip_close(archive) == 0 else { throw DataError(path, "cannot be written: \(String(cString: zip_strerror(archive)))") }
        isOpen = false
        let bytes = try contents(of: memory, path)
        try bytes.withBytes { bytes in try dataErrors(path) { try Files.replace(path, with: [bytes]) } }
    }

    private static func add(
        _ name: String, _ parts: [UnsafeRawBufferPointer], to archive: OpaquePointer, _ compressed: Bool, _ path: String
    ) throws {
        var fragments = parts.filter { $0.count > 0 }.map {
            zip_buffer_fragment_t(
                data: .init(mutating: $0.baseAddress!.assumingMemoryBound(to: zip_uint8_t.self)), length: zip_uint64_t($0.count))
        }
        func failure() -> DataError {
            DataError("\(path), member \(name)", "cannot be written: \(String(cString: zip_strerror(archive)))")
        }
        guard let bytes = zip_source_buffer_fragment(archive, &fragments, zip_uint64_t(fragments.count), 0) else { throw failure() }
        let index = zip_file_add(archive, name, bytes, zip_flags_t(ZIP_FL_ENC_UTF_8))
        guard index >= 0 else {
            zip_source_free(bytes)
            throw failure()
        }
        // As Python's zipfile has it: the date 1 January 1980, so that the bytes depend on the members alone, and level 6
        // (libzip's own, 9, takes several times as long).
        guard zip_file_set_dostime(archive, zip_uint64_t(index), 0, 1 << 5 | 1, 0) == 0,
            zip_set_file_compression(archive, zip_uint64_t(index), compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 6) == 0
        else { throw failure() }
    }

    /// The bytes of the archive that has been made in memory.
    private static func contents(of memory: OpaquePointer, _ path: String) throws -> ByteBuffer {
        var status = zip_stat_t()
        zip_stat_init(&status)
        guard zip_source_open(memory) == 0 else { throw failure(zip_source_error(memory), path) }
        defer { zip_source_close(memory) }
        guard zip_source_stat(memory, &status) == 0, let size = Int(exactly: status.size) else {
            throw failure(zip_source_error(memory), path)
        }
        let bytes = try ByteBuffer(capacity: size, source: path)
        while bytes.count < size {
            let got = zip_source_read(memory, bytes.pointer + bytes.count, zip_uint64_t(size - bytes.count))
            guard got > 0 else { throw failure(zip_source_error(memory), path) }
            bytes.count += Int(got)
        }
        return bytes
    }

    private static func failure(_ error: UnsafeMutablePointer<zip_error_t>?, _ path: String) -> DataError {
        DataError(path, "cannot be written: \(error.map { String(cString: zip_error_strerror($0)) } ?? "unknown error")")
    }
}
