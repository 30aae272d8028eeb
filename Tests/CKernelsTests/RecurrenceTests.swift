import CKernels
import XCTest

/// The recurrent kernels against their formulas in double precision, and their gradients against differences of these.
final class RecurrenceTests: XCTestCase {
    private let cells = [LK_CELL_SIMPLE, LK_CELL_LSTM, LK_CELL_GRU, LK_CELL_GRU_RESET_BEFORE]
    private let functions = [LK_GATE_LINEAR, LK_GATE_RELU, LK_GATE_SIGMOID, LK_GATE_TANH, LK_GATE_HARD_SIGMOID]

    /// Numbers for one call, and what it is asked to do.
    private struct Case {
        var cell: lk_cell
        var batch: Int, steps: Int, units: Int
        var activation = LK_GATE_TANH, recurrent = LK_GATE_SIGMOID
        var backwards = false, reversed = false, zeroesMasked = false
        var x: [Double], kernel: [Double], bias: [Double]?, mask: [UInt8]?, dropout: [Double]?, initial: [[Double]]

        var gates: Int { cell == LK_CELL_SIMPLE ? 1 : cell == LK_CELL_LSTM ? 4 : 3 }
        var states: Int { cell == LK_CELL_LSTM ? 2 : 1 }

        init(_ cell: lk_cell, _ batch: Int, _ steps: Int, _ units: Int, _ numbers: inout Numbers, plain: Bool = false) {
            (self.cell, self.batch, self.steps, self.units) = (cell, batch, steps, units)
            let gates = cell == LK_CELL_SIMPLE ? 1 : cell == LK_CELL_LSTM ? 4 : 3
            func doubles(_ count: Int, _ size: Float = 1) -> [Double] { numbers.floats(count, in: -size ... size).map(Double.init) }
            x = doubles(batch * steps * gates * units)
            kernel = doubles(units * gates * units, 1 / Float(units).squareRoot())
            initial = []
            guard !plain else { return }
            bias = doubles(gates * units * (cell == LK_CELL_GRU ? 2 : 1))
            mask = (0 ..< batch * steps).map { _ in numbers.next() % 4 == 0 ? 0 : 1 }
            dropout = (0 ..< batch * gates * units).map { _ in numbers.next() % 4 == 0 ? 0 : 4 / 3 }
            initial = (0 ..< (cell == LK_CELL_LSTM ? 2 : 1)).map { _ in doubles(batch * units) }
        }

        /// The outputs of all steps, then the last states.
        func run() -> [Double] {
            var h = initial.first ?? [Double](repeating: 0, count: batch * units), c = initial.count > 1 ? initial[1] : h.map { _ in 0 }
            var sequence = [Double](repeating: 0, count: batch * steps * units)
            let all = gates * units
            for s in 0 ..< steps {
                let t = backwards ? steps - 1 - s : s
                for i in 0 ..< batch {
                    func state(_ gate: Int, _ k: Int) -> Double { h[i * units + k] * (dropout?[i * all + gate * units + k] ?? 1) }
                    func product(_ gate: Int, _ j: Int, _ left: (Int) -> Double) -> Double {
                        (0 ..< units).reduce(0) { $0 + left($1) * kernel[$1 * all + gate * units + j] }
                    }
                    func input(_ gate: Int, _ j: Int) -> Double {
                        x[(i * steps + t) * all + gate * units + j] + (bias?[gate * units + j] ?? 0)
                    }
                    func inner(_ gate: Int, _ j: Int) -> Double {
                        product(gate, j) { state(gate, $0) } + (cell == LK_CELL_GRU ? bias?[(3 + gate) * units + j] ?? 0 : 0)
                    }
                    func gate(_ g: Int, _ j: Int) -> Double { value(recurrent, input(g, j) + inner(g, j)) }
                    let row = (0 ..< units).map { j -> (h: Double, c: Double) in
                        switch cell {
                        case LK_CELL_SIMPLE: return (value(activation, input(0, j) + inner(0, j)), 0)
                        case LK_CELL_LSTM:
                            let c = gate(1, j) * c[i * units + j] + gate(0, j) * value(activation, input(2, j) + inner(2, j))
                            return (gate(3, j) * value(activation, c), c)
                        default:
                            let inside = cell == LK_CELL_GRU ? gate(1, j) * inner(2, j) : product(2, j) { gate(1, $0) * state(2, $0) }
                            let z = gate(0, j)
                            return (z * h[i * units + j] + (1 - z) * value(activation, input(2, j) + inside), 0)
                        }
                    }
                    let counts = mask?[i * steps + t] != 0
                    if counts {
                        for j in 0 ..< units { (h[i * units + j], c[i * units + j]) = row[j] }
                    }
                    for j in 0 ..< units where counts || !zeroesMasked {
                        sequence[(i * steps + (reversed ? steps - 1 - s : s)) * units + j] = h[i * units + j]
                    }
                }
            }
            return sequence + h + (states == 2 ? c : [])
        }
    }

    /// What the kernels make of a case; gradients for `mix` as that of the outputs.
    private func computed(_ test: Case, mix: [Float]) -> (outputs: [Float], dx: [Float], dinitial: [[Float]], dbias: [Float]) {
        func floats(_ values: [Double]?) -> UnsafeMutablePointer<Float> {
            let values = values ?? [], memory = UnsafeMutablePointer<Float>.allocate(capacity: values.count + 1)
            for (index, value) in values.enumerated() { memory[index] = Float(value) }
            return memory
        }
        func room(_ count: Int) -> UnsafeMutablePointer<Float> { floats([Double](repeating: .nan, count: count)) }
        let (rows, units, all) = (test.batch * test.steps, test.units, test.gates * test.units)
        var r = lk_recurrence()
        (r.cell, r.activation, r.recurrent_activation) = (test.cell, test.activation, test.recurrent)
        (r.batch, r.steps, r.units) = (Int64(test.batch), Int64(test.steps), Int64(units))
        (r.backwards, r.reversed, r.zeroes_masked) = (test.backwards, test.reversed, test.zeroesMasked)
        let gates = floats(test.x), sequence = room(rows * units), last = (0 ..< 2).map { _ in room(test.batch * units) }
        r.kernel = UnsafePointer(floats(test.kernel))
        if test.bias != nil { r.bias = UnsafePointer(floats(test.bias)) }
        if test.dropout != nil { r.dropout = UnsafePointer(floats(test.dropout)) }
        if let mask = test.mask {
            let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: mask.count + 1)
            for (index, byte) in mask.enumerated() { bytes[index] = byte }
            r.mask = UnsafePointer(bytes)
        }
        if let h = test.initial.first { r.initial.0 = UnsafePointer(floats(h)) }
        if test.initial.count > 1 { r.initial.1 = UnsafePointer(floats(test.initial[1])) }
        (r.x, r.gates, r.sequence) = (UnsafePointer(gates), gates, sequence)
        r.before = (room(rows * units), room(rows * units))
        (r.inner, r.last) = (room(rows * units), (last[0], last[1]))
        r.scratch = room(Int(lk_recurrence_scratch(test.cell, r.batch, r.units)))
        lk_recurrence_forward(&r)
        func array(_ pointer: UnsafePointer<Float>, _ count: Int) -> [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
        let outputs = array(sequence, rows * units) + last.prefix(test.states).flatMap { array($0, test.batch * units) }

        let d = floats(mix.map(Double.init)), dinitial = (0 ..< 2).map { _ in room(test.batch * units) }
        let dbias = room(2 * all)
        r.d_sequence = UnsafePointer(d)
        r.d_last = (UnsafePointer(d + rows * units), test.states == 2 ? UnsafePointer(d + (rows + test.batch) * units) : nil)
        (r.dx, r.d_product, r.d_initial) = (gates, room(rows * all), (dinitial[0], dinitial[1]))
        r.d_bias = dbias
        lk_recurrence_backward(&r)
        return (
            outputs, array(gates, rows * all), dinitial.prefix(test.states).map { array($0, test.batch * units) },
            array(dbias, all * (test.cell == LK_CELL_GRU ? 2 : 1))
        )
    }

    private func compare(_ test: Case, gradients: Bool = true, _ note: String, line: UInt = #line) {
        var numbers = Numbers(9)
        let want = test.run(), mix = numbers.floats(want.count, in: -1 ... 1), got = computed(test, mix: mix)
        assertClose(got.outputs, want, tolerance: 3e-6, "\(note), outputs", line: line)
        guard gradients else { return }
        func loss(_ test: Case) -> Double { zip(test.run(), mix).reduce(0) { $0 + $1.0 * Double($1.1) } }
        func differences(_ path: WritableKeyPath<Case, [Double]>) -> [Double] {
            test[keyPath: path].indices.map { index in
                var (up, down) = (test, test)
                up[keyPath: path][index] += 1e-5
                down[keyPath: path][index] -= 1e-5
                return (loss(up) - loss(down)) / 2e-5
            }
        }
        assertClose(got.dx, differences(\.x), tolerance: 3e-6, "\(note), inputs", line: line)
        for (index, gradient) in got.dinitial.enumerated() where !test.initial.isEmpty {
            assertClose(gradient, differences(\.initial[index]), tolerance: 3e-6, "\(note), initial state \(index)", line: line)
        }
        if test.bias != nil { assertClose(got.dbias, differences(\.bias!), tolerance: 3e-6, "\(note), bias", line: line) }
    }

    func testOutputsOfOddSizes() {
        var numbers = Numbers(1)
        for cell in cells {
            for (batch, steps, units) in [(0, 3, 2), (1, 1, 1), (3, 0, 4), (2, 3, 17), (13, 3, 16), (7, 2, 33), (50, 2, 40), (5, 2, 81)] {
                let note = "cell \(cell.rawValue) of \(units) units, \(batch) x \(steps)"
                compare(Case(cell, batch, steps, units, &numbers, plain: true), gradients: false, note)
                compare(Case(cell, batch, steps, units, &numbers), gradients: false, "\(note), with all")
            }
        }
    }

    func testGradients() {
        var numbers = Numbers(2)
        for cell in cells {
            for (batch, steps, units) in [(2, 3, 3), (14, 2, 2), (1, 2, 18)] {
                let note = "cell \(cell.rawValue) of \(units) units, \(batch) x \(steps)"
                compare(Case(cell, batch, steps, units, &numbers, plain: true), note)
                compare(Case(cell, batch, steps, units, &numbers), "\(note), with all")
            }
            for (backwards, reversed, zeroes) in [(true, false, false), (true, true, true), (false, true, true)] {
                var test = Case(cell, 3, 4, 2, &numbers)
                (test.backwards, test.reversed, test.zeroesMasked) = (backwards, reversed, zeroes)
                compare(test, "cell \(cell.rawValue), backwards \(backwards), reversed \(reversed), zeroes \(zeroes)")
            }
            for function in functions {
                var test = Case(cell, 2, 2, 3, &numbers)
                (test.activation, test.recurrent) = (function, function)
                compare(test, "cell \(cell.rawValue), function \(function.rawValue)")
            }
        }
    }

    /// What the rows of other samples are does not change a row's bytes.
    func testARowIsTheSameWhateverIsBesideIt() {
        var numbers = Numbers(3)
        for cell in cells {
            let test = Case(cell, 61, 3, 21, &numbers), all = computed(test, mix: [Float](repeating: 1, count: 61 * 5 * 21))
            for rows in [0 ..< 1, 7 ..< 12, 40 ..< 61] {
                var part = test
                part.batch = rows.count
                func cut(_ values: [Double], _ count: Int) -> [Double] {
                    Array(values[rows.lowerBound * count ..< rows.upperBound * count])
                }
                part.x = cut(test.x, 3 * test.gates * 21)
                part.mask = Array(test.mask![rows.lowerBound * 3 ..< rows.upperBound * 3])
                part.dropout = cut(test.dropout!, test.gates * 21)
                part.initial = test.initial.map { cut($0, 21) }
                let got = computed(part, mix: [Float](repeating: 1, count: rows.count * 5 * 21))
                assertSame(Array(got.outputs.prefix(rows.count * 63)), Array(all.outputs[rows.lowerBound * 63 ..< rows.upperBound * 63]))
                let width = 3 * test.gates * 21
                assertSame(got.dx, Array(all.dx[rows.lowerBound * width ..< rows.upperBound * width]))
            }
        }
    }
}

private func value(_ f: lk_gate_function, _ z: Double) -> Double {
    switch f {
    case LK_GATE_RELU: max(z, 0)
    case LK_GATE_SIGMOID: 1 / (1 + exp(-z))
    case LK_GATE_TANH: tanh(z)
    case LK_GATE_HARD_SIGMOID: min(max(z / 6 + 0.5, 0), 1)
    default: z
    }
}
