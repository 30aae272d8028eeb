/// The lengths of a tensor's axes, outermost first: `[batch, height, width, channels]`. A scalar's shape is `[]`.
///
/// In a layer's shape rule the length of an axis may be `Shape.unknown`, which Keras writes `None`: the batch axis of a
/// model that is built but not yet called. The shape of a tensor that has a value is always known.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// An axis whose length is not known yet.
    public static let unknown = -1

    public var dimensions: [Int]

    public init(_ dimensions: [Int]) { self.dimensions = dimensions }
    /// `nil` stands for a length that is not known, as Keras' `None` does: `[nil, 28]`.
    public init(arrayLiteral elements: Int?...) { dimensions = elements.map { $0 ?? Shape.unknown } }

    /// The number of axes.
    public var rank: Int { dimensions.count }
    /// The number of elements: the product of all lengths; 1 for a scalar. Stops where no memory could hold so many.
    public var count: Int { product(of: dimensions.indices) }
    /// The number of elements; `nil` where it is beyond `largestCount`.
    public var checkedCount: Int? { checkedProduct(of: dimensions.indices) }
    /// More elements than any machine addresses, and few enough for their bytes to be counted without overflow.
    static let largestCount = 1 << 48

    /// The product of the lengths of some axes; stops as `count` does.
    func product(of axes: Range<Int>) -> Int {
        guard let product = checkedProduct(of: axes) else { Failure.report("shape \(self) has more elements than memory can hold") }
        return product
    }

    private func checkedProduct(of axes: Range<Int>) -> Int? {
        var (product, isTooLarge) = (1, false)
        for axis in axes {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimensions[axis])
            if overflow || next.magnitude > Shape.largestCount { isTooLarge = true } else { product = next }
            // No elements, however long the other axes are.
            if dimensions[axis] == 0 { return 0 }
        }
        return isTooLarge ? nil : product
    }

    public var isKnown: Bool { dimensions.allSatisfy { $0 >= 0 } }
    /// The length of the last axis; 1 for a scalar.
    public var last: Int { dimensions.last ?? 1 }
    /// All axes but the first: the shape of one sample.
    public var sample: Shape { Shape(Array(dimensions.dropFirst())) }

    /// The length of an axis; negative axes count from the last.
    public subscript(axis: Int) -> Int {
        get { dimensions[axis < 0 ? axis + rank : axis] }
        set { dimensions[axis < 0 ? axis + rank : axis] = newValue }
    }

    /// Elements between neighbours along each axis, row-major.
    public var strides: [Int] {
        var strides = dimensions
        for axis in dimensions.indices { strides[axis] = product(of: axis + 1 ..< rank) }
        return strides
    }

    /// Where element `index`, in row-major order, lies on each axis.
    package func place(of index: Int) -> [Int] { zip(strides, dimensions).map { index / $0 % $1 } }

    /// `axis` counted from the front; stops if the shape has no such axis.
    public func resolve(axis: Int, in operation: String) -> Int {
        check(axis >= -rank && axis < rank, "\(operation): axis \(axis) is out of range for shape \(self)")
        return axis < 0 ? axis + rank : axis
    }

    /// This shape with a batch axis of unknown length in front.
    public func batched(_ count: Int = Shape.unknown) -> Shape { Shape([count] + dimensions) }

    /// Whether `other` is this shape, where lengths that are not known fit any.
    package func matches(_ other: Shape) -> Bool {
        rank == other.rank && zip(dimensions, other.dimensions).allSatisfy { $0 == $1 || $0 == Shape.unknown || $1 == Shape.unknown }
    }

    /// The shape that two broadcast to, by NumPy's rule: aligned at the last axis, lengths equal or one of them 1.
    /// `nil` where they do not fit.
    public func broadcast(with other: Shape) -> Shape? {
        let rank = max(rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 0 ..< rank {
            let a = axis < rank - self.rank ? 1 : dimensions[axis - (rank - self.rank)]
            let b = axis < rank - other.rank ? 1 : other.dimensions[axis - (rank - other.rank)]
            guard a == b || a == 1 || b == 1 else { return nil }
            result[axis] = a == 1 ? b : a
        }
        return Shape(result)
    }
}

extension Shape: CustomStringConvertible {
    /// As Keras prints it: `(None, 28, 28)`, `(10,)`, `()`.
    public var description: String {
        let lengths = dimensions.map { $0 == Shape.unknown ? "None" : String($0) }
        return "(" + lengths.joined(separator: ", ") + (rank == 1 ? ",)" : ")")
    }
}
