import CKernels

// Element-wise functions of one tensor, each beside its derivative.

struct Unary: Operation {
    enum Function: String {
        case negate, abs, sign, square, sqrt, rsqrt, reciprocal, exp, expm1, log, log1p, sin, cos, tanh, sigmoid, softplus
        case relu, erf, floor, ceil, round
    }
    let function: Function
    var name: String { function.rawValue }
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { sharedLayout(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(inputs[0].dtype == .float32, "\(name): a tensor of \(inputs[0].dtype); cast(to: .float32) first")
        return inputs
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, x, y, kernel) = (Int64(inputs[0].count), inputs[0].floats, outputs[0].floats, kernel)
        return { kernel(n, x, y) }
    }

    private var kernel: (Int64, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void {
        switch function {
        case .negate: lk_neg
        case .abs: lk_abs
        case .sign: lk_sign
        case .square: lk_square
        case .sqrt: lk_sqrt
        case .rsqrt: lk_rsqrt
        case .reciprocal: lk_reciprocal
        case .exp: lk_exp
        case .expm1: lk_expm1
        case .log: lk_log
        case .log1p: lk_log1p
        case .sin: lk_sin
        case .cos: lk_cos
        case .tanh: lk_tanh
        case .sigmoid: lk_sigmoid
        case .softplus: lk_softplus
        case .relu: lk_relu
        case .erf: lk_erf
        case .floor: lk_floor
        case .ceil: lk_ceil
        case .round: lk_round
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (x, y, g) = (record.input, record.output, upstream[0]!)
        let gradient: Tensor? =
            switch function {
            case .negate: -g
            case .abs: g * sign(x)
            case .square: g * x * 2
            case .sqrt: g / y * 0.5
            case .rsqrt: g * y / x * -0.5
            case .reciprocal: -g * square(y)
            case .exp: g * y
            case .expm1: g * (y + 1)
            case .log: g / x
            case .log1p: g / (x + 1)
            case .sin: g * cos(x)
            case .cos: -g * sin(x)
            case .tanh: LockstepTensor.gradient(of: .tanh, g, y)
            case .sigmoid: LockstepTensor.gradient(of: .sigmoid, g, y)
            case .softplus: g * sigmoid(x)
            case .relu: LockstepTensor.gradient(of: .relu, g, y)
            case .erf: g * exp(-square(x)) * 1.128_379_2  // 2/√π
            case .sign, .floor, .ceil, .round: nil
            }
        return [gradient]
    }
}

extension Tensor {
    public static prefix func - (x: Tensor) -> Tensor { apply(Unary(function: .negate), x) }
}

public func abs(_ x: Tensor) -> Tensor { apply(Unary(function: .abs), x) }
/// -1, 0 or 1; its gradient is zero.
public func sign(_ x: Tensor) -> Tensor { apply(Unary(function: .sign), x) }
public func square(_ x: Tensor) -> Tensor { apply(Unary(function: .square), x) }
public func sqrt(_ x: Tensor) -> Tensor { apply(Unary(function: .sqrt), x) }
/// 1/√x
public func rsqrt(_ x: Tensor) -> Tensor { apply(Unary(function: .rsqrt), x) }
public func reciprocal(_ x: Tensor) -> Tensor { apply(Unary(function: .reciprocal), x) }
public func exp(_ x: Tensor) -> Tensor { apply(Unary(function: .exp), x) }
/// eˣ - 1, exact near zero.
public func expm1(_ x: Tensor) -> Tensor { apply(Unary(function: .expm1), x) }
/// The natural logarithm.
public func log(_ x: Tensor) -> Tensor { apply(Unary(function: .log), x) }
/// ln(1 + x), exact near zero.
public func log1p(_ x: Tensor) -> Tensor { apply(Unary(function: .log1p), x) }
public func sin(_ x: Tensor) -> Tensor { apply(Unary(function: .sin), x) }
public func cos(_ x: Tensor) -> Tensor { apply(Unary(function: .cos), x) }
public func tanh(_ x: Tensor) -> Tensor { apply(Unary(function: .tanh), x) }
/// 1/(1 + e⁻ˣ). A loss that is given the result computes from `x`, without the rounding of probabilities.
public func sigmoid(_ x: Tensor) -> Tensor {
    let y = apply(Unary(function: .sigmoid), x)
    y.value.logits = x
    return y
}
/// ln(1 + eˣ)
public func softplus(_ x: Tensor) -> Tensor { apply(Unary(function: .softplus), x) }
/// max(x, 0)
public func relu(_ x: Tensor) -> Tensor {
    let y = apply(Unary(function: .relu), x)
    y.value.isRectified = true
    return y
}
/// The error function.
public func erf(_ x: Tensor) -> Tensor { apply(Unary(function: .erf), x) }
public func floor(_ x: Tensor) -> Tensor { apply(Unary(function: .floor), x) }
public func ceil(_ x: Tensor) -> Tensor { apply(Unary(function: .ceil), x) }
/// To the nearest integer, halves to the even one.
public func round(_ x: Tensor) -> Tensor { apply(Unary(function: .round), x) }

/// min(max(x, low), high); the gradient passes where x is inside.
public func clip(_ x: Tensor, _ low: Float, _ high: Float) -> Tensor { minimum(maximum(x, low), high) }
