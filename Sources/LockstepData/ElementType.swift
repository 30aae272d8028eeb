import LockstepTensor

/// How elements lie in a file.
package enum ElementType: String {
    case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64

    /// Bytes of one element in the file.
    package var size: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    /// What elements become where nobody asks for another type: bytes and booleans stay, other integers become `int32`, floats
    /// `float32`.
    package var dtype: DType {
        switch self {
        case .bool: .bool
        case .uint8: .uint8
        case .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64: .int32
        case .float16, .float32, .float64: .float32
        }
    }

    /// Writes `count` elements as `dtype` to `target`, which has room for them. Floats are rounded to the nearest, as NumPy's
    /// `astype` does it; what would lose more is refused.
    ///
    /// - Throws: `UnfitElement` for the first that `dtype` does not hold: an integer beyond it, a fraction as an integer, a finite number
    ///   that would become infinite.
    func convert(
        _ elements: UnsafeRawPointer, count: Int, bigEndian: Bool, as dtype: DType, to target: UnsafeMutableRawPointer
    ) throws {
        func each<Stored: FixedWidthInteger, Element>(_: Stored.Type, _ convert: (Stored) -> Element?) throws {
            let target = target.bindMemory(to: Element.self, capacity: count)
            for i in 0 ..< count {
                let stored = elements.loadUnaligned(fromByteOffset: i * MemoryLayout<Stored>.size, as: Stored.self)
                guard let element = convert(bigEndian ? stored.byteSwapped : stored) else {
                    throw UnfitElement(index: i, value: text(elements, i, bigEndian))
                }
                target[i] = element
            }
        }
        func integers<Stored: FixedWidthInteger>(_ stored: Stored.Type) throws {
            switch dtype {
            case .float32: try each(stored) { Float($0) }
            case .int32: try each(stored) { Int32(exactly: $0) }
            case .uint8: try each(stored) { UInt8(exactly: $0) }
            case .bool: try each(stored) { $0 != 0 }
            }
        }
        func floats<Bits: FixedWidthInteger>(_ bits: Bits.Type, _ float: (Bits) -> Double) throws {
            switch dtype {
            case .float32:
                try each(bits) { bits -> Float? in
                    let value = float(bits), narrow = Float(value)
                    return narrow.isInfinite && value.isFinite ? nil : narrow
                }
            case .int32: try each(bits) { Int32(exactly: float($0)) }
            case .uint8: try each(bits) { UInt8(exactly: float($0)) }
            case .bool: try each(bits) { float($0) != 0 }
            }
        }
        switch self {
        case .bool, .uint8: try integers(UInt8.self)
        case .int8: try integers(Int8.self)
        case .int16: try integers(Int16.self)
        case .uint16: try integers(UInt16.self)
        case .int32: try integers(Int32.self)
        case .uint32: try integers(UInt32.self)
        case .int64: try integers(Int64.self)
        case .uint64: try integers(UInt64.self)
        case .float16: try floats(UInt16.self) { Double(Float16(bitPattern: $0)) }
        case .float32: try floats(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: try floats(UInt64.self) { Double(bitPattern: $0) }
        }
    }

    /// An element in decimal figures.
    private func text(_ elements: UnsafeRawPointer, _ index: Int, _ bigEndian: Bool) -> String {
        func value<Stored: FixedWidthInteger>(_: Stored.Type) -> Stored {
            let stored = elements.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
            return bigEndian ? stored.byteSwapped : stored
        }
        switch self {
        case .bool, .uint8: return "\(value(UInt8.self))"
        case .int8: return "\(value(Int8.self))"
        case .int16: return "\(value(Int16.self))"
        case .uint16: return "\(value(UInt16.self))"
        case .int32: return "\(value(Int32.self))"
        case .uint32: return "\(value(UInt32.self))"
        case .int64: return "\(value(Int64.self))"
        case .uint64: return "\(value(UInt64.self))"
        case .float16: return "\(Float16(bitPattern: value(UInt16.self)))"
        case .float32: return "\(Float(bitPattern: value(UInt32.self)))"
        case .float64: return "\(Double(bitPattern: value(UInt64.self)))"
        }
    }
}

/// An element that the type it is needed as does not hold.
struct UnfitElement: Error {
    let index: Int
    /// In decimal figures.
    let value: String
}
