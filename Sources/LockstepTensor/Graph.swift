/// The operations of one traced computation, in order.
///
/// While `trace` runs its body, operations are noted down and not executed: their results have a shape and a type only.
/// A training step is traced once for each shape of batch, turned into a `Program`, and repeated from then on with
/// every buffer already in its place. What the body decides in Swift (a branch, a loop) is decided once, as with
/// `tf.function`.
package final class Graph {
    nonisolated(unsafe) package private(set) static var current: Graph?

    package private(set) var records: [Record] = []
    /// The variables that the graph assigns, in order of first assignment.
    package private(set) var assigned: [Variable] = []
    /// The variables it reads, each with the value that stands for its memory, from a record on until an assignment.
    package private(set) var reads: [(variable: Variable, tensor: Tensor, start: Int)] = []
    /// The last of `reads` of each variable.
    private var latestReads: [ObjectIdentifier: Tensor] = [:]
    /// What it has in several layouts, each by the others.
    private var counterparts: [ObjectIdentifier: [Tensor]] = [:]
    /// The record that computes each value.
    private var producers: [ObjectIdentifier: Int] = [:]

    package init() {}

    /// How often it sums over shards.
    package var shardSumCount: Int { records.count { if case .sumsOverShards = $0.operation.effect { true } else { false } } }

    /// The matrices of which a result of the graph is the product aᵀ·b; `nil` if it is something else.
    package func factors(of tensor: Tensor) -> (a: Tensor, b: Tensor)? {
        guard let record = record(of: tensor), record.operation.sumsOuterProducts, record.inputs.allSatisfy({ $0.shape.rank == 2 }) else {
            return nil
        }
        return (record.inputs[0], record.inputs[1])
    }

    /// The tensor whose bytes `tensor` shows, perhaps under another shape.
    package func source(of tensor: Tensor) -> Tensor {
        guard let record = record(of: tensor), record.operation.isView else { return tensor }
        return source(of: record.input)
    }

    /// The uses of a table of which a result of the graph is the gradient, where it is nothing but rows added up: the rows' numbers, and
    /// for each what is added; `nil` if it is something else.
    package func rowUses(of gradient: Tensor) -> [(indices: Tensor, rows: Tensor)]? {
        guard let record = record(of: gradient) else { return nil }
        switch record.operation {
        case is ScatterAdd: return [(record.inputs[1], record.inputs[0])]
        case let sum as Binary where sum.function == .add && record.inputs.allSatisfy({ $0.shape == gradient.shape }):
            guard let a = rowUses(of: record.inputs[0]), let b = rowUses(of: record.inputs[1]) else { return nil }
            return a + b
        default: return nil
        }
    }

    /// The variables of which it reads rows by number.
    package var tables: [Variable] {
        let read = Set(records.compactMap { $0.operation is Gather ? ObjectIdentifier($0.input.value) : nil })
        return reads.compactMap { read.contains(ObjectIdentifier($0.tensor.value)) ? $0.variable : nil }
    }

    /// The tables of which elements of `tensor`, as whole numbers, say the rows: who reads them, and how many rows there are.
    package func tables(indexedBy tensor: Tensor) -> [(owner: String, rows: Int)] {
        var same: Set = [ObjectIdentifier(tensor.value)]
        return records.compactMap { record in
            if record.operation.isView || record.operation is Cast, same.contains(ObjectIdentifier(record.input.value)) {
                same.insert(ObjectIdentifier(record.output.value))
            }
            guard let gather = record.operation as? Gather, same.contains(ObjectIdentifier(record.inputs[1].value)) else { return nil }
            return (gather.owner, record.input.shape[0])
        }
    }

    /// The same elements in another layout, if the graph has them.
    func counterpart(of tensor: Tensor, in layout: Layout) -> Tensor? {
        counterparts[ObjectIdentifier(tensor.value)]?.first { $0.layout == layout }
    }

    func note(_ other: Tensor, asCounterpartOf tensor: Tensor) {
        counterparts[ObjectIdentifier(tensor.value), default: []].append(other)
        counterparts[ObjectIdentifier(other.value), default: []].append(tensor)
    }

    private func record(of tensor: Tensor) -> Record? { producers[ObjectIdentifier(tensor.value)].map { records[$0] } }

    /// Notes down what `body` applies.
    package func trace<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = Graph.current
        Graph.current = self
        defer { Graph.current = outer }
        return try body()
    }

    /// Runs `body` at once although a graph is being traced: creating weights, for instance.
    package static func untraced<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = current
        current = nil
        defer { current = outer }
        return try body()
    }

    /// A tensor whose elements are written from outside before each run, at `pointer`, which `owner` keeps alive.
    package static func input(_ spec: Spec, at pointer: UnsafeMutableRawPointer, owner: AnyObject) -> Tensor {
        Tensor(shape: spec.shape, dtype: spec.dtype, value: Value(view: pointer, byteCount: spec.byteCount, owner: owner))
    }

    /// A tensor that nobody gives elements: to see what comes out of a computation, not to run it.
    package static func placeholder(_ spec: Spec) -> Tensor {
        Tensor(shape: spec.shape, dtype: spec.dtype, value: Value(tracedByteCount: spec.byteCount))
    }

    /// Notes a place, so that a program can be run up to it and from it.
    package func mark(_ name: String) { append(Record(operation: Mark(name: name), inputs: [], outputs: [])) }

    func append(_ record: Record) {
        // A tensor that was read from a variable before is what it was then, in every run.
        for input in record.inputs { input.value.settle() }
        for output in record.outputs { producers[ObjectIdentifier(output.value)] = records.count }
        records.append(record)
    }

    /// The tensor that stands for `variable` from here on: its memory as earlier assignments of the graph leave it.
    func read(_ variable: Variable) -> Tensor {
        latestReads[ObjectIdentifier(variable)] ?? note(readOf: variable)
    }

    /// Notes that `value` is assigned to `variable`. Reads before and after it are different values, so that a gradient
    /// tape tells them apart.
    func assign(_ value: Tensor, to variable: Variable) {
        append(Record(operation: Assign(variable: variable), inputs: [value.plain], outputs: []))
        if !assigned.contains(where: { $0 === variable }) { assigned.append(variable) }
        _ = note(readOf: variable)
    }

    private func note(readOf variable: Variable) -> Tensor {
        let value = Value(view: variable.memory, byteCount: variable.shape.count * variable.dtype.size, owner: variable)
        let tensor = Tensor(shape: variable.shape, dtype: variable.dtype, value: value)
        reads.append((variable, tensor, records.count))
        latestReads[ObjectIdentifier(variable)] = tensor
        return tensor
    }
}

/// Copies its input over a variable's memory when the program runs.
struct Assign: Operation {
    let variable: Variable

    func outputs(_ inputs: [Spec]) -> [Spec] { [] }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (source, target, byteCount) = (inputs[0].pointer, variable.memory, inputs[0].count * inputs[0].dtype.size)
        return { if source != target { target.copyMemory(from: source, byteCount: byteCount) } }
    }
    var effect: Effect { .assigns(variable) }
}

/// A place in a graph; does nothing.
struct Mark: Operation {
    let name: String

    func outputs(_ inputs: [Spec]) -> [Spec] { [] }
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void { {} }
    var effect: Effect { .marks(name) }
}
