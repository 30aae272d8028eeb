import CKernels
import LockstepSystem

// Softmax and the cross-entropies of logits, over the last axis.

/// y = exp(x - max) / sum(exp(x - max)) along the last axis.
struct Softmax: Operation {
    var overwrites: Int? { nil }  // its input, the logits, is what a loss reads

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs[0].shape.rank >= 1 && inputs[0].dtype == .float32,
            "softmax: \(inputs[0].dtype) of shape \(inputs[0].shape); needs float32 with an axis")
        return inputs
    }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), x, y) = (inputs[0].rows, inputs[0].floats, outputs[0].floats)
        return { lk_softmax(rows, cols, x, y) }
    }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [apply(SoftmaxGradient(), upstream[0]!, record.output)]
    }
}

/// dx = y (dy - Σ dy y) along the last axis.
struct SoftmaxGradient: Operation {
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), dy, y, dx) = (inputs[0].rows, inputs[0].floats, inputs[1].floats, outputs[0].floats)
        return { lk_softmax_gradient(rows, cols, dy, y, dx) }
    }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, y, u) = (record.inputs[0], record.inputs[1], upstream[0]!)
        let inner = (u * y).sum(axes: [-1], keepDims: true)
        return [
            needed[0] ? y * (u - inner) : nil,
            needed[1] ? u * (dy - (dy * y).sum(axes: [-1], keepDims: true)) - dy * inner : nil,
        ]
    }
}

/// y = x - max - log Σ exp(x - max) along the last axis.
struct LogSoftmax: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] { inputs }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), x, y) = (inputs[0].rows, inputs[0].floats, outputs[0].floats)
        return { lk_log_softmax(rows, cols, x, y) }
    }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let g = upstream[0]!
        return [g - exp(record.output) * g.sum(axes: [-1], keepDims: true)]
    }
}

/// -Σ target log softmax(x) for each row; `target` is a distribution over the last axis, or int32 labels.
struct CrossEntropy: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, target) = (inputs[0], inputs[1])
        let rows = Shape(x.shape.dimensions.dropLast())
        check(
            target.dtype == .int32 ? target.shape == rows : target.shape == x.shape,
            "cross-entropy: \(target.dtype) targets of shape \(target.shape) for logits of shape \(x.shape)")
        return [Spec(shape: rows)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), x, target, loss) = (inputs[0].rows, inputs[0].floats, inputs[1], outputs[0].floats)
        if target.dtype == .int32 {
            return { [t = target.int32s] in
                checkLabels(t, rows: rows, classes: cols)
                lk_sparse_cross_entropy(rows, cols, x, t, loss)
            }
        }
        return { [t = target.floats] in lk_cross_entropy(rows, cols, x, t, loss) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, target) = (record.inputs[0], record.inputs[1])
        let gTarget = needed[1] ? -apply(LogSoftmax(), x) * upstream[0]!.expandingDims(axis: -1) : nil
        return [needed[0] ? applyAll(CrossEntropyGradient(), [x, target, upstream[0]!])[0] : nil, gTarget]
    }
}

/// The kernels write where a label says.
private func checkLabels(_ labels: UnsafePointer<Int32>, rows: Int64, classes: Int64) {
    for row in 0 ..< Int(rows) where labels[row] < 0 || Int64(labels[row]) >= classes {
        Failure.report("cross-entropy: label \(labels[row]) of row \(row) is outside of 0 ..< \(classes)")
    }
}

/// (x, target, dloss) to dx = dloss (softmax(x) Σ target - target).
struct CrossEntropyGradient: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), x, target, g, dx) = (inputs[0].rows, inputs[0].floats, inputs[1], inputs[2].floats, outputs[0].floats)
        if target.dtype == .int32 {
            return { [t = target.int32s] in
                checkLabels(t, rows: rows, classes: cols)
                lk_sparse_cross_entropy_gradient(rows, cols, x, t, g, dx)
            }
        }
        return { [t = target.floats] in lk_cross_entropy_gradient(rows, cols, x, t, g, dx) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, target, g, u) = (record.inputs[0], record.inputs[1], record.inputs[2], upstream[0]!)
        let p = softmax(x)
        let classes = target.dtype == .int32 ? oneHot(target, x.shape.last) : target
        let weight = classes.sum(axes: [-1], keepDims: true)
        let scaled = u * g.expandingDims(axis: -1) * weight
        let gTarget = { g.expandingDims(axis: -1) * ((u * p).sum(axes: [-1], keepDims: true) - u) }
        return [
            needed[0] ? apply(SoftmaxGradient(), scaled, p) : nil, needed[1] ? gTarget() : nil,
            needed[2] ? (u * (p * weight - classes)).sum(axes: [-1]) : nil,
        ]
    }
}

extension Buffer {
    /// The number of rows along the last axis, and their length.
    var rows: (Int64, Int64) { (Int64(shape.product(of: 0 ..< max(0, shape.rank - 1))), Int64(shape.last)) }
}

/// exp(x) / Σ exp(x) along the last axis. A loss that is given the result computes from `x`, without the rounding of
/// probabilities.
public func softmax(_ x: Tensor) -> Tensor {
    if x.shape.rank > 0, x.shape.last == 1 {
        let shape = x.shape.rank > 1 ? x.shape.sample.batched() : x.shape
        Console.warn(
            "a softmax over the last axis of a tensor of shape \(shape), which has length 1, is 1 whatever its input; "
                + "did you mean to use a sigmoid instead?")
    }
    let y = apply(Softmax(), x)
    y.value.logits = x
    return y
}

/// exp(x) / Σ exp(x) along an axis; negative ones count from the last.
public func softmax(_ x: Tensor, axis: Int) -> Tensor { withLast(axis, of: x) { softmax($0) } }

/// log softmax(x) along the last axis.
public func logSoftmax(_ x: Tensor) -> Tensor { apply(LogSoftmax(), x) }

/// log softmax(x) along an axis; negative ones count from the last.
public func logSoftmax(_ x: Tensor, axis: Int) -> Tensor { withLast(axis, of: x) { logSoftmax($0) } }

/// A function along the last axis, of another axis.
private func withLast(_ axis: Int, of x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
    let last = x.shape.rank - 1, axis = x.shape.resolve(axis: axis, in: "softmax")
    if axis == last { return function(x) }
    var order = Array(0 ... last)
    order.swapAt(axis, last)
    return function(x.transposed(order)).transposed(order)
}

/// -Σ target log softmax(logits) along the last axis, one number a row. `target` is int32 labels (one axis fewer) or
/// float32 probabilities (same shape).
public func softmaxCrossEntropy(logits: Tensor, target: Tensor) -> Tensor { apply(CrossEntropy(), logits, target) }

/// 1 where a new last axis of length `depth` equals the int32 label, else 0.
public func oneHot(_ labels: Tensor, _ depth: Int) -> Tensor {
    check(depth >= 0 && depth <= Int32.max, "oneHot: expected a depth that is an int32 and not negative, got \(depth)")
    let classes = Tensor((0 ..< Int32(depth)).map { $0 })
    return (labels.expandingDims(axis: -1) .== classes).cast(to: .float32)
}
