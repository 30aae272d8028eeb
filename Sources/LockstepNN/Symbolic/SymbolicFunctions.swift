import LockstepTensor

// Operators and functions of symbolic tensors: those of `Tensor` by the same names, noted down as Keras' `keras.ops` are.

private func note(_ className: String, _ tensors: KerasTensor..., settings: KeyValuePairs<String, ConfigValue> = [:]) -> KerasTensor {
    SymbolicOperation.note(className, tensors.map { _ in .tensor }, tensors, settings: settings.map { .init($0.key, $0.value) })
}
private func note(_ className: String, _ a: KerasTensor, _ b: Float) -> KerasTensor {
    SymbolicOperation.note(className, [.tensor, .constant(ConfigValue(b))], [a])
}
private func note(_ className: String, _ a: Float, _ b: KerasTensor) -> KerasTensor {
    SymbolicOperation.note(className, [.constant(ConfigValue(a)), .tensor], [b])
}
private func list(_ numbers: [Int]?) -> ConfigValue { numbers.map { .array($0.map { .int($0) }) } ?? nil }

extension KerasTensor {
    public static func + (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("Add", a, b) }
    public static func + (a: KerasTensor, b: Float) -> KerasTensor { note("Add", a, b) }
    public static func + (a: Float, b: KerasTensor) -> KerasTensor { note("Add", a, b) }
    public static func - (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("Subtract", a, b) }
    public static func - (a: KerasTensor, b: Float) -> KerasTensor { note("Subtract", a, b) }
    public static func - (a: Float, b: KerasTensor) -> KerasTensor { note("Subtract", a, b) }
    public static func * (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("Multiply", a, b) }
    public static func * (a: KerasTensor, b: Float) -> KerasTensor { note("Multiply", a, b) }
    public static func * (a: Float, b: KerasTensor) -> KerasTensor { note("Multiply", a, b) }
    public static func / (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("TrueDivide", a, b) }
    public static func / (a: KerasTensor, b: Float) -> KerasTensor { note("TrueDivide", a, b) }
    public static func / (a: Float, b: KerasTensor) -> KerasTensor { note("TrueDivide", a, b) }
    public static prefix func - (a: KerasTensor) -> KerasTensor { note("Negative", a) }

    public static func .== (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("Equal", a, b) }
    public static func .!= (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("NotEqual", a, b) }
    public static func .< (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("Less", a, b) }
    public static func .<= (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("LessEqual", a, b) }
    public static func .> (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("Greater", a, b) }
    public static func .>= (a: KerasTensor, b: KerasTensor) -> KerasTensor { note("GreaterEqual", a, b) }
    public static func .< (a: KerasTensor, b: Float) -> KerasTensor { note("Less", a, b) }
    public static func .<= (a: KerasTensor, b: Float) -> KerasTensor { note("LessEqual", a, b) }
    public static func .> (a: KerasTensor, b: Float) -> KerasTensor { note("Greater", a, b) }
    public static func .>= (a: KerasTensor, b: Float) -> KerasTensor { note("GreaterEqual", a, b) }

    /// A part: `x[all, 0]` the first step of each sample.
    public subscript(indices: any TensorIndex...) -> KerasTensor {
        SymbolicOperation.note("GetItem", [.tensor, .constant(TensorKey.written(indices))], [self])
    }
}

// MARK: Of every element

public func abs(_ x: KerasTensor) -> KerasTensor { note("Absolute", x) }
public func sign(_ x: KerasTensor) -> KerasTensor { note("Sign", x) }
public func square(_ x: KerasTensor) -> KerasTensor { note("Square", x) }
public func sqrt(_ x: KerasTensor) -> KerasTensor { note("Sqrt", x) }
public func rsqrt(_ x: KerasTensor) -> KerasTensor { note("Rsqrt", x) }
public func reciprocal(_ x: KerasTensor) -> KerasTensor { note("Reciprocal", x) }
public func exp(_ x: KerasTensor) -> KerasTensor { note("Exp", x) }
public func expm1(_ x: KerasTensor) -> KerasTensor { note("Expm1", x) }
public func log(_ x: KerasTensor) -> KerasTensor { note("Log", x) }
public func log1p(_ x: KerasTensor) -> KerasTensor { note("Log1p", x) }
public func sin(_ x: KerasTensor) -> KerasTensor { note("Sin", x) }
public func cos(_ x: KerasTensor) -> KerasTensor { note("Cos", x) }
public func tanh(_ x: KerasTensor) -> KerasTensor { note("Tanh", x) }
public func sigmoid(_ x: KerasTensor) -> KerasTensor { note("Sigmoid", x) }
public func softplus(_ x: KerasTensor) -> KerasTensor { note("Softplus", x) }
public func relu(_ x: KerasTensor) -> KerasTensor { note("Relu", x) }
public func erf(_ x: KerasTensor) -> KerasTensor { note("Erf", x) }
public func floor(_ x: KerasTensor) -> KerasTensor { note("Floor", x) }
public func ceil(_ x: KerasTensor) -> KerasTensor { note("Ceil", x) }
public func round(_ x: KerasTensor) -> KerasTensor { note("Round", x, settings: ["decimals": 0]) }
public func maximum(_ a: KerasTensor, _ b: KerasTensor) -> KerasTensor { note("Maximum", a, b) }
public func maximum(_ a: KerasTensor, _ b: Float) -> KerasTensor { note("Maximum", a, b) }
public func minimum(_ a: KerasTensor, _ b: KerasTensor) -> KerasTensor { note("Minimum", a, b) }
public func minimum(_ a: KerasTensor, _ b: Float) -> KerasTensor { note("Minimum", a, b) }
public func pow(_ a: KerasTensor, _ b: KerasTensor) -> KerasTensor { note("Power", a, b) }
public func pow(_ a: KerasTensor, _ b: Float) -> KerasTensor { note("Power", a, b) }
public func pow(_ a: Float, _ b: KerasTensor) -> KerasTensor { note("Power", a, b) }
public func clip(_ x: KerasTensor, _ low: Float, _ high: Float) -> KerasTensor {
    note("Clip", x, settings: ["x_min": ConfigValue(low), "x_max": ConfigValue(high)])
}
public func logicalOr(_ a: KerasTensor, _ b: KerasTensor) -> KerasTensor { note("LogicalOr", a, b) }
public func `where`(_ condition: KerasTensor, _ a: KerasTensor, _ b: KerasTensor) -> KerasTensor { note("Where", condition, a, b) }

// MARK: Along axes

public func softmax(_ x: KerasTensor, axis: Int = -1) -> KerasTensor { note("Softmax", x, settings: ["axis": .int(axis)]) }
public func logSoftmax(_ x: KerasTensor, axis: Int = -1) -> KerasTensor { note("LogSoftmax", x, settings: ["axis": .int(axis)]) }
public func oneHot(_ labels: KerasTensor, _ depth: Int) -> KerasTensor {
    note("OneHot", labels, settings: ["num_classes": .int(depth), "axis": -1, "dtype": "float32", "sparse": false])
}
public func matmul(_ a: KerasTensor, _ b: KerasTensor) -> KerasTensor { note("Matmul", a, b) }
/// Joins symbolic tensors of one shape along a new axis.
public func stack(_ tensors: [KerasTensor], axis: Int = 0) -> KerasTensor {
    SymbolicOperation.note("Stack", [.tensors(tensors.count)], tensors, settings: [.init("axis", .int(axis))])
}
public func sum(_ x: KerasTensor, axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { x.sum(axes: axes, keepDims: keepDims) }
public func mean(_ x: KerasTensor, axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { x.mean(axes: axes, keepDims: keepDims) }

extension KerasTensor {
    private func reduced(_ className: String, _ axes: [Int]?, _ keepDims: Bool, and rest: String? = nil) -> KerasTensor {
        SymbolicOperation.note(
            className, [.tensor], [self],
            settings: [.init("axis", list(axes)), .init("keepdims", .bool(keepDims))] + (rest.map { [.init($0, nil)] } ?? []))
    }

    public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { reduced("Sum", axes, keepDims) }
    public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { reduced("Mean", axes, keepDims) }
    public func variance(axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { reduced("Var", axes, keepDims) }
    public func prod(axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { reduced("Prod", axes, keepDims, and: "dtype") }
    public func max(axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { reduced("Max", axes, keepDims, and: "initial") }
    public func min(axes: [Int]? = nil, keepDims: Bool = false) -> KerasTensor { reduced("Min", axes, keepDims, and: "initial") }
    public func argmax(axis: Int = -1) -> KerasTensor { note("Argmax", self, settings: ["axis": .int(axis), "keepdims": false]) }
    public func argmin(axis: Int = -1) -> KerasTensor { note("Argmin", self, settings: ["axis": .int(axis), "keepdims": false]) }

    // MARK: Elements that move

    /// The same elements under another shape, batch axis included; one length may be -1 and follows from the others.
    public func reshaped(_ shape: Shape) -> KerasTensor { note("Reshape", self, settings: ["newshape": list(shape.dimensions)]) }
    public func transposed(_ order: [Int]? = nil) -> KerasTensor { note("Transpose", self, settings: ["axes": list(order)]) }
    public func expandingDims(axis: Int) -> KerasTensor { note("ExpandDims", self, settings: ["axis": .int(axis)]) }
    /// Without its axes of length 1, but for the batch, or without those named.
    public func squeezed(axes: [Int]? = nil) -> KerasTensor { note("Squeeze", self, settings: ["axis": list(axes)]) }
    /// Rows of this table by index.
    public func gathered(_ index: KerasTensor) -> KerasTensor { note("Take", self, index, settings: ["axis": 0]) }
    public func cast(to dtype: DType) -> KerasTensor { note("Cast", self, settings: ["dtype": .string(dtype.rawValue)]) }
    public func matmul(_ b: KerasTensor) -> KerasTensor { note("Matmul", self, b) }
}
