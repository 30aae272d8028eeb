import CDeflate
import Foundation
import LockstepSystem

extension ZipArchive {
    /// Writes an archive, each member from its parts in turn. The same members make the same bytes.
    ///
    /// The bytes behind `members` must live until this returns. Members that are not compressed go to the file from where they lie;
    /// libzip would keep two more copies of them, or write beside the file under names of its own.
    ///
    /// Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7 (header), 4.3.12 (directory), 4.3.14 to 16 (its end), 4.5.3 (beyond 32 bits).
    ///
    /// - Parameters:
    ///   - compressed: deflate the members, at zlib's level 6.
    ///   - comment: a text for the archive as a whole, of at most 65,535 bytes; asked for once the members are written.
    /// - Throws: `DataError` where the file cannot be written (see `Files.replace`).
    package static func write(
        _ members: [(name: String, parts: [UnsafeRawBufferPointer])], to path: String, compressed: Bool = false,
        comment: @autoclosure () -> String = ""
    ) throws {
        func checked(_ text: String) throws -> String {
            guard text.utf8.count > Int(UInt16.max) else { return text }
            throw DataError(path, "cannot be written: a name or a comment of \(text.utf8.count) bytes; expected at most \(UInt16.max)")
        }
        for member in members { _ = try checked(member.name) }
        var parts: [UnsafeRawBufferPointer] = [], buffers: [ByteBuffer] = [], entries: [ZipEntry] = []
        var offset = 0
        func append(_ bytes: ByteBuffer) {
            // The bytes stay where they are as long as the buffer lives.
            parts.append(bytes.withBytes { $0 })
            buffers.append(bytes)
            offset += bytes.count
        }
        for (name, contents) in members {
            let size = contents.reduce(0) { $0 + $1.count }
            var entry = ZipEntry(name: name, size: size, storedSize: size, isDeflated: compressed, offset: offset)
            for part in contents where part.count > 0 { entry.checksum = libdeflate_crc32(entry.checksum, part.baseAddress, part.count) }
            let deflated = compressed ? try deflate(contents, size, source: "\(path), member \(name)") : nil
            if let deflated { entry.storedSize = deflated.count }
            append(try ByteBuffer(entry.localHeader))
            if let deflated {
                append(deflated)
            } else {
                parts += contents
                offset += size
            }
            entries.append(entry)
        }
        try withExtendedLifetime(buffers) {
            try dataErrors(path) {
                try Files.replace(path, with: parts) { ZipEntry.directory(entries, at: offset, comment: try checked(comment())) }
            }
        }
    }

    /// The members, where the file has around them, byte for byte, what `write` puts there when it compresses nothing; otherwise `nil`.
    /// Their CRC-32 is not looked at.
    ///
    /// - Parameter inspect: called with each piece of a member as it is read: with the member's place, and whose bytes these are.
    /// - Throws: `DataError` where the file cannot be read again.
    package func membersAsWritten(_ inspect: (Int, UnsafeRawBufferPointer, _ owner: ByteBuffer) -> Void) throws -> [ByteBuffer]? {
        let (descriptor, fileSize) = try dataErrors(path) { try Files.open(path) }
        defer { close(descriptor) }
        var offset = 0, buffers: [ByteBuffer] = []
        /// Whether these bytes are the next ones.
        func follows(_ bytes: [UInt8]) throws -> Bool {
            var found = [UInt8](repeating: 0, count: bytes.count)
            guard lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else { return false }
            let count = try dataErrors(path) { try found.withUnsafeMutableBytes { try Files.read(descriptor, into: $0) } }
            offset += bytes.count
            return count == bytes.count && found == bytes
        }
        var entries: [ZipEntry] = []
        for (name, size) in zip(names, sizes) {
            let entry = ZipEntry(
                name: name, size: size.inflated, storedSize: size.stored, isDeflated: false, offset: offset, checksum: size.checksum)
            guard size.stored == size.inflated, try follows(entry.localHeader) else { return nil }
            let buffer = try ByteBuffer(capacity: size.stored, source: source(buffers.count))
            while buffer.count < size.stored {
                let piece = UnsafeMutableRawBufferPointer(
                    start: buffer.pointer + buffer.count, count: min(ZipArchive.pieceSize, size.stored - buffer.count))
                guard try dataErrors(path, { try Files.read(descriptor, into: piece) }) == piece.count else { return nil }
                buffer.count += piece.count
                inspect(buffers.count, UnsafeRawBufferPointer(piece), buffer)
            }
            offset += size.stored
            entries.append(entry)
            buffers.append(buffer)
        }
        return try follows(ZipEntry.directory(entries, at: offset, comment: comment)) && offset == fileSize ? buffers : nil
    }

    /// How many bytes are read at a time: more than costs count, less than caches hold.
    private static let pieceSize = 1 << 20

    private static func deflate(_ parts: [UnsafeRawBufferPointer], _ size: Int, source: String) throws -> ByteBuffer {
        let whole = try ByteBuffer(capacity: size, source: source)
        for part in parts where part.count > 0 {
            (whole.pointer + whole.count).copyMemory(from: part.baseAddress!, byteCount: part.count)
            whole.count += part.count
        }
        guard let compressor = libdeflate_alloc_compressor(6) else { throw DataError(source, "no memory to compress it") }
        defer { libdeflate_free_compressor(compressor) }
        let deflated = try ByteBuffer(capacity: libdeflate_deflate_compress_bound(compressor, size), source: source)
        deflated.count = libdeflate_deflate_compress(compressor, whole.pointer, size, deflated.pointer, deflated.capacity)
        return deflated
    }
}

/// A member as its header and the directory describe it.
private struct ZipEntry {
    let name: String
    let size: Int
    /// Bytes in the archive.
    var storedSize: Int
    let isDeflated: Bool
    /// Where the header begins.
    let offset: Int
    /// CRC-32.
    var checksum: UInt32 = 0

    /// Stands for a number that is in the extra field, being too large for its own.
    private static let elsewhere = Int(UInt32.max)

    var localHeader: [UInt8] {
        let sizes = max(size, storedSize) >= ZipEntry.elsewhere ? [size, storedSize] : []
        return [0x50, 0x4b, 3, 4] + common(beyond32Bits: sizes) + Array(name.utf8) + extra(sizes)
    }

    private var directoryEntry: [UInt8] {
        let sizes = max(size, storedSize) >= ZipEntry.elsewhere ? [size, storedSize] : []
        let large = sizes + (offset >= ZipEntry.elsewhere ? [offset] : [])
        // Made by version 4.5 on Unix, which says that the file may be read by all.
        return [0x50, 0x4b, 1, 2, 45, 3] + common(beyond32Bits: sizes, extraCount: extra(large).count)
            + little(0, 2) + little(0, 2) + little(0, 2) + little(0o100644 << 16, 4) + little(min(offset, ZipEntry.elsewhere), 4)
            + Array(name.utf8) + extra(large)
    }

    /// What header and directory have in common: the version that is needed, the flag of names in UTF-8, the method, and as Python's
    /// `zipfile` has it the date 1 January 1980, so that the bytes depend on the members alone.
    private func common(beyond32Bits sizes: [Int], extraCount: Int? = nil) -> [UInt8] {
        little(sizes.isEmpty ? 20 : 45, 2) + little(1 << 11, 2) + little(isDeflated ? 8 : 0, 2) + little(0, 2) + little(1 << 5 | 1, 2)
            + little(Int(checksum), 4) + little(sizes.isEmpty ? storedSize : ZipEntry.elsewhere, 4)
            + little(sizes.isEmpty ? size : ZipEntry.elsewhere, 4) + little(name.utf8.count, 2)
            + little(extraCount ?? extra(sizes).count, 2)
    }

    private func extra(_ numbers: [Int]) -> [UInt8] {
        numbers.isEmpty ? [] : little(1, 2) + little(8 * numbers.count, 2) + numbers.flatMap { little($0, 8) }
    }

    /// The directory that begins at `offset`, and its end.
    static func directory(_ entries: [ZipEntry], at offset: Int, comment: String) -> [UInt8] {
        let directory = entries.flatMap(\.directoryEntry)
        var end: [UInt8] = []
        if entries.count >= Int(UInt16.max) || max(offset, directory.count) >= elsewhere {
            end += [0x50, 0x4b, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4)
            end += little(entries.count, 8) + little(entries.count, 8) + little(directory.count, 8) + little(offset, 8)
            end += [0x50, 0x4b, 6, 7] + little(0, 4) + little(offset + directory.count, 8) + little(1, 4)
        }
        let count = little(min(entries.count, Int(UInt16.max)), 2)
        end += [0x50, 0x4b, 5, 6] + little(0, 2) + little(0, 2) + count + count
        end += little(min(directory.count, elsewhere), 4) + little(min(offset, elsewhere), 4) + little(comment.utf8.count, 2)
        return directory + end + Array(comment.utf8)
    }
}

/// The lowest `count` bytes of a number, lowest first.
private func little(_ number: Int, _ count: Int) -> [UInt8] { (0 ..< count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
