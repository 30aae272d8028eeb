import LockstepTensor

/// What an optimizer remembers of its parameters: for each of its slots an arena in their layout, or one for shapes of its own, and
/// one of gradients that wait for an update.
///
/// All of the slots may be here, or a part: whoever shares an update out decides that, and puts the parts together again. State of
/// variables that are not trained for the time being is set aside.
package final class OptimizerState {
    /// The parameters, and where each lies in the arenas.
    package private(set) var layout: ParameterLayout
    private unowned let rule: Optimizer
    private let owner: String
    /// The rule's slots, then the moving average of the parameters, if there is one.
    private let slots: [(name: String, initialValue: Float)]
    private var arenas: [Memory]
    /// Where each slot has what: with the parameters, unless it has shapes of its own.
    private var places: [SlotPlaces]
    /// The rule's numbers besides.
    let scalars: UnsafeMutableBufferPointer<Float>
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
        var slots = rule.slotNames.indices.map { (name: rule.slotNames[$0], initialValue: rule.initialValue(ofSlot: $0)) }
        if rule.useEMA { slots.append(("average", 0)) }
        let (owner, places) = ("optimizer \(rule.name)", slots.indices.map { SlotPlaces(slot: $0, of: rule, layout) })
        (self.layout, self.part, self.rule, self.owner, self.slots, self.places) = (layout, part, rule, owner, slots, places)
        (clipping, accumulationSteps) = (rule.clipping, rule.gradientAccumulationSteps)
        scalars = .allocate(capacity: rule.scalars.count)
        _ = scalars.initialize(from: rule.scalars.map(\.initialValue))
        arenas = zip(slots, places).map { slot, places in
            let count = places.isLayout ? part.count : places.count
            return Memory(repeating: slot.initialValue, count: count, for: "\(owner): \(slot.name) of \(count) numbers")
        }
        prepareGradients(from: nil)
    }

    deinit { scalars.deallocate() }

    // MARK: What is here

    /// Whether the state of all parameters is here.
    package var isWhole: Bool { part == 0 ..< layout.count }

    /// Whether it has state of these variables, of those that are not trained now, too.
    package func owns(_ variables: [Variable]) -> Bool { variables.allSatisfy { holds($0) || setAside[ObjectIdentifier($0)] != nil } }

    /// Whether a variable is in the layout.
    func holds(_ variable: Variable) -> Bool { layout.index(of: variable) != nil }

    /// How many slots there are.
    package var slotCount: Int { slots.count }

    /// How many numbers there are, of the parameters in the layout.
    var numberCount: Int {
        places.reduce(scalars.count) { $0 + $1.lengths.reduce(0, +) } + (accumulator == nil ? 0 : layout.lengths.reduce(0, +))
    }

    /// A slot from the layout's first float on.
    package func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
        checkWhole()
        settle?()
        return arenas[index].floats
    }

    /// A slot from the float `offset` of the layout on, which must be in the part that is here; the first of a variable, where the
    /// slot has shapes of its own.
    func slot(_ index: Int, at offset: Int) -> UnsafeMutablePointer<Float> {
        let places = places[index]
        return arenas[index].floats + (places.isLayout ? offset - part.lowerBound : places.offsets[layout.index(at: offset)])
    }

    /// All there is, one array after the other, to send it or to receive it.
    package func withArrays(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
        checkWhole()
        for (arena, places) in zip(arenas, places) { body(.init(start: arena.floats, count: places.count * 4)) }
        if let accumulator { body(.init(start: accumulator, count: layout.count * 4)) }
        if !scalars.isEmpty { body(.init(scalars)) }
    }

    /// The sums of the gradients since the last update, in the layout; `nil` where each batch makes an update.
    package var accumulator: UnsafeMutablePointer<Float>? { accumulationSteps == nil ? nil : preparation?.floats }

    /// A slot of one variable, or the sum of its gradients where `slot` is `nil`; `nil` where there is none.
    package func floats(of variable: Variable, slot index: Int?) -> UnsafeMutablePointer<Float>? {
        guard let place = layout.index(of: variable) else {
            return index.flatMap { setAside[ObjectIdentifier(variable)]?.slots[$0].floats }
        }
        if let index { return slot(index) + places[index].offsets[place] }
        return accumulator.map { $0 + layout.offsets[place] }
    }

    /// One of the rule's numbers besides.
    package func scalar(_ index: Int) -> UnsafeMutablePointer<Float> { scalars.baseAddress! + index }

    func checkWhole() { check(isWhole, "\(owner) holds a part of its state only; call gatherOptimizerState on all ranks first") }

    /// Lays out gradients that are given as tensors; of variables of which there is none here, zeros.
    func layOut(_ gradients: [Tensor], of variables: [Variable]) -> UnsafePointer<Float> {
        if given == nil { given = Memory(repeating: 0, count: layout.count) }
        let floats = given!.floats
        if variables.count < layout.variables.count { floats.update(repeating: 0, count: layout.count) }
        for (variable, gradient) in zip(variables, gradients) {
            gradient.withElements(of: Float.self) { elements in
                if let base = elements.baseAddress {
                    (floats + layout.offsets[layout.index(of: variable)!]).update(from: base, count: elements.count)
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
        let (old, oldPlaces) = (self.layout, places)
        places = slots.indices.map { SlotPlaces(slot: $0, of: rule, layout) }
        let new = slots.enumerated().map { index, slot in
            moved(arenas[index], (old, oldPlaces[index]), to: (layout, places[index]), initial: slot.initialValue, slot.name) {
                self.setAside[$0]?.slots[index]
            }
        }
        setAside(oldPlaces, except: layout)
        let gathered = preparation?.arena
        (self.layout, part, arenas, given) = (layout, 0 ..< layout.count, new, nil)
        prepareGradients(from: gathered.map { ($0, old) })
    }

    /// An arena with what another one has, or else `other` gives.
    private func moved(
        _ arena: Memory, _ old: (layout: ParameterLayout, places: SlotPlaces), to new: (layout: ParameterLayout, places: SlotPlaces),
        initial: Float, _ what: String, or other: (ObjectIdentifier) -> Memory? = { _ in nil }
    ) -> Memory {
        let count = new.places.count
        let moved = Memory(repeating: initial, count: count, for: "\(owner): \(what) of \(count) numbers")
        for (index, variable) in new.layout.variables.enumerated() {
            let from =
                old.layout.index(of: variable).map { arena.floats + old.places.offsets[$0] } ?? other(ObjectIdentifier(variable))?.floats
            if let from { (moved.floats + new.places.offsets[index]).update(from: from, count: new.places.lengths[index]) }
        }
        return moved
    }

    private func setAside(_ places: [SlotPlaces], except layout: ParameterLayout) {
        for variable in layout.variables { setAside[ObjectIdentifier(variable)] = nil }
        for (index, variable) in self.layout.variables.enumerated() where layout.index(of: variable) == nil {
            let copies = zip(arenas, places).map { arena, places in
                let copy = Memory(byteCount: places.lengths[index] * 4)
                copy.floats.update(from: arena.floats + places.offsets[index], count: places.lengths[index])
                return copy
            }
            setAside[ObjectIdentifier(variable)] = (variable, copies)
        }
    }

    private func prepareGradients(from old: (arena: Memory, layout: ParameterLayout)?) {
        guard clipping != nil || accumulationSteps != nil else { return }
        let (count, what) = (layout.count, "gathered gradients")
        let arena =
            old.map { moved($0.arena, ($0.layout, SlotPlaces($0.layout)), to: (layout, SlotPlaces(layout)), initial: 0, what) }
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

/// Where a slot has what it has of each variable of a layout.
private struct SlotPlaces {
    let offsets: [Int], lengths: [Int], count: Int
    /// Whether all is where the parameters are.
    let isLayout: Bool

    init(_ layout: ParameterLayout) { (offsets, lengths, count, isLayout) = (layout.offsets, layout.lengths, layout.count, true) }

    init(slot: Int, of rule: Optimizer, _ layout: ParameterLayout) {
        let shapes = layout.variables.map { slot < rule.slotNames.count ? rule.shape(ofSlot: slot, for: $0.shape) : $0.shape }
        isLayout = zip(shapes, layout.variables).allSatisfy { $0 == $1.shape }
        check(
            isLayout || rule.needsWholeVariables,
            "optimizer \(rule.name): its state has shapes of its own, which takes one that needsWholeVariables")
        lengths = shapes.map { $0?.count ?? 0 }
        (offsets, count) = ParameterLayout.place(lengths)
    }
}
