/// What the elements of a dataset or an attribute are.
struct HDF5Datatype {
    enum Kind: Equatable {
        case integer(isSigned: Bool)
        /// IEEE 754, of 16, 32 or 64 bits.
        case float
        /// The upper half of a float32.
        case bfloat16
        /// Text of a length that is the same for all; `padding` ends it.
        case text(padding: UInt8)
        /// Text of any length, which lies in a heap.
        case variableText
        case other(String)
    }

    let kind: Kind
    /// Bytes of an element.
    let size: Int
    let isBigEndian: Bool

    /// For messages.
    var name: String {
        switch kind {
        case .integer(let isSigned): (isSigned ? "int" : "uint") + "\(8 * size)"
        case .float: "float\(8 * size)"
        case .bfloat16: "bfloat16"
        case .text, .variableText: "text"
        case .other(let name): name
        }
    }

    init(_ message: HDF5Cursor) throws {
        var cursor = message
        let (head, flags) = (try cursor.byte(), try cursor.number(3))
        size = try cursor.number(4)
        guard size > 0 else { throw HDF5Failure.damaged("elements of no size") }
        isBigEndian = flags & 1 != 0
        switch head & 15 {
        case 0:
            let (offset, precision) = (try cursor.number(2), try cursor.number(2))
            let isPlain = offset == 0 && precision == 8 * size && [1, 2, 4, 8].contains(size)
            kind = isPlain ? .integer(isSigned: flags & 8 != 0) : .other("whole numbers of \(precision) bits in \(size) bytes")
        case 1: kind = try HDF5Datatype.float(&cursor, flags, size: size)
        case 3: kind = .text(padding: flags & 15 == 2 ? UInt8(ascii: " ") : 0)
        case 5: kind = .other("opaque elements of \(8 * size) bits (bfloat16?)")
        case 9 where flags & 15 == 1 && size == 16: kind = .variableText
        case 9: kind = .other("lists of any length")
        default: kind = .other("elements of another kind (\(head & 15))")
        }
    }

    /// Sizes of exponent and mantissa and the exponent's bias, from low to high precision.
    private static let formats: [(exponent: Int, mantissa: Int, bias: Int, kind: Kind)] = [
        (5, 10, 15, .float), (8, 7, 127, .bfloat16), (8, 23, 127, .float), (11, 52, 1023, .float),
    ]

    private static func float(_ cursor: inout HDF5Cursor, _ flags: Int, size: Int) throws -> Kind {
        let (offset, precision) = (try cursor.number(2), try cursor.number(2))
        let (exponentPlace, exponent, mantissaPlace, mantissa) = (
            try cursor.byte(), try cursor.byte(), try cursor.byte(), try cursor.byte()
        )
        let bias = try cursor.number(4)
        let format = formats.first { format in
            // The highest bit of the mantissa is not stored (2), the sign comes first, and bytes are in one of the usual orders.
            (exponent, mantissa, bias) == (format.exponent, format.mantissa, format.bias) && mantissaPlace == 0
                && exponentPlace == mantissa && precision == 8 * size && offset == 0 && precision == 1 + exponent + mantissa
                && flags >> 4 & 3 == 2 && flags >> 8 & 255 == precision - 1 && flags & 0x40 == 0
        }
        return format?.kind ?? .other("floats of \(precision) bits in another format than IEEE 754")
    }
}

/// How many elements there are, and in what order.
struct HDF5Dataspace {
    /// The lengths of the axes; none for a single element. `nil` where there is no element (a null space).
    let shape: [Int]?
    /// The product of the lengths, which fits.
    let count: Int

    init(_ message: HDF5Cursor) throws {
        var cursor = message
        let (version, rank, flags) = (try cursor.byte(), try cursor.byte(), try cursor.byte())
        guard version == 1 || version == 2, rank <= 32 else { throw HDF5Failure.damaged("a shape of version \(version) with \(rank) axes") }
        let kind = try cursor.byte()
        if version == 1 { try cursor.skip(4) }
        if version == 2, kind == 2 {
            (shape, count) = (nil, 0)
            return
        }
        // From version 2 on it says whether it is a single element (0) or has axes (1).
        guard version == 1 || kind == (rank == 0 ? 0 : 1), flags < 4 else { throw HDF5Failure.damaged("a shape of an unknown kind") }
        var lengths: [Int] = [], product = 1
        for _ in 0 ..< rank {
            lengths.append(try cursor.number(8))
            let (next, overflow) = product.multipliedReportingOverflow(by: lengths.last!)
            // Zero lengths beside large ones: no elements, but no shape that can be worked with either.
            guard !overflow else { throw HDF5Failure.damaged("an array of \(lengths.map(String.init).joined(separator: " x ")) elements") }
            product = next
        }
        (shape, count) = (lengths, product)
    }
}
