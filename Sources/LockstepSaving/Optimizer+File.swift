import LockstepNN
import LockstepTensor

/// Where a model file keeps the state of the optimizer, and where of one that Keras wraps for half precision (`LossScaleOptimizer`).
private let path = "optimizer/vars", wrappedPath = "optimizer/inner_optimizer/vars"
/// Keras counts iterations in int32. A file has at most half of what that holds, so that training can go on and be saved.
private let mostIterations = 1 << 30

extension Optimizer {
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

    /// Where the state has it; `nil` where there is none.
    private func place(_ entry: Entry, in state: OptimizerState) -> UnsafeMutablePointer<Float>? {
        switch entry {
        case .slot(let slot, let variable): state.floats(of: variable, slot: slot)
        case .accumulator(let variable): state.floats(of: variable, slot: nil)
        case .scalar(let index): state.scalar(index)
        }
    }

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
        guard let state else { return }
        for (index, entry) in entries(variables).enumerated() {
            let value = shape(of: entry).map { shape in
                Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
                    if let floats = place(entry, in: state) {
                        elements.baseAddress!.initialize(from: floats, count: elements.count)
                    } else {
                        elements.initialize(repeating: initialValue(of: entry))
                    }
                }
            }
            try file.write(value ?? Tensor([0 as Int32], shape: []), at: "\(path)/\(scalarNames.count + index)")
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
    /// A file without an optimizer changes nothing. One whose optimizer had not made a step yet, and so had no states, puts
    /// them back to their start. Throws `SavingError` about the compilation where the file's optimizer is
    /// another one.
    func read(_ variables: [Variable], from root: HDF5Group) throws -> () -> Void {
        guard let vars = try root.group(wrappedPath) ?? root.group(path) else { return {} }
        try requireWholeState(vars.source())
        let entries = entries(variables), scalars = scalarNames, found = try vars.names().count
        guard found == scalars.count + entries.count || found == scalars.count, let first = try vars.dataset("0") else {
            let kinds = (useEMA ? ["average"] : []) + (gradientAccumulationSteps == nil ? [] : ["gradient_accumulator"]) + slotNames
            let besides = self.scalars.map { ", \($0.name)" }.joined()
            throw SavingError(
                vars.source(),
                """
                expected \(scalars.count + entries.count) arrays (\(scalars.joined(separator: ", "))\(kinds.isEmpty ? "" : ", \(kinds.joined(separator: ", ")) of \(variables.count) weights")\(besides)) \
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
            : entries.enumerated().map { index, entry -> Tensor? in
                guard let dataset = try vars.dataset(String(scalars.count + index)) else {
                    throw SavingError(vars.source(), "has no array \(scalars.count + index)")
                }
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
