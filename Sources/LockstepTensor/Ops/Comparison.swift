import CKernels

// Comparisons give `bool` tensors and have no gradient: `a .> b`, `where(mask, a, b)`.

struct Compare: Operation {
    enum Relation: String { case equal, notEqual, less, lessEqual, greater, greaterEqual }
    let relation: Relation
    var name: String { relation.rawValue }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(inputs[0].dtype == inputs[1].dtype, "\(name): types \(inputs[0].dtype) and \(inputs[1].dtype) differ")
        guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
            Failure.report("\(name): shapes \(inputs[0].shape) and \(inputs[1].shape) do not broadcast")
        }
        return [Spec(shape: shape, dtype: .bool)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let runs = BroadcastRuns(inputs[0].shape, inputs[1].shape)
        let y = outputs[0].bytes
        guard inputs[0].dtype == .float32 else { return integerKernel(inputs, y, runs) }
        let (a, b, n) = (inputs[0].floats, inputs[1].floats, Int64(runs.inner.count))
        // A run of one operand that stays put on the left is the mirrored relation on the right.
        let (vv, vs, sv) = (vectors, scalars(relation), scalars(mirrored))
        return switch (runs.inner.a, runs.inner.b) {
        case (1, 0): { runs.forEach { vs(n, a + $0, b[$1], y + $2) } }
        case (0, 1): { runs.forEach { sv(n, b + $1, a[$0], y + $2) } }
        default: { runs.forEach { vv(n, a + $0, b + $1, y + $2) } }
        }
    }

    private var vectors: (Int64, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<UInt8>?) -> Void {
        switch relation {
        case .equal: lk_equal_vv
        case .notEqual: lk_not_equal_vv
        case .less: lk_less_vv
        case .lessEqual: lk_less_equal_vv
        case .greater: lk_greater_vv
        case .greaterEqual: lk_greater_equal_vv
        }
    }

    private func scalars(_ relation: Relation) -> (Int64, UnsafePointer<Float>?, Float, UnsafeMutablePointer<UInt8>?) -> Void {
        switch relation {
        case .equal: lk_equal_vs
        case .notEqual: lk_not_equal_vs
        case .less: lk_less_vs
        case .lessEqual: lk_less_equal_vs
        case .greater: lk_greater_vs
        case .greaterEqual: lk_greater_equal_vs
        }
    }

    private var mirrored: Relation {
        switch relation {
        case .less: .greater
        case .lessEqual: .greaterEqual
        case .greater: .less
        case .greaterEqual: .lessEqual
        default: relation
        }
    }

    private func integerKernel(_ inputs: [Buffer], _ y: UnsafeMutablePointer<UInt8>, _ runs: BroadcastRuns) -> () -> Void {
        let element: (Buffer, Int) -> Int32 = { $0.dtype == .int32 ? $0.int32s[$1] : Int32($0.bytes[$1]) }
        let (a, b, relation) = (inputs[0], inputs[1], relation)
        return {
            runs.forEach { aStart, bStart, start in
                for i in 0 ..< runs.inner.count {
                    let (p, q) = (element(a, aStart + i * runs.inner.a), element(b, bStart + i * runs.inner.b))
                    let holds =
                        switch relation {
                        case .equal: p == q
                        case .notEqual: p != q
                        case .less: p < q
                        case .lessEqual: p <= q
                        case .greater: p > q
                        case .greaterEqual: p >= q
                        }
                    y[start + i] = holds ? 1 : 0
                }
            }
        }
    }
}

extension Tensor {
    public static func .== (a: Tensor, b: Tensor) -> Tensor { apply(Compare(relation: .equal), a, b) }
    public static func .!= (a: Tensor, b: Tensor) -> Tensor { apply(Compare(relation: .notEqual), a, b) }
    public static func .< (a: Tensor, b: Tensor) -> Tensor { apply(Compare(relation: .less), a, b) }
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { apply(Compare(relation: .lessEqual), a, b) }
    public static func .> (a: Tensor, b: Tensor) -> Tensor { apply(Compare(relation: .greater), a, b) }
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { apply(Compare(relation: .greaterEqual), a, b) }
    public static func .> (a: Tensor, b: Float) -> Tensor { a .> Tensor(b) }
    public static func .>= (a: Tensor, b: Float) -> Tensor { a .>= Tensor(b) }
    public static func .< (a: Tensor, b: Float) -> Tensor { a .< Tensor(b) }
    public static func .<= (a: Tensor, b: Float) -> Tensor { a .<= Tensor(b) }
}

/// Whether `a` or `b` is true; both are of type bool.
public func logicalOr(_ a: Tensor, _ b: Tensor) -> Tensor { a.cast(to: .float32) + b.cast(to: .float32) .> 0 }

/// condition ? a : b, element by element; shapes equal.
struct Select: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs[0].dtype == .bool && inputs[1].dtype == .float32 && inputs[2].dtype == .float32,
            "where: expected bool, float32, float32; got \(inputs.map(\.dtype))")
        check(
            inputs[0].shape == inputs[1].shape && inputs[1].shape == inputs[2].shape,
            "where: shapes \(inputs[0].shape), \(inputs[1].shape) and \(inputs[2].shape) differ")
        return [inputs[1]]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, c, a, b, y) = (Int64(inputs[0].count), inputs[0].bytes, inputs[1].floats, inputs[2].floats, outputs[0].floats)
        return { lk_select(n, c, a, b, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (condition, g) = (record.inputs[0], upstream[0]!)
        let zero = Tensor.zeros(g.shape)
        return [nil, needed[1] ? `where`(condition, g, zero) : nil, needed[2] ? `where`(condition, zero, g) : nil]
    }
}

/// `a` where `condition` holds, else `b`; all three broadcast to one shape.
public func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    guard let ab = a.shape.broadcast(with: b.shape), let shape = ab.broadcast(with: condition.shape) else {
        Failure.report("where: shapes \(condition.shape), \(a.shape) and \(b.shape) do not broadcast")
    }
    return apply(Select(), condition.broadcast(to: shape), a.broadcast(to: shape), b.broadcast(to: shape))
}
