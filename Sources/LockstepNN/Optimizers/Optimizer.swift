import CKernels
import LockstepTensor

/// How gradients change parameters: a state beside each parameter, and one pure update.
///
/// An optimizer of one's own names its states and overrides `update`, which changes a run of parameters and their states
/// in place. It does not know that ranks exist: it is given gradients that are already summed.
///
/// What all optimizers share, in this order at each step, as in Keras: gradients are gathered over
/// `gradientAccumulationSteps` batches, then clipped, then parameters decay (`weightDecay`), then comes the update.
open class Optimizer {
    public let name: String
    /// What gives the learning rate; `nil` for one that is set.
    public internal(set) var schedule: LearningRateSchedule?
    /// The learning rate where there is no schedule.
    package var constantRate: Float = 0
    /// At each update parameters lose this part of themselves times the learning rate: p ← p - p · weightDecay · lr.
    public internal(set) var weightDecay: Float?
    public internal(set) var clipping: GradientClipping?
    /// Update once in this many batches, by the mean of their gradients; `nil` to update at each.
    public internal(set) var gradientAccumulationSteps: Int?

    /// How many times gradients were given: batches, of which `gradientAccumulationSteps` make an update.
    package var steps = 0
    /// How many updates have been made.
    public var iterations: Int { steps / (gradientAccumulationSteps ?? 1) }

    /// The parameters, and where each lies in the arenas of state; set by `build`.
    public private(set) var layout: ParameterLayout?
    private var offsets: [ObjectIdentifier: Int] = [:]
    private var slots: [Memory] = []
    /// The part of the layout whose state is kept here: all of it, unless ranks share the state out between them.
    private var part = 0 ..< 0
    /// State of variables that were trained before, and are not now.
    private var keptAside: [ObjectIdentifier: (variable: Variable, slots: [Memory])] = [:]
    private var preparation: GradientPreparation?
    /// Gradients given as tensors.
    private var gathered: Memory?

    /// - Parameters:
    ///   - learningRate: a number or a `LearningRateSchedule`.
    ///   - clipnorm, clipvalue, globalClipnorm: at most one; see `GradientClipping`.
    public init(
        learningRate: any LearningRateSpec, weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil,
        globalClipnorm: Float? = nil, gradientAccumulationSteps: Int? = nil, name: String
    ) {
        self.name = name
        self.weightDecay = weightDecay
        self.gradientAccumulationSteps = Optimizer.accumulation(gradientAccumulationSteps)
        setLearningRate(learningRate)
        do {
            clipping = try GradientClipping(clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm)
            try validateCommon()
        } catch {
            Failure.report("optimizer \(name): \(error)")
        }
    }

    /// The rate of the next update. Setting it is an error where a schedule gives it.
    public var learningRate: Float {
        get { schedule?.value(step: steps) ?? constantRate }
        set {
            check(
                schedule == nil,
                "optimizer \(name): its learning rate comes from a \(schedule?.className ?? "schedule") and cannot be set; make the optimizer with a number to set it"
            )
            constantRate = newValue
        }
    }

    func setLearningRate(_ rate: any LearningRateSpec) {
        switch rate.learningRate {
        case .constant(let rate):
            checkFinite("optimizer \(name)", ["learningRate": rate])
            (constantRate, schedule) = (rate, nil)
        case .schedule(let given): schedule = given
        }
    }

    // MARK: What an optimizer is

    /// The states kept for each parameter, in Keras' order.
    open var slotNames: [String] { [] }

    /// The order of the states in Keras' files: those of one group lie together, variable by variable.
    open var slotGroups: [Range<Int>] { [slotNames.indices] }

    /// The value with which a state starts.
    open func initialValue(ofSlot index: Int) -> Float { 0 }

    /// Whether `update` looks at a variable as a whole, for its norm, say. Then it gets one run a variable; otherwise a run
    /// is any part of the parameters, of several variables or of a part of one.
    open var needsWholeVariables: Bool { false }

    /// Whether `update` also writes what it adds to each parameter, where `ParameterRun.changes` asks for it. Then ranks that
    /// share memory share the work of an update: one computes a change, and all add it.
    open var givesChanges: Bool { false }

    /// Whether parameters decay before the update and apart from it. One whose `update` uses `weightDecay` says no.
    open var decaysBeforeUpdate: Bool { true }

    /// Changes a run of parameters, given the gradients. `iteration` counts from 1.
    open func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        Failure.report("optimizer \(name) does not override update(_:learningRate:iteration:)")
    }

    open var className: String { String(describing: type(of: self)) }
    /// Where Python finds the class.
    open var module: String { "keras.optimizers" }
    /// The arguments beyond those that all optimizers have, by their Keras names.
    open var config: [ConfigValue.Entry] { [] }

    // MARK: State

    /// Makes the state for `variables`; does nothing if it is there already.
    public func build(_ variables: [Variable]) {
        if offsets.isEmpty { return build(ParameterLayout(variables)) }
        checkOwns(variables)
    }

    /// Makes the state in this layout; what is there already, in another order perhaps, is moved into it. State of variables that
    /// are not in it, because they are not trained for the time being, is kept aside until they are.
    package func build(_ layout: ParameterLayout) {
        if let known = self.layout {
            if known.variables.elementsEqual(layout.variables, by: ===) { return }
            checkOwns(layout.variables)
        }
        check(
            slots.isEmpty || holdsWholeState,
            "optimizer \(name) holds a part of its state only; call gatherOptimizerState on all ranks first")
        let oldOffsets = offsets
        func moved(_ old: Memory?, _ what: String, slot: Int? = nil, initial: Float) -> Memory {
            let memory = Memory(repeating: initial, count: layout.count, for: "optimizer \(name): \(what) of \(layout.count) numbers")
            for (variable, offset) in zip(layout.variables, layout.offsets) {
                let target = memory.pointer.advanced(by: offset * 4), byteCount = variable.shape.count * 4
                if let old, let from = oldOffsets[ObjectIdentifier(variable)] {
                    target.copyMemory(from: old.pointer + from * 4, byteCount: byteCount)
                } else if let slot, let kept = keptAside[ObjectIdentifier(variable)] {
                    target.copyMemory(from: kept.slots[slot].pointer, byteCount: byteCount)
                }
            }
            return memory
        }
        let newSlots = slotNames.indices.map {
            moved($0 < slots.count ? slots[$0] : nil, slotNames[$0], slot: $0, initial: initialValue(ofSlot: $0))
        }
        keepAside(except: layout)
        slots = newSlots
        if clipping != nil || gradientAccumulationSteps != nil {
            preparation = GradientPreparation(
                layout, clipping, gradientAccumulationSteps, arena: moved(preparation?.arena, "gathered gradients", initial: 0))
        }
        gathered = nil
        self.layout = layout
        part = 0 ..< layout.count
        offsets = Dictionary(uniqueKeysWithValues: zip(layout.variables.map { ObjectIdentifier($0) }, layout.offsets))
    }

    // MARK: State that ranks share out

    /// Makes the state of a part of the layout, as it is at the beginning.
    package func build(_ layout: ParameterLayout, part: Range<Int>) {
        self.layout = layout
        self.part = part
        offsets = Dictionary(uniqueKeysWithValues: zip(layout.variables.map { ObjectIdentifier($0) }, layout.offsets))
        slots = slotNames.indices.map {
            Memory(
                repeating: initialValue(ofSlot: $0), count: part.count, for: "optimizer \(name): \(slotNames[$0]) of \(part.count) numbers")
        }
        guard clipping != nil || gradientAccumulationSteps != nil else { return }
        preparation = GradientPreparation(layout, clipping, gradientAccumulationSteps, arena: Memory(repeating: 0, count: layout.count))
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
            gather(.init(start: memory.floats, count: count))
            if keeping { slots[index] = memory }
        }
        // Of gathered gradients, too, a rank may have those of its part only.
        if let accumulator { gather(.init(start: accumulator, count: count)) }
        if keeping { part = 0 ..< count }
    }

    /// Whether the state of all parameters is here.
    package var holdsWholeState: Bool { part == 0 ..< (layout?.count ?? 0) }

    /// Moves the state, all of which is here, to other memory; of each slot `parts` by this rank, the rest by others.
    package func moveState(copying parts: [Range<Int>], to memory: (_ slot: Int) -> Memory) {
        for (index, old) in slots.enumerated() {
            let new = memory(index)
            for part in parts { (new.floats + part.lowerBound).update(from: old.floats + part.lowerBound, count: part.count) }
            slots[index] = new
        }
    }

    private func keepAside(except layout: ParameterLayout) {
        for variable in layout.variables { keptAside[ObjectIdentifier(variable)] = nil }
        let trained = Set(layout.variables.map { ObjectIdentifier($0) })
        for variable in self.layout?.variables ?? [] where !trained.contains(ObjectIdentifier(variable)) {
            let from = offsets[ObjectIdentifier(variable)]!
            let copies = slots.map { slot in
                let copy = Memory(byteCount: variable.shape.count * 4)
                copy.pointer.copyMemory(from: slot.pointer + from * 4, byteCount: variable.shape.count * 4)
                return copy
            }
            keptAside[ObjectIdentifier(variable)] = (variable, copies)
        }
    }

    /// Whether it has state for these variables, or none at all yet.
    package func owns(_ variables: [Variable]) -> Bool {
        offsets.isEmpty || variables.allSatisfy { offsets[ObjectIdentifier($0)] != nil || keptAside[ObjectIdentifier($0)] != nil }
    }

    private func checkOwns(_ variables: [Variable]) {
        check(owns(variables), "optimizer \(name) already belongs to other variables; make a new one")
    }

    /// The first float of a variable in an arena of state; `nil` where the optimizer has none for it.
    package func offset(of variable: Variable) -> Int? { offsets[ObjectIdentifier(variable)] }
    /// A state from the layout's first float on.
    package func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
        check(holdsWholeState, "optimizer \(name) holds a part of its state only; call gatherOptimizerState on all ranks first")
        return slots[index].floats
    }

    /// A state from the float `offset` of the layout on, which must be in the part that is here.
    fileprivate func slot(_ index: Int, at offset: Int) -> UnsafeMutablePointer<Float> {
        slots[index].floats + (offset - part.lowerBound)
    }
    /// The sums of the gradients since the last update, in the layout; `nil` where each batch makes an update.
    package var accumulator: UnsafeMutablePointer<Float>? { gradientAccumulationSteps == nil ? nil : preparation?.floats }

    // MARK: Applying

    /// Updates parameters by the gradients of a batch.
    ///
    /// - Parameters:
    ///   - runs: the parameters to update, all of them or a part. Norms are taken over all gradients in any case.
    ///   - parts: of an arena in the optimizer's layout, in order, whose gradients are best asked for together.
    ///   - gradients: those of a part of the arena, until it is asked for another. Only read: other ranks may read them too.
    package func apply(
        runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)], parts: [Range<Int>],
        gradients: (_ part: Range<Int>) -> UnsafePointer<Float>
    ) {
        let rate = learningRate
        steps += 1
        var prepared: UnsafePointer<Float>?
        if let preparation {
            prepared = preparation.prepare(gradients(0 ..< layout!.count), runs: runs, step: steps)
            if prepared == nil { return }
        }
        for run in runs {
            func update(_ part: Range<Int>) {
                self.update(
                    ParameterRun(
                        count: part.count, parameters: run.parameters + (part.lowerBound - run.offset),
                        gradients: prepared.map { $0 + part.lowerBound } ?? gradients(part), changes: nil, optimizer: self,
                        offset: part.lowerBound), rate)
            }
            let all = run.offset ..< run.offset + run.count
            guard needsWholeVariables, let layout else {
                for part in parts where part.overlaps(all) { update(part.clamped(to: all)) }
                continue
            }
            for index in layout.offsets.indices {
                let part = layout.elements(ofVariable: index, in: all)
                if part.isEmpty { continue }
                check(
                    part.count == layout.lengths[index],
                    "optimizer \(name) takes the norms of whole variables, and was given a part of \(layout.variables[index].path)")
                update(part)
            }
        }
        preparation?.reset(runs: runs)
    }

    /// As above, with all gradients in an arena.
    package func apply(_ gradients: UnsafePointer<Float>, runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]) {
        apply(runs: runs, parts: [0 ..< layout!.count]) { gradients + $0.lowerBound }
    }

    /// Whether ranks can share the work of an update.
    package var canShareUpdates: Bool { givesChanges && preparation == nil }

    /// As `apply`, but sharing the work with others that hold the same parameters, and the same state in the same memory.
    ///
    /// - Parameters:
    ///   - parameters: all of them.
    ///   - replace: gives each block of this rank's parts to its argument: gradients, to be replaced by changes.
    ///   - exchange: returns when the others have replaced the gradients of their parts.
    ///   - others: their parts.
    ///   - changes: of the parameters in one of them.
    package func apply(
        to parameters: UnsafeMutablePointer<Float>,
        replace: ((_ block: Range<Int>, _ gradients: UnsafeMutablePointer<Float>) -> Void) -> Void,
        exchange: () -> Void, others: [Range<Int>], changes: (_ part: Range<Int>) -> UnsafePointer<Float>
    ) {
        let rate = learningRate
        steps += 1
        replace { block, gradients in
            update(
                ParameterRun(
                    count: block.count, parameters: parameters + block.lowerBound, gradients: gradients, changes: gradients,
                    optimizer: self, offset: block.lowerBound), rate)
        }
        exchange()
        for part in others {
            let start = parameters + part.lowerBound
            decay(start, count: part.count, rate)
            lk_add_vv(Int64(part.count), start, changes(part), start)
        }
    }

    /// Decay, if it comes before the update, and the update.
    private func update(_ run: ParameterRun, _ rate: Float) {
        decay(run.parameters, count: run.count, rate)
        update(run, learningRate: rate, iteration: iterations)
    }

    private func decay(_ parameters: UnsafeMutablePointer<Float>, count: Int, _ rate: Float) {
        if let weightDecay, decaysBeforeUpdate { lk_weight_decay(Int64(count), weightDecay * rate, parameters) }
    }

    /// Updates variables by their gradients: one step of a training loop of one's own.
    public func apply(_ gradients: [Tensor], to variables: [Variable]) {
        check(gradients.count == variables.count, "optimizer \(name): \(gradients.count) gradients for \(variables.count) variables")
        build(variables)
        if gathered == nil { gathered = Memory(repeating: 0, count: layout!.count) }
        let arena = gathered!.floats
        for (variable, gradient) in zip(variables, gradients) {
            check(
                gradient.shape == variable.shape,
                "optimizer \(name): a gradient of shape \(gradient.shape) for \(variable.path) of shape \(variable.shape)")
            variable.willChange()
            gradient.withElements(of: Float.self) { elements in
                if let base = elements.baseAddress { (arena + offset(of: variable)!).update(from: base, count: elements.count) }
            }
        }
        apply(arena, runs: layout!.runs)
    }
}

/// Neighbouring parameters with their gradients and states, to be changed in place.
public struct ParameterRun {
    public let count: Int
    public let parameters: UnsafeMutablePointer<Float>
    public let gradients: UnsafePointer<Float>
    /// Where an optimizer that `givesChanges` leaves what it adds to each parameter, rounded before it is added; in the
    /// place of the gradients perhaps. `nil` if nobody asks.
    public let changes: UnsafeMutablePointer<Float>?
    let optimizer: Optimizer
    let offset: Int

    /// The states called `optimizer.slotNames[index]`.
    public func slot(_ index: Int) -> UnsafeMutablePointer<Float> { optimizer.slot(index, at: offset) }
    var n: Int64 { Int64(count) }
}
