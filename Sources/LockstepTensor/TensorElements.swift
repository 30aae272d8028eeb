/// What a tensor is made of: a number, or rows of them, nested as deep as there are axes.
///
/// Swift's own `Int` and `Double`, which literals are, become int32 and float32, as `tf.constant` takes them.
public protocol TensorElements {
    /// What the numbers are stored as.
    associatedtype Scalar: TensorScalar
    /// The lengths of the axes; those of an empty list where there is nothing to ask.
    static var emptyLengths: [Int] { get }
    var lengths: [Int] { get }
    /// Appends the numbers, row by row.
    func collect(into scalars: inout [Scalar])
}

extension TensorScalar {
    public static var emptyLengths: [Int] { [] }
    public var lengths: [Int] { [] }
    public func collect(into scalars: inout [Self]) { scalars.append(self) }
}

extension Int: TensorElements {
    public static var emptyLengths: [Int] { [] }
    public var lengths: [Int] { [] }
    public func collect(into scalars: inout [Int32]) {
        guard let scalar = Int32(exactly: self) else { Failure.report("Tensor: \(self) is no int32; give it as a Float") }
        scalars.append(scalar)
    }
}

extension Double: TensorElements {
    public static var emptyLengths: [Int] { [] }
    public var lengths: [Int] { [] }
    public func collect(into scalars: inout [Float]) { scalars.append(Float(self)) }
}

extension Array: TensorElements where Element: TensorElements {
    public static var emptyLengths: [Int] { [0] + Element.emptyLengths }
    public var lengths: [Int] {
        guard let first else { return Self.emptyLengths }
        let row = first.lengths
        check(allSatisfy { $0.lengths == row }, "Tensor: rows of different lengths \(map(\.lengths.description).joined(separator: ", "))")
        return [count] + row
    }
    public func collect(into scalars: inout [Element.Scalar]) { for element in self { element.collect(into: &scalars) } }
}

extension Tensor {
    /// A scalar of the type that stands for Swift's. Literals without a type are float32: see `init(_: Float)`.
    @_disfavoredOverload
    public init<Element: TensorElements>(_ scalar: Element) {
        var scalars: [Element.Scalar] = []
        scalar.collect(into: &scalars)
        self.init(scalars, shape: [])
    }

    /// A tensor from nested rows: `Tensor([1, 2, 3])` is int32, `Tensor([[1.0, 2], [3, 4]])` float32.
    public init<Element: TensorElements>(_ rows: [Element]) { self.init(rows, shape: Shape(rows.lengths)) }

    /// The numbers of nested rows, in order, in the given shape.
    public init<Element: TensorElements>(_ rows: [Element], shape: Shape) {
        var scalars: [Element.Scalar] = []
        rows.collect(into: &scalars)
        check(scalars.count == shape.count, "Tensor: \(scalars.count) scalars do not fill shape \(shape)")
        self.init(shape: shape) { (elements: UnsafeMutableBufferPointer<Element.Scalar>) in _ = elements.initialize(from: scalars) }
    }
}
