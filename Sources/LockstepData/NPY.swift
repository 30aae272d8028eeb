import LockstepSystem
import LockstepTensor

/// NumPy's format for one array.
public enum NPY {
    /// The array in an `.npy` file.
    ///
    /// `uint8` and `bool` stay what they are; other integers become `int32`, floats of any size `float32`, of either byte
    /// order. An array in Fortran order is rearranged, its shape stays.
    ///
    /// - Parameter dtype: the type it is needed as, where that is another: `float32` for time stamps in `int64`.
    /// - Throws: `DataError` where the file is missing, no `.npy` file, damaged, shorter or longer than its header says;
    ///   holds strings, records, complex numbers or pickled objects; or a number that the type cannot hold.
    public static func read(_ path: String, as dtype: DType? = nil) throws -> Tensor { try open(path).tensor(as: dtype) }

    /// The array in an `.npy` file as it lies there, to be made a tensor of the type that is needed.
    ///
    /// - Parameter fits: called with the shape before any element is read.
    /// - Throws: as `read`, but for numbers that a type cannot hold; what `fits` throws.
    public static func open(_ path: String, fits: (Shape) throws -> Void = { _ in }) throws -> StoredArray {
        let file = try ByteBuffer(contentsOf: path, first: NPYHeader.longest) { first, length in
            try fits(validate(first: first, length: length, source: path))
        }
        return try decode(file, source: path)
    }

    /// Writes a tensor so that `numpy.load` reads it, with its type. The file appears whole or not at all.
    ///
    /// Throws `DataError` where it cannot be written.
    public static func write(_ tensor: Tensor, to path: String) throws {
        try NPYHeader.encode(shape: tensor.shape, dtype: tensor.dtype).withUnsafeBytes { header in
            try tensor.withBytes { elements in try dataErrors(path) { try Files.replace(path, with: [header, elements]) } }
        }
    }

    /// The array in the bytes of an `.npy` file.
    static func decode(_ buffer: ByteBuffer, source: String) throws -> StoredArray {
        let header = try buffer.withBytes { try NPYHeader($0, source: source) }
        return try StoredArray(
            of: header.type, shape: header.shape, bigEndian: header.bigEndian, isFortranOrder: header.isFortranOrder, in: buffer,
            at: header.byteCount, source: source)
    }

    /// Sees whether the first bytes of a file say that it has `length` bytes.
    ///
    /// - Parameter first: at least `NPYHeader.longest` bytes, or all of the file.
    /// - Returns: the array's shape.
    /// - Throws: `DataError` where it would have more or fewer, or is no `.npy` file.
    static func validate(first: UnsafeRawBufferPointer, length: Int, source: String) throws -> Shape {
        let header = try NPYHeader(first, source: source)
        try StoredArray.validate(header.shape, of: header.type, byteCount: length - header.byteCount, source: source)
        return header.shape
    }
}

extension Tensor {
    /// The elements' bytes, row-major.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        check(isKnown, "the bytes of a traced tensor of shape \(shape) are not known")
        return try withExtendedLifetime(value) { try body(.init(start: value.pointer, count: shape.count * dtype.size)) }
    }
}
