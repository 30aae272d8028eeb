import Foundation
import LockstepTensor

/// NumPy's format for one array.
public enum NPY {
    /// The array in an `.npy` file.
    ///
    /// `uint8` and `bool` stay what they are; other integers become `int32`, floats of any size `float32`, of either byte
    /// order. An array in Fortran order is rearranged, its shape stays.
    ///
    /// - Throws: `DataError` where the file is missing, no `.npy` file, damaged, shorter or longer than its header says;
    ///   holds strings, records, complex numbers or pickled objects; or a number that `int32` or `float32` cannot hold.
    public static func read(_ path: String) throws -> Tensor {
        try decode(try ByteBuffer(contentsOf: path), source: path)
    }

    /// Writes a tensor so that `numpy.load` reads it, with its type. The file appears whole or not at all.
    ///
    /// Throws `DataError` where it cannot be written.
    public static func write(_ tensor: Tensor, to path: String) throws {
        try NPYHeader.encode(shape: tensor.shape, dtype: tensor.dtype).withUnsafeBytes { header in
            try tensor.withBytes { try writeFile([header, $0], to: path) }
        }
    }

    /// The array in the bytes of an `.npy` file. The tensor may be a view of `buffer`.
    package static func decode(_ buffer: ByteBuffer, source: String) throws -> Tensor {
        let header = try buffer.withBytes { try NPYHeader($0, source: source) }
        let found = buffer.count - header.byteCount
        guard let size = sizes(of: header.shape.dimensions, elementSize: header.type.size) else {
            throw DataError(source, "its header says shape \(header.shape), which is more than memory can hold: the header is damaged")
        }
        guard found == size.bytes else {
            throw DataError(
                source,
                """
                its header says shape \(header.shape) of \(header.type.rawValue), \(size.bytes) bytes, found \(found): \
                \(found < size.bytes ? "the file is cut short" : "\(found - size.bytes) bytes too many")
                """)
        }
        guard header.isFortranOrder, header.shape.rank > 1 else {
            return try header.type.tensor(
                of: buffer, at: header.byteCount, shape: header.shape, bigEndian: header.bigEndian, source: source)
        }
        let reversed = Shape(header.shape.dimensions.reversed())
        let tensor = try header.type.tensor(of: buffer, at: header.byteCount, shape: reversed, bigEndian: header.bigEndian, source: source)
        return tensor.withReversedAxes()
    }
}

extension Tensor {
    /// The elements' bytes, row-major.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        check(isKnown, "the bytes of a traced tensor of shape \(shape) are not known")
        return try withExtendedLifetime(value) { try body(.init(start: value.pointer, count: shape.count * dtype.size)) }
    }

    /// This tensor with its axes in reverse order, whatever its type.
    fileprivate func withReversedAxes() -> Tensor {
        let result = Shape(shape.dimensions.reversed())
        // Along the result's last axis the source moves by its first stride, and so on.
        let steps = Array(shape.strides.reversed())
        return withBytes { bytes in
            Tensor(shape: result, dtype: dtype) { target in
                let source = bytes.baseAddress!
                if dtype.size == 4 {
                    walk(result, steps, source.assumingMemoryBound(to: UInt32.self), target.assumingMemoryBound(to: UInt32.self))
                } else {
                    walk(result, steps, source.assumingMemoryBound(to: UInt8.self), target.assumingMemoryBound(to: UInt8.self))
                }
            }
        }
    }
}

/// Copies to a row-major array of `shape` from one whose neighbours along axis `k` are `steps[k]` apart.
private func walk<Element>(_ shape: Shape, _ steps: [Int], _ source: UnsafePointer<Element>, _ target: UnsafeMutablePointer<Element>) {
    guard shape.count > 0 else { return }
    let width = shape.last
    let step = steps[steps.count - 1]
    var place = [Int](repeating: 0, count: shape.rank)
    var from = 0
    for row in 0 ..< shape.count / width {
        for i in 0 ..< width { target[row * width + i] = source[from + i * step] }
        // The next row: count up like an odometer, the last axis but one fastest.
        for axis in (0 ..< shape.rank - 1).reversed() {
            place[axis] += 1
            from += steps[axis]
            if place[axis] < shape[axis] { break }
            from -= place[axis] * steps[axis]
            place[axis] = 0
        }
    }
}
