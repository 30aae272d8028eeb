import LockstepTensor

/// An array as it lies in a file, before it is known what it shall become.
///
/// Files hold more types than tensors do, such as time stamps in `int64`. What an array is needed as, whoever reads it knows: a model's
/// inputs have the type of the model's input, class numbers are `int32`. Until then the file's bytes are kept, once.
public struct StoredArray {
    public let shape: Shape
    /// The file, or the member of an archive, that it comes from.
    public let source: String
    /// How elements lie in the file.
    package let type: ElementType
    private let bigEndian: Bool
    /// First axis fastest, as Fortran lays arrays out.
    private let isFortranOrder: Bool
    private let buffer: ByteBuffer
    /// Where in the buffer the elements begin.
    private let offset: Int

    /// The most axes that an array may have, as in NumPy.
    static let mostAxes = 64

    /// - Throws: `DataError` where the buffer has more or fewer elements than the shape says.
    init(
        of type: ElementType, shape: Shape, bigEndian: Bool, isFortranOrder: Bool = false, in buffer: ByteBuffer, at offset: Int,
        source: String
    ) throws {
        try StoredArray.validate(shape, of: type, byteCount: buffer.count - offset, source: source)
        (self.type, self.shape, self.bigEndian, self.isFortranOrder) = (type, shape, bigEndian, isFortranOrder)
        (self.buffer, self.offset, self.source) = (buffer, offset, source)
    }

    /// Sees whether an array of this shape takes exactly `byteCount` bytes in a file.
    ///
    /// - Throws: `DataError` that names both.
    static func validate(_ shape: Shape, of type: ElementType, byteCount: Int, source: String) throws {
        let bytes = try self.byteCount(shape, of: type, source: source)
        guard byteCount == bytes else {
            throw DataError(
                source,
                """
                its header says shape \(shape) of \(type.rawValue), \(bytes) bytes, found \(byteCount): \
                \(byteCount < bytes ? "the file is cut short" : "\(byteCount - bytes) bytes too many")
                """)
        }
    }

    /// How many bytes an array of this shape takes in a file.
    ///
    /// - Throws: `DataError` where that, or what a tensor of it takes, is beyond what can be counted, or it has more than 64 axes.
    static func byteCount(_ shape: Shape, of type: ElementType, source: String) throws -> Int {
        guard shape.rank <= mostAxes else {
            throw DataError(source, "its header says an array of \(shape.rank) axes; expected at most \(mostAxes): the header is damaged")
        }
        // Eight bytes an element: no type takes more, neither in files nor in memory.
        guard sizes(of: shape.dimensions, elementSize: 8) != nil, let size = sizes(of: shape.dimensions, elementSize: type.size) else {
            throw DataError(source, "its header says shape \(shape), which is more than memory can hold: the header is damaged")
        }
        return size.bytes
    }

    /// The array as a tensor; shares the file's bytes where they lie as a tensor's do.
    ///
    /// - Parameter dtype: the type it is needed as. By default bytes and booleans stay what they are, other integers become `int32`
    ///   and floats `float32`.
    /// - Throws: `DataError` that names the first element which that type does not hold, or where memory does not suffice.
    public func tensor(as dtype: DType? = nil) throws -> Tensor {
        do { return try exactTensor(as: dtype ?? type.dtype) } catch let element as UnfitElement {
            let wanted = dtype ?? type.dtype
            let advice = wanted == .int32 && type.dtype == .int32 ? "read it as float32, or store smaller values" : "correct or scale it"
            throw DataError(
                source,
                "element \(element.index) is \(element.value); \(type.rawValue) is read as \(wanted), which does not hold it: \(advice)")
        }
    }

    /// As `tensor(as:)`; throws `UnfitElement`.
    func exactTensor(as dtype: DType) throws -> Tensor {
        // The order of axes matters from two axes on.
        guard isFortranOrder, shape.rank > 1 else { return try rowMajor(shape, dtype) }
        return try rowMajor(Shape(shape.dimensions.reversed()), dtype).withReversedAxes()
    }

    private func rowMajor(_ shape: Shape, _ dtype: DType) throws -> Tensor {
        let byteCount = shape.count * dtype.size
        if type.rawValue == dtype.rawValue, type != .bool, !bigEndian || type.size == 1, offset % type.size == 0 {
            return Tensor(shape: shape, dtype: dtype, value: Value(view: buffer.pointer + offset, byteCount: byteCount, owner: buffer))
        }
        let converted = try ByteBuffer(capacity: byteCount, source: source)
        try withExtendedLifetime(buffer) {
            try type.convert(buffer.pointer + offset, count: shape.count, bigEndian: bigEndian, as: dtype, to: converted.pointer)
        }
        return Tensor(shape: shape, dtype: dtype, value: Value(view: converted.pointer, byteCount: byteCount, owner: converted))
    }
}

/// The number of elements and bytes of an array in a file, or `nil` where they exceed what a machine can hold.
package func sizes(of dimensions: [Int], elementSize: Int) -> (elements: Int, bytes: Int)? {
    // Zero lengths count as one here, so that the strides of an empty array fit too.
    var elements = 1
    for length in dimensions {
        let (product, overflow) = elements.multipliedReportingOverflow(by: max(length, 1))
        if overflow || length < 0 { return nil }
        elements = product
    }
    let (bytes, overflow) = elements.multipliedReportingOverflow(by: elementSize)
    return overflow ? nil : dimensions.contains(0) ? (0, 0) : (elements, bytes)
}

extension Tensor {
    /// This tensor with its axes in reverse order, whatever its type.
    fileprivate func withReversedAxes() -> Tensor {
        let result = Shape(shape.dimensions.reversed())
        // Along the result's last axis the source moves by its first stride, and so on.
        let steps = Array(shape.strides.reversed())
        return withBytes { bytes in
            Tensor(shape: result, dtype: dtype) { target in
                guard let source = bytes.baseAddress else { return }
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
