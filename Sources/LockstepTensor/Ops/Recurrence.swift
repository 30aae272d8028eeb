import CKernels

/// What a recurrent layer computes in each step from `x`, the step's product of the inputs, and the states before it; U is the
/// recurrent kernel, the gates side by side, `f` the activation and `g` the recurrent one. `·` is the matrix product.
public enum RecurrentCell: String, Sendable {
    /// h' = f(x + h·U + b) (Elman 1990).
    case simple = "SimpleRNN"
    /// i, f, o = g(x + h·U + b), ĉ = f(x + h·U + b); c' = f c + i ĉ; h' = o f(c'): gates i, f, ĉ, o (Hochreiter & Schmidhuber 1997; Gers et
    /// al. 2000).
    case lstm = "LSTM"
    /// z, r = g(x + h·U + b), ĥ = f(x + b + r (h·U + b')); h' = z h + (1 - z) ĥ: gates z, r, ĥ; two rows of biases, of the inputs and of
    /// the states (Cho et al. 2014, first version).
    case gru = "GRU"
    /// As `gru`, with ĥ = f(x + (r h)·U + b) (Cho et al. 2014).
    case gruResetBefore = "GRU, reset before"

    public var gateCount: Int {
        switch self {
        case .simple: 1
        case .lstm: 4
        case .gru, .gruResetBefore: 3
        }
    }
    public var stateCount: Int { self == .lstm ? 2 : 1 }

    var code: lk_cell {
        switch self {
        case .simple: LK_CELL_SIMPLE
        case .lstm: LK_CELL_LSTM
        case .gru: LK_CELL_GRU
        case .gruResetBefore: LK_CELL_GRU_RESET_BEFORE
        }
    }
}

/// A function of gates that kernels have: its slope follows from its value.
public enum GateFunction: String, Sendable {
    case linear = "linear", relu = "relu", sigmoid = "sigmoid", tanh = "tanh", hardSigmoid = "hard_sigmoid"

    var code: lk_gate_function {
        switch self {
        case .linear: LK_GATE_LINEAR
        case .relu: LK_GATE_RELU
        case .sigmoid: LK_GATE_SIGMOID
        case .tanh: LK_GATE_TANH
        case .hardSigmoid: LK_GATE_HARD_SIGMOID
        }
    }
}

/// How a layer goes through its steps.
package struct RecurrenceSettings: Equatable {
    package var cell: RecurrentCell
    package var activation = GateFunction.tanh, recurrentActivation = GateFunction.sigmoid
    /// From the last step to the first.
    package var backwards = false
    /// Outputs are against the order of computation, not in it.
    package var reversed = false
    /// The output of a masked step is zero, not the one before.
    package var zeroesMasked = false

    package init(_ cell: RecurrentCell) { self.cell = cell }

    /// What the kernel is told, but for addresses.
    fileprivate func call(_ gates: Shape) -> lk_recurrence {
        var call = lk_recurrence()
        (call.cell, call.activation, call.recurrent_activation) = (cell.code, activation.code, recurrentActivation.code)
        (call.batch, call.steps, call.units) = (Int64(gates[0]), Int64(gates[1]), Int64(gates[2] / cell.gateCount))
        (call.backwards, call.reversed, call.zeroes_masked) = (backwards, reversed, zeroesMasked)
        return call
    }

    fileprivate func scratch(_ gates: Shape) -> [Spec] {
        [Spec(shape: [Int(lk_recurrence_scratch(cell.code, Int64(gates[0]), Int64(gates[2] / cell.gateCount)))])]
    }
}

/// All steps of a recurrent layer: [batch, steps, gates · units] and U, perhaps with bias, mask, dropout of states and first states.
///
/// Outputs: the gates; what the gradient needs, without rows where nobody will ask for one: states before each step, and what of a GRU lies
/// inside of its last gate; the sequence of outputs, if it is wanted; last states.
struct Recurrence: Operation {
    let settings: RecurrenceSettings
    /// Which of the inputs there are behind `x` and the recurrent kernel.
    let has: RecurrenceInputs
    let keepsStates: Bool, returnsSequence: Bool
    var name: String { settings.cell.rawValue }
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, kernel, cell) = (inputs[0].shape, inputs[1].shape, settings.cell)
        check(x.rank == 3 && kernel.rank == 2, "\(name): shapes \(x) and \(kernel); expected [batch, steps, gates] and a matrix")
        let units = kernel[0], gates = cell.gateCount * units
        check(kernel[1] == gates && x[2] == gates, "\(name): \(x.last) and \(kernel[1]) columns for \(units) units; expected \(gates)")
        func expect(_ index: Int?, _ shape: Shape, _ what: String) {
            guard let index else { return }
            check(inputs[index].shape == shape, "\(name): \(what) of shape \(inputs[index].shape); expected \(shape)")
        }
        expect(has.bias, cell == .gru ? [2, gates] : [gates], "a bias")
        expect(has.mask, [x[0], x[1]], "a mask")
        expect(has.dropout, [x[0], gates], "dropout of states")
        for index in has.initial { expect(index, [x[0], units], "an initial state") }
        let state = Shape([x[0], units]), sequence = Shape([x[0], x[1], units]), none = Shape([0, x[1], units])
        func kept(_ isKept: Bool) -> Spec { Spec(shape: isKept ? sequence : none) }
        return [
            inputs[0], kept(keepsStates), kept(keepsStates && cell.stateCount == 2), kept(keepsStates && cell.gateCount == 3),
            kept(returnsSequence), Spec(shape: state), Spec(shape: cell.stateCount == 2 ? state : [0, units]),
        ]
    }

    func scratch(_ inputs: [Spec]) -> [Spec] { settings.scratch(inputs[0].shape) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        var call = settings.call(outputs[0].shape)
        (call.x, call.kernel) = (UnsafePointer(inputs[0].floats), UnsafePointer(inputs[1].floats))
        call.bias = has.bias.map { UnsafePointer(inputs[$0].floats) }
        call.mask = has.mask.map { UnsafePointer(inputs[$0].bytes) }
        call.dropout = has.dropout.map { UnsafePointer(inputs[$0].floats) }
        if let h = has.initial.first { call.initial.0 = UnsafePointer(inputs[h].floats) }
        if has.initial.count > 1 { call.initial.1 = UnsafePointer(inputs[has.initial[1]].floats) }
        call.gates = outputs[0].floats
        if keepsStates {
            call.before = (outputs[1].floats, settings.cell.stateCount == 2 ? outputs[2].floats : nil)
            if settings.cell.gateCount == 3 { call.inner = outputs[3].floats }
        }
        if returnsSequence { call.sequence = outputs[4].floats }
        call.last = (outputs[5].floats, settings.cell.stateCount == 2 ? outputs[6].floats : nil)
        call.scratch = outputs[7].floats
        return { [call] in withUnsafePointer(to: call) { lk_recurrence_forward($0) } }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        check(keepsStates, "\(name): its gradient is asked for, and it was computed where no tape records")
        let (gates, before, inner) = (record.outputs[0], record.outputs[1], record.outputs[3])
        var inputs = [gates, record.inputs[1], before, record.outputs[2], inner], places = RecurrenceGradient.Places()
        func add(_ tensor: Tensor?) -> Int? {
            guard let tensor else { return nil }
            inputs.append(tensor)
            return inputs.count - 1
        }
        places.mask = add(has.mask.map { record.inputs[$0] })
        places.dropout = add(has.dropout.map { record.inputs[$0] })
        places.sequence = add(returnsSequence ? upstream[4] : nil)
        places.last = [add(upstream[5]), add(settings.cell.stateCount == 2 ? upstream[6] : nil)]
        let found = applyAll(RecurrenceGradient(settings: settings, places: places, hasBias: has.bias != nil), inputs)
        let (dx, dproduct) = (found[0], settings.cell == .gru ? found[1] : found[0])
        var gradients = [Tensor?](repeating: nil, count: record.inputs.count)
        gradients[0] = dx
        if needed[1] {
            gradients[1] = kernelGradient(before, inner, dproduct, dropout: has.dropout.map { record.inputs[$0] })
        }
        if let bias = has.bias { gradients[bias] = found[4] }
        for (index, place) in has.initial.enumerated() { gradients[place] = found[2 + index] }
        return gradients
    }

    /// Each gate's columns: all rows of its product's left side, transposed, by those of its gradient. One product for gates whose left side
    /// is the same.
    private func kernelGradient(_ before: Tensor, _ inner: Tensor, _ d: Tensor, dropout: Tensor?) -> Tensor {
        let (units, gates, rows) = (before.shape[2], settings.cell.gateCount, before.shape[0] * before.shape[1])
        func product(_ left: Tensor, _ gates: Range<Int>) -> Tensor {
            let d = d.shape[2] == gates.count * units ? d : d[all, all, gates.lowerBound * units ..< gates.upperBound * units]
            return left.reshaped([rows, units]).matmul(d.reshaped([rows, gates.count * units]), transposeA: true)
        }
        let last = settings.cell == .gruResetBefore ? gates - 1 : gates
        var parts = [Tensor]()
        if let dropout {
            for gate in 0 ..< last {
                let factors = dropout[all, gate * units ..< (gate + 1) * units].expandingDims(axis: 1)
                parts.append(product(before * factors, gate ..< gate + 1))
            }
        } else {
            parts.append(product(before, 0 ..< last))
        }
        if last < gates { parts.append(product(inner, last ..< gates)) }
        return parts.count == 1 ? parts[0] : concatenate(parts, axis: 1)
    }
}

/// Where `Recurrence` finds what it may be given.
struct RecurrenceInputs {
    var bias: Int?, mask: Int?, dropout: Int?
    var initial: [Int] = []
}

/// The gradients of `Recurrence` with respect to x, h·U + b of a GRU, the first states and the bias, from the last step to the first.
///
/// It has no gradients of its own: second derivatives stop.
struct RecurrenceGradient: Operation {
    struct Places {
        var mask: Int?, dropout: Int?, sequence: Int?
        var last: [Int?] = [nil, nil]
    }

    let settings: RecurrenceSettings
    let places: Places
    let hasBias: Bool
    var name: String { "\(settings.cell.rawValue) gradient" }
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let gates = inputs[0].shape, cell = settings.cell, units = inputs[1].shape[0]
        return [
            inputs[0], Spec(shape: [cell == .gru ? gates[0] : 0, gates[1], gates[2]]), Spec(shape: [gates[0], units]),
            Spec(shape: [cell.stateCount == 2 ? gates[0] : 0, units]),
            Spec(shape: cell == .gru ? [hasBias ? 2 : 0, gates[2]] : [hasBias ? gates[2] : 0]),
        ]
    }

    func scratch(_ inputs: [Spec]) -> [Spec] { settings.scratch(inputs[0].shape) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        var call = settings.call(inputs[0].shape)
        let isPair = settings.cell.stateCount == 2
        func floats(_ place: Int?) -> UnsafePointer<Float>? { place.map { UnsafePointer(inputs[$0].floats) } }
        (call.gates, call.kernel) = (inputs[0].floats, floats(1))
        call.before = (inputs[2].floats, isPair ? inputs[3].floats : nil)
        if settings.cell.gateCount == 3 { call.inner = inputs[4].floats }
        call.mask = places.mask.map { UnsafePointer(inputs[$0].bytes) }
        (call.dropout, call.d_sequence) = (floats(places.dropout), floats(places.sequence))
        call.d_last = (floats(places.last[0]), floats(places.last[1]))
        call.dx = outputs[0].floats
        if settings.cell == .gru { call.d_product = outputs[1].floats }
        call.d_initial = (outputs[2].floats, isPair ? outputs[3].floats : nil)
        if hasBias { call.d_bias = outputs[4].floats }
        call.scratch = outputs[5].floats
        return { [call] in withUnsafePointer(to: call) { lk_recurrence_backward($0) } }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        Failure.report("\(name): second derivatives of recurrent layers are not supported; take first ones, on a tape alone")
    }
}

/// Goes through all steps.
///
/// - Parameters:
///   - x: products of the inputs, [batch, steps, gates · units].
///   - kernel: [units, gates · units]. - bias: [gates · units], of `gru` [2, gates · units].
///   - mask: [batch, steps], bool: false where a step leaves the states as they are.
///   - dropout: [batch, gates · units], what the state is multiplied by before each gate's product.
///   - initial: [batch, units] each; none for zeros.
/// - Returns: outputs of all steps, [batch, steps, units], if they are wanted; the states after the last step.
package func recurrence(
    _ settings: RecurrenceSettings, _ x: Tensor, kernel: Tensor, bias: Tensor? = nil, mask: Tensor? = nil, dropout: Tensor? = nil,
    initial: [Tensor] = [], returnsSequence: Bool
) -> (sequence: Tensor?, states: [Tensor]) {
    check(
        initial.isEmpty || initial.count == settings.cell.stateCount,
        "\(settings.cell.rawValue): \(initial.count) initial states; expected \(settings.cell.stateCount)")
    var inputs = [x, kernel], has = RecurrenceInputs()
    func add(_ tensor: Tensor) -> Int {
        inputs.append(tensor)
        return inputs.count - 1
    }
    (has.bias, has.mask, has.dropout) = (bias.map(add), mask.map(add), dropout.map(add))
    has.initial = initial.map(add)
    let operation = Recurrence(
        settings: settings, has: has, keepsStates: !GradientTape.active.isEmpty, returnsSequence: returnsSequence)
    let outputs = applyAll(operation, inputs)
    return (returnsSequence ? outputs[4] : nil, Array(outputs[5 ..< 5 + settings.cell.stateCount]))
}
