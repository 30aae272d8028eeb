import CKernels
import Foundation

// Element-wise operations of two tensors, with NumPy's broadcasting: `a + b`, `maximum(a, b)`.

/// What to do with two elements.
enum BinaryFunction: String {
    case add, subtract, multiply, divide, maximum, minimum, power

    typealias ArrayArray = (Int64, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    typealias ArrayScalar = (Int64, UnsafePointer<Float>?, Float, UnsafeMutablePointer<Float>?) -> Void
    typealias ScalarArray = (Int64, Float, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void

    var kernels: (vv: ArrayArray, vs: ArrayScalar, sv: ScalarArray) {
        switch self {
        case .add: (lk_add_vv, lk_add_vs, lk_add_sv)
        case .subtract: (lk_sub_vv, lk_sub_vs, lk_sub_sv)
        case .multiply: (lk_mul_vv, lk_mul_vs, lk_mul_sv)
        case .divide: (lk_div_vv, lk_div_vs, lk_div_sv)
        case .maximum: (lk_max_vv, lk_max_vs, lk_max_sv)
        case .minimum: (lk_min_vv, lk_min_vs, lk_min_sv)
        case .power: (lk_pow_vv, lk_pow_vs, lk_pow_sv)
        }
    }

    /// For counters and labels; not for hot loops.
    func int32(_ a: Int32, _ b: Int32) -> Int32 {
        switch self {
        case .add: a &+ b
        case .subtract: a &- b
        case .multiply: a &* b
        case .divide: b == 0 ? 0 : a / b
        case .maximum: max(a, b)
        case .minimum: min(a, b)
        case .power: Failure.report("power: not defined for int32; cast(to: .float32) first")
        }
    }
}

struct Binary: Operation {
    let function: BinaryFunction
    var name: String { function.rawValue }
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { sharedLayout(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (a, b) = (inputs[0], inputs[1])
        check(
            a.dtype == b.dtype && (a.dtype == .float32 || a.dtype == .int32),
            "\(name): types \(a.dtype) and \(b.dtype); both must be float32 or both int32")
        guard let shape = a.shape.broadcast(with: b.shape) else {
            Failure.report("\(name): shapes \(a.shape) and \(b.shape) do not broadcast")
        }
        return [Spec(shape: shape, dtype: a.dtype, layout: a.layout)]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let runs = BroadcastRuns(inputs[0].shape, inputs[1].shape)
        let n = Int64(runs.inner.count)
        if outputs[0].dtype == .int32 {
            let (a, b, y) = (inputs[0].int32s, inputs[1].int32s, outputs[0].int32s)
            return {
                runs.forEach { aStart, bStart, start in
                    for i in 0 ..< runs.inner.count {
                        y[start + i] = function.int32(a[aStart + i * runs.inner.a], b[bStart + i * runs.inner.b])
                    }
                }
            }
        }
        let (a, b, y) = (inputs[0].floats, inputs[1].floats, outputs[0].floats)
        let kernels = function.kernels
        return switch (runs.inner.a, runs.inner.b) {
        case (1, 0): { runs.forEach { kernels.vs(n, a + $0, b[$1], y + $2) } }
        case (0, 1): { runs.forEach { kernels.sv(n, a[$0], b + $1, y + $2) } }
        default: { runs.forEach { kernels.vv(n, a + $0, b + $1, y + $2) } }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (a, b, y, g) = (record.inputs[0], record.inputs[1], record.output, upstream[0]!)
        let (ga, gb): (() -> Tensor, () -> Tensor) =
            switch function {
            case .add: ({ g }, { g })
            case .subtract: ({ g }, { -g })
            case .multiply: ({ g * b }, { g * a })
            case .divide: ({ g / b }, { -g * y / b })
            // Where both are equal each gets the whole or none, as in JAX: half.
            case .maximum, .minimum: ({ g * winner(a, over: b) }, { g * winner(b, over: a) })
            // Where a is not positive, its logarithm counts as 0, as in TensorFlow.
            case .power: ({ g * b * pow(a, b - 1) }, { g * y * log(`where`(a .> 0, a, Tensor(1))) })
            }
        return [needed[0] ? ga().summed(to: a.shape) : nil, needed[1] ? gb().summed(to: b.shape) : nil]
    }

    /// 1 where `a` is the result, ½ where both are, else 0.
    private func winner(_ a: Tensor, over b: Tensor) -> Tensor {
        let wins = function == .maximum ? a .> b : a .< b
        return wins.cast(to: .float32) + (a .== b).cast(to: .float32) * 0.5
    }
}

/// The contiguous runs along which two broadcast tensors are walked: the innermost axes are merged as far as both allow,
/// and a run's operand either advances by one element or stays.
struct BroadcastRuns {
    struct Axis { var count: Int, a: Int, b: Int }
    private(set) var outer: [Axis]
    private(set) var inner: Axis

    init(_ a: Shape, _ b: Shape) {
        let shape = a.broadcast(with: b)!
        var axes: [Axis] = []
        for axis in 1 ... max(1, shape.rank) where axis <= shape.rank && shape[-axis] != 1 {
            func stride(_ shape: Shape) -> Int {
                guard axis <= shape.rank, shape[-axis] != 1 else { return 0 }
                return shape.product(of: shape.rank - (axis - 1) ..< shape.rank)
            }
            let next = Axis(count: shape[-axis], a: stride(a), b: stride(b))
            if let last = axes.last, next.a == last.a * last.count, next.b == last.b * last.count {
                axes[axes.count - 1].count *= next.count
            } else {
                axes.append(next)
            }
        }
        inner = axes.first ?? Axis(count: 1, a: 1, b: 1)
        outer = axes.dropFirst().reversed()
    }

    /// Calls `body` with the offsets of each run in a, b and the result.
    func forEach(_ body: (Int, Int, Int) -> Void) { walk(0, 0, 0, 0, outer.reduce(inner.count) { $0 * $1.count }, body) }

    private func walk(_ depth: Int, _ a: Int, _ b: Int, _ y: Int, _ size: Int, _ body: (Int, Int, Int) -> Void) {
        guard depth < outer.count else {
            if inner.count > 0 { body(a, b, y) }
            return
        }
        let axis = outer[depth]
        guard axis.count > 0 else { return }
        let step = size / axis.count
        for i in 0 ..< axis.count { walk(depth + 1, a + i * axis.a, b + i * axis.b, y + i * step, step, body) }
    }
}

/// An element-wise operation with a number: `x * 2`, `1 - x`.
struct WithScalar: Operation {
    let function: BinaryFunction
    let scalar: Float
    /// `scalar - x` rather than `x - scalar`.
    var scalarFirst = false
    var name: String { function.rawValue }
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { sharedLayout(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(inputs[0].dtype == .float32, "\(name) with a number: a tensor of \(inputs[0].dtype); cast(to: .float32) first")
        return inputs
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, x, y, scalar, kernels) = (Int64(inputs[0].count), inputs[0].floats, outputs[0].floats, scalar, function.kernels)
        return scalarFirst ? { kernels.sv(n, scalar, x, y) } : { kernels.vs(n, x, scalar, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, y, g) = (record.input, record.output, upstream[0]!)
        let gradient: Tensor =
            switch function {
            case .add: g
            case .subtract: scalarFirst ? -g : g
            case .multiply: g * scalar
            case .divide: scalarFirst ? -g * y / x : g / scalar
            case .maximum: g * (x .> scalar).cast(to: .float32)
            case .minimum: g * (x .< scalar).cast(to: .float32)
            case .power: scalarFirst ? g * y * logOfScalar : g * pow(x, scalar - 1) * scalar
            }
        return [gradient]
    }

    private var logOfScalar: Float { Foundation.log(scalar) }
}

extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor { apply(Binary(function: .add), a, b) }
    public static func - (a: Tensor, b: Tensor) -> Tensor { apply(Binary(function: .subtract), a, b) }
    public static func * (a: Tensor, b: Tensor) -> Tensor { apply(Binary(function: .multiply), a, b) }
    public static func / (a: Tensor, b: Tensor) -> Tensor { apply(Binary(function: .divide), a, b) }

    public static func + (a: Tensor, b: Float) -> Tensor { apply(WithScalar(function: .add, scalar: b), a) }
    public static func - (a: Tensor, b: Float) -> Tensor { apply(WithScalar(function: .subtract, scalar: b), a) }
    public static func * (a: Tensor, b: Float) -> Tensor { apply(WithScalar(function: .multiply, scalar: b), a) }
    public static func / (a: Tensor, b: Float) -> Tensor { apply(WithScalar(function: .divide, scalar: b), a) }
    public static func + (a: Float, b: Tensor) -> Tensor { b + a }
    public static func - (a: Float, b: Tensor) -> Tensor { apply(WithScalar(function: .subtract, scalar: a, scalarFirst: true), b) }
    public static func * (a: Float, b: Tensor) -> Tensor { b * a }
    public static func / (a: Float, b: Tensor) -> Tensor { apply(WithScalar(function: .divide, scalar: a, scalarFirst: true), b) }

    /// The gradient of broadcasting: sums over the axes along which a tensor of `shape` was repeated.
    func summed(to shape: Shape) -> Tensor {
        guard self.shape != shape else { return self }
        let extra = self.shape.rank - shape.rank
        let axes = (0 ..< self.shape.rank).filter { $0 < extra || (shape[$0 - extra] == 1 && self.shape[$0] != 1) }
        return sum(axes: axes, keepDims: true).reshaped(shape)
    }
}

/// The larger of two elements; NaN if either is.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { apply(Binary(function: .maximum), a, b) }
public func maximum(_ a: Tensor, _ b: Float) -> Tensor { apply(WithScalar(function: .maximum, scalar: b), a) }
/// The smaller of two elements; NaN if either is.
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { apply(Binary(function: .minimum), a, b) }
public func minimum(_ a: Tensor, _ b: Float) -> Tensor { apply(WithScalar(function: .minimum, scalar: b), a) }
/// a to the power b.
public func pow(_ a: Tensor, _ b: Tensor) -> Tensor { apply(Binary(function: .power), a, b) }
public func pow(_ a: Tensor, _ b: Float) -> Tensor { apply(WithScalar(function: .power, scalar: b), a) }
public func pow(_ a: Float, _ b: Tensor) -> Tensor { apply(WithScalar(function: .power, scalar: a, scalarFirst: true), b) }
