import CHDF5
import Foundation
import LockstepData
import LockstepTensor

/// An HDF5 file that is written in memory, by libhdf5.
///
/// The library is not thread-safe: used from one thread, as tensors are.
package final class HDF5Writer {
    private let id: hid_t
    /// The file's name, for messages.
    private let source: String

    /// How much memory the file asks for at a time, in bytes.
    private static let increment = 1 << 20

    /// An empty file. `source` names it in messages.
    package init(source: String) throws {
        self.source = source
        chdf5_print_no_errors()
        let access = H5Pcreate(chdf5_file_access())
        defer { H5Pclose(access) }
        guard H5Pset_fapl_core(access, HDF5Writer.increment, false) >= 0 else {
            throw SavingError(source, "HDF5 cannot keep a file in memory")
        }
        // HDF5 knows files in memory apart by their names, and there must be no file of that name on disk.
        HDF5Writer.count += 1
        id = H5Fcreate("/dev/null/\(HDF5Writer.count)", chdf5_truncate(), chdf5_default(), access)
        guard id >= 0 else { throw SavingError(source, "HDF5 cannot make a file in memory") }
    }

    nonisolated(unsafe) private static var count = 0

    deinit { H5Fclose(id) }

    /// How many files, groups, datasets and attributes are open; for tests.
    package static var openObjects: Int { chdf5_open_objects() }

    /// Makes the group at `path`, and those on the way to it that are not there.
    ///
    /// - Parameter attributes: texts that belong to the group.
    package func makeGroup(_ path: String, attributes: KeyValuePairs<String, String> = [:]) throws {
        let group = try withNewGroups { try made(H5Gcreate2(id, path, $0, chdf5_default(), chdf5_default()), path) }
        H5Gclose(group)
        for (name, text) in attributes { try setAttribute(name, text, of: path) }
    }

    /// Gives a group an attribute, as h5py writes a text: UTF-8 of variable length.
    package func setAttribute(_ name: String, _ text: String, of path: String) throws {
        try writeAttribute(name, [text], lengths: nil, of: path)
    }

    /// Gives a group a list of texts, cut into several attributes (`name0`, `name1`, …) where it is too long for one.
    package func setAttribute(_ name: String, _ texts: [String], of path: String) throws {
        let most = HDF5Writer.mostTexts
        guard texts.count > most else { return try writeAttribute(name, texts, lengths: [hsize_t(texts.count)], of: path) }
        for (index, start) in stride(from: 0, to: texts.count, by: most).enumerated() {
            let part = Array(texts[start ..< min(start + most, texts.count)])
            try writeAttribute("\(name)\(index)", part, lengths: [hsize_t(part.count)], of: path)
        }
    }

    /// How many texts an attribute may have: it must be in the group's header, which has less than 64 KiB for it, and a place in the heap
    /// takes 16 bytes.
    private static let mostTexts = 4000

    /// - Parameter lengths: of the axes; `nil` for a single text. An empty list is one of float64, as NumPy has it.
    private func writeAttribute(_ name: String, _ texts: [String], lengths: [hsize_t]?, of path: String) throws {
        let group = try made(H5Gopen2(id, path, chdf5_default()), path)
        let type = texts.isEmpty ? H5Tcopy(chdf5_file_float64()) : H5Tcopy(chdf5_c_string())
        let space = lengths.map { H5Screate_simple(Int32($0.count), $0, nil) } ?? H5Screate(H5S_SCALAR)
        defer { H5Gclose(group); H5Tclose(type); H5Sclose(space) }
        if !texts.isEmpty {
            H5Tset_size(type, chdf5_variable_length())
            H5Tset_cset(type, H5T_CSET_UTF8)
        }
        let attribute = try made(H5Acreate2(group, name, type, space, chdf5_default(), chdf5_default()), path)
        defer { H5Aclose(attribute) }
        guard !texts.isEmpty else { return }
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        guard H5Awrite(attribute, type, copies) >= 0 else { throw SavingError("\(source), \(path)", "HDF5 cannot write it") }
    }

    /// Calls `body` with the wish that groups on the way to what it makes are made, too.
    private func withNewGroups<Result>(_ body: (hid_t) throws -> Result) rethrows -> Result {
        let links = H5Pcreate(chdf5_link_create())
        defer { H5Pclose(links) }
        H5Pset_create_intermediate_group(links, 1)
        return try body(links)
    }

    /// Writes a dataset at `path`, and makes the groups on the way to it: float32, int32 or (for `uint8` and `bool`) uint8, little-endian. The same
    /// tensor makes the same bytes, so it carries no date.
    package func write(_ tensor: Tensor, at path: String) throws {
        let lengths = tensor.shape.dimensions.map { hsize_t($0) }
        let space = try made(lengths.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(lengths.count), lengths, nil), path)
        let creation = H5Pcreate(chdf5_dataset_create())
        defer { H5Sclose(space); H5Pclose(creation) }
        H5Pset_obj_track_times(creation, false)
        let dataset = try withNewGroups {
            try made(H5Dcreate2(id, path, tensor.dtype.fileType, space, $0, creation, chdf5_default()), path)
        }
        defer { H5Dclose(dataset) }
        let status = withExtendedLifetime(tensor.value) {
            H5Dwrite(dataset, tensor.dtype.memoryType, chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), tensor.value.pointer)
        }
        guard status >= 0 else { throw SavingError("\(source), \(path)", "HDF5 cannot write it: is there memory for the whole file?") }
    }

    private func made(_ id: hid_t, _ path: String) throws -> hid_t {
        guard id >= 0 else { throw SavingError("\(source), \(path)", "HDF5 cannot write it: is there something of that name?") }
        return id
    }

    /// The bytes of the file as it is now.
    package func image() throws -> ByteBuffer {
        let size = H5Fflush(id, H5F_SCOPE_LOCAL) < 0 ? -1 : H5Fget_file_image(id, nil, 0)
        guard size > 0 else { throw SavingError(source, "HDF5 cannot write it") }
        let buffer = try ByteBuffer(capacity: size, source: source)
        guard H5Fget_file_image(id, buffer.pointer, size) == size else { throw SavingError(source, "HDF5 cannot write it") }
        buffer.count = size
        return buffer
    }
}

extension DType {
    fileprivate var fileType: hid_t {
        switch self {
        case .float32: chdf5_file_float32()
        case .int32: chdf5_file_int32()
        case .uint8, .bool: chdf5_file_uint8()
        }
    }

    fileprivate var memoryType: hid_t {
        switch self {
        case .float32: chdf5_native_float()
        case .int32: chdf5_native_int32()
        case .uint8, .bool: chdf5_native_uint8()
        }
    }
}
