/// What `fit` returns: loss and metrics after each epoch. `keras.callbacks.History`.
///
/// The same on every rank.
public struct History {
    /// The numbers of the epochs, from 0. An epoch in which no batch was trained on, because a callback stopped training before
    /// it, is none.
    public fileprivate(set) var epochs: [Int] = []
    /// The names of the figures, as Keras orders them: metrics and loss sorted, then those of validation, then what callbacks
    /// added.
    public fileprivate(set) var names: [String] = []
    private var values: [String: [Float]] = [:]
    /// Whether `TerminateOnNaN` has ended the training: the last weights are not worth keeping then.
    public internal(set) var endedByNaN = false

    public init() {}

    /// As it was saved: each figure with a value for each epoch, or for the last ones.
    init(epochs: [Int], figures: [(name: String, values: [Float])]) {
        (self.epochs, names) = (epochs, figures.map(\.name))
        for (name, figures) in figures { values[name] = figures }
    }

    /// A figure's value after each epoch: `history["val_loss"]`.
    public subscript(name: String) -> [Float] { values[name] ?? [] }

    package mutating func append(epoch: Int, _ logs: Logs) {
        epochs.append(epoch)
        for (name, value) in zip(logs.names, logs.allValues) {
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(value)
        }
    }
}

extension History {
    /// The figures of the last epoch; none before it.
    var lastLogs: Logs {
        let names = names.filter { values[$0]?.last != nil }
        return Logs(names: names, values: names.map { values[$0]!.last! })
    }
}

/// The figures of a batch, an epoch or an evaluation, by name. Callbacks may add to them, and change them for those that come
/// after.
///
/// Those of a batch are computed when they are first asked for: a step that nobody looks at does no work for them.
public final class Logs {
    public private(set) var names: [String]
    private var values: [Float] = []
    private let compute: ((inout [Float]) -> Void)?
    /// How many of the names are not added ones.
    private let ownCount: Int
    /// The places of an evaluation's figures in the list that Keras makes of them.
    private let evaluated: [Int]

    public convenience init(names: [String], values: [Float]) { self.init(names: names, values: values, evaluated: Array(names.indices)) }

    init(names: [String], values: [Float], evaluated: [Int]) {
        (self.names, self.values, self.evaluated, ownCount, compute) = (names, values, evaluated, names.count, nil)
    }

    /// - Parameter compute: appends the values; called when they are first asked for.
    init(names: [String], compute: @escaping (inout [Float]) -> Void) {
        (self.names, self.compute, evaluated, ownCount) = (names, compute, Array(names.indices), names.count)
    }

    /// A figure's value; `nil` where there is none. Setting one adds or changes it; setting `nil` does nothing.
    public subscript(name: String) -> Float? {
        get {
            guard let index = names.firstIndex(of: name) else { return nil }
            return allValues[index]
        }
        set {
            guard let newValue else { return }
            // Computes those that are not there yet.
            _ = allValues
            if let index = names.firstIndex(of: name) {
                values[index] = newValue
            } else {
                names.append(name)
                values.append(newValue)
            }
        }
    }

    /// The values, in the order of `names`.
    public var allValues: [Float] {
        if values.isEmpty { compute?(&values) }
        return values
    }

    /// The figures of an evaluation as the list that `keras.Model.evaluate` gives: the loss, of several outputs those of each, then the
    /// metrics; of one output as they were compiled, of several by name.
    public var list: [Float] { evaluated.map { allValues[$0] } }

    /// What was computed, and added, belongs to an earlier batch.
    func invalidate() {
        values.removeAll(keepingCapacity: true)
        if names.count > ownCount { names.removeLast(names.count - ownCount) }
    }

    /// These figures with others behind them, under a prefix: `val_`.
    func adding(_ other: Logs, prefix: String) -> Logs {
        Logs(names: names + other.names.map { prefix + $0 }, values: allValues + other.allValues)
    }

    /// The figures as they are now.
    func snapshot() -> Logs { Logs(names: names, values: allValues) }

    // MARK: From rank zero to the others

    /// The figures that callbacks have added or changed, as all ranks can be told them.
    var text: String { zip(names, allValues).map { "\($0)\0\($1.bitPattern)" }.joined(separator: "\0") }

    /// Takes over rank zero's figures.
    func adopt(text: String) {
        let fields = text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            self[fields[index]] = UInt32(fields[index + 1]).map { Float(bitPattern: $0) }
        }
    }
}
