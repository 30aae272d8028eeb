/// What `fit` returns: loss and metrics after each epoch. `keras.callbacks.History`.
public struct History {
    /// The numbers of the epochs, from 0.
    public fileprivate(set) var epochs: [Int] = []
    /// The names of the figures, as Keras orders them: metrics and loss sorted, then those of validation.
    public fileprivate(set) var names: [String] = []
    private var values: [String: [Float]] = [:]

    public init() {}

    /// A figure's value after each epoch: `history["val_loss"]`.
    public subscript(name: String) -> [Float] { values[name] ?? [] }

    mutating func append(epoch: Int, _ logs: Logs) {
        epochs.append(epoch)
        names = logs.names
        for name in logs.names { values[name, default: []].append(logs[name]!) }
    }
}

/// The figures of a batch, an epoch or an evaluation, by name.
///
/// Those of a batch are computed when they are first asked for: a step that nobody looks at does no work for them.
public final class Logs {
    public private(set) var names: [String]
    private var values: [Float] = []
    private var compute: (() -> [Float])?

    public init(names: [String], values: [Float]) {
        self.names = names
        self.values = values
    }

    init(names: [String], compute: @escaping () -> [Float]) {
        self.names = names
        self.compute = compute
    }

    public subscript(name: String) -> Float? {
        guard let index = names.firstIndex(of: name) else { return nil }
        return allValues[index]
    }

    /// The values, in the order of `names`.
    public var allValues: [Float] {
        if let compute, values.isEmpty { values = compute() }
        return values
    }

    /// What was computed belongs to an earlier batch.
    func invalidate() { values.removeAll(keepingCapacity: true) }

    /// These figures with others behind them, under a prefix: `val_`.
    func adding(_ other: Logs, prefix: String) -> Logs {
        Logs(names: names + other.names.map { prefix + $0 }, values: allValues + other.allValues)
    }

    /// The figures as they are now.
    func snapshot() -> Logs { Logs(names: names, values: allValues) }
}
