/// The elements of a tensor as nested rows, as NumPy prints an array: lines of up to 75 characters, columns of one width; of more
/// than 1000 elements the first and last three along each axis.
struct ArrayText {
    private let shape: Shape
    private let strides: [Int]
    private let isAbridged: Bool
    private let element: (Int) -> String

    private static let edge = 3

    init(_ tensor: Tensor) {
        shape = tensor.shape
        strides = shape.strides
        isAbridged = shape.count > 1000
        let shown = ArrayText.shown(shape, strides, isAbridged, axis: 0, at: 0)
        switch tensor.dtype {
        case .float32:
            let values = tensor.withElements(of: Float.self) { elements in shown.map { elements[$0] } }
            let format = FloatFormat(values), isScalar = shape.rank == 0
            element = { index in
                let value = tensor.withElements(of: Float.self) { $0[index] }
                return isScalar ? FloatFormat.scalar(value) : format.text(value)
            }
        case .bool:
            let width = shape.rank == 0 ? 0 : 5
            element = { index in tensor.withElements(of: Bool.self) { $0[index] ? "True" : "False" }.padded(to: width) }
        case .int32, .uint8:
            func text(_ index: Int) -> String {
                tensor.dtype == .int32
                    ? tensor.withElements(of: Int32.self) { String($0[index]) } : tensor.withElements(of: UInt8.self) { String($0[index]) }
            }
            let width = shown.map { text($0).count }.max() ?? 0
            element = { text($0).padded(to: width) }
        }
    }

    var text: String { shape.count == 0 ? "[]" : text(axis: 0, at: 0, indent: " ", width: 75) }

    /// The places of the elements that are printed.
    private static func shown(_ shape: Shape, _ strides: [Int], _ isAbridged: Bool, axis: Int, at start: Int) -> [Int] {
        if axis == shape.rank { return [start] }
        return places(shape[axis], isAbridged).flatMap { shown(shape, strides, isAbridged, axis: axis + 1, at: start + $0 * strides[axis]) }
    }

    private static func places(_ count: Int, _ isAbridged: Bool) -> [Int] {
        isAbridged && count > 2 * edge ? Array(0 ..< edge) + Array(count - edge ..< count) : Array(0 ..< count)
    }

    private func text(axis: Int, at start: Int, indent: String, width: Int) -> String {
        if axis == shape.rank { return element(start) }
        var parts = ArrayText.places(shape[axis], isAbridged).map {
            text(axis: axis + 1, at: start + $0 * strides[axis], indent: indent + " ", width: width - 1)
        }
        if parts.count < shape[axis] { parts.insert("...", at: ArrayText.edge) }
        if axis < shape.rank - 1 {
            return "[" + parts.joined(separator: String(repeating: "\n", count: shape.rank - 1 - axis) + indent) + "]"
        }
        var lines: [String] = [], line = indent
        for (index, part) in parts.enumerated() {
            if line.count + part.count > width - 1, line.count > indent.count {
                while line.last == " " { line.removeLast() }
                lines.append(line)
                line = indent
            }
            line += index == parts.count - 1 ? part : part + " "
        }
        return "[" + (lines + [line]).joined(separator: "\n").dropFirst(indent.count) + "]"
    }
}
