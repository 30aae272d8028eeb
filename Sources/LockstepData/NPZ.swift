import CZip
import LockstepTensor

/// NumPy's format for several named arrays: a zip archive of `.npy` files.
public enum NPZ {
    /// All arrays of an `.npz` file, in the archive's order, named as `numpy.load` names them.
    ///
    /// - Throws: `DataError` naming the file and the member: where it is no zip archive, holds something else than `.npy`
    ///   arrays or two of one name, is damaged (each member has a CRC-32), or for what `NPY.read` throws.
    public static func read(_ path: String) throws -> [(name: String, tensor: Tensor)] {
        let archive = try open(path, ZIP_RDONLY)
        defer { zip_discard(archive) }
        var arrays: [(name: String, tensor: Tensor)] = []
        var seen: Set<String> = []
        for index in 0 ..< zip_uint64_t(max(zip_get_num_entries(archive, 0), 0)) {
            guard let name = zip_get_name(archive, index, 0).map({ String(cString: $0) }) else {
                throw DataError(path, "member \(index) has no name: \(reason(archive))")
            }
            let source = "\(path), member \(name)"
            guard name.hasSuffix(".npy") else {
                throw DataError(source, "expected arrays named ….npy only; save the file with numpy.savez")
            }
            guard seen.insert(name).inserted else { throw DataError(source, "is there twice") }
            let bytes = try member(index, of: archive, source: source)
            arrays.append((String(name.dropLast(4)), try NPY.decode(bytes, source: source)))
        }
        guard !arrays.isEmpty else { throw DataError(path, "the archive holds no arrays") }
        return arrays
    }

    /// Writes named arrays so that `numpy.load` reads them, each with its type. The file appears whole or not at all, and
    /// the same arrays make the same bytes.
    ///
    /// - Parameter compressed: deflate the arrays, as `numpy.savez_compressed` does.
    /// - Throws: `DataError` where the file cannot be written, there are no arrays, or two have one name.
    public static func write(_ arrays: [(name: String, tensor: Tensor)], to path: String, compressed: Bool = false) throws {
        guard !arrays.isEmpty else { throw DataError(path, "expected at least one array to write, found none") }
        let archive = try open(path, ZIP_CREATE | ZIP_TRUNCATE)
        var isOpen = true
        defer { if isOpen { zip_discard(archive) } }

        // libzip reads what it is given only when it closes the archive: headers and tensors must live until then.
        var headers: [ByteBuffer] = []
        var seen: Set<String> = []
        for (name, tensor) in arrays {
            guard !name.isEmpty, seen.insert(name).inserted else {
                throw DataError(path, name.isEmpty ? "expected a name for every array, found none" : "two arrays are named '\(name)'")
            }
            let header = try ByteBuffer(NPYHeader.encode(shape: tensor.shape, dtype: tensor.dtype))
            headers.append(header)
            var parts = [header.withBytes { $0 }, tensor.withBytes { $0 }].map {
                zip_buffer_fragment_t(data: .init(mutating: $0.baseAddress!.assumingMemoryBound(to: zip_uint8_t.self)), length: zip_uint64_t($0.count))
            }
            guard let bytes = zip_source_buffer_fragment(archive, &parts, 2, 0) else { throw failure(archive, path) }
            let index = zip_file_add(archive, "\(name).npy", bytes, zip_flags_t(ZIP_FL_ENC_UTF_8))
            guard index >= 0 else {
                zip_source_free(bytes)
                throw failure(archive, path)
            }
            // numpy's date, 1 January 1980, so that the bytes depend on the arrays alone.
            guard zip_file_set_dostime(archive, zip_uint64_t(index), 0, 1 << 5 | 1, 0) == 0,
                zip_set_file_compression(archive, zip_uint64_t(index), compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) == 0
            else { throw failure(archive, path) }
        }
        try withExtendedLifetime((headers, arrays)) {
            guard zip_close(archive) == 0 else { throw failure(archive, path) }
            isOpen = false
        }
    }

    // MARK: libzip

    private static func open(_ path: String, _ flags: Int32) throws -> OpaquePointer {
        var code: Int32 = 0
        if let archive = zip_open(path, flags, &code) { return archive }
        var error = zip_error_t()
        zip_error_init_with_code(&error, code)
        defer { zip_error_fini(&error) }
        switch code {
        case ZIP_ER_NOENT: throw DataError(path, "no such file")
        case ZIP_ER_NOZIP: throw DataError(path, "expected an .npz file (a zip archive), found something else, or the file is cut short")
        default: throw DataError(path, "cannot be opened: \(String(cString: zip_error_strerror(&error)))")
        }
    }

    /// A member's bytes, inflated and checked against its CRC-32.
    private static func member(_ index: zip_uint64_t, of archive: OpaquePointer, source: String) throws -> ByteBuffer {
        var status = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &status) == 0 else { throw failure(archive, source) }
        guard status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE else {
            throw DataError(source, "is compressed by zip's method \(status.comp_method); expected stored or deflated, as numpy writes")
        }
        // Deflate makes at most 1032 bytes of one: a size beyond that is a damaged one, and no reason to ask for memory.
        guard status.size / 1032 <= status.comp_size + 64, let file = zip_fopen_index(archive, index, 0) else {
            throw DataError(source, "cannot be read: \(reason(archive))")
        }
        defer { zip_fclose(file) }
        let buffer = try ByteBuffer(capacity: Int(status.size), source: source)
        var spare: UInt8 = 0
        while true {
            // At the end one more byte is asked for: that is when libzip compares the CRC.
            let left = Int(status.size) - buffer.count
            let got = left > 0
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

    private static func reason(_ archive: OpaquePointer) -> String { String(cString: zip_strerror(archive)) }
    private static func failure(_ archive: OpaquePointer, _ source: String) -> DataError { DataError(source, "cannot be read or written: \(reason(archive))") }
}
