import LockstepSystem
import LockstepTensor

/// What an `.npy` file says about its elements before they come.
///
/// Source: the format's description in `numpy/lib/_format_impl.py`, versions 1.0, 2.0 and 3.0.
struct NPYHeader {
    var type: ElementType
    var bigEndian: Bool
    /// First axis fastest, as Fortran lays arrays out.
    var isFortranOrder: Bool
    var shape: Shape
    /// Where the elements begin.
    var byteCount: Int

    /// The most bytes that a header may take, magic included: what version 1.0 can say. (NumPy itself reads 10,000 characters.)
    static let longest = 10 + Int(UInt16.max)
    static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
}

// MARK: Reading

extension NPYHeader {
    init(_ bytes: UnsafeRawBufferPointer, source: String) throws {
        guard bytes.count >= 8, bytes.prefix(6).elementsEqual(NPYHeader.magic) else {
            throw DataError(source, "expected an .npy array (first bytes 93 'NUMPY'), found something else")
        }
        let lengthSize: Int
        switch (bytes[6], bytes[7]) {
        case (1, 0): lengthSize = 2
        case (2, 0), (3, 0): lengthSize = 4
        default: throw DataError(source, "expected .npy version 1.0, 2.0 or 3.0, found \(bytes[6]).\(bytes[7])")
        }
        let start = 8 + lengthSize
        func cutShort() -> DataError { DataError(source, "the file is cut short within its header: \(bytes.count) bytes") }
        guard bytes.count >= start else { throw cutShort() }
        let length =
            lengthSize == 2
            ? Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
            : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        guard start + length <= NPYHeader.longest else {
            throw DataError(
                source, "expected a header of at most \(NPYHeader.longest) bytes, found \(start + length): the header is damaged")
        }
        guard bytes.count >= start + length else { throw cutShort() }
        let text = String(decoding: bytes[start ..< start + length], as: UTF8.self)
        guard case .dictionary(let entries)? = PythonLiteral(text),
            let descr = entries["descr"], case .boolean(let isFortranOrder)? = entries["fortran_order"],
            case .sequence(let lengths)? = entries["shape"]
        else {
            throw DataError(
                source, "expected a header like {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}, found \(text.quoted)")
        }
        let dimensions = lengths.compactMap { if case .integer(let length) = $0, length >= 0 { length } else { nil } }
        guard dimensions.count == lengths.count else {
            throw DataError(source, "expected a shape of whole numbers from 0 up, found \(text.quoted)")
        }
        (type, bigEndian) = try NPYHeader.type(descr, source: source)
        self.isFortranOrder = isFortranOrder
        shape = Shape(dimensions)
        byteCount = start + length
    }

    private static let types: [String: ElementType] = [
        "b1": .bool, "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32, "u4": .uint32, "i8": .int64,
        "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]

    private static func type(_ descr: PythonLiteral, source: String) throws -> (ElementType, bigEndian: Bool) {
        let readable = "bool, integers of 8 to 64 bits and floats of 16 to 64 are read; convert it with numpy's astype first"
        guard case .string(let code) = descr else {
            throw DataError(source, "arrays of records (structured types) are not read; \(readable)")
        }
        if let type = types[String(code.dropFirst())] {
            switch code.first {
            case "<", "=", "|": return (type, false)
            case ">": return (type, true)
            default: break
            }
        }
        switch code.dropFirst().first {
        case "O": throw DataError(source, "pickled object arrays are not read; save an array of numbers instead")
        case "U", "S": throw DataError(source, "arrays of strings ('\(code)') are not read; \(readable)")
        case "c": throw DataError(source, "complex arrays ('\(code)') are not read; save real and imaginary parts apart")
        default: throw DataError(source, "elements of type '\(code)' are not read; \(readable)")
        }
    }
}

// MARK: Writing

extension NPYHeader {
    /// The bytes of a version 1.0 header for a tensor, as `numpy.save` writes them: padded so that the elements begin at
    /// a multiple of 64.
    static func encode(shape: Shape, dtype: DType) -> [UInt8] {
        let descr =
            switch dtype {
            case .float32: "<f4"
            case .int32: "<i4"
            case .uint8: "|u1"
            case .bool: "|b1"
            }
        let lengths = shape.dimensions.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
        var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(lengths)), }"
        // Room for the first length to grow to 21 digits, which lets programs append to a file.
        if let first = shape.dimensions.first { text += String(repeating: " ", count: 21 - String(first).count) }
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        let length = UInt16(text.utf8.count)
        return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    }
}

extension String {
    /// For messages: on one line, at most 120 characters.
    fileprivate var quoted: String { "\"\(asLine(limit: 120).split(separator: " ").joined(separator: " "))\"" }
}
