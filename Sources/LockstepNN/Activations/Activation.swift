import LockstepTensor

/// A function applied to a layer's output, by its Keras name or as one's own function.
public struct ActivationFunction: ExpressibleByStringLiteral {
    public let name: String
    /// Set where a bias and the function can be applied in one pass.
    let fused: FusedActivation?
    private let function: (Tensor) -> Tensor

    /// A function of one's own. It is saved by its name, which must be registered to be read again.
    public init(_ name: String, _ function: @escaping (Tensor) -> Tensor) { self.init(name, nil, function) }

    private init(_ name: String, _ fused: FusedActivation?, _ function: @escaping (Tensor) -> Tensor) {
        (self.name, self.fused, self.function) = (name, fused, function)
    }

    /// The function of this name; an unknown one stops. Names that a user typed go through `named`.
    public init(stringLiteral name: String) {
        do { self = try .named(name) } catch { Failure.report("\(error)") }
    }

    public func callAsFunction(_ x: Tensor) -> Tensor { function(x) }

    nonisolated(unsafe) public private(set) static var known: [ActivationFunction] = [
        .init("linear", .linear) { $0 },
        .init("relu", .relu, relu),
        .init("sigmoid", .sigmoid, sigmoid),
        .init("tanh", .tanh) { tanh($0) },
        .init("softmax", nil, softmax),
        .init("log_softmax", nil, logSoftmax),
        .init("softplus", nil, softplus),
        .init("softsign", nil) { $0 / (abs($0) + 1) },
        .init("exponential", nil) { exp($0) },
        .init("silu", nil) { $0 * sigmoid($0) },
        .init("gelu", nil) { $0 * 0.5 * (erf($0 * 0.707_106_77) + 1) },
        .init("elu", nil) { x in `where`(x .> 0, x, expm1(minimum(x, 0))) },
        .init("selu", nil) { x in `where`(x .> 0, x, expm1(minimum(x, 0)) * 1.673_263_2) * 1.050_701 },
        .init("relu6", nil) { clip($0, 0, 6) },
        .init("leaky_relu", nil) { maximum($0, $0 * 0.2) },
        .init("hard_sigmoid", nil) { clip($0 / 6 + 0.5, 0, 1) },
        .init("mish", nil) { $0 * tanh(softplus($0)) },
        .init("celu", nil) { x in `where`(x .> 0, x, expm1(minimum(x, 0))) },
        .init("hard_silu", nil) { $0 * clip($0 / 6 + 0.5, 0, 1) },
        .init("hard_tanh", nil) { clip($0, -1, 1) },
        .init("hard_shrink", nil) { x in x * (abs(x) .> 0.5).cast(to: .float32) },
        .init("soft_shrink", nil) { relu($0 - 0.5) - relu(-0.5 - $0) },
        .init("tanh_shrink", nil) { $0 - tanh($0) },
        .init("log_sigmoid", nil) { -softplus(-$0) },
        .init("sparse_sigmoid", nil) { clip(($0 + 1) * 0.5, 0, 1) },
        .init("sparse_plus", nil) { x in `where`(x .< 1, square(relu(x + 1)) * 0.25, x) },
        .init("squareplus", nil) { ($0 + sqrt(square($0) + 4)) * 0.5 },
    ]

    /// - Throws: `ConfigError` that lists the known names.
    public static func named(_ name: String) throws -> ActivationFunction {
        let key = ["swish": "silu", "hard_swish": "hard_silu"][name] ?? name
        guard let found = known.first(where: { $0.name == key }) else {
            throw ConfigError(unknownName("activation", name, known.map(\.name)))
        }
        return found
    }

    /// Makes a function of one's own known by its name.
    public static func register(_ activation: ActivationFunction) {
        known.removeAll { $0.name == activation.name }
        known.append(activation)
    }
}

extension Config {
    func activation(_ key: String) throws -> ActivationFunction {
        try read(key) { value in
            guard case .string(let name) = value else { throw ConfigError("expected an activation by name, found \(value.kind)") }
            return try ActivationFunction.named(name)
        } ?? "linear"
    }

    func initializer(_ key: String, default fallback: any Initializer) throws -> any Initializer {
        try read(key) { try Initializers.registry.make($0) } ?? fallback
    }
}
