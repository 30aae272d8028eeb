import CZip

/// A zip archive whose members are read and written whole: what an `.npz` and a `.keras` file are.
package final class ZipArchive {
    private let archive: OpaquePointer
    private let path: String
    /// The members' names, in the archive's order.
    package let names: [String]
    /// The text that belongs to the archive as a whole; empty where there is none.
    package let comment: String

    // MARK: Reading

    /// Opens an archive.
    ///
    /// - Parameter kind: what is expected, for messages: `an .npz file`.
    /// - Throws: `DataError` where there is no file, or no zip archive.
    package init(reading path: String, kind: String) throws {
        let archive = try ZipArchive.open(path, ZIP_RDONLY, kind: kind)
        var names: [String] = []
        for index in 0 ..< zip_uint64_t(max(zip_get_num_entries(archive, 0), 0)) {
            guard let name = zip_get_name(archive, index, 0) else {
                let reason = ZipArchive.reason(archive)
                zip_discard(archive)
                throw DataError(path, "member \(index) has no name: \(reason)")
            }
            names.append(String(cString: name))
        }
        (self.archive, self.path, self.names) = (archive, path, names)
        var length: Int32 = 0
        let text = zip_get_archive_comment(archive, &length, 0)
        comment = text.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: Int(length)), as: UTF8.self) } ?? ""
    }

    deinit { zip_discard(archive) }

    /// What to call a member in messages.
    package func source(_ index: Int) -> String { "\(path), member \(names[index])" }

    /// A member's bytes, inflated and checked against its CRC-32.
    ///
    /// - Throws: `DataError` naming the member where it is damaged or compressed in a way that is not read.
    package func member(_ index: Int) throws -> ByteBuffer {
        let source = source(index)
        var status = zip_stat_t()
        guard zip_stat_index(archive, zip_uint64_t(index), 0, &status) == 0 else { throw ZipArchive.failure(archive, source) }
        guard status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE else {
            throw DataError(source, "is compressed by zip's method \(status.comp_method); expected stored or deflated")
        }
        // Deflate makes at most 1032 bytes of one: a size beyond that is a damaged one, and no reason to ask for memory.
        guard status.size / 1032 <= status.comp_size + 64, let file = zip_fopen_index(archive, zip_uint64_t(index), 0) else {
            throw DataError(source, "cannot be read: \(ZipArchive.reason(archive))")
        }
        defer { zip_fclose(file) }
        let buffer = try ByteBuffer(capacity: Int(status.size), source: source)
        var spare: UInt8 = 0
        while true {
            // At the end one more byte is asked for: that is when libzip compares the CRC.
            let left = Int(status.size) - buffer.count
            let got =
                left > 0
                ? zip_fread(file, buffer.pointer + buffer.count, zip_uint64_t(left)) : zip_fread(file, &spare, 1)
            guard got >= 0 else {
                throw DataError(source, "is damaged: \(String(cString: zip_file_strerror(file))); copy or download the file again")
            }
            guard got > 0 else { break }
            guard left > 0 else { throw DataError(source, "is longer than the archive says, \(status.size) bytes: the file is damaged") }
            buffer.count += Int(got)
        }
        guard buffer.count == Int(status.size) else {
            throw DataError(source, "expected \(status.size) bytes, found \(buffer.count): the file is damaged")
        }
        return buffer
    }

    // MARK: Writing

    /// Writes an archive, each member from its parts in turn. The same members make the same bytes.
    ///
    /// The bytes behind `members` must live until this returns. The archive appears whole or not at all.
    ///
    /// - Throws: `DataError` where the file cannot be written.
    package static func write(
        _ members: [(name: String, parts: [UnsafeRawBufferPointer])], to path: String, compressed: Bool = false, comment: String = ""
    ) throws {
        let archive = try open(path, ZIP_CREATE | ZIP_TRUNCATE, kind: "a zip archive")
        var isOpen = true
        defer { if isOpen { zip_discard(archive) } }
        for (name, parts) in members {
            var fragments = parts.filter { $0.count > 0 }.map {
                zip_buffer_fragment_t(
                    data: .init(mutating: $0.baseAddress!.assumingMemoryBound(to: zip_uint8_t.self)), length: zip_uint64_t($0.count))
            }
            guard let bytes = zip_source_buffer_fragment(archive, &fragments, zip_uint64_t(fragments.count), 0) else {
                throw failure(archive, path)
            }
            let index = zip_file_add(archive, name, bytes, zip_flags_t(ZIP_FL_ENC_UTF_8))
            guard index >= 0 else {
                zip_source_free(bytes)
                throw failure(archive, path)
            }
            // As Python's zipfile has it: the date 1 January 1980, so that the bytes depend on the members alone, and level 6
            // (libzip's own, 9, takes several times as long).
            guard zip_file_set_dostime(archive, zip_uint64_t(index), 0, 1 << 5 | 1, 0) == 0,
                zip_set_file_compression(archive, zip_uint64_t(index), compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 6) == 0
            else { throw failure(archive, path) }
        }
        guard zip_set_archive_comment(archive, comment, zip_uint16_t(comment.utf8.count)) == 0 else { throw failure(archive, path) }
        // libzip reads what it was given only now, into a temporary file that it then renames.
        guard zip_close(archive) == 0 else { throw failure(archive, path) }
        isOpen = false
    }

    // MARK: libzip

    private static func open(_ path: String, _ flags: Int32, kind: String) throws -> OpaquePointer {
        var code: Int32 = 0
        if let archive = zip_open(path, flags, &code) { return archive }
        var error = zip_error_t()
        zip_error_init_with_code(&error, code)
        defer { zip_error_fini(&error) }
        switch code {
        case ZIP_ER_NOENT: throw DataError(path, "no such file")
        case ZIP_ER_NOZIP: throw DataError(path, "expected \(kind) (a zip archive), found something else, or the file is cut short")
        default: throw DataError(path, "cannot be opened: \(String(cString: zip_error_strerror(&error)))")
        }
    }

    private static func reason(_ archive: OpaquePointer) -> String { String(cString: zip_strerror(archive)) }
    private static func failure(_ archive: OpaquePointer, _ source: String) -> DataError {
        DataError(source, "cannot be read or written: \(reason(archive))")
    }
}
