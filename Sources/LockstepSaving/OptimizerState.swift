import LockstepNN
import LockstepTensor

/// Where a model file keeps the state of the optimizer, and where of one that Keras wraps for half precision (`LossScaleOptimizer`).
private let path = "optimizer/vars", wrappedPath = "optimizer/inner_optimizer/vars"
/// Keras counts iterations in int32. A file has at most half of what that holds, so that training can go on and be saved.
private let mostIterations = 1 << 30

extension Optimizer {
    /// One of the states of a variable: a slot, or `nil` for the sum of its gradients since the last update.
    private typealias State = (variable: Variable, slot: Int?)

    /// The states in the order of Keras' files, whatever order the arenas have: sums of gradients first, where there are
    /// some, then of each group of slots, variable by variable. Adam: momentum and velocity of the first variable, those of
    /// the second, …
    private func states(_ variables: [Variable]) -> [State] {
        (gradientAccumulationSteps == nil ? [] : variables.map { ($0, nil) })
            + slotGroups.flatMap { group in variables.flatMap { variable in group.map { (variable, $0) } } }
    }

    /// The first float of a variable's state; `nil` where the optimizer has none for it yet.
    private func memory(of state: State) -> UnsafeMutablePointer<Float>? {
        guard let offset = offset(of: state.variable) else { return nil }
        return state.slot.map { slot($0) + offset } ?? accumulator.map { $0 + offset }
    }

    private func initialValue(of state: State) -> Float { state.slot.map { initialValue(ofSlot: $0) } ?? 0 }
    private func label(_ state: State) -> String { state.slot.map { slotNames[$0] } ?? "gradient_accumulator" }

    /// `iteration`, and `learning_rate` unless a schedule gives it.
    private var scalarNames: [String] { schedule == nil ? ["iteration", "learning_rate"] : ["iteration"] }

    /// Writes `iteration` (of batches), `learning_rate` unless there is a schedule and, once the optimizer has them, the states of `variables`.
    func write(_ variables: [Variable], to file: HDF5Writer, source: String) throws {
        guard let iteration = Int32(exactly: steps) else {
            throw SavingError(source, "optimizer \(className): \(steps) iterations are more than Keras' int32 holds")
        }
        try requireWholeState(source)
        try file.makeGroup(path, attributes: ["name": name])
        try file.write(Tensor([iteration], shape: []), at: "\(path)/0")
        if schedule == nil { try file.write(Tensor(learningRate), at: "\(path)/1") }
        guard layout != nil else { return }
        for (index, state) in states(variables).enumerated() {
            let value = Tensor(shape: state.variable.shape) { (elements: UnsafeMutableBufferPointer<Float>) in
                if let memory = memory(of: state) {
                    elements.baseAddress!.initialize(from: memory, count: elements.count)
                } else {
                    elements.initialize(repeating: initialValue(of: state))
                }
            }
            try file.write(value, at: "\(path)/\(scalarNames.count + index)")
        }
    }

    private func requireWholeState(_ source: String) throws {
        guard layout == nil || holdsWholeState else {
            throw SavingError(
                source, "optimizer \(className) holds a part of its state only; call gatherOptimizerState() on all ranks first")
        }
    }

    /// Reads the state for `variables`, and leaves the optimizer as it is: the result, when called, changes it.
    ///
    /// A file without an optimizer changes nothing. One whose optimizer had not made a step yet, and so had no states, puts
    /// them back to their start. Throws `SavingError` about the compilation where the file's optimizer is
    /// another one.
    func read(_ variables: [Variable], from root: HDF5Group) throws -> () -> Void {
        guard let vars = try root.group(wrappedPath) ?? root.group(path) else { return {} }
        try requireWholeState(vars.source())
        let states = states(variables), scalars = scalarNames, found = try vars.names().count
        guard found == scalars.count + states.count || found == scalars.count, let first = try vars.dataset("0") else {
            let kinds = (gradientAccumulationSteps == nil ? [] : ["gradient_accumulator"]) + slotNames
            throw SavingError(
                vars.source(),
                """
                expected \(scalars.count + states.count) arrays (\(scalars.joined(separator: ", "))\(kinds.isEmpty ? "" : ", \(kinds.joined(separator: ", ")) of \(variables.count) weights")) \
                for optimizer \(className), found \(found); the file was saved with another optimizer: compile with that one
                """)
        }
        let steps = try first.readInteger()
        guard (0 ... mostIterations).contains(steps) else {
            throw SavingError(
                vars.source("0"), "optimizer \(className): expected 0 to \(mostIterations) iterations, found \(steps); the file is damaged")
        }
        let rate = try schedule == nil ? vars.dataset("1")?.read([], .float32).scalar : nil
        if let rate, !(rate.isFinite && rate >= 0) {
            throw SavingError(
                vars.source("1"),
                "optimizer \(className): expected a learning rate that is finite and not negative, found \(rate); the file is damaged")
        }
        let values =
            try found == scalars.count
            ? nil
            : states.enumerated().map { index, state in
                guard let dataset = try vars.dataset(String(scalars.count + index)) else {
                    throw SavingError(vars.source(), "has no array \(scalars.count + index)")
                }
                do {
                    return try dataset.read(state.variable.shape, .float32)
                } catch let error as SavingError {
                    throw SavingError(
                        error.source, "optimizer \(className), \(label(state)) of \(state.variable.path): \(error.message)")
                }
            }
        return { [self] in
            self.steps = steps
            if let rate { constantRate = rate }
            guard !states.isEmpty, values != nil || layout != nil else { return }
            if layout == nil { build(variables) }
            for (index, state) in states.enumerated() {
                guard let memory = memory(of: state) else { continue }
                if let value = values?[index] {
                    value.withElements { memory.update(from: $0.baseAddress!, count: $0.count) }
                } else {
                    memory.update(repeating: initialValue(of: state), count: state.variable.shape.count)
                }
            }
        }
    }
}
