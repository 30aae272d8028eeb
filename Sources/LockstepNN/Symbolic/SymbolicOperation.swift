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
        /// A number, or an index.
        case constant(ConfigValue)
    }

    private let kind: Kind
    package let arguments: [Argument]
    private let settings: [ConfigValue.Entry]
    private let function: ([[Tensor]]) -> Tensor

    /// - Parameter settings: the function's own, such as an axis, by Keras' names.
    /// - Throws: `ConfigError` for arguments or settings that the function does not have.
    init(_ kind: Kind, _ arguments: [Argument], settings: [ConfigValue.Entry] = [], name: String? = nil) throws {
        (self.kind, self.arguments, self.settings) = (kind, arguments, settings)
        let config = try Config(.object(settings))
        try kind.require(arguments)
        function = try kind.make(config, arguments)
        try config.finish()
        super.init(name: name ?? Naming.unique(kind.className))
        built = true
    }

    public override var className: String { kind.className }
    /// The names of its arguments.
    var parameters: [String] { kind.parameters }
    /// Functions of tensors forget masks, as Keras' do.
    public override var supportsMasking: Bool { true }
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] { [] }
    public override var savesBuildShape: Bool { false }
    public override var config: [ConfigValue.Entry] { settings }
    package override var serializedEntries: [ConfigValue.Entry] {
        [
            .init("module", .string(kind.module)), .init("class_name", .string(className)),
            .init("config", .object([.init("name", .string(name))] + config)), .init("registered_name", .string(className)),
        ]
    }

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        guard arguments == [.tensor, .tensor], kind.broadcasts else { return inputs }
        let (a, b) = (inputs[0].shape, inputs[1].shape)
        for axis in 1 ..< 1 + min(a.rank, b.rank) where ![1, Shape.unknown, b[-axis]].contains(a[-axis]) {
            check([1, Shape.unknown].contains(b[-axis]), "\(className): expected shapes that broadcast; got \(a) and \(b)")
        }
        return inputs
    }

    public override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        [
            function(
                arguments(inputs, one: { [$0] }, several: { $0 }, constant: { constant($0, among: inputs).map { [$0] } ?? [] }))
        ]
    }

    /// The arguments of a call, in order.
    ///
    /// - Parameter values: what stands for the call's tensors.
    func arguments<Value, Result>(
        _ values: [Value], one: (Value) -> Result, several: ([Value]) -> Result, constant: (ConfigValue) -> Result
    ) -> [Result] {
        var rest = values[...]
        return arguments.map { argument in
            switch argument {
            case .tensor: return one(rest.removeFirst())
            case .tensors(let count):
                defer { rest = rest.dropFirst(count) }
                return several(Array(rest.prefix(count)))
            case .constant(let value): return constant(value)
            }
        }
    }

    /// A number as an operand of tensors: a whole number beside int32 is int32.
    private func constant(_ value: ConfigValue, among inputs: [Tensor]) -> Tensor? {
        if case .int(let number) = value, let integer = Int32(exactly: number), inputs.allSatisfy({ $0.dtype == .int32 }) {
            return Tensor(integer)
        }
        return value.number.map { Tensor(Float($0)) }
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
