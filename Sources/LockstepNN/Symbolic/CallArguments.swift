import LockstepTensor

/// What a call is given by name beside its inputs: `use_causal_mask: true`, `initial_state: [h, c]`, by Keras' names.
///
/// `T` is what stands for a tensor: a `Tensor`, a `KerasTensor` of a call that is noted down, a `Spec` of one that is only looked at.
/// Two names are not here: `training`, which each call carries by itself, and masks once the call is under way, when they travel with
/// their tensors.
public struct CallArguments<T> {
    public enum Value {
        case tensor(T)
        /// A list; `nil` for an entry that is left out.
        case tensors([T?])
        case constant(ConfigValue)
    }

    /// In the order of names, as Keras has the tensors among them.
    package private(set) var entries: [(name: String, value: Value)]

    /// - Parameter values: those that are `nil` are not given.
    public init(_ values: KeyValuePairs<String, Value?> = [:]) {
        self.init(values.compactMap { name, value in value.map { (name, $0) } })
    }

    package init(_ entries: [(name: String, value: Value)]) { self.entries = entries.sorted { $0.name < $1.name } }

    package var isEmpty: Bool { entries.isEmpty }

    public subscript(name: String) -> Value? { entries.first { $0.name == name }?.value }

    /// Whether the flag is given and true.
    public func flag(_ name: String) -> Bool { if case .constant(.bool(true))? = self[name] { true } else { false } }

    /// The tensor of this name, if it is given.
    public func tensor(_ name: String) -> T? { tensors(name).first ?? nil }

    /// The tensors of this name: one, a list, or none.
    public func tensors(_ name: String) -> [T?] {
        switch self[name] {
        case .tensor(let tensor): [tensor]
        case .tensors(let tensors): tensors
        case .constant, nil: []
        }
    }

    /// All tensors, in order.
    package var tensors: [T] { entries.flatMap { tensors($0.name).compactMap { $0 } } }

    /// The same with something else for each tensor.
    package func map<U>(_ transform: (T) throws -> U) rethrows -> CallArguments<U> {
        CallArguments<U>(
            try entries.map { name, value in
                switch value {
                case .tensor(let tensor): (name, .tensor(try transform(tensor)))
                case .tensors(let tensors): (name, .tensors(try tensors.map { try $0.map(transform) }))
                case .constant(let constant): (name, .constant(constant))
                }
            })
    }

    /// Without one of them.
    func without(_ name: String) -> CallArguments { CallArguments(entries.filter { $0.name != name }) }
}

/// An argument that a layer's calls may be given by name.
public struct CallParameter: Sendable {
    public enum Kind: Sendable {
        /// True or false.
        case flag
        /// A tensor.
        case tensor
        /// A tensor, or a list of them.
        case tensors
    }

    /// Keras' name.
    public let name: String
    public let kind: Kind

    public init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }

    /// What is expected where `value` does not fit; `nil` if it does.
    func problem<T>(_ value: CallArguments<T>.Value) -> String? {
        switch (kind, value) {
        case (.flag, .constant(.bool)), (.tensor, .tensor), (.tensors, .tensor), (.tensors, .tensors): nil
        case (.flag, _): "true or false"
        case (.tensor, _): "a tensor"
        case (.tensors, _): "a tensor or a list of tensors"
        }
    }
}

extension CallArguments where T == Tensor {
    /// The inputs with the masks that the call names: Keras' `mask`, one or a list. Where it is named, masks that inputs bring do not
    /// count.
    func masking(_ inputs: [Tensor]) -> [Tensor] {
        guard self["mask"] != nil else { return inputs }
        let masks = tensors("mask")
        return inputs.enumerated().map { index, input in
            guard let mask = index < masks.count ? masks[index] : nil else { return input.unmasked }
            return input.masked(by: mask.cast(to: .bool))
        }
    }
}
