import CHDF5
import LockstepTensor

/// An array of an HDF5 file, to be read whole.
package final class HDF5Dataset {
    private let id: hid_t
    package let shape: Shape
    /// The type of the elements in the file, for messages: `float64`, `int32`, `opaque`.
    package let type: String
    private let elements: H5T_class_t
    private let source: String

    init(_ id: hid_t, source: String) throws {
        (self.id, self.source) = (id, source)
        let type = H5Dget_type(id), space = H5Dget_space(id), creation = H5Dget_create_plist(id)
        defer { H5Tclose(type); H5Sclose(space); H5Pclose(creation) }
        elements = H5Tget_class(type)
        self.type = HDF5Dataset.name(elements, bits: 8 * Int(H5Tget_size(type)), isUnsigned: H5Tget_sign(type) == H5T_SGN_NONE)
        var lengths = [hsize_t](repeating: 0, count: Int(max(0, H5Sget_simple_extent_ndims(space))))
        H5Sget_simple_extent_dims(space, &lengths, nil)
        shape = Shape(lengths.map { Int(clamping: $0) })
        guard H5Pget_layout(creation) != H5D_VIRTUAL, H5Pget_external_count(creation) <= 0 else {
            throw SavingError(source, "lies in another file, which is not read; save the model in one file")
        }
    }

    deinit { H5Dclose(id) }

    private static func name(_ elements: H5T_class_t, bits: Int, isUnsigned: Bool) -> String {
        switch elements {
        case H5T_FLOAT: "float\(bits)"
        case H5T_INTEGER: (isUnsigned ? "uint" : "int") + "\(bits)"
        case H5T_STRING: "text"
        case H5T_OPAQUE: "opaque elements of \(bits) bits (bfloat16?)"
        default: "elements of another kind"
        }
    }

    /// The elements, converted to `dtype`: floats of any precision to float32, whole numbers to int32 or uint8.
    ///
    /// Throws `SavingError` where the elements are of another kind, the shape is not `expected`, or the file is damaged.
    package func read(_ expected: Shape, _ dtype: DType) throws -> Tensor {
        guard shape == expected else {
            throw SavingError(source, "expected shape \(expected), found \(shape); the file was saved from another model")
        }
        guard elements == (dtype == .float32 ? H5T_FLOAT : H5T_INTEGER) else {
            throw SavingError(source, "expected \(dtype), found \(type); in Keras, save the model as \(dtype)")
        }
        var status: herr_t = 0
        let tensor = Tensor(shape: shape, dtype: dtype) { status = read(dtype.memoryType, into: $0) }
        guard status >= 0 else { throw damaged }
        return tensor
    }

    /// The only element, a whole number of any size.
    package func readInteger() throws -> Int {
        guard shape.count == 1, elements == H5T_INTEGER else {
            throw SavingError(source, "expected a whole number, found \(type) of shape \(shape)")
        }
        var number: Int64 = 0
        guard read(chdf5_native_int64(), into: &number) >= 0 else { throw damaged }
        return Int(number)
    }

    private func read(_ type: hid_t, into target: UnsafeMutableRawPointer) -> herr_t {
        H5Dread(id, type, chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), target)
    }

    private var damaged: SavingError { SavingError(source, "is damaged: its elements cannot be read; copy or download the file again") }
}
