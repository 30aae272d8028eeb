import LockstepTensor

/// How elements lie in a file, and the tensor type that they are read as.
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

    /// The tensor's type: bytes and booleans stay, other integers become `int32`, floats `float32`.
    package var dtype: DType {
        switch self {
        case .bool: .bool
        case .uint8: .uint8
        case .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64: .int32
        case .float16, .float32, .float64: .float32
        }
    }

    /// Whether the tensor's elements have the file's size, so that they can be used where they lie.
    private var liesAsInTensors: Bool { self == .bool || self == .uint8 || self == .int32 || self == .float32 }

    /// The tensor of the `shape.count` elements at `offset` of `buffer`, row-major.
    ///
    /// Elements that lie as a tensor's do are put in order in place, and the tensor is a view of the buffer, which must
    /// not be used again; others are converted. Throws `DataError` where a value is out of the tensor type's range.
    package func tensor(of buffer: ByteBuffer, at offset: Int, shape: Shape, bigEndian: Bool, source: String) throws -> Tensor {
        check(buffer.count - offset >= shape.count * size, "\(source): \(shape.count) elements do not lie at byte \(offset)")
        return try withExtendedLifetime(buffer) {
            try tensor(of: buffer.pointer + offset, owner: buffer, offset, shape, bigEndian, source)
        }
    }

    private func tensor(
        of elements: UnsafeMutableRawPointer, owner: ByteBuffer, _ offset: Int, _ shape: Shape, _ bigEndian: Bool, _ source: String
    ) throws -> Tensor {
        guard liesAsInTensors, offset % dtype.size == 0 else {
            let value = Value(byteCount: shape.count * dtype.size)
            try convert(elements, shape.count, bigEndian, to: value.pointer!, source)
            return Tensor(shape: shape, dtype: dtype, value: value)
        }
        if self == .bool {
            let bytes = elements.assumingMemoryBound(to: UInt8.self)
            for i in 0 ..< shape.count where bytes[i] > 1 { bytes[i] = 1 }
        } else if bigEndian, size == 4 {
            let words = elements.assumingMemoryBound(to: UInt32.self)
            for i in 0 ..< shape.count { words[i] = words[i].byteSwapped }
        }
        return Tensor(shape: shape, dtype: dtype, value: Value(view: elements, byteCount: shape.count * size, owner: owner))
    }

    private func convert(
        _ elements: UnsafeRawPointer, _ count: Int, _ bigEndian: Bool, to target: UnsafeMutableRawPointer, _ source: String
    ) throws {
        func integers<Stored: FixedWidthInteger>(_: Stored.Type) throws {
            let target = target.bindMemory(to: Int32.self, capacity: count)
            for i in 0 ..< count {
                let stored = elements.loadUnaligned(fromByteOffset: i * MemoryLayout<Stored>.size, as: Stored.self)
                let value = bigEndian ? stored.byteSwapped : stored
                guard let narrow = Int32(exactly: value) else { throw outOfRange(i, "\(value)", source) }
                target[i] = narrow
            }
        }
        func floats<Bits: FixedWidthInteger>(_: Bits.Type, _ float: (Bits) -> Double) throws {
            let target = target.bindMemory(to: Float.self, capacity: count)
            for i in 0 ..< count {
                let stored = elements.loadUnaligned(fromByteOffset: i * MemoryLayout<Bits>.size, as: Bits.self)
                let value = float(bigEndian ? stored.byteSwapped : stored)
                let narrow = Float(value)
                if narrow.isInfinite, value.isFinite { throw outOfRange(i, "\(value)", source) }
                target[i] = narrow
            }
        }
        switch self {
        case .bool:
            let target = target.bindMemory(to: UInt8.self, capacity: count)
            for i in 0 ..< count { target[i] = elements.load(fromByteOffset: i, as: UInt8.self) == 0 ? 0 : 1 }
        case .uint8: target.copyMemory(from: elements, byteCount: count)
        case .int8: try integers(Int8.self)
        case .int16: try integers(Int16.self)
        case .uint16: try integers(UInt16.self)
        case .int32: try integers(Int32.self)
        case .uint32: try integers(UInt32.self)
        case .int64: try integers(Int64.self)
        case .uint64: try integers(UInt64.self)
        case .float16: try floats(UInt16.self) { Double(Float16(bitPattern: $0)) }
        case .float32:
            let target = target.bindMemory(to: UInt32.self, capacity: count)
            for i in 0 ..< count {
                let stored = elements.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self)
                target[i] = bigEndian ? stored.byteSwapped : stored
            }
        case .float64: try floats(UInt64.self) { Double(bitPattern: $0) }
        }
    }

    private func outOfRange(_ index: Int, _ value: String, _ source: String) -> DataError {
        DataError(
            source,
            "element \(index) is \(value), but \(rawValue) is read as \(dtype), which does not hold it; store the array as \(dtype) or smaller values"
        )
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
