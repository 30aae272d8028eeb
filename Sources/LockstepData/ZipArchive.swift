import CZip
import Foundation
import LockstepSystem

/// A zip archive whose members are read whole: what an `.npz` and a `.keras` file are.
///
/// What the directory says is checked before anything is inflated: each name is there once, and members do not share bytes, so that
/// what comes out of an archive is never more than deflate can make of its size.
package final class ZipArchive {
    private let archive: OpaquePointer
    let path: String
    /// The members' names, in the archive's order.
    package let names: [String]
    /// The text that belongs to the archive as a whole; empty where there is none.
    package let comment: String
    /// For each member how many bytes it takes in the archive and inflated, and its CRC-32.
    let sizes: [(stored: Int, inflated: Int, checksum: UInt32)]

    /// Opens an archive.
    ///
    /// - Parameter kind: what is expected, for messages: `an .npz file`.
    /// - Throws: `DataError` where there is no file or no zip archive, where two members have one name, or where the members
    ///   together are longer than the file.
    package init(reading path: String, kind: String) throws {
        let (archive, fileSize) = try ZipArchive.open(path, kind: kind)
        do {
            self.path = path
            (names, sizes) = try ZipArchive.directory(archive, path, fileSize)
            var length: Int32 = 0
            let text = zip_get_archive_comment(archive, &length, 0)
            comment = text.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: Int(length)), as: UTF8.self) } ?? ""
        } catch {
            zip_discard(archive)
            throw error
        }
        self.archive = archive
    }

    deinit { zip_discard(archive) }

    private static func open(_ path: String, kind: String) throws -> (OpaquePointer, fileSize: Int) {
        let (descriptor, size) = try dataErrors(path) { try Files.open(path) }
        guard size > 0 else {
            close(descriptor)
            throw DataError(path, "the file is empty")
        }
        var code: Int32 = 0
        // The archive takes the descriptor over.
        if let archive = zip_fdopen(descriptor, 0, &code) { return (archive, size) }
        close(descriptor)
        var error = zip_error_t()
        zip_error_init_with_code(&error, code)
        defer { zip_error_fini(&error) }
        switch code {
        case ZIP_ER_NOZIP: throw DataError(path, "expected \(kind) (a zip archive), found something else, or the file is cut short")
        case ZIP_ER_INCONS:
            throw DataError(path, "expected \(kind) (a zip archive), found one that is cut short or damaged; copy or download it again")
        default: throw DataError(path, "cannot be opened as a zip archive: \(String(cString: zip_error_strerror(&error)))")
        }
    }

    private static func directory(
        _ archive: OpaquePointer, _ path: String, _ fileSize: Int
    ) throws -> (names: [String], sizes: [(stored: Int, inflated: Int, checksum: UInt32)]) {
        var names: [String] = [], sizes: [(stored: Int, inflated: Int, checksum: UInt32)] = []
        var seen: Set<String> = []
        var left = fileSize
        for index in 0 ..< zip_uint64_t(max(zip_get_num_entries(archive, 0), 0)) {
            var status = zip_stat_t()
            guard zip_stat_index(archive, index, 0, &status) == 0, let text = status.name else {
                throw DataError(path, "member \(index) cannot be read: \(String(cString: zip_strerror(archive)))")
            }
            let name = String(cString: text), source = "\(path), member \(name)"
            guard seen.insert(name).inserted else { throw DataError(source, "is there twice: the file is damaged") }
            guard status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE else {
                throw DataError(source, "is compressed by zip's method \(status.comp_method); expected stored or deflated")
            }
            guard status.encryption_method == ZIP_EM_NONE else { throw DataError(source, "is encrypted; expected it as it is") }
            guard let stored = Int(exactly: status.comp_size), stored <= left else {
                throw DataError(
                    source, "takes \(status.comp_size) bytes of the archive, the directory says, but there are \(left): the file is damaged"
                )
            }
            left -= stored
            // Deflate makes at most 1032 bytes of one. `stored` is no more than the file has, so nothing here overflows.
            let most = status.comp_method == ZIP_CM_STORE ? stored : Gzip.mostInflated(stored)
            guard let inflated = Int(exactly: status.size), inflated <= most else {
                throw DataError(
                    source,
                    "holds \(status.size) bytes, the directory says, but its \(stored) bytes in the archive cannot make so many: the file is damaged"
                )
            }
            names.append(name)
            sizes.append((stored, inflated, status.crc))
        }
        return (names, sizes)
    }

    /// What to call a member in messages.
    package func source(_ index: Int) -> String { "\(path), member \(names[index])" }

    /// A member's bytes, inflated and checked against its CRC-32.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that it may have.
    ///   - inspect: called with up to `first` bytes of the member and its whole length, before memory for the rest is taken; throws
    ///     where they do not go together.
    /// - Throws: `DataError` naming the member where it is damaged or larger than `limit`; what `inspect` throws.
    package func member(
        _ index: Int, limit: Int = .max, first: Int = 0, _ inspect: (UnsafeRawBufferPointer, _ length: Int) throws -> Void = { _, _ in }
    ) throws -> ByteBuffer {
        let source = source(index), length = sizes[index].inflated
        guard length <= limit else { throw DataError(source, "is \(length) bytes long; expected at most \(limit)") }
        guard let file = zip_fopen_index(archive, zip_uint64_t(index), 0) else {
            throw DataError(source, "cannot be read: \(String(cString: zip_strerror(archive)))")
        }
        defer { zip_fclose(file) }
        /// Fills what there is room for.
        func fill(_ buffer: ByteBuffer) throws {
            while buffer.count < buffer.capacity {
                let got = zip_fread(file, buffer.pointer + buffer.count, zip_uint64_t(buffer.capacity - buffer.count))
                guard got >= 0 else { throw damage(file, source) }
                guard got > 0 else {
                    throw DataError(source, "expected \(length) bytes, found \(buffer.count): the file is damaged or cut short")
                }
                buffer.count += Int(got)
            }
        }
        let buffer = try ByteBuffer(capacity: min(first, length), source: source)
        if first > 0 {
            try fill(buffer)
            try buffer.withBytes { try inspect($0, length) }
        }
        if buffer.capacity < length {
            try buffer.grow(to: length, source: source)
            try fill(buffer)
        }
        // One more byte is asked for at the end: that is when libzip compares the CRC.
        var spare: UInt8 = 0
        let rest = zip_fread(file, &spare, 1)
        guard rest >= 0 else { throw damage(file, source) }
        guard rest == 0 else { throw DataError(source, "is longer than the archive says, \(length) bytes: the file is damaged") }
        return buffer
    }

    private func damage(_ file: OpaquePointer, _ source: String) -> DataError {
        DataError(source, "is damaged: \(String(cString: zip_file_strerror(file))); copy or download the file again")
    }
}
