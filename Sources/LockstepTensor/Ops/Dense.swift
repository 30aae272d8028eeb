import CKernels

/// An activation whose gradient needs only its output, so that it can be fused with a bias and run in place.
public enum FusedActivation: String, Sendable {
    case linear, relu, sigmoid, tanh

    var code: lk_activation {
        switch self {
        case .linear: LK_LINEAR
        case .relu: LK_RELU
        case .sigmoid: LK_SIGMOID
        case .tanh: LK_TANH
        }
    }
}

/// y = activation(x + bias), bias along the last axis: one pass over memory.
struct BiasActivation: Operation {
    let activation: FusedActivation
    var name: String { "bias_\(activation.rawValue)" }
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, bias) = (inputs[0], inputs[1])
        check(x.shape.rank >= 1 && bias.shape == [x.shape.last], "\(name): bias of shape \(bias.shape) for an input of shape \(x.shape)")
        return [x]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let cols = inputs[1].count
        let (rows, x, bias, y, code) = (
            cols == 0 ? 0 : inputs[0].count / cols, inputs[0].floats, inputs[1].floats, outputs[0].floats, activation.code
        )
        return { lk_bias_activation(Int64(rows), Int64(cols), x, bias, code, y) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let g = upstream[0]!
        if activation == .linear { return [g, needed[1] ? g.summed(to: record.inputs[1].shape) : nil] }
        return applyAll(BiasActivationGradient(activation: activation), [g, record.output]).map { $0 }
    }
}

/// (dy, y) to (dx, dbias): the gradients of `BiasActivation` in one pass.
struct BiasActivationGradient: Operation {
    let activation: FusedActivation
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0], Spec(shape: [inputs[0].shape.last])] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let cols = outputs[1].count
        let (rows, dy, y) = (cols == 0 ? 0 : inputs[0].count / cols, inputs[0].floats, inputs[1].floats)
        let (dx, dbias, code) = (outputs[0].floats, outputs[1].floats, activation.code)
        return { lk_bias_activation_gradient(Int64(rows), Int64(cols), dy, y, code, dx, dbias) }
    }

    /// dx = dy f'(y), so d/d(dy) = u f'(y), d/dy = u dy f''(y), with u the gradient of dx plus that of dbias in each row.
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let (dy, y) = (record.inputs[0], record.inputs[1])
        let u = [upstream[0], upstream[1]?.broadcast(to: dy.shape)].compactMap { $0 }
        let sum = u.dropFirst().reduce(u[0], +)
        let (first, second): (Tensor, Tensor?) =
            switch activation {
            case .linear: (.ones(y.shape), nil)
            case .relu: ((y .> 0).cast(to: .float32), nil)
            case .sigmoid: (y * (1 - y), 1 - y * 2)
            case .tanh: (1 - square(y), y * -2)
            }
        return [sum * first, second.map { sum * dy * $0 }]
    }
}

/// (dy, y) to dx = dy f'(y): the gradient of an activation by itself.
struct ActivationGradient: Operation {
    let activation: FusedActivation
    var overwrites: Int? { 0 }

    func layouts(_ inputs: [Spec]) -> [Layout] { sharedLayout(inputs) }
    func outputs(_ inputs: [Spec]) -> [Spec] { [inputs[0]] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, dy, y, dx) = (Int64(inputs[0].count), inputs[0].floats, inputs[1].floats, outputs[0].floats)
        return { [code = activation.code] in lk_bias_activation_gradient(1, n, dy, y, code, dx, nil) }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        BiasActivationGradient(activation: activation).gradients(record, [upstream[0], nil], needed: needed)
    }
}

/// dy f'(y), for the output `y` of an activation.
func gradient(of activation: FusedActivation, _ dy: Tensor, _ y: Tensor) -> Tensor {
    dy.value.zeroWhere === y.value && activation == .relu ? dy : apply(ActivationGradient(activation: activation), dy, y)
}

/// activation(x + bias) with `bias` along the last axis: [..., c] and [c].
public func biasActivation(_ x: Tensor, _ bias: Tensor, _ activation: FusedActivation) -> Tensor {
    apply(BiasActivation(activation: activation), x, bias)
}
