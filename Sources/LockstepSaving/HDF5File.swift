import CHDF5
import LockstepData

/// An HDF5 file in memory: the bytes of one that was read, or one to be written.
///
/// The library is not thread-safe: used from one thread, as tensors are.
package final class HDF5File {
    private let id: hid_t
    package let root: HDF5Group
    private let source: String

    /// How much memory a file that is written asks for at a time, in bytes.
    private static let increment = 1 << 20

    /// An empty file. `source` names it in messages.
    package init(source: String) throws {
        (id, root) = try HDF5File.open(source, nil)
        self.source = source
    }

    /// The file whose bytes these are; they are copied.
    ///
    /// Throws `SavingError` where they are no HDF5 file, or a damaged one.
    package init(_ bytes: UnsafeRawBufferPointer, source: String) throws {
        guard HDF5File.isHDF5(bytes) else { throw SavingError(source, "expected an HDF5 file, found something else") }
        (id, root) = try HDF5File.open(source, bytes)
        self.source = source
    }

    deinit { H5Fclose(id) }

    /// Whether a file with these first bytes is one of HDF5.
    package static func isHDF5(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: signature) }
    private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]  // \x89HDF\r\n\x1a\n

    private static func open(_ source: String, _ bytes: UnsafeRawBufferPointer?) throws -> (hid_t, HDF5Group) {
        chdf5_print_no_errors()
        let access = H5Pcreate(chdf5_file_access())
        defer { H5Pclose(access) }
        guard H5Pset_fapl_core(access, increment, false) >= 0 else { throw SavingError(source, "HDF5 cannot keep a file in memory") }
        let file: hid_t
        if let bytes {
            guard H5Pset_file_image(access, .init(mutating: bytes.baseAddress), bytes.count) >= 0 else {
                throw SavingError(source, "needs \(bytes.count) bytes of memory, which the system does not grant")
            }
            file = H5Fopen(newName(), chdf5_read_only(), access)
        } else {
            file = H5Fcreate(newName(), chdf5_truncate(), chdf5_default(), access)
        }
        guard file >= 0 else { throw SavingError(source, "is an HDF5 file that is cut short or damaged; copy or download it again") }
        let root = H5Gopen2(file, "/", chdf5_default())
        guard root >= 0 else {
            H5Fclose(file)
            throw SavingError(source, "is a damaged HDF5 file: it has no root group")
        }
        return (file, HDF5Group(root, path: "", file: source))
    }

    /// HDF5 knows files in memory apart by their names, and there must be no file of that name on disk.
    private static func newName() -> String {
        count += 1
        return "/dev/null/\(count)"
    }
    nonisolated(unsafe) private static var count = 0

    /// How many files, groups, datasets and attributes are open; for tests.
    package static var openObjects: Int { chdf5_open_objects() }

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
