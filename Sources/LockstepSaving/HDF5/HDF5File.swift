import LockstepData

/// An HDF5 file in memory, to be read.
///
/// The few structures that Keras' files have, after the HDF5 File Format Specification 3.0, with every address, length and count
/// checked against the file. It is not libhdf5 that reads, because on a damaged file libhdf5 1.10 writes over memory, divides by zero
/// or goes round in circles; and a process of its own, which might die of that, cannot be had under `mpirun` or in a user's program.
///
/// Time and memory are bounded by the length of the file: each structure is read once and kept, one that is met again where it does
/// not belong is refused, and structures that overlap use up `budget`.
///
/// Not read, and refused with a line that says so: groups and attributes in fractal heaps, chunks indexed in the ways of HDF5 1.10,
/// types and filters that Keras does not use, and whatever lies in other files.
package final class HDF5File {
    private let bytes: ByteBuffer
    /// The file's name, for messages.
    let source: String
    private var rootAddress = 0
    private var headers: [Int: HDF5ObjectHeader] = [:]
    private var links: [Int: [String: HDF5Link]] = [:]
    private var attributes: [Int: [String: HDF5Cursor]] = [:]
    private var heaps: [Int: HDF5GlobalHeap] = [:]
    private var chunks: [Int: [HDF5Chunk]] = [:]
    /// Where structures begin that belong to one other alone.
    private var claimed: Set<Int> = []
    /// How many more bytes of structures may be read: in a file that is whole each is read once, or twice.
    private var budget: Int

    /// - Throws: `SavingError` where the bytes are no HDF5 file, or one that is cut short.
    package init(_ bytes: ByteBuffer, source: String) throws {
        (self.bytes, self.source) = (bytes, source)
        budget = 8 * bytes.count
        guard bytes.withBytes(HDF5File.isHDF5) else { throw SavingError(source, "expected an HDF5 file, found something else") }
        rootAddress = try savingErrors { try readSuperblock() }
    }

    /// Whether a file with these first bytes is one of HDF5.
    package static func isHDF5(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: signature) }
    private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]  // \x89HDF\r\n\x1a\n

    package var root: HDF5Group { HDF5Group(self, rootAddress, path: "") }

    /// The address of the root group's header.
    private func readSuperblock() throws -> Int {
        var cursor = try cursor(at: HDF5File.signature.count)
        let version = try cursor.byte()
        guard version <= 3 else { throw HDF5Failure.damaged("version \(version) of its first block") }
        if version < 2 { try cursor.skip(4) }
        let (offsets, lengths) = (try cursor.byte(), try cursor.byte())
        guard offsets == 8, lengths == 8 else { throw HDF5Failure.notRead("has addresses of \(offsets) and lengths of \(lengths) bytes") }
        // Sizes of nodes, which nodes tell themselves, and flags of a file that is being written.
        try cursor.skip([9, 13, 1, 1][version])
        guard try cursor.number(8) == 0 else { throw HDF5Failure.notRead("begins with something else than HDF5") }
        try cursor.skip(8)  // what is free in the file
        let length = try cursor.number(8)
        guard length <= bytes.count else { throw HDF5Failure.damaged("expected \(length) bytes, found \(bytes.count)") }
        if version < 2 { try cursor.skip(16) }
        guard let root = try cursor.address() else { throw HDF5Failure.damaged("it has no root group") }
        return root
    }

    // MARK: For what is in the file

    /// The bytes from `offset` on; all of them, or `count`.
    func cursor(at offset: Int, count: Int? = nil) throws -> HDF5Cursor {
        try HDF5Cursor(bytes, at: offset, count: count ?? max(0, bytes.count - offset))
    }

    /// Takes note that `count` bytes of structures are being read.
    func charge(_ count: Int) throws {
        budget -= count
        guard budget >= 0 else { throw HDF5Failure.damaged("its structures overlap") }
    }

    /// Takes note that the structure at `address` belongs to the one that is being read.
    func claim(_ address: Int) throws {
        guard claimed.insert(address).inserted else { throw HDF5Failure.damaged("two structures lead to the same place, \(address)") }
    }

    /// The messages in front of an object.
    func header(at address: Int) throws -> HDF5ObjectHeader {
        if let known = headers[address] { return known }
        let header = try HDF5ObjectHeader(self, at: address)
        headers[address] = header
        return header
    }

    /// What the group at `address` holds, by name.
    func links(at address: Int) throws -> [String: HDF5Link] {
        if let known = links[address] { return known }
        let found = try header(at: address).links(self)
        links[address] = found
        return found
    }

    /// The messages that describe the attributes of the object at `address`, by name.
    func attributes(at address: Int) throws -> [String: HDF5Cursor] {
        if let known = attributes[address] { return known }
        let found = try HDF5Attribute.messages(in: header(at: address))
        attributes[address] = found
        return found
    }

    /// One of the blocks that keep texts of any length.
    func heap(at address: Int) throws -> HDF5GlobalHeap {
        if let known = heaps[address] { return known }
        let heap = try HDF5GlobalHeap(self, at: address)
        heaps[address] = heap
        return heap
    }

    /// The chunks below the node of a B-tree at `address`, of arrays of `rank` axes.
    func chunks(at address: Int, rank: Int) throws -> [HDF5Chunk] {
        if let known = chunks[address] { return known }
        let found = try HDF5Chunk.list(self, at: address, rank: rank)
        chunks[address] = found
        return found
    }

    /// Runs `body`; what is wrong becomes a `SavingError` that names the file and the path of an object in it.
    func savingErrors<Result>(_ path: String = "", _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as HDF5Failure {
            throw SavingError(path.isEmpty ? source : "\(source), \(path)", failure.message)
        } catch let error as DataError {
            throw SavingError(error.source, error.message)
        }
    }
}
