import CHDF5
import Foundation
import LockstepData
import LockstepTensor

/// An HDF5 file that is written in memory, by libhdf5.
///
/// Large arrays are not copied into it: the library lays out their place, which stays a hole in a file without a name that is in memory
/// alone (`memfd_create`), and the file's image has the tensors' own bytes there.
///
/// The library is not thread-safe: used from one thread, as tensors are.
package final class HDF5Writer {
    private let descriptor: Int32
    private let id: hid_t
    /// What the library has written, once it is looked at.
    private var mapping: UnsafeRawBufferPointer?
    /// The file's name, for messages.
    private let source: String

    /// Arrays of so many bytes stay where they are.
    private static let largeSize = 1 << 16
    /// The arrays that are not in the library's memory, by their place in the file.
    private var large: [(offset: Int, bytes: UnsafeRawBufferPointer, owner: AnyObject)] = []
    private let isCopy: Bool

    /// An empty file.
    ///
    /// - Parameters:
    ///   - source: names it in messages.
    ///   - isCopy: the image has copies of the tensors, which may change meanwhile; otherwise they must not until it is written.
    package init(source: String, isCopy: Bool = false) throws {
        (self.source, self.isCopy) = (source, isCopy)
        chdf5_print_no_errors()
        descriptor = chdf5_memory_file("lockstep")
        guard descriptor >= 0 else { throw SavingError(source, "the system grants no file in memory: \(String(cString: strerror(errno)))") }
        // Of the library's drivers for files this is the one that does not ask for a path of its own.
        let access = H5Pcreate(chdf5_file_access())
        defer { H5Pclose(access) }
        H5Pset_fapl_stdio(access)
        id = H5Fcreate("/proc/self/fd/\(descriptor)", chdf5_truncate(), chdf5_default(), access)
        guard id >= 0 else {
            close(descriptor)
            throw SavingError(source, "HDF5 cannot make a file in memory")
        }
    }

    deinit {
        H5Fclose(id)
        if let mapping { munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count) }
        close(descriptor)
    }

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
        let byteCount = tensor.value.byteCount, isLarge = byteCount >= HDF5Writer.largeSize
        if isLarge {
            H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY)
            H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER)
        }
        let dataset = try withNewGroups {
            try made(H5Dcreate2(id, path, tensor.dtype.fileType, space, $0, creation, chdf5_default()), path)
        }
        defer { H5Dclose(dataset) }
        if isLarge {
            let offset = H5Dget_offset(dataset)
            guard offset != chdf5_undefined_address() else { throw SavingError("\(self.source), \(path)", "HDF5 cannot write it") }
            var bytes = UnsafeRawBufferPointer(start: tensor.value.pointer, count: byteCount), owner: AnyObject = tensor.value
            if isCopy {
                let copy = try ByteBuffer(capacity: byteCount, source: source)
                copy.pointer.copyMemory(from: bytes.baseAddress!, byteCount: byteCount)
                copy.count = byteCount
                (bytes, owner) = (copy.withBytes { $0 }, copy)
            }
            return large.append((Int(offset), bytes, owner))
        }
        let status = withExtendedLifetime(tensor.value) {
            H5Dwrite(dataset, tensor.dtype.memoryType, chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), tensor.value.pointer)
        }
        guard status >= 0 else { throw SavingError("\(source), \(path)", "HDF5 cannot write it: is there memory for the whole file?") }
    }

    private func made(_ id: hid_t, _ path: String) throws -> hid_t {
        guard id >= 0 else { throw SavingError("\(source), \(path)", "HDF5 cannot write it: is there something of that name?") }
        return id
    }

    /// The bytes of the file as it is now: nothing can be added behind it.
    package func image() throws -> FileImage {
        var size: hsize_t = 0
        guard H5Fflush(id, H5F_SCOPE_LOCAL) >= 0, H5Fget_filesize(id, &size) >= 0, size > 0,
            let memory = mmap(nil, Int(size), PROT_READ, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else {
            throw SavingError(source, "HDF5 cannot write it: is there memory for it, and room in the limit of file sizes (ulimit -f)?")
        }
        let all = UnsafeRawBufferPointer(start: memory, count: Int(size))
        mapping = all
        var image = FileImage(), end = 0
        for array in large.sorted(by: { $0.offset < $1.offset }) {
            image.append(.init(rebasing: all[end ..< array.offset]), owner: self)
            image.append(array.bytes, owner: array.owner)
            end = array.offset + array.bytes.count
        }
        image.append(.init(rebasing: all[end...]), owner: self)
        return image
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
