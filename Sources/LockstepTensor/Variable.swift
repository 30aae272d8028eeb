/// A tensor's worth of memory that can be assigned: a weight, a state, a metric's counter.
///
/// Reading it (`value`) gives a tensor, which keeps what it showed even if the variable changes afterwards. Assigning a
/// tensor of another shape or type stops with both in the message.
///
/// Variables are used by one thread at a time, which is the program's to see to, and not the compiler's: they may be globals that
/// functions of any isolation use.
public final class Variable: @unchecked Sendable {
    /// The last part of `path`: `kernel`.
    public let name: String
    /// Where it stands in its model, as Keras writes it: `sequential/dense/kernel`.
    public package(set) var path: String
    public let shape: Shape
    public let dtype: DType
    /// Whether training changes it. Gradient tapes watch trainable variables by themselves.
    public var trainable: Bool
    /// Whether axis 0 is the samples of the global batch, each of which changes its own row: such rows are never averaged over shards.
    package var hasRowPerSample = false
    /// What the value is replaced by after each step of training: a matrix with columns of a bounded norm, say.
    package var constraint: ((Tensor) -> Tensor)?

    /// Where the elements lie now; moves only in `move(to:)`.
    package private(set) var memory: UnsafeMutableRawPointer
    /// Keeps `memory` alive: this variable's first value, or the arena it was moved to.
    private var owner: AnyObject
    /// What readers were given since the last assignment.
    private var lease: Value?

    /// How often any variable of this process was assigned outside of traced steps: tells whether code in between changed one.
    nonisolated(unsafe) package static var assignments = 0

    public init(_ initial: Tensor, name: String = "variable", trainable: Bool = true) {
        self.name = name
        path = name
        shape = initial.shape
        dtype = initial.dtype
        self.trainable = trainable
        let own = Value(byteCount: initial.value.byteCount, for: "variable \(name): \(initial.dtype) of shape \(initial.shape)")
        memory = own.pointer!
        owner = own
        withExtendedLifetime(initial.value) { memory.copyMemory(from: initial.buffer.pointer, byteCount: own.byteCount) }
    }

    /// A variable of float32 that must be assigned before it is read.
    package init(uninitialized shape: Shape, name: String, trainable: Bool) {
        (self.name, path, self.shape, dtype, self.trainable) = (name, name, shape, .float32, trainable)
        let own = Value(byteCount: shape.count * DType.float32.size, for: "variable \(name): float32 of shape \(shape)")
        memory = own.pointer!
        owner = own
    }

    /// The current elements.
    public var value: Tensor {
        let tensor: Tensor
        if let graph = Graph.current {
            tensor = graph.read(self)
        } else {
            if lease == nil { lease = Value(leaseOf: memory, byteCount: shape.count * dtype.size, owner: owner) }
            tensor = Tensor(shape: shape, dtype: dtype, value: lease!)
        }
        if trainable, !GradientTape.active.isEmpty { GradientTape.read(self, as: tensor) }
        return tensor
    }

    /// The elements' addresses for a kernel that changes them in place. Call `willChange` first.
    package var floats: UnsafeMutablePointer<Float> { memory.assumingMemoryBound(to: Float.self) }

    /// Lets tensors that were read from this variable keep what they showed. Cheap when there are none.
    package func willChange() {
        guard lease != nil else { return }
        if !isKnownUniquelyReferenced(&lease) { lease!.settle() }
        lease = nil
    }

    /// Moves the elements to `address`, which `owner` keeps alive: a flat arena of parameters.
    package func move(to address: UnsafeMutableRawPointer, owner: AnyObject) {
        willChange()
        address.copyMemory(from: memory, byteCount: shape.count * dtype.size)
        memory = address
        self.owner = owner
        isInArena = true
    }

    /// Whether `move(to:)` has given it a place beside others.
    package private(set) var isInArena = false
}

// MARK: Assignment

extension Variable {
    public func assign(_ tensor: Tensor) {
        check(tensor.shape == shape, "variable \(path): cannot assign a tensor of shape \(tensor.shape) to shape \(shape)")
        check(tensor.dtype == dtype, "variable \(path): cannot assign \(tensor.dtype) to \(dtype)")
        if let graph = Graph.current { return graph.assign(tensor, to: self) }
        let source = tensor.buffer.pointer
        if source == memory { return }
        Variable.assignments += 1
        willChange()
        withExtendedLifetime(tensor.value) { memory.copyMemory(from: source, byteCount: shape.count * dtype.size) }
    }

    public func assignAdd(_ tensor: Tensor) { assign(value + expanded(tensor)) }
    public func assignSub(_ tensor: Tensor) { assign(value - expanded(tensor)) }

    /// Replaces the value by what the constraint makes of it, if there is one.
    package func applyConstraint() {
        guard let constraint else { return }
        let constrained = constraint(value)
        check(
            constrained.shape == shape && constrained.dtype == dtype,
            "variable \(path): its constraint must keep shape \(shape) and \(dtype), and makes \(constrained.dtype) of shape \(constrained.shape)"
        )
        assign(constrained)
    }

    /// Reading an element or slice, and assigning one: `v[0, 1...] = t`. A scalar fills the slice.
    public subscript(indices: any TensorIndex...) -> Tensor {
        get { value.slice(indices) }
        set { assign(value.replacing(indices, with: newValue, named: path)) }
    }

    /// A scalar stands for a tensor of this shape; any other shape must be this one.
    private func expanded(_ tensor: Tensor) -> Tensor {
        check(
            tensor.shape == shape || tensor.shape == [],
            "variable \(path): cannot assign a tensor of shape \(tensor.shape) to shape \(shape)")
        return tensor
    }
}
