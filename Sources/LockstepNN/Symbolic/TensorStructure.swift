import LockstepTensor

/// The tensors on one side of a model: one, a list, or some by name.
public protocol TensorStructure {
    /// The tensors, those of a dictionary in the order of their names.
    var tensors: [KerasTensor] { get }
    /// The names of a dictionary, in order; `nil` for one tensor or a list.
    var keys: [String]? { get }
    /// Whether it is a tensor by itself, which files write without a list around it.
    var isSingle: Bool { get }
}

extension KerasTensor: TensorStructure {
    public var tensors: [KerasTensor] { [self] }
    public var keys: [String]? { nil }
    public var isSingle: Bool { true }
}

extension Array: TensorStructure where Element: KerasTensor {
    public var tensors: [KerasTensor] { map { $0 } }
    public var keys: [String]? { nil }
    public var isSingle: Bool { false }
}

extension Dictionary: TensorStructure where Key == String, Value: KerasTensor {
    public var tensors: [KerasTensor] { keys!.map { self[$0]! } }
    public var keys: [String]? { self.map(\.key).sorted() }
    public var isSingle: Bool { false }
}
