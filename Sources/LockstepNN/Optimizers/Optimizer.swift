import LockstepTensor

/// How gradients change parameters: a state beside each parameter, and one pure update.
///
/// An optimizer of one's own names its states and overrides `update`, which changes a run of parameters and their states
/// in place. It does not know that ranks exist: it is given gradients that are already summed.
open class Optimizer {
    public let name: String
    public var learningRate: Float
    /// How many updates have been made.
    public package(set) var iterations = 0
    /// The parameters, and where each lies in the arenas of state; set by `build`.
    public private(set) var layout: ParameterLayout?
    private var offsets: [ObjectIdentifier: Int] = [:]
    private var slots: [Memory] = []
    /// The part of the layout whose state is kept here: all of it, unless ranks share the state out between them.
    private var part = 0 ..< 0

    public init(learningRate: Float, name: String) {
        self.learningRate = learningRate
        self.name = name
    }

    // MARK: What an optimizer is

    /// The states kept for each parameter, in Keras' order.
    open var slotNames: [String] { [] }

    /// The order of the states in Keras' files: those of one group lie together, variable by variable.
    open var slotGroups: [Range<Int>] { [slotNames.indices] }

    /// The value with which a state starts.
    open func initialValue(ofSlot index: Int) -> Float { 0 }

    /// Changes a run of parameters, given the gradients. `iteration` counts from 1.
    open func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        Failure.report("optimizer \(name) does not override update(_:learningRate:iteration:)")
    }

    open var className: String { String(describing: type(of: self)) }
    /// The arguments beyond `name` and `learning_rate`, by their Keras names.
    open var config: [ConfigValue.Entry] { [] }

    // MARK: State

    /// Makes the state for `variables`; does nothing if it is there already.
    public func build(_ variables: [Variable]) {
        if offsets.isEmpty { return build(ParameterLayout(variables)) }
        checkOwns(variables)
    }

    /// Makes the state in this layout; what is there already, in another order perhaps, is moved into it.
    package func build(_ layout: ParameterLayout) {
        if let known = self.layout {
            if known.variables.elementsEqual(layout.variables, by: ===) { return }
            checkOwns(layout.variables)
        }
        check(slots.isEmpty || holdsWholeState, "optimizer \(name) holds a part of its state only; call gatherOptimizerState on all ranks first")
        let (oldSlots, oldOffsets) = (slots, offsets)
        self.layout = layout
        part = 0 ..< layout.count
        offsets = Dictionary(uniqueKeysWithValues: zip(layout.variables.map { ObjectIdentifier($0) }, layout.offsets))
        slots = slotNames.indices.map { index in
            let memory = Memory(byteCount: layout.count * 4)
            memory.pointer.initializeMemory(as: Float.self, repeating: initialValue(ofSlot: index), count: layout.count)
            for (variable, offset) in zip(layout.variables, layout.offsets) {
                guard let old = oldOffsets[ObjectIdentifier(variable)] else { continue }
                memory.pointer.advanced(by: offset * 4).copyMemory(
                    from: oldSlots[index].pointer + old * 4, byteCount: variable.shape.count * 4)
            }
            return memory
        }
    }

    // MARK: State that ranks share out

    /// Makes the state of a part of the layout, as it is at the beginning.
    package func build(_ layout: ParameterLayout, part: Range<Int>) {
        self.layout = layout
        self.part = part
        offsets = Dictionary(uniqueKeysWithValues: zip(layout.variables.map { ObjectIdentifier($0) }, layout.offsets))
        slots = slotNames.indices.map { index in
            let memory = Memory(byteCount: part.count * 4)
            memory.pointer.initializeMemory(as: Float.self, repeating: initialValue(ofSlot: index), count: part.count)
            return memory
        }
    }

    /// Keeps a part of the state, of which all is here.
    package func keep(part: Range<Int>) {
        for (index, whole) in slots.enumerated() {
            let memory = Memory(byteCount: part.count * 4)
            memory.pointer.copyMemory(from: whole.pointer + part.lowerBound * 4, byteCount: part.count * 4)
            slots[index] = memory
        }
        self.part = part
    }

    /// Puts the parts of all ranks together, one state at a time.
    ///
    /// - Parameters:
    ///   - keeping: whether this rank keeps all of it, or only its part as before.
    ///   - gather: fills an arena, of which this rank's part is there, with those of the others.
    package func gatherState(keeping: Bool, _ gather: (UnsafeMutableBufferPointer<Float>) -> Void) {
        let count = layout!.count
        for (index, own) in slots.enumerated() {
            let memory = Memory(byteCount: count * 4)
            (memory.pointer + part.lowerBound * 4).copyMemory(from: own.pointer, byteCount: part.count * 4)
            gather(.init(start: memory.pointer.assumingMemoryBound(to: Float.self), count: count))
            if keeping { slots[index] = memory }
        }
        if keeping { part = 0 ..< count }
    }

    /// Whether the state of all parameters is here.
    package var holdsWholeState: Bool { part == 0 ..< (layout?.count ?? 0) }

    private func checkOwns(_ variables: [Variable]) {
        check(
            Set(variables.map { ObjectIdentifier($0) }) == Set(offsets.keys),
            "optimizer \(name) already belongs to other variables; make a new one")
    }

    /// The first float of a variable in an arena of state; `nil` where the optimizer has none for it.
    package func offset(of variable: Variable) -> Int? { offsets[ObjectIdentifier(variable)] }
    /// A state from the layout's first float on.
    package func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
        check(holdsWholeState, "optimizer \(name) holds a part of its state only; call gatherOptimizerState on all ranks first")
        return slots[index].pointer.assumingMemoryBound(to: Float.self)
    }

    /// A state from the float `offset` of the layout on, which must be in the part that is here.
    fileprivate func slot(_ index: Int, at offset: Int) -> UnsafeMutablePointer<Float> {
        slots[index].pointer.assumingMemoryBound(to: Float.self) + (offset - part.lowerBound)
    }

    // MARK: Applying

    /// Updates all parameters. `gradients` is an arena in the optimizer's layout.
    package func apply(_ gradients: UnsafePointer<Float>, runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]) {
        iterations += 1
        for run in runs {
            update(
                ParameterRun(
                    count: run.count, parameters: run.parameters, gradients: gradients + run.offset, optimizer: self, offset: run.offset),
                learningRate: learningRate, iteration: iterations)
        }
    }

    /// Updates variables by their gradients: one step of a training loop of one's own.
    public func apply(_ gradients: [Tensor], to variables: [Variable]) {
        check(gradients.count == variables.count, "optimizer \(name): \(gradients.count) gradients for \(variables.count) variables")
        build(variables)
        iterations += 1
        for (variable, gradient) in zip(variables, gradients) {
            check(
                gradient.shape == variable.shape,
                "optimizer \(name): a gradient of shape \(gradient.shape) for \(variable.path) of shape \(variable.shape)")
            variable.willChange()
            gradient.withElements(of: Float.self) { elements in
                guard let base = elements.baseAddress else { return }
                update(
                    ParameterRun(
                        count: elements.count, parameters: variable.floats, gradients: base, optimizer: self, offset: offset(of: variable)!),
                    learningRate: learningRate, iteration: iterations)
            }
        }
    }
}

/// Neighbouring parameters with their gradients and states, to be changed in place.
public struct ParameterRun {
    public let count: Int
    public let parameters: UnsafeMutablePointer<Float>
    public let gradients: UnsafePointer<Float>
    let optimizer: Optimizer
    let offset: Int

    /// The states called `optimizer.slotNames[index]`.
    public func slot(_ index: Int) -> UnsafeMutablePointer<Float> { optimizer.slot(index, at: offset) }
    var n: Int64 { Int64(count) }
}
