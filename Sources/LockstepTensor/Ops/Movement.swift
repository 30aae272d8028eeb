import CKernels

// Operations that move elements and compute nothing: reshape, transpose, broadcast, concatenate, gather, cast.

struct Reshape: Operation {
    let shape: Shape
    var isView: Bool { true }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            shape.count == inputs[0].shape.count,
            "reshape: \(inputs[0].shape) has \(inputs[0].shape.count) elements, \(shape) has \(shape.count)")
        return [Spec(shape: shape, dtype: inputs[0].dtype)]
    }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void { {} }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [upstream[0]!.reshaped(record.input.shape)]
    }
}

/// The same elements in memory of their own.
struct Copy: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] { inputs }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (source, target, byteCount) = (inputs[0].pointer, outputs[0].pointer, inputs[0].count * inputs[0].dtype.size)
        return { target.copyMemory(from: source, byteCount: byteCount) }
    }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { upstream }
}

/// The axes in another order: output axis i is input axis `order[i]`.
struct Transpose: Operation {
    let order: [Int]

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let shape = inputs[0].shape
        check(order.sorted() == Array(0 ..< shape.rank), "transpose: \(order) is not an order of the \(shape.rank) axes of \(shape)")
        check(inputs[0].dtype.size == 4, "transpose: a tensor of \(inputs[0].dtype); cast(to: .float32) first")
        return [Spec(shape: Shape(order.map { shape[$0] }), dtype: inputs[0].dtype)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        // Four-byte elements are moved as floats whatever they mean.
        let (x, y, shape) = (inputs[0].floats, outputs[0].floats, inputs[0].shape)
        let leading = Array(order.prefix { $0 == order[$0] })
        if order.count - leading.count == 2 {
            let (count, rows, cols) = (shape.product(of: leading.indices), shape[-2], shape[-1])
            return { for i in 0 ..< count { lk_transpose(Int64(rows), Int64(cols), x + i * rows * cols, y + i * rows * cols) } }
        }
        let (strides, target) = (shape.strides, outputs[0].shape)
        let axes = order.enumerated().map { (count: target[$0], stride: strides[$1]) }
        return { _ = Transpose.walk(axes[...], x, y) }
    }

    /// Writes the block below the first of `axes` and returns the address behind it.
    private static func walk(_ axes: ArraySlice<(count: Int, stride: Int)>, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>)
        -> UnsafeMutablePointer<Float>
    {
        guard let axis = axes.first else {
            y.pointee = x.pointee
            return y + 1
        }
        var next = y
        for i in 0 ..< axis.count { next = walk(axes.dropFirst(), x + i * axis.stride, next) }
        return next
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        var inverse = order
        for (position, axis) in order.enumerated() { inverse[axis] = position }
        return [upstream[0]!.transposed(inverse)]
    }
}

/// The elements repeated along axes of length 1, and along new axes in front, by NumPy's rule.
struct Broadcast: Operation {
    let shape: Shape

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: shape, dtype: inputs[0].dtype)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (runs, x, y, size) = (BroadcastRuns(inputs[0].shape, shape), inputs[0].pointer, outputs[0].pointer, inputs[0].dtype.size)
        let (count, isRun) = (runs.inner.count, runs.inner.a == 1)
        return {
            runs.forEach { from, _, to in
                let (source, target) = (x + from * size, y + to * size)
                if isRun {
                    target.copyMemory(from: source, byteCount: count * size)
                } else if size == 4 {
                    // Four-byte elements are moved as floats whatever they mean.
                    lk_fill(Int64(count), source.load(as: Float.self), target.assumingMemoryBound(to: Float.self))
                } else {
                    target.initializeMemory(as: UInt8.self, repeating: source.load(as: UInt8.self), count: count)
                }
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { [upstream[0]!.summed(to: record.input.shape)] }
}

/// Joins tensors along one axis.
struct Concatenate: Operation {
    let axis: Int

    /// Blocks of channels stay whole where channels, or samples, are joined.
    func layouts(_ inputs: [Spec]) -> [Layout] {
        let isBlocked = inputs.allSatisfy { $0.layout == .channelBlocks } && (axis == 0 || axis == inputs[0].shape.rank - 1)
        return inputs.map { _ in isBlocked ? .channelBlocks : .plain }
    }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        var shape = inputs[0].shape
        for other in inputs.dropFirst() {
            var (a, b) = (shape, other.shape)
            check(a.rank == b.rank && other.dtype == inputs[0].dtype, "concatenate: \(inputs[0]) and \(other) do not fit")
            (a[axis], b[axis]) = (0, 0)
            check(a == b, "concatenate: shapes \(inputs.map(\.shape)) differ beside axis \(axis)")
            shape[axis] += other.shape[axis]
        }
        return [Spec(shape: shape, dtype: inputs[0].dtype, layout: inputs[0].layout)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        // Blocks come before the spatial axes.
        let outer = outputs[0].layout == .plain ? inputs[0].shape.product(of: 0 ..< axis) : axis == 0 ? 1 : inputs[0].shape[0]
        let size = outputs[0].dtype.size
        let runs = inputs.map { ($0.pointer, outer == 0 ? 0 : size * $0.count / outer) }
        let (step, target) = (runs.reduce(0) { $0 + $1.1 }, outputs[0].pointer)
        return {
            var offset = 0
            for (source, bytes) in runs {
                for i in 0 ..< outer { (target + i * step + offset).copyMemory(from: source + i * bytes, byteCount: bytes) }
                offset += bytes
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        var start = 0
        return record.inputs.map { input in
            defer { start += input.shape[axis] }
            var indices: [any TensorIndex] = Array(repeating: AllIndices(), count: axis)
            indices.append(start ..< start + input.shape[axis])
            return upstream[0]!.slice(indices)
        }
    }
}

/// Rows of a table: y[i..., :] = x[index[i...], :]. An index outside of the table stops.
struct Gather: Operation {
    /// Who asks for them, for the message then.
    var owner = "gather"

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, index) = (inputs[0], inputs[1])
        check(x.dtype == .float32 && index.dtype == .int32, "gather: expected float32 and int32 indices, got \(x.dtype) and \(index.dtype)")
        check(x.shape.rank >= 1, "gather: a scalar has no rows")
        return [Spec(shape: Shape(index.shape.dimensions + x.shape.sample.dimensions))]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (x, index, y, n) = (inputs[0].floats, inputs[1].int32s, outputs[0].floats, inputs[1].count)
        let (rows, cols, shape, owner) = (inputs[0].shape[0], inputs[0].shape.sample.count, inputs[1].shape, owner)
        return {
            checkIndices(index, shape, rows: rows, owner)
            lk_gather_rows(Int64(n), Int64(cols), x, index, y)
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [apply(ScatterAdd(shape: record.input.shape), upstream[0]!, record.inputs[1]), nil]
    }
}

/// The kernels read and write where an index says.
private func checkIndices(_ index: UnsafePointer<Int32>, _ shape: Shape, rows: Int, _ owner: String) {
    for i in 0 ..< shape.count where index[i] < 0 || index[i] >= rows {
        Failure.report(
            "\(owner): index \(index[i]) at \(shape.place(of: i)) of indices of shape \(shape) is outside of 0 ..< \(rows), the table's rows"
        )
    }
}

/// The gradient of `Gather`: rows added into a table of zeros.
struct ScatterAdd: Operation {
    let shape: Shape

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: shape)] }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (x, index, y, n, cols, count) = (
            inputs[0].floats, inputs[1].int32s, outputs[0].floats, inputs[1].count, shape.sample.count, shape.count
        )
        let (rows, indexShape) = (shape[0], inputs[1].shape)
        return {
            checkIndices(index, indexShape, rows: rows, "scatterAdd")
            lk_fill(Int64(count), 0, y)
            lk_scatter_add_rows(Int64(n), Int64(cols), x, index, y)
        }
    }
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [upstream[0]!.gathered(record.inputs[1]), nil]
    }
}

/// Elements as another type. float32 to int32 truncates; bool is 0 or 1; a number is true unless it is 0.
struct Cast: Operation {
    let dtype: DType

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: inputs[0].shape, dtype: dtype)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (x, y, n) = (inputs[0], outputs[0], Int64(inputs[0].count))
        switch (x.dtype, dtype) {
        case (.float32, .int32): return { [x = x.floats, y = y.int32s] in lk_int32_from_float(n, x, y) }
        case (.int32, .float32): return { [x = x.int32s, y = y.floats] in lk_float_from_int32(n, x, y) }
        case (.uint8, .float32), (.bool, .float32): return { [x = x.bytes, y = y.floats] in lk_float_from_uint8(n, x, y) }
        case (.uint8, .int32), (.bool, .int32): return { [x = x.bytes, y = y.int32s] in lk_int32_from_uint8(n, x, y) }
        case (.float32, .bool): return { [x = x.floats, y = y.bytes] in lk_not_equal_vs(n, x, 0, y) }
        case (.int32, .bool), (.int32, .uint8), (.float32, .uint8), (.uint8, .bool), (.bool, .uint8):
            let toBool = dtype == .bool
            return {
                for i in 0 ..< Int(n) {
                    let value: Int32 =
                        switch x.dtype {
                        // What has no place among integers becomes what the processor makes of it, as in `lk_int32_from_float`.
                        case .float32: abs(x.floats[i]) < 0x1p31 ? Int32(x.floats[i]) : .min
                        case .int32: x.int32s[i]
                        default: Int32(x.bytes[i])
                        }
                    y.bytes[i] = toBool ? (value != 0 ? 1 : 0) : UInt8(truncatingIfNeeded: value)
                }
            }
        default: return Copy().kernel(inputs, outputs)
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [record.input.dtype == .float32 ? upstream[0]! : nil]
    }
}

extension Tensor {
    /// The same elements under another shape; one length may be -1 and follows from the others.
    public func reshaped(_ shape: Shape) -> Tensor {
        var shape = shape
        if let free = shape.dimensions.firstIndex(of: -1) {
            let others = Shape(Array(shape.dimensions[..<free] + shape.dimensions[(free + 1)...])).count
            check(others > 0 ? self.shape.count % others == 0 : true, "reshape: \(self.shape) does not divide into \(shape)")
            shape[free] = others > 0 ? self.shape.count / others : 0
        }
        return shape == self.shape ? self : apply(Reshape(shape: shape), self)
    }

    /// The axes in another order; reversed by default.
    public func transposed(_ order: [Int]? = nil) -> Tensor {
        apply(Transpose(order: order ?? Array((0 ..< shape.rank).reversed())), self)
    }

    /// Repeated along axes of length 1, and along new ones in front, to fill `shape`.
    public func broadcast(to shape: Shape) -> Tensor {
        check(self.shape.broadcast(with: shape) == shape, "broadcast: \(self.shape) does not broadcast to \(shape)")
        return self.shape == shape ? self : apply(Broadcast(shape: shape), self)
    }

    /// A new axis of length 1.
    public func expandingDims(axis: Int) -> Tensor {
        var dimensions = shape.dimensions
        check(-shape.rank - 1 ... shape.rank ~= axis, "expandDims: axis \(axis) is out of range for shape \(shape)")
        dimensions.insert(1, at: axis < 0 ? axis + shape.rank + 1 : axis)
        return reshaped(Shape(dimensions))
    }

    /// Without its axes of length 1, or without those named.
    public func squeezed(axes: [Int]? = nil) -> Tensor {
        let dropped =
            axes.map { Set($0.map { shape.resolve(axis: $0, in: "squeeze") }) }
            ?? Set((0 ..< shape.rank).filter { shape[$0] == 1 })
        check(dropped.allSatisfy { shape[$0] == 1 }, "squeeze: axes \(dropped.sorted()) of \(shape) are not all of length 1")
        return reshaped(Shape((0 ..< shape.rank).filter { !dropped.contains($0) }.map { shape[$0] }))
    }

    /// Rows of this table by int32 index: shape index.shape + shape.sample.
    public func gathered(_ index: Tensor) -> Tensor { apply(Gather(), self, index) }

    /// As above; a message about an index outside of the table begins with `owner`.
    package func gathered(_ index: Tensor, by owner: String) -> Tensor { apply(Gather(owner: owner), self, index) }

    /// Elements as another type.
    public func cast(to dtype: DType) -> Tensor { dtype == self.dtype ? self : apply(Cast(dtype: dtype), self) }
}

/// Joins tensors along `axis`; their other lengths are equal.
public func concatenate(_ tensors: [Tensor], axis: Int = -1) -> Tensor {
    check(!tensors.isEmpty, "concatenate: no tensors")
    return applyAll(Concatenate(axis: tensors[0].shape.resolve(axis: axis, in: "concatenate")), tensors)[0]
}

/// Joins tensors of one shape along a new axis.
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    concatenate(tensors.map { $0.expandingDims(axis: axis) }, axis: axis)
}
