import LockstepNN
import LockstepTensor

/// Where a model file keeps the state of the optimizer.
private let path = "optimizer/vars"

extension Optimizer {
    /// The states in the order of Keras' files, whatever order the arenas have: of each group of slots, variable by
    /// variable. Adam: momentum and velocity of the first variable, those of the second, …
    private func states(_ variables: [Variable]) -> [(variable: Variable, slot: Int)] {
        slotGroups.flatMap { group in variables.flatMap { variable in group.map { (variable, $0) } } }
    }

    /// The first float of a variable's state; `nil` where the optimizer has none for it yet.
    private func state(_ slot: Int, of variable: Variable) -> UnsafeMutablePointer<Float>? {
        offset(of: variable).map { self.slot(slot) + $0 }
    }

    /// Writes `iteration`, `learning_rate` and, once the optimizer has them, the states of `variables`.
    func write(_ variables: [Variable], to root: HDF5Group) throws {
        let vars = try root.makeGroup(path)
        try vars.setAttribute("name", name)
        guard let iteration = Int32(exactly: iterations) else {
            throw SavingError(vars.source("0"), "\(iterations) iterations are more than Keras' int32 holds")
        }
        try vars.write(Tensor([iteration], shape: []), as: "0")
        try vars.write(Tensor(learningRate), as: "1")
        guard layout != nil else { return }
        for (index, (variable, slot)) in states(variables).enumerated() {
            let value = Tensor(shape: variable.shape) { (elements: UnsafeMutableBufferPointer<Float>) in
                if let state = state(slot, of: variable) {
                    elements.baseAddress!.initialize(from: state, count: elements.count)
                } else {
                    elements.initialize(repeating: initialValue(ofSlot: slot))
                }
            }
            try vars.write(value, as: String(2 + index))
        }
    }

    /// Reads the state for `variables`, and leaves the optimizer as it is: the result, when called, changes it.
    ///
    /// A file without an optimizer changes nothing. One whose optimizer had not made a step yet, and so had no states, puts
    /// them back to their start. Throws `SavingError` where the file's optimizer is another one.
    func read(_ variables: [Variable], from root: HDF5Group) throws -> () -> Void {
        guard let vars = try root.group(path) else { return {} }
        let states = states(variables), found = vars.names.count
        guard found == 2 + states.count || found == 2, let first = try vars.dataset("0"), let second = try vars.dataset("1") else {
            throw SavingError(
                vars.source(),
                """
                expected \(2 + states.count) arrays (iteration, learning_rate\(slotNames.isEmpty ? "" : ", \(slotNames.joined(separator: ", ")) of \(variables.count) weights")) \
                for optimizer \(className), found \(found); the file was saved with another optimizer: compile with that one
                """)
        }
        let iterations = try first.readInteger(), learningRate = try second.read([], .float32).scalar
        let values =
            try found == 2
            ? nil
            : states.enumerated().map { index, state in
                guard let dataset = try vars.dataset(String(2 + index)) else {
                    throw SavingError(vars.source(), "has no array \(2 + index)")
                }
                do {
                    return try dataset.read(state.variable.shape, .float32)
                } catch let error as SavingError {
                    throw SavingError(
                        error.source, "optimizer \(className), \(slotNames[state.slot]) of \(state.variable.path): \(error.message)")
                }
            }
        return { [self] in
            (self.iterations, self.learningRate) = (iterations, learningRate)
            guard !states.isEmpty, values != nil || layout != nil else { return }
            if layout == nil { build(variables) }
            for (index, (variable, slot)) in states.enumerated() {
                guard let state = state(slot, of: variable) else { continue }
                if let value = values?[index] {
                    value.withElements { state.update(from: $0.baseAddress!, count: $0.count) }
                } else {
                    state.update(repeating: initialValue(ofSlot: slot), count: variable.shape.count)
                }
            }
        }
    }
}
