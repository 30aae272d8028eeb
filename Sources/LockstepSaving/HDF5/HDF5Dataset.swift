import LockstepData
import LockstepTensor

/// An array of an HDF5 file, to be read whole.
package struct HDF5Dataset {
    private let file: HDF5File
    private let header: HDF5ObjectHeader
    private let path: String
    private let elements: HDF5Datatype
    private let space: HDF5Dataspace

    init(_ file: HDF5File, _ header: HDF5ObjectHeader, path: String) throws {
        (self.file, self.header, self.path) = (file, header, path)
        guard let type = try header.first(.datatype), let space = try header.first(.dataspace) else {
            throw HDF5Failure.damaged("an array without a type or a shape")
        }
        (elements, self.space) = (try HDF5Datatype(type), try HDF5Dataspace(space))
        guard !header.has(.externalFiles) else { throw HDF5Layout.elsewhere }
    }

    private var source: String { "\(file.source), \(path)" }

    /// The lengths of the axes; `nil` where the file says that there are no elements at all (a null dataspace).
    package var shape: Shape? { space.shape.map { Shape($0) } }
    /// The type of the elements in the file, for messages: `float64`, `int32`, `opaque`.
    package var type: String { elements.name }

    /// The elements, converted to `dtype`: floats of any precision to float32, whole numbers to int32 or uint8. Those that need no
    /// conversion are the file's own bytes.
    ///
    /// Throws `SavingError` where the elements are of another kind or too large, the shape is not `expected`, or the file is damaged.
    package func read(_ expected: Shape, _ dtype: DType) throws -> Tensor {
        guard shape == expected else {
            throw SavingError(source, "expected shape \(expected), found \(found); the file was saved from another model")
        }
        let isFloat = elements.kind == .float || elements.kind == .bfloat16
        var isInteger: Bool { if case .integer = elements.kind { true } else { false } }
        guard dtype == .float32 ? isFloat : isInteger else {
            throw SavingError(source, "expected \(dtype), found \(type); in Keras, save the model as \(dtype)")
        }
        return try file.savingErrors(path) {
            let conversion = HDF5Conversion(elements)
            if conversion.isNone(for: dtype), let view = try view(expected, dtype) { return view }
            return try withBytes { try conversion.tensor($0, expected, dtype) }
        }
    }

    /// The elements where they lie, if they lie in one piece, as they are.
    private func view(_ shape: Shape, _ dtype: DType) throws -> Tensor? {
        guard let message = try header.first(.layout), case .contiguous(let address?) = try HDF5Layout(message, rank: shape.rank) else {
            return nil
        }
        let byteCount = shape.count * dtype.size, (buffer, place) = try file.cursor(at: address, count: byteCount).place
        guard UInt(bitPattern: place) % UInt(dtype.size) == 0 else { return nil }
        return Tensor(shape: shape, dtype: dtype, value: Value(view: place, byteCount: byteCount, owner: buffer))
    }

    /// The only element, a whole number of any size.
    package func readInteger() throws -> Int {
        guard space.shape != nil, space.count == 1, case .integer = elements.kind else {
            throw SavingError(source, "expected a whole number, found \(type) of \(shape == nil ? found : "shape \(found)")")
        }
        return try file.savingErrors(path) {
            let conversion = HDF5Conversion(elements)
            return try withBytes { try conversion.integer($0, 0) }
        }
    }

    private var found: String { shape.map(\.description) ?? "no elements (a null dataspace)" }

    // MARK: Bytes

    /// Calls `body` with the bytes of all elements in order, as they are in the file.
    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard let message = try header.first(.layout), let shape = space.shape else {
            throw HDF5Failure.damaged("an array without elements")
        }
        let (count, overflow) = space.count.multipliedReportingOverflow(by: elements.size)
        guard !overflow else { throw HDF5Failure.damaged("an array of \(space.count) elements of \(elements.size) bytes") }
        let filters = try header.first(.filters).map { try HDF5Filters($0) } ?? .none
        switch try HDF5Layout(message, rank: shape.count) {
        case .compact(let data):
            guard data.left == count else { throw HDF5Failure.damaged("an array of \(count) bytes in \(data.left)") }
            return try data.withBytes(body)
        case .contiguous(let address?):
            return try file.cursor(at: address, count: count).withBytes(body)
        case .singleChunk(let address?, let size, let mask):
            let stored = try file.cursor(at: address, count: size ?? count)
            let undone = size == nil ? HDF5Filters.none : filters
            return try undone.undo(stored, mask: mask, count: count, source: source).withBytes(body)
        case .chunked(let tree?, let lengths):
            return try chunks(file.chunks(at: tree, rank: shape.count), shape, lengths, filters, count).withBytes(body)
        case .contiguous(nil), .singleChunk(nil, _, _), .chunked(nil, _): return try filled(count).withBytes(body)
        }
    }

    /// What elements are that were never written.
    ///
    /// A file may name a large array without having a byte of it: the caller has asked for this shape.
    private func filled(_ count: Int) throws -> ByteBuffer {
        let buffer = try ByteBuffer(capacity: count, source: source)
        buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        buffer.count = count
        guard let value = try fillValue() else { return buffer }
        guard value.count == elements.size else { throw HDF5Failure.damaged("a value of \(value.count) bytes for what was not written") }
        value.withUnsafeBytes { value in
            for offset in stride(from: 0, to: count, by: value.count) {
                (buffer.pointer + offset).copyMemory(from: value.baseAddress!, byteCount: value.count)
            }
        }
        return buffer
    }

    private func fillValue() throws -> [UInt8]? {
        guard var message = try header.first(.fillValue) else { return nil }
        let version = try message.byte()
        switch version {
        case 1, 2:
            try message.skip(2)
            guard try message.byte() != 0 else { return nil }
        case 3: guard try message.byte() & 0x20 != 0 else { return nil }
        default: throw HDF5Failure.damaged("version \(version) of a value for what was not written")
        }
        let size = try message.number(4)
        return size == 0 ? nil : try message.bytes(size)
    }

    // MARK: Chunks

    /// Bytes of blocks that any array may have, however small it is.
    private static let smallestLimit = 1 << 24

    /// The elements of all chunks, in the order of the array.
    private func chunks(_ chunks: [HDF5Chunk], _ shape: [Int], _ lengths: [Int], _ filters: HDF5Filters, _ count: Int) throws -> ByteBuffer
    {
        // Blocks at the edges go beyond the array, by less than its own length along an axis. Many large blocks for few elements would
        // cost time and memory that neither the file nor who reads it has asked for.
        let most = count.multipliedReportingOverflow(by: 1 << min(shape.count, 8))
        let chunkBytes = lengths.reduce((elements.size, false)) { product, length in
            let (next, overflow) = product.0.multipliedReportingOverflow(by: length)
            return (next, product.1 || overflow)
        }
        let all = chunkBytes.0.multipliedReportingOverflow(by: chunks.count)
        guard !chunkBytes.1, !all.overflow, !most.overflow, all.partialValue <= most.partialValue + HDF5Dataset.smallestLimit else {
            throw HDF5Failure.damaged("\(chunks.count) blocks of \(lengths) elements in an array of shape \(Shape(shape))")
        }
        let output = try filled(count)
        guard count > 0 else { return output }
        var seen: Set<[Int]> = []
        for chunk in chunks {
            let isInside = zip(chunk.offsets, zip(shape, lengths)).allSatisfy { $0 < $1.0 && $0 % $1.1 == 0 }
            guard isInside, seen.insert(chunk.offsets).inserted else {
                throw HDF5Failure.damaged("a block at \(chunk.offsets) of an array")
            }
            let stored = try file.cursor(at: chunk.address, count: chunk.size)
            // What cannot be made smaller becomes hardly larger.
            guard chunk.size <= 2 * chunkBytes.0 + 1024 else {
                throw HDF5Failure.damaged("a block at \(chunk.offsets) of \(chunk.size) bytes")
            }
            let bytes = try filters.undo(stored, mask: chunk.filterMask, count: chunkBytes.0, source: source)
            copy(bytes, from: chunk, lengths: lengths, to: output, shape: shape)
        }
        return output
    }

    /// Copies the rows of a chunk, as far as the array goes.
    private func copy(_ bytes: ByteBuffer, from chunk: HDF5Chunk, lengths: [Int], to output: ByteBuffer, shape: [Int]) {
        let size = elements.size
        let inside = zip(lengths, zip(shape, chunk.offsets)).map { min($0, $1.0 - $1.1) }
        func visit(_ axis: Int, from source: Int, to target: Int) {
            guard axis < shape.count - 1 else {
                let row = inside.last ?? 1
                let start = target + (chunk.offsets.last ?? 0)
                (output.pointer + start * size).copyMemory(from: bytes.pointer + source * size, byteCount: row * size)
                return
            }
            for index in 0 ..< inside[axis] {
                visit(
                    axis + 1, from: (source + index) * lengths[axis + 1],
                    to: (target + chunk.offsets[axis] + index) * shape[axis + 1])
            }
        }
        visit(0, from: 0, to: 0)
    }
}
