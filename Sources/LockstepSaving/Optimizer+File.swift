import LockstepNN
import LockstepTensor

/// Keras counts iterations in int32. A file has at most half of what that holds, so that training can go on and be saved.
private let mostIterations = 1 << 30

extension Optimizer {
    /// Where Keras 3 keeps the state of the optimizer, and where of one that it wraps for half precision (`LossScaleOptimizer`).
    static let path = "optimizer/vars", wrappedPath = "optimizer/inner_optimizer/vars"

    /// One array of the file: what the optimizer keeps of a variable, or a number that it keeps besides.
    private enum Entry {
        /// A slot of the state; that behind the rule's own is the moving average.
        case slot(Int, Variable)
        /// The sum of a variable's gradients since the last update.
        case accumulator(Variable)
        case scalar(Int)
    }

    /// The arrays in the order of Keras' files, whatever order the arenas have: averages and sums of gradients first, where there are
    /// some, then of each group of slots, variable by variable. Adam: momentum and velocity of the first variable, those of
    /// the second, …
    private func entries(_ variables: [Variable]) -> [Entry] {
        (useEMA ? variables.map { .slot(slotNames.count, $0) } : [])
            + (gradientAccumulationSteps == nil ? [] : variables.map { .accumulator($0) })
            + slotGroups.flatMap { group in variables.flatMap { variable in group.map { .slot($0, variable) } } }
            + scalars.indices.map { .scalar($0) }
    }

    private func initialValue(of entry: Entry) -> Float {
        switch entry {
        case .slot(let slot, _): slot < slotNames.count ? initialValue(ofSlot: slot) : 0
        case .accumulator: 0
        case .scalar(let index): scalars[index].initialValue
        }
    }

    /// `nil` where the file has an int32 zero in the place of a state that there is not.
    private func shape(of entry: Entry) -> Shape? {
        switch entry {
        case .slot(let slot, let variable): slot < slotNames.count ? shape(ofSlot: slot, for: variable.shape) : variable.shape
        case .accumulator(let variable): variable.shape
        case .scalar: []
        }
    }

    private func label(_ entry: Entry) -> String {
        switch entry {
        case .slot(let slot, let variable): "\(slot < slotNames.count ? slotNames[slot] : "average") of \(variable.path)"
        case .accumulator(let variable): "gradient_accumulator of \(variable.path)"
        case .scalar(let index): scalars[index].name
        }
    }

    /// As Keras names its variable: `dense_kernel_momentum`.
    private func fileName(_ entry: Entry) -> String {
        func name(_ variable: Variable, _ kind: String) -> String { "\(variable.path.replacing("/", with: "_"))_\(kind)" }
        return switch entry {
        case .slot(let slot, let variable): name(variable, slot < slotNames.count ? slotNames[slot] : "average")
        case .accumulator(let variable): name(variable, "gradient_accumulator")
        case .scalar(let index): scalars[index].name
        }
    }

    /// Where the arrays of a file that Keras 2 wrote stand in Keras 3's order: `iteration` first, then the states.
    ///
    /// From TensorFlow 2.11 on they are called `Adam/m/dense/kernel`, before `Adam/dense/kernel/m`, and come variable by variable or kind
    /// by kind.
    ///
    /// - Returns: the places, and whether a learning rate is behind the iteration; `nil` where the names are not such.
    func keras2Places(_ names: [String]) -> (places: [Int], hasLearningRate: Bool)? {
        let parts = names.map { $0.prefix { $0 != ":" }.split(separator: "/").map(String.init) }
        func place(_ name: String) -> Int? { parts.firstIndex { $0.last == name && $0.count <= 2 } }
        guard let iteration = place("iteration") ?? place("iter") else { return nil }
        let rate = schedule == nil ? place("learning_rate") : nil, scalars = [iteration, place("learning_rate")].compactMap { $0 }
        var slots: [String: [Int]] = [:]
        for (index, parts) in parts.enumerated() where !scalars.contains(index) {
            guard parts.count > 2 else { return nil }
            let slot = names[iteration].hasPrefix("iteration") ? parts[1] : parts.last!
            slots[slot, default: []].append(index)
        }
        /// The places of one slot, by variable.
        func places(ofSlot slot: Int) -> [Int]? {
            let name = slot < slotNames.count ? slotNames[slot] : "average"
            return ([name] + (Optimizer.keras2Slots[name] ?? [])).lazy.compactMap { slots[$0] }.first
        }
        var states: [Int] = []
        if !slots.isEmpty {
            let averages: [[Int]] = useEMA ? [[slotNames.count]] : []
            for group in averages + slotGroups.map(Array.init) where !group.isEmpty {
                let found = group.compactMap(places)
                guard found.count == group.count, let count = found.first?.count, found.allSatisfy({ $0.count == count }) else {
                    return nil
                }
                for variable in 0 ..< count { states += found.map { $0[variable] } }
            }
        }
        return ([iteration] + [rate].compactMap { $0 } + states, rate != nil)
    }

    /// What Keras 2 calls the states.
    private static let keras2Slots = [
        "momentum": ["m"], "velocity": ["v", "rms"], "velocity_hat": ["v_hat", "vhat"], "norm": ["u", "v"],
        "average_gradient": ["mg"], "accumulated_grad": ["accum_grad"], "accumulated_delta_var": ["accum_var"],
    ]

    /// Where the state has it; `nil` where there is none.
    private func place(_ entry: Entry, in state: OptimizerState) -> UnsafeMutablePointer<Float>? {
        switch entry {
        case .slot(let slot, let variable): state.floats(of: variable, slot: slot)
        case .accumulator(let variable): state.floats(of: variable, slot: nil)
        case .scalar(let index): state.scalar(index)
        }
    }

    /// What a file keeps, with a name for each: `iteration` (of batches), `learning_rate` unless there is a schedule and, once the
    /// optimizer has them, the states of `variables`.
    ///
    /// - Throws: `SavingError` where a rank holds a part of the state only.
    func arrays(_ variables: [Variable], source: String) throws -> [(name: String, value: Tensor)] {
        guard let iteration = Int32(exactly: steps) else {
            throw SavingError(source, "optimizer \(className): \(steps) iterations are more than Keras' int32 holds")
        }
        try requireWholeState(source)
        let rate = schedule == nil ? [("learning_rate", Tensor(learningRate))] : []
        let scalars = [("iteration", Tensor([iteration], shape: []))] + rate
        guard let state else { return scalars }
        return scalars
            + entries(variables).map { entry in
                let value = shape(of: entry).map { shape in
                    Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
                        if let floats = place(entry, in: state) {
                            elements.baseAddress!.initialize(from: floats, count: elements.count)
                        } else {
                            elements.initialize(repeating: initialValue(of: entry))
                        }
                    }
                }
                return (fileName(entry), value ?? Tensor([0 as Int32], shape: []))
            }
    }

    private func requireWholeState(_ source: String) throws {
        guard state?.isWhole ?? true else {
            throw SavingError(
                source, "optimizer \(className) holds a part of its state only; call gatherOptimizerState() on all ranks first")
        }
    }

    /// Reads the state for `variables`, and leaves the optimizer as it is: the result, when called, changes it.
    ///
    /// A file whose optimizer had not made a step yet, and so had no states, puts them back to their start. Throws `SavingError`
    /// where the file's optimizer is another one.
    func read(_ variables: [Variable], from stored: StoredOptimizer) throws -> () -> Void {
        let (stored, scalars) = (stored.arrays, stored.hasLearningRate ? ["iteration", "learning_rate"] : ["iteration"])
        try requireWholeState(stored.source)
        let entries = entries(variables)
        guard stored.count == scalars.count + entries.count || stored.count == scalars.count else {
            let kinds = (useEMA ? ["average"] : []) + (gradientAccumulationSteps == nil ? [] : ["gradient_accumulator"]) + slotNames
            let besides = self.scalars.map { ", \($0.name)" }.joined()
            throw SavingError(
                stored.source,
                """
                expected \(scalars.count + entries.count) arrays (\(scalars.joined(separator: ", "))\(kinds.isEmpty ? "" : ", \(kinds.joined(separator: ", ")) of \(variables.count) weights")\(besides)) \
                for optimizer \(className), found \(stored.count); the file was saved with another optimizer: compile with that one
                """)
        }
        let steps = try stored[0].readInteger()
        guard (0 ... mostIterations).contains(steps) else {
            throw SavingError(
                stored.source(0), "optimizer \(className): expected 0 to \(mostIterations) iterations, found \(steps); the file is damaged")
        }
        let rate = try scalars.count > 1 ? stored[1].read([], .float32).scalar : nil
        if let rate, !(rate.isFinite && rate >= 0) {
            throw SavingError(
                stored.source(1),
                "optimizer \(className): expected a learning rate that is finite and not negative, found \(rate); the file is damaged")
        }
        let values =
            try stored.count == scalars.count
            ? nil
            : entries.enumerated().map { index, entry -> Tensor? in
                let dataset = try stored[scalars.count + index]
                guard let shape = shape(of: entry) else { return nil }
                do {
                    return try dataset.read(shape, .float32)
                } catch let error as SavingError {
                    throw SavingError(error.source, "optimizer \(className), \(label(entry)): \(error.message)")
                }
            }
        return { [self] in
            self.steps = steps
            if let rate { constantRate = rate }
            guard !entries.isEmpty, values != nil || state != nil else { return }
            if state == nil { build(variables) }
            for (index, entry) in entries.enumerated() {
                guard let shape = shape(of: entry), let floats = place(entry, in: state!) else { continue }
                if let value = values?[index] {
                    value.withElements { floats.update(from: $0.baseAddress!, count: $0.count) }
                } else {
                    floats.update(repeating: initialValue(of: entry), count: shape.count)
                }
            }
        }
    }
}
