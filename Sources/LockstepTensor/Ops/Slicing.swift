/// What may stand between a tensor's brackets: a number (the axis goes away), a range, or `all`.
public protocol TensorIndex {
    /// The elements taken along an axis of `count`: where they start and how many; `isSingle` drops the axis.
    func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool)
}

/// Every element of an axis: `t[all, 0]`.
public struct AllIndices: TensorIndex, Sendable {
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) { (0, count, false) }
}
public let all = AllIndices()

extension Int: TensorIndex {
    /// Negative numbers count from the end.
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) {
        check(self >= -count && self < count, "index \(self) is out of range for an axis of length \(count)")
        return (self < 0 ? self + count : self, 1, true)
    }
}

extension Range<Int>: TensorIndex {
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) { run(lowerBound, upperBound, of: count) }
}
extension ClosedRange<Int>: TensorIndex {
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) { run(lowerBound, upperBound &+ 1, of: count) }
}
extension PartialRangeFrom<Int>: TensorIndex {
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) { run(lowerBound, count, of: count) }
}
extension PartialRangeUpTo<Int>: TensorIndex {
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) { run(0, upperBound, of: count) }
}
extension PartialRangeThrough<Int>: TensorIndex {
    public func resolve(count: Int) -> (start: Int, count: Int, isSingle: Bool) { run(0, upperBound &+ 1, of: count) }
}

extension TensorIndex {
    /// The elements from `start` up to `end`. `RangeExpression.relative(to:)` would trap without a message.
    fileprivate func run(_ start: Int, _ end: Int, of count: Int) -> (start: Int, count: Int, isSingle: Bool) {
        check(start >= 0 && start <= end && end <= count, "range \(self) is out of range for an axis of length \(count)")
        return (start, end - start, false)
    }
}

/// A box of a tensor: along each axis a run of elements.
struct Slice: Operation {
    let starts: [Int]
    let lengths: [Int]

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: Shape(lengths), dtype: inputs[0].dtype)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (source, target) = (inputs[0].pointer, outputs[0].pointer)
        return copyBox(of: inputs[0].shape, starts, lengths, inputs[0].dtype.size) { whole, box, byteCount in
            (target + box).copyMemory(from: source + whole, byteCount: byteCount)
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [apply(ReplaceSlice(starts: starts, lengths: lengths), Tensor.zeros(record.input.shape), upstream[0]!)]
    }
}

/// A tensor with a box of it replaced.
struct ReplaceSlice: Operation {
    let starts: [Int]
    let lengths: [Int]

    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (base, source, target) = (inputs[0], inputs[1].pointer, outputs[0].pointer)
        let copy = copyBox(of: base.shape, starts, lengths, base.dtype.size) { whole, box, byteCount in
            (target + whole).copyMemory(from: source + box, byteCount: byteCount)
        }
        return {
            target.copyMemory(from: base.pointer, byteCount: base.count * base.dtype.size)
            copy()
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let g = upstream[0]!
        return [
            needed[0] ? apply(ReplaceSlice(starts: starts, lengths: lengths), g, Tensor.zeros(Shape(lengths))) : nil,
            needed[1] ? apply(Slice(starts: starts, lengths: lengths), g) : nil,
        ]
    }
}

/// Work that calls `copy` with the byte offsets in the whole and in the box of each contiguous run.
private func copyBox(
    of shape: Shape, _ starts: [Int], _ lengths: [Int], _ size: Int,
    _ copy: @escaping (_ whole: Int, _ box: Int, _ byteCount: Int) -> Void
) -> () -> Void {
    guard !lengths.contains(0) else { return {} }
    // Axes from `split` on are taken whole: they make one run.
    var split = shape.rank
    while split > 0, lengths[split - 1] == shape[split - 1] { split -= 1 }
    split = max(0, split - 1)
    let strides = shape.strides
    let run = lengths[split...].reduce(size, *)
    let base = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 } * size
    let outer = zip(lengths, strides).prefix(split).map { (count: $0, step: $1 * size) }
    return { _ = walk(outer[...], base, 0) }

    func walk(_ axes: ArraySlice<(count: Int, step: Int)>, _ whole: Int, _ box: Int) -> Int {
        guard let axis = axes.first else {
            copy(whole, box, run)
            return box + run
        }
        var next = box
        for i in 0 ..< axis.count { next = walk(axes.dropFirst(), whole + i * axis.step, next) }
        return next
    }
}

extension Tensor {
    /// A part of the tensor: `t[0]` the first row, `t[all, 1...]` all but the first column.
    public subscript(indices: any TensorIndex...) -> Tensor { slice(indices) }

    package func slice(_ indices: [any TensorIndex]) -> Tensor {
        let box = box(indices)
        return apply(Slice(starts: box.starts, lengths: box.lengths), self).reshaped(box.shape)
    }

    /// This tensor with a part replaced; a scalar fills it.
    package func replacing(_ indices: [any TensorIndex], with part: Tensor, named name: String) -> Tensor {
        let box = box(indices)
        check(
            part.shape == box.shape || part.shape == [],
            "variable \(name): cannot assign a tensor of shape \(part.shape) to a slice of shape \(box.shape)")
        let filled = part.broadcast(to: box.shape).reshaped(Shape(box.lengths))
        return apply(ReplaceSlice(starts: box.starts, lengths: box.lengths), self, filled)
    }

    private func box(_ indices: [any TensorIndex]) -> (starts: [Int], lengths: [Int], shape: Shape) {
        check(indices.count <= shape.rank, "\(indices.count) indices for a tensor of shape \(shape)")
        let parts = (0 ..< shape.rank).map { ($0 < indices.count ? indices[$0] : AllIndices()).resolve(count: shape[$0]) }
        return (parts.map(\.start), parts.map(\.count), Shape(parts.filter { !$0.isSingle }.map(\.count)))
    }
}
