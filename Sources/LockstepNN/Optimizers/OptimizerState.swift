import LockstepTensor

/// What an optimizer remembers of its parameters: for each of its slots an arena in their layout, and one of gradients that wait
/// for an update.
///
/// All of the slots may be here, or a part: whoever shares an update out decides that, and puts the parts together again. State of
/// variables that are not trained for the time being is set aside.
package final class OptimizerState {
    /// The parameters, and where each lies in the arenas.
    package private(set) var layout: ParameterLayout
    private var offsets: [ObjectIdentifier: Int]
    private let owner: String
    private let slots: [(name: String, initialValue: Float)]
    private var arenas: [Memory]
    /// The part of the layout of which `arenas` are.
    private var part: Range<Int>
    /// The slots of variables that were trained before, and are not now.
    private var setAside: [ObjectIdentifier: (variable: Variable, slots: [Memory])] = [:]
    private let clipping: GradientClipping?
    private let accumulationSteps: Int?
    private(set) var preparation: GradientPreparation?
    /// Gradients that were given as tensors.
    private var given: Memory?
    /// Brings slots up to date before anybody looks at them, where updates leave that for later.
    package var settle: (() -> Void)?

    /// The state of a part of the layout, or of all of it, as it is before the first update.
    init(of rule: Optimizer, _ layout: ParameterLayout, part: Range<Int>) {
        let (owner, slots) = ("optimizer \(rule.name)", rule.slotNames.indices.map { (rule.slotNames[$0], rule.initialValue(ofSlot: $0)) })
        (self.layout, self.part, self.owner, self.slots) = (layout, part, owner, slots)
        (clipping, accumulationSteps) = (rule.clipping, rule.gradientAccumulationSteps)
        offsets = OptimizerState.offsets(layout)
        arenas = slots.map { name, value in
            Memory(repeating: value, count: part.count, for: "\(owner): \(name) of \(part.count) numbers")
        }
        prepareGradients(from: nil, at: [:])
    }

    private static func offsets(_ layout: ParameterLayout) -> [ObjectIdentifier: Int] {
        Dictionary(uniqueKeysWithValues: zip(layout.variables.map { ObjectIdentifier($0) }, layout.offsets))
    }

    // MARK: What is here

    /// Whether the state of all parameters is here.
    package var isWhole: Bool { part == 0 ..< layout.count }

    /// Whether it has state of these variables, of those that are not trained now, too.
    package func owns(_ variables: [Variable]) -> Bool { variables.allSatisfy { holds($0) || setAside[ObjectIdentifier($0)] != nil } }

    /// Whether a variable is in the layout.
    func holds(_ variable: Variable) -> Bool { offsets[ObjectIdentifier(variable)] != nil }

    /// A slot from the layout's first float on.
    package func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
        checkWhole()
        settle?()
        return arenas[index].floats
    }

    /// A slot from the float `offset` of the layout on, which must be in the part that is here.
    func slot(_ index: Int, at offset: Int) -> UnsafeMutablePointer<Float> { arenas[index].floats + (offset - part.lowerBound) }

    /// The sums of the gradients since the last update, in the layout; `nil` where each batch makes an update.
    package var accumulator: UnsafeMutablePointer<Float>? { accumulationSteps == nil ? nil : preparation?.floats }

    /// A slot of one variable, or the sum of its gradients where `slot` is `nil`; `nil` where there is none.
    package func floats(of variable: Variable, slot index: Int?) -> UnsafeMutablePointer<Float>? {
        guard let offset = offsets[ObjectIdentifier(variable)] else {
            return index.flatMap { setAside[ObjectIdentifier(variable)]?.slots[$0].floats }
        }
        return (index.map { slot($0) } ?? accumulator).map { $0 + offset }
    }

    func checkWhole() { check(isWhole, "\(owner) holds a part of its state only; call gatherOptimizerState on all ranks first") }

    /// Lays out gradients that are given as tensors; of variables of which there is none here, zeros.
    func layOut(_ gradients: [Tensor], of variables: [Variable]) -> UnsafePointer<Float> {
        if given == nil { given = Memory(repeating: 0, count: layout.count) }
        let floats = given!.floats
        if variables.count < layout.variables.count { floats.update(repeating: 0, count: layout.count) }
        for (variable, gradient) in zip(variables, gradients) {
            gradient.withElements(of: Float.self) { elements in
                if let base = elements.baseAddress {
                    (floats + offsets[ObjectIdentifier(variable)]!).update(from: base, count: elements.count)
                }
            }
        }
        return UnsafePointer(floats)
    }

    // MARK: Another layout

    /// Moves the state to a layout of variables that it `owns`: in another order, perhaps, without some that are not trained for the
    /// time being, with some that were not.
    func move(to layout: ParameterLayout) {
        if self.layout.variables.elementsEqual(layout.variables, by: ===) { return }
        checkWhole()
        let new = slots.enumerated().map { index, slot in
            moved(arenas[index], offsets, to: layout, initial: slot.initialValue, slot.name) { self.setAside[$0]?.slots[index] }
        }
        setAside(except: layout)
        let (oldOffsets, gathered) = (offsets, preparation?.arena)
        (self.layout, part, arenas, given) = (layout, 0 ..< layout.count, new, nil)
        offsets = OptimizerState.offsets(layout)
        prepareGradients(from: gathered, at: oldOffsets)
    }

    /// An arena in `layout` of what an arena has at `offsets`, or else `other` gives.
    private func moved(
        _ old: Memory, _ offsets: [ObjectIdentifier: Int], to layout: ParameterLayout, initial: Float, _ what: String,
        or other: (ObjectIdentifier) -> Memory? = { _ in nil }
    ) -> Memory {
        let new = Memory(repeating: initial, count: layout.count, for: "\(owner): \(what) of \(layout.count) numbers")
        for (variable, offset) in zip(layout.variables, layout.offsets) {
            let from = offsets[ObjectIdentifier(variable)].map { old.floats + $0 } ?? other(ObjectIdentifier(variable))?.floats
            if let from { (new.floats + offset).update(from: from, count: variable.shape.count) }
        }
        return new
    }

    private func setAside(except layout: ParameterLayout) {
        for variable in layout.variables { setAside[ObjectIdentifier(variable)] = nil }
        let trained = Set(layout.variables.map { ObjectIdentifier($0) })
        for (variable, offset) in zip(self.layout.variables, self.layout.offsets) where !trained.contains(ObjectIdentifier(variable)) {
            let copies = arenas.map { arena in
                let copy = Memory(byteCount: variable.shape.count * 4)
                copy.floats.update(from: arena.floats + offset, count: variable.shape.count)
                return copy
            }
            setAside[ObjectIdentifier(variable)] = (variable, copies)
        }
    }

    private func prepareGradients(from old: Memory?, at offsets: [ObjectIdentifier: Int]) {
        guard clipping != nil || accumulationSteps != nil else { return }
        let (count, what) = (layout.count, "gathered gradients")
        let arena =
            old.map { moved($0, offsets, to: layout, initial: 0, what) }
            ?? Memory(repeating: 0, count: count, for: "\(owner): \(what) of \(count) numbers")
        preparation = GradientPreparation(layout, clipping, accumulationSteps, arena: arena)
    }

    // MARK: Parts

    /// Keeps a part of the slots, of which all is here.
    package func keep(part: Range<Int>) {
        arenas = arenas.map { whole in
            let own = Memory(byteCount: part.count * 4)
            own.floats.update(from: whole.floats + part.lowerBound, count: part.count)
            return own
        }
        self.part = part
    }

    /// Puts parts together, one slot at a time.
    ///
    /// - Parameters:
    ///   - keeping: whether all of it stays here, or only the part as before.
    ///   - gather: fills an arena, of which the part that is here is there, with the others.
    package func gather(keeping: Bool, _ gather: (UnsafeMutableBufferPointer<Float>) -> Void) {
        let count = layout.count
        for (index, own) in arenas.enumerated() {
            let whole = Memory(byteCount: count * 4)
            (whole.floats + part.lowerBound).update(from: own.floats, count: part.count)
            gather(.init(start: whole.floats, count: count))
            if keeping { arenas[index] = whole }
        }
        // Of gathered gradients, too, there may be those of the part only.
        if let accumulator { gather(.init(start: accumulator, count: count)) }
        if keeping { part = 0 ..< count }
    }

    /// Moves the slots, of which all is here, to other memory: of each `parts` from here, the rest by others.
    package func move(copying parts: [Range<Int>], to memory: (_ slot: Int) -> Memory) {
        for (index, old) in arenas.enumerated() {
            let new = memory(index)
            for part in parts { (new.floats + part.lowerBound).update(from: old.floats + part.lowerBound, count: part.count) }
            arenas[index] = new
        }
    }
}
