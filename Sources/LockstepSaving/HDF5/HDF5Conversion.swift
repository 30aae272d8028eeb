import LockstepTensor

/// Turns elements as they are in a file into those of a tensor. None changes in silence: what does not fit is refused.
struct HDF5Conversion {
    private let type: HDF5Datatype

    init(_ type: HDF5Datatype) { self.type = type }

    /// Whether elements of a file are those of a tensor.
    func isNone(for dtype: DType) -> Bool {
        let isSame =
            switch dtype {
            case .float32: type.kind == .float
            case .int32: type.kind == .integer(isSigned: true)
            case .uint8, .bool: type.kind == .integer(isSigned: false)
            }
        return isSame && type.size == dtype.size && !type.isBigEndian
    }

    /// The elements as `dtype`: bytes for all of `shape` must be there.
    func tensor(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) throws -> Tensor {
        if dtype == .float32 { return try convert(bytes, shape, dtype, float) }
        if dtype == .int32 { return try convert(bytes, shape, dtype) { try whole($0, $1, Int32.self) } }
        return try convert(bytes, shape, dtype) { try whole($0, $1, UInt8.self) }
    }

    private func convert<Element>(
        _ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType,
        _ element: (UnsafeRawBufferPointer, Int) throws -> Element
    ) throws -> Tensor {
        var failure: (any Error)?
        let count = shape.count
        let tensor = Tensor(shape: shape, dtype: dtype) { target in
            guard count > 0 else { return }
            if isNone(for: dtype) { return target.copyMemory(from: bytes.baseAddress!, byteCount: count * type.size) }
            let target = target.bindMemory(to: Element.self, capacity: count)
            do {
                for index in 0 ..< count { target[index] = try element(bytes, index) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return tensor
    }

    private func float(_ bytes: UnsafeRawBufferPointer, _ index: Int) throws -> Float {
        let bits = bits(bytes, index)
        switch type.size {
        case 2: return type.kind == .bfloat16 ? Float(bitPattern: UInt32(bits) << 16) : Float(Float16(bitPattern: UInt16(bits)))
        case 4: return Float(bitPattern: UInt32(bits))
        default:
            let double = Double(bitPattern: bits), float = Float(double)
            guard float.isFinite || !double.isFinite else { throw tooLarge("\(double)", index, "float32") }
            return float
        }
    }

    private func whole<Whole: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ index: Int, _: Whole.Type) throws -> Whole {
        let number = try integer(bytes, index)
        guard let whole = Whole(exactly: number) else { throw tooLarge("\(number)", index, "\(Whole.self)".lowercased()) }
        return whole
    }

    /// A whole number of any size.
    func integer(_ bytes: UnsafeRawBufferPointer, _ index: Int) throws -> Int {
        let bits = bits(bytes, index), unused = 64 - 8 * type.size
        if type.kind == .integer(isSigned: true) { return Int(truncatingIfNeeded: bits << unused) >> unused }
        guard let number = Int(exactly: bits) else { throw tooLarge("\(bits)", index, "int64") }
        return number
    }

    private func bits(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        let start = index * type.size
        var bits: UInt64 = 0
        for byte in 0 ..< type.size { bits |= UInt64(bytes[start + byte]) << (8 * (type.isBigEndian ? type.size - 1 - byte : byte)) }
        return bits
    }

    private func tooLarge(_ number: String, _ index: Int, _ type: String) -> HDF5Failure {
        HDF5Failure(message: "element \(index) is \(number), which \(type) cannot hold; the file was saved from another model")
    }
}
