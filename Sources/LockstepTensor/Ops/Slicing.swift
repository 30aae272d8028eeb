import CKernels

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

/// A part of a tensor: along each axis a run of elements.
struct Box {
    let starts: [Int]
    let lengths: [Int]
    var shape: Shape { Shape(lengths) }
}

/// The elements of a box.
struct Slice: Operation {
    let box: Box

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: box.shape, dtype: inputs[0].dtype)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (source, target) = (inputs[0].pointer, outputs[0].pointer)
        return eachRun(of: box, in: inputs[0].shape, inputs[0].dtype.size) { whole, part, byteCount in
            (target + part).copyMemory(from: source + whole, byteCount: byteCount)
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let padded = apply(Pad(box: box, shape: record.input.shape), upstream[0]!)
        padded.value.padded = (upstream[0]!, box)
        return [padded]
    }
}

/// A tensor of zeros but for a box.
struct Pad: Operation {
    let box: Box
    let shape: Shape

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: shape, dtype: inputs[0].dtype)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (source, whole) = (inputs[0].pointer, outputs[0])
        let copy = eachRun(of: box, in: shape, whole.dtype.size) { offset, part, byteCount in
            (whole.pointer + offset).copyMemory(from: source + part, byteCount: byteCount)
        }
        return {
            whole.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: whole.count * whole.dtype.size)
            copy()
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { [apply(Slice(box: box), upstream[0]!)] }
}

/// A tensor to a box of which another is added: how the gradients of many slices of one tensor come together without a pass over
/// all of it for each.
struct AddSlice: Operation {
    let box: Box
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (base, source, target) = (inputs[0], inputs[1].pointer, outputs[0].pointer)
        let add = eachRun(of: box, in: base.shape, 4) { whole, part, byteCount in
            let sums = (target + whole).assumingMemoryBound(to: Float.self)
            lk_add_vv(Int64(byteCount / 4), sums, (source + part).assumingMemoryBound(to: Float.self), sums)
        }
        return {
            if base.pointer != target { target.copyMemory(from: base.pointer, byteCount: base.count * 4) }
            add()
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [upstream[0]!, needed[1] ? apply(Slice(box: box), upstream[0]!) : nil]
    }
}

/// x + y, where one of them may be zero but for a box.
func sumOfGradients(_ x: Tensor, _ y: Tensor) -> Tensor {
    if let (part, box) = y.value.padded { return apply(AddSlice(box: box), x, part) }
    if let (part, box) = x.value.padded { return apply(AddSlice(box: box), y, part) }
    return x + y
}

/// A tensor with a box of it replaced.
struct ReplaceSlice: Operation {
    let box: Box
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (base, source, target) = (inputs[0], inputs[1].pointer, outputs[0].pointer)
        let copy = eachRun(of: box, in: base.shape, base.dtype.size) { whole, part, byteCount in
            (target + whole).copyMemory(from: source + part, byteCount: byteCount)
        }
        return {
            if base.pointer != target { target.copyMemory(from: base.pointer, byteCount: base.count * base.dtype.size) }
            copy()
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let g = upstream[0]!
        return [
            needed[0] ? apply(ReplaceSlice(box: box), g, Tensor.zeros(box.shape)) : nil,
            needed[1] ? apply(Slice(box: box), g) : nil,
        ]
    }
}

/// Work that calls `body` with the byte offsets in the whole and in the box of each contiguous run.
private func eachRun(
    of box: Box, in shape: Shape, _ size: Int, _ body: @escaping (_ whole: Int, _ part: Int, _ byteCount: Int) -> Void
) -> () -> Void {
    let (starts, lengths) = (box.starts, box.lengths)
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

    func walk(_ axes: ArraySlice<(count: Int, step: Int)>, _ whole: Int, _ part: Int) -> Int {
        guard let axis = axes.first else {
            body(whole, part, run)
            return part + run
        }
        var next = part
        for i in 0 ..< axis.count { next = walk(axes.dropFirst(), whole + i * axis.step, next) }
        return next
    }
}

extension Tensor {
    /// A part of the tensor: `t[0]` the first row, `t[all, 1...]` all but the first column.
    public subscript(indices: any TensorIndex...) -> Tensor { slice(indices) }

    package func slice(_ indices: [any TensorIndex]) -> Tensor {
        let (box, shape) = box(indices)
        return apply(Slice(box: box), self).reshaped(shape)
    }

    /// Zeros around the tensor: so many before and behind each axis.
    package func padded(before: [Int], behind: [Int]) -> Tensor {
        check(
            before.count == shape.rank && behind.count == shape.rank && (before + behind).allSatisfy { $0 >= 0 },
            "padding: expected lengths that are not negative for each end of each axis of shape \(shape), got \(before) and \(behind)")
        let lengths = shape.dimensions.indices.map { before[$0] + shape[$0] + behind[$0] }
        return apply(Pad(box: Box(starts: before, lengths: shape.dimensions), shape: Shape(lengths)), self)
    }

    /// This tensor with a part replaced; a scalar fills it.
    package func replacing(_ indices: [any TensorIndex], with part: Tensor, named name: String) -> Tensor {
        let (box, shape) = box(indices)
        check(
            part.shape == shape || part.shape == [],
            "variable \(name): cannot assign a tensor of shape \(part.shape) to a slice of shape \(shape)")
        return apply(ReplaceSlice(box: box), self, part.broadcast(to: shape).reshaped(box.shape))
    }

    /// The box that indices name, and its shape without the axes of which they take a single element.
    private func box(_ indices: [any TensorIndex]) -> (box: Box, shape: Shape) {
        check(indices.count <= shape.rank, "\(indices.count) indices for a tensor of shape \(shape)")
        let parts = (0 ..< shape.rank).map { ($0 < indices.count ? indices[$0] : AllIndices()).resolve(count: shape[$0]) }
        return (Box(starts: parts.map(\.start), lengths: parts.map(\.count)), Shape(parts.filter { !$0.isSingle }.map(\.count)))
    }
}
