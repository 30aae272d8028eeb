import LockstepTensor

/// A function of tensors in a graph of layers: `x + y`, `2 * x`, `relu(x)`. Keras' `Operation`, of which a layer is one.
///
/// Files name it by Keras' class and module; it is not among a model's `layers`.
public final class SymbolicOperation: Layer {
    /// What the function is given, in order.
    package enum Argument: Equatable {
        /// The next of the call's symbolic tensors.
        case tensor
        /// So many of them, as a list.
        case tensors(Int)
        /// A number.
        case number(ConfigValue)
    }

    private let kind: Kind
    package let arguments: [Argument]
    private let settings: [ConfigValue.Entry]
    private let function: ([[Tensor]]) -> Tensor

    /// - Parameter settings: the function's own, such as an axis, by Keras' names.
    /// - Throws: `ConfigError` for settings that the function does not have.
    init(_ kind: Kind, _ arguments: [Argument], settings: [ConfigValue.Entry] = [], name: String? = nil) throws {
        (self.kind, self.arguments, self.settings) = (kind, arguments, settings)
        let config = try Config(.object(settings))
        function = try kind.make(config)
        try config.finish()
        super.init(name: name ?? Naming.unique(kind.className))
        built = true
    }

    public override var className: String { kind.className }
    /// Keras' module of the class.
    package var module: String { kind.module }
    /// The names of its arguments.
    var parameters: [String] { kind.parameters }
    public override var supportsMasking: Bool { true }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { settings }

    public override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        var rest = inputs[...]
        func take(_ count: Int) -> [Tensor] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        return [
            function(
                arguments.map { argument in
                    switch argument {
                    case .tensor: take(1)
                    case .tensors(let count): take(count)
                    case .number(let value): [Tensor(Float(value.number!))]
                    }
                })
        ]
    }

    /// Notes down a call of the function `className` on symbolic tensors.
    static func note(
        _ className: String, _ arguments: [Argument], _ tensors: [KerasTensor], settings: [ConfigValue.Entry] = []
    ) -> KerasTensor {
        do {
            return try SymbolicOperation(kinds.first { $0.className == className }!, arguments, settings: settings)(tensors)
        } catch {
            Failure.report("\(className): \(error)")
        }
    }
}

// MARK: The functions

extension SymbolicOperation {
    /// A function by its Keras name: each argument is a list, of one tensor where Keras takes a tensor.
    struct Kind {
        let className: String
        let module: String
        /// The names of arguments, for files that give some by name.
        let parameters: [String]
        let make: (Config) throws -> ([[Tensor]]) -> Tensor

        init(
            _ className: String, _ module: String, _ parameters: [String],
            _ make: @escaping (Config) throws -> ([[Tensor]]) -> Tensor
        ) {
            (self.className, self.module, self.parameters, self.make) = (className, module, parameters, make)
        }

        static func unary(_ className: String, _ module: String, _ function: @escaping (Tensor) -> Tensor) -> Kind {
            Kind(className, module, ["x"]) { _ in { function($0[0][0]) } }
        }
        static func binary(_ className: String, _ function: @escaping (Tensor, Tensor) -> Tensor) -> Kind {
            Kind(className, numpy, ["x1", "x2"]) { _ in { function($0[0][0], $0[1][0]) } }
        }
    }

    private static let numpy = "keras.src.ops.numpy", nn = "keras.src.ops.nn"

    nonisolated(unsafe) static let kinds: [Kind] = [
        .binary("Add", +), .binary("Subtract", -), .binary("Multiply", *), .binary("TrueDivide", /), .binary("Divide", /),
        .binary("Power") { pow($0, $1) }, .binary("Maximum") { maximum($0, $1) }, .binary("Minimum") { minimum($0, $1) },
        .unary("Negative", numpy) { -$0 }, .unary("Absolute", numpy, abs), .unary("Square", numpy, square), .unary("Sqrt", numpy, sqrt),
        .unary("Exp", numpy, exp), .unary("Log", numpy, log), .unary("Tanh", numpy) { tanh($0) }, .unary("Relu", nn, relu),
        .unary("Sigmoid", nn, sigmoid), .unary("Softplus", nn, softplus),
        Kind("Concatenate", numpy, ["xs"]) { config in
            let axis = try config.int("axis", default: -1)
            return { concatenate($0[0], axis: axis) }
        },
    ]
}

extension KerasTensor {
    private static func binary(_ className: String, _ a: KerasTensor, _ b: KerasTensor) -> KerasTensor {
        SymbolicOperation.note(className, [.tensor, .tensor], [a, b])
    }
    private static func binary(_ className: String, _ a: KerasTensor, _ b: Float) -> KerasTensor {
        SymbolicOperation.note(className, [.tensor, .number(ConfigValue(b))], [a])
    }
    private static func binary(_ className: String, _ a: Float, _ b: KerasTensor) -> KerasTensor {
        SymbolicOperation.note(className, [.number(ConfigValue(a)), .tensor], [b])
    }

    public static func + (a: KerasTensor, b: KerasTensor) -> KerasTensor { binary("Add", a, b) }
    public static func + (a: KerasTensor, b: Float) -> KerasTensor { binary("Add", a, b) }
    public static func + (a: Float, b: KerasTensor) -> KerasTensor { binary("Add", a, b) }
    public static func - (a: KerasTensor, b: KerasTensor) -> KerasTensor { binary("Subtract", a, b) }
    public static func - (a: KerasTensor, b: Float) -> KerasTensor { binary("Subtract", a, b) }
    public static func - (a: Float, b: KerasTensor) -> KerasTensor { binary("Subtract", a, b) }
    public static func * (a: KerasTensor, b: KerasTensor) -> KerasTensor { binary("Multiply", a, b) }
    public static func * (a: KerasTensor, b: Float) -> KerasTensor { binary("Multiply", a, b) }
    public static func * (a: Float, b: KerasTensor) -> KerasTensor { binary("Multiply", a, b) }
    public static func / (a: KerasTensor, b: KerasTensor) -> KerasTensor { binary("TrueDivide", a, b) }
    public static func / (a: KerasTensor, b: Float) -> KerasTensor { binary("TrueDivide", a, b) }
    public static func / (a: Float, b: KerasTensor) -> KerasTensor { binary("TrueDivide", a, b) }
    public static prefix func - (a: KerasTensor) -> KerasTensor { SymbolicOperation.note("Negative", [.tensor], [a]) }
}
