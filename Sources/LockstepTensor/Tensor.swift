/// An immutable, dense, row-major array of `float32`, `int32`, `uint8` or `bool`.
///
/// A tensor is a value: operations return new ones. Its bytes come from a pool and are shared where that cannot be seen
/// (a copy, a reshape). What changes in place is a `Variable`.
///
/// While a model's step is traced (see `Graph`) a tensor has a shape and a type but no elements yet; reading them then
/// is a programmer error.
///
/// Tensors go from task to task, as their elements never change and the pool that takes them back is locked. To compute is the
/// business of one thread at a time: tapes, graphs and variables belong to it.
public struct Tensor: @unchecked Sendable {
    public let shape: Shape
    public let dtype: DType
    package let value: Value

    package init(shape: Shape, dtype: DType, value: Value) {
        self.shape = shape
        self.dtype = dtype
        self.value = value
    }

    /// Fresh storage that `initialize` fills: it gets the elements' address.
    package init(shape: Shape, dtype: DType, initialize: (UnsafeMutableRawPointer) -> Void) {
        let value = Value(Spec(shape: shape, dtype: dtype), for: "Tensor")
        initialize(value.pointer!)
        self.init(shape: shape, dtype: dtype, value: value)
    }

    package var spec: Spec { Spec(shape: shape, dtype: dtype, layout: layout) }
    /// `false` while the tensor is traced.
    package var isKnown: Bool { value.pointer != nil }
}

// MARK: Creation

extension Tensor {
    /// The elements in row-major order.
    public init<Scalar: TensorScalar>(_ scalars: [Scalar], shape: Shape) {
        check(scalars.count == shape.count, "Tensor: \(scalars.count) scalars do not fill shape \(shape)")
        self.init(shape: shape, dtype: Scalar.dtype) { pointer in
            scalars.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
            }
        }
    }

    /// A float32 scalar, from a literal without a point too.
    public init(_ scalar: Float) { self.init([scalar], shape: []) }
    /// A vector.
    public init<Scalar: TensorScalar>(_ scalars: [Scalar]) { self.init(scalars, shape: [scalars.count]) }
    /// A matrix from its rows, all of one length.
    public init<Scalar: TensorScalar>(_ rows: [[Scalar]]) {
        let width = rows.first?.count ?? 0
        check(rows.allSatisfy { $0.count == width }, "Tensor: rows of different lengths \(rows.map(\.count))")
        self.init(rows.flatMap { $0 }, shape: [rows.count, width])
    }

    /// Storage of the given shape that `initialize` fills through a typed buffer, row-major.
    public init<Scalar: TensorScalar>(shape: Shape, initializingWith initialize: (UnsafeMutableBufferPointer<Scalar>) throws -> Void)
        rethrows
    {
        let value = Value(Spec(shape: shape, dtype: Scalar.dtype), for: "Tensor")
        try initialize(.init(start: value.pointer!.bindMemory(to: Scalar.self, capacity: shape.count), count: shape.count))
        self.init(shape: shape, dtype: Scalar.dtype, value: value)
    }

    /// Every element is `scalar`.
    public static func constant<Scalar: TensorScalar>(_ scalar: Scalar, shape: Shape) -> Tensor {
        Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Scalar>) in elements.initialize(repeating: scalar) }
    }
    public static func zeros(_ shape: Shape) -> Tensor { constant(Float(0), shape: shape) }
    public static func ones(_ shape: Shape) -> Tensor { constant(Float(1), shape: shape) }
}

// MARK: Reading

extension Tensor {
    /// Calls `body` with the elements in row-major order. The tensor's type must be `Scalar`'s.
    public func withElements<Scalar: TensorScalar, Result>(
        of type: Scalar.Type = Scalar.self, _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        check(dtype == Scalar.dtype, "reading \(Scalar.dtype) elements of a tensor of \(dtype); cast(to:) converts")
        guard let pointer = value.pointer else {
            Failure.report(
                """
                the elements of a traced tensor of shape \(shape) are not known: a model's step is traced once and then \
                repeated, so it cannot branch on them; use tensor operations, or compile(runEagerly: true)
                """)
        }
        // The tensor may be a temporary: its storage must outlive the call.
        return try withExtendedLifetime(value) {
            try body(.init(start: pointer.assumingMemoryBound(to: Scalar.self), count: shape.count))
        }
    }

    /// The elements in row-major order, converted to `float32` where they are of another type.
    public var scalars: [Float] { cast(to: .float32).withElements { Array($0) } }
    /// The elements of an `int32` tensor.
    public var int32Scalars: [Int32] { withElements { Array($0) } }
    /// The elements of a `bool` tensor.
    public var boolScalars: [Bool] { withElements { Array($0) } }
    /// The only element of a tensor that has just one.
    public var scalar: Float {
        check(shape.count == 1, "scalar: a tensor of shape \(shape) has \(shape.count) elements")
        return scalars[0]
    }
}
