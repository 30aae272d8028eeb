/// What an operation's shape rule sees of a tensor.
public struct Spec: Equatable, Sendable {
    public var shape: Shape
    public var dtype: DType
    public var layout: Layout

    public init(shape: Shape, dtype: DType = .float32, layout: Layout = .plain) {
        (self.shape, self.dtype, self.layout) = (shape, dtype, layout)
    }

    var byteCount: Int { shape.count * dtype.size }
}

/// What an operation's kernel sees of a tensor: its place in memory, fixed when the kernel is made.
public struct Buffer {
    public let pointer: UnsafeMutableRawPointer
    public let shape: Shape
    public let dtype: DType
    public let layout: Layout

    public var count: Int { shape.count }
    public var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
    public var int32s: UnsafeMutablePointer<Int32> { pointer.assumingMemoryBound(to: Int32.self) }
    public var bytes: UnsafeMutablePointer<UInt8> { pointer.assumingMemoryBound(to: UInt8.self) }
}

/// One application of an operation: what came in and what went out.
public struct Record {
    public let operation: any Operation
    public let inputs: [Tensor]
    public let outputs: [Tensor]

    public var input: Tensor { inputs[0] }
    public var output: Tensor { outputs[0] }
}

/// A function of tensors: its shape rule, its kernel and its gradient.
///
/// Operations are small structs that hold what is not a tensor (an axis, a rate). They are applied with `apply`, which
/// runs the kernel at once or, while a graph is traced, notes it down.
public protocol Operation {
    /// For error messages and profiles.
    var name: String { get }
    /// The layouts in which it takes its inputs, given those in which they come; plain by default.
    func layouts(_ inputs: [Spec]) -> [Layout]
    /// The outputs' shapes, types and layouts. Stops with `Failure` where the inputs do not fit.
    func outputs(_ inputs: [Spec]) -> [Spec]
    /// Memory that the kernel works in and nobody reads afterwards; it gets it behind its outputs.
    func scratch(_ inputs: [Spec]) -> [Spec]
    /// Work that reads `inputs` and writes `outputs` each time it is called; whatever it needs is prepared here, so that
    /// calling it allocates nothing.
    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void
    /// The gradients with respect to the inputs, given those with respect to the outputs (`nil` where zero). Entries that
    /// are not needed may be `nil`. Written with tensor operations, so that gradients have gradients.
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?]
    /// The input whose storage output 0 may take over, if it is not used again.
    var overwrites: Int? { get }
    /// `true` if output 0 shows input 0's bytes under another shape.
    var isView: Bool { get }
    /// What it does besides computing its outputs.
    var effect: Effect { get }
    /// `true` if output 0 is aᵀ·b of its two inputs, matrices with a row a sample: a sum over samples.
    var sumsOuterProducts: Bool { get }
}

/// What an operation does besides computing outputs.
public enum Effect {
    case none
    /// Writes its input over the variable's memory, whether anything uses its outputs or not.
    case assigns(Variable)
    /// Its output is this shard's own until whoever runs the program has replaced it by the sum over all shards.
    case sumsOverShards
    /// Names its place in the graph.
    case marks(String)
}

extension Operation {
    public var name: String { String(describing: type(of: self)) }
    public var overwrites: Int? { nil }
    public var isView: Bool { false }
    public var effect: Effect { .none }
    public var sumsOuterProducts: Bool { false }
    public func layouts(_ inputs: [Spec]) -> [Layout] { inputs.map { _ in .plain } }
    public func scratch(_ inputs: [Spec]) -> [Spec] { [] }
    public func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        record.inputs.map { _ in nil }
    }
}

/// Applies `operation`: at once, or as a part of the graph that is being traced.
public func apply(_ operation: some Operation, _ inputs: Tensor...) -> Tensor { applyAll(operation, inputs)[0] }

/// As `apply`, for any number of inputs and outputs.
public func applyAll(_ operation: some Operation, _ inputs: [Tensor]) -> [Tensor] {
    let inputs = zip(inputs, operation.layouts(inputs.map(\.spec))).map { $0.arranged($1) }
    let specs = operation.outputs(inputs.map(\.spec))
    let outputs: [Tensor]
    if let graph = Graph.current {
        outputs = specs.map { Tensor(shape: $0.shape, dtype: $0.dtype, value: Value(traced: $0)) }
        graph.append(Record(operation: operation, inputs: inputs, outputs: outputs))
    } else if operation.isView {
        outputs = [Tensor(shape: specs[0].shape, dtype: specs[0].dtype, value: Value(viewOf: inputs[0].value))]
    } else {
        outputs = specs.map { Tensor(shape: $0.shape, dtype: $0.dtype, value: Value($0, for: operation.name)) }
        let scratch = operation.scratch(inputs.map(\.spec)).map {
            Tensor(shape: $0.shape, dtype: $0.dtype, value: Value($0, for: operation.name))
        }
        withExtendedLifetime((inputs, scratch)) { operation.kernel(inputs.map(\.buffer), (outputs + scratch).map(\.buffer))() }
    }
    if !GradientTape.active.isEmpty {
        GradientTape.record(Record(operation: operation, inputs: inputs, outputs: outputs))
    }
    // Other layouts are for traced steps, where what follows is known.
    return Graph.current != nil || operation is Reorder ? outputs : outputs.map(\.plain)
}

extension Tensor {
    var buffer: Buffer {
        guard let pointer = value.pointer else {
            Failure.report("a tensor of shape \(shape) from a traced graph is used outside of it")
        }
        return Buffer(pointer: pointer, shape: shape, dtype: dtype, layout: layout)
    }
}
