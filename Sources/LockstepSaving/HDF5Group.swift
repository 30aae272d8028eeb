import CHDF5
import LockstepTensor

/// A group of an HDF5 file: named groups and datasets, and attributes.
///
/// Groups and datasets in other files (external links, virtual and external datasets) are not followed: a model file must
/// not read what it was not given.
package final class HDF5Group {
    private let id: hid_t
    /// From the root, without a slash in front; empty for the root.
    package let path: String
    private let file: String

    init(_ id: hid_t, path: String, file: String) { (self.id, self.path, self.file) = (id, path, file) }
    deinit { H5Gclose(id) }

    /// The file and a path in it, for messages.
    package func source(_ name: String = "") -> String { "\(file), \(inside(name))" }
    private func inside(_ name: String) -> String { path.isEmpty || name.isEmpty ? path + name : "\(path)/\(name)" }

    // MARK: Reading

    /// The names of what the group holds, sorted.
    package var names: [String] {
        var info = H5G_info_t()
        guard H5Gget_info(id, &info) >= 0 else { return [] }
        return (0 ..< info.nlinks).compactMap { index in
            let length = H5Lget_name_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, chdf5_default())
            guard length >= 0 else { return nil }
            return String(unsafeUninitializedCapacity: length + 1) { text in
                text.withMemoryRebound(to: CChar.self) {
                    max(0, H5Lget_name_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_INC, index, $0.baseAddress, length + 1, chdf5_default()))
                }
            }
        }
    }

    /// The group at `path` inside this one; `nil` if there is none.
    package func group(_ path: String) throws -> HDF5Group? {
        var group = self
        for name in path.split(separator: "/").map(String.init) {
            guard let next = try group.open(name, as: H5I_GROUP) else { return nil }
            group = HDF5Group(next, path: group.inside(name), file: file)
        }
        return group
    }

    /// The dataset called `name`; `nil` if there is none.
    package func dataset(_ name: String) throws -> HDF5Dataset? {
        try open(name, as: H5I_DATASET).map { try HDF5Dataset($0, source: source(name)) }
    }

    private func open(_ name: String, as type: H5I_type_t) throws -> hid_t? {
        guard H5Lexists(id, name, chdf5_default()) > 0 else { return nil }
        guard chdf5_is_hard_link(id, name) != 0 else { throw SavingError(source(name), "is a link, which is not followed") }
        let object = H5Oopen(id, name, chdf5_default())
        guard object >= 0 else { throw SavingError(source(name), "is damaged: HDF5 cannot open it; copy or download the file again") }
        guard H5Iget_type(object) == type else {
            H5Oclose(object)
            throw SavingError(source(name), "expected a \(type == H5I_GROUP ? "group" : "dataset"), found something else")
        }
        return object
    }

    /// The text of an attribute; `nil` if there is none of that name.
    package func attribute(_ name: String) throws -> String? {
        guard H5Aexists(id, name) > 0 else { return nil }
        let attribute = H5Aopen(id, name, chdf5_default()), type = H5Aget_type(attribute)
        defer { H5Tclose(type); H5Aclose(attribute) }
        guard attribute >= 0, H5Tget_class(type) == H5T_STRING else {
            throw SavingError(source(), "expected attribute \(name) to be a text")
        }
        if H5Tis_variable_str(type) > 0 {
            var text: UnsafeMutablePointer<CChar>?
            guard H5Aread(attribute, type, &text) >= 0, let text else { throw SavingError(source(), "attribute \(name) is damaged") }
            defer { H5free_memory(text) }
            return String(cString: text)
        }
        var bytes = [UInt8](repeating: 0, count: Int(H5Tget_size(type)))
        guard H5Aread(attribute, type, &bytes) >= 0 else { throw SavingError(source(), "attribute \(name) is damaged") }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    // MARK: Writing

    /// Makes a group, and those on the way to it that are not there.
    package func makeGroup(_ path: String) throws -> HDF5Group {
        let links = H5Pcreate(chdf5_link_create())
        defer { H5Pclose(links) }
        H5Pset_create_intermediate_group(links, 1)
        return HDF5Group(try made(H5Gcreate2(id, path, links, chdf5_default(), chdf5_default()), path), path: inside(path), file: file)
    }

    /// Writes a dataset: float32, int32 or (for `uint8` and `bool`) uint8, little-endian. The same tensor makes the same
    /// bytes, so it carries no date.
    package func write(_ tensor: Tensor, as name: String) throws {
        let lengths = tensor.shape.dimensions.map { hsize_t($0) }
        let space = try made(lengths.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(lengths.count), lengths, nil), name)
        let creation = H5Pcreate(chdf5_dataset_create())
        defer { H5Sclose(space); H5Pclose(creation) }
        H5Pset_obj_track_times(creation, false)
        let dataset = try made(H5Dcreate2(id, name, tensor.dtype.fileType, space, chdf5_default(), creation, chdf5_default()), name)
        defer { H5Dclose(dataset) }
        let status = withExtendedLifetime(tensor.value) {
            H5Dwrite(dataset, tensor.dtype.memoryType, chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), tensor.value.pointer)
        }
        guard status >= 0 else { throw SavingError(source(name), "HDF5 cannot write it: is there memory for the whole file?") }
    }

    /// Gives the group an attribute, as h5py writes a text: UTF-8 of variable length.
    package func setAttribute(_ name: String, _ text: String) throws {
        let type = H5Tcopy(chdf5_c_string()), space = H5Screate(H5S_SCALAR)
        defer { H5Tclose(type); H5Sclose(space) }
        H5Tset_size(type, chdf5_variable_length())
        H5Tset_cset(type, H5T_CSET_UTF8)
        let attribute = try made(H5Acreate2(id, name, type, space, chdf5_default(), chdf5_default()), name)
        defer { H5Aclose(attribute) }
        let status = text.withCString { pointer in withUnsafePointer(to: pointer) { H5Awrite(attribute, type, $0) } }
        guard status >= 0 else { throw SavingError(source(name), "HDF5 cannot write it") }
    }

    private func made(_ id: hid_t, _ name: String) throws -> hid_t {
        guard id >= 0 else { throw SavingError(source(name), "HDF5 cannot write it: is there something of that name?") }
        return id
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

    var memoryType: hid_t {
        switch self {
        case .float32: chdf5_native_float()
        case .int32: chdf5_native_int32()
        case .uint8, .bool: chdf5_native_uint8()
        }
    }
}
