import LockstepTensor

extension CellLayer {
    /// As `recurrence`, step by step, for functions that its kernels do not have: any activation but `linear`, `relu`, `sigmoid`, `tanh` and
    /// `hard_sigmoid`. Each step is some fifteen operations on small matrices, so this is several times slower.
    ///
    /// - Parameter x: products of the inputs with the kernel, `[batch, steps, gates · units]`.
    func unrolled(
        _ x: Tensor, bias: Tensor?, mask: Tensor?, dropout: Tensor?, initial: [Tensor], _ order: Order, returnsSequence: Bool
    ) -> (sequence: Tensor?, states: [Tensor]) {
        let (batch, steps) = (x.shape[0], x.shape[1])
        let isAfter = kind == .gru, x = bias.map { x + (isAfter ? $0[0] : $0) } ?? x
        var states = initial.isEmpty ? (0 ..< kind.stateCount).map { _ in Tensor.zeros([batch, units]) } : initial
        var outputs: [Tensor] = []
        for step in order.backwards ? Array((0 ..< steps).reversed()) : Array(0 ..< steps) {
            let next = self.step(x[all, step], states, stateBias: isAfter ? bias?[1] : nil, dropout)
            guard let mask else {
                states = next
                outputs.append(next[0])
                continue
            }
            let counts = mask[all, step].expandingDims(axis: 1)
            states = zip(next, states).map { `where`(counts, $0, $1) }
            outputs.append(order.zeroesMasked ? `where`(counts, next[0], Tensor(0)) : states[0])
        }
        guard returnsSequence else { return (nil, states) }
        if order.reversed { outputs.reverse() }
        return (outputs.isEmpty ? .zeros([batch, 0, units]) : stack(outputs, axis: 1), states)
    }

    /// The states after a step.
    private func step(_ x: Tensor, _ states: [Tensor], stateBias: Tensor?, _ dropout: Tensor?) -> [Tensor] {
        let h = states[0], kernel = recurrentKernel.value
        func columns(_ gate: Int) -> Range<Int> { gate * units ..< (gate + 1) * units }
        func ofInputs(_ gate: Int) -> Tensor { x[all, columns(gate)] }
        /// The state as a gate's product takes it.
        func dropped(_ h: Tensor, _ gate: Int) -> Tensor { dropout.map { h * $0[all, columns(gate)] } ?? h }
        func product(_ h: Tensor, _ gate: Int) -> Tensor { dropped(h, gate).matmul(kernel[all, columns(gate)]) }
        func ofState(_ gate: Int) -> Tensor { stateBias.map { product(h, gate) + $0[columns(gate)] } ?? product(h, gate) }
        switch kind {
        case .simple: return [activation(ofInputs(0) + product(h, 0))]
        case .lstm:
            let gates = [0, 1, 3].map { recurrentActivation(ofInputs($0) + product(h, $0)) }
            let c = gates[1] * states[1] + gates[0] * activation(ofInputs(2) + product(h, 2))
            return [gates[2] * activation(c), c]
        case .gru, .gruResetBefore:
            let update = recurrentActivation(ofInputs(0) + ofState(0)), reset = recurrentActivation(ofInputs(1) + ofState(1))
            let inner = kind == .gru ? reset * ofState(2) : product(reset * h, 2)
            return [update * h + (1 - update) * activation(ofInputs(2) + inner)]
        }
    }
}
