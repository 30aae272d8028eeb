import COneDNN

/// How a window moves over the spatial axes of [batch, spatial axes …, channels], and what lies around them.
public struct Window: Equatable, Sendable {
    /// What is around the input: nothing, so that each window lies inside of it; as many zeros as make ⌈length / stride⌉ windows, of an
    /// odd number one more behind; or all of these before the first element, so that no window sees what comes after it.
    public enum Padding: String, Sendable { case valid, same, causal }

    /// By spatial axis.
    public var size: [Int], strides: [Int], dilation: [Int]
    public var padding: Padding

    public init(size: [Int], strides: [Int], dilation: [Int]? = nil, padding: Padding) {
        (self.size, self.strides, self.padding) = (size, strides, padding)
        self.dilation = dilation ?? size.map { _ in 1 }
    }

    /// Elements from the first to the last of a window, both counted.
    private func extent(_ axis: Int) -> Int { (size[axis] - 1) * dilation[axis] + 1 }

    /// How many windows there are along a spatial axis of so many elements; 0 or less where none fits. Unknown lengths stay so.
    public func count(_ length: Int, axis: Int) -> Int {
        if length == Shape.unknown { return Shape.unknown }
        // Rounded up, of what there is for the first element of a window.
        return ((padding == .valid ? length - extent(axis) + 1 : length) + strides[axis] - 1) / strides[axis]
    }

    /// Zeros before and behind `length` elements.
    func margins(_ length: Int, axis: Int) -> (before: Int, after: Int) {
        switch padding {
        case .valid: return (0, 0)
        case .causal: return (extent(axis) - 1, 0)
        case .same:
            let all = max(0, (count(length, axis: axis) - 1) * strides[axis] + extent(axis) - length)
            return (all / 2, all - all / 2)
        }
    }

    /// For oneDNN, over an input of this shape.
    func over(_ shape: Shape) -> dnn_window {
        func three(_ values: [Int]) -> (Int64, Int64, Int64) {
            let all = (values + [0, 0]).map { Int64($0) }
            return (all[0], all[1], all[2])
        }
        let margins = size.indices.map { self.margins(shape[$0 + 1], axis: $0) }
        return dnn_window(
            size: three(size), strides: three(strides), dilation: three(dilation), before: three(margins.map(\.before)),
            after: three(margins.map(\.after)))
    }
}
