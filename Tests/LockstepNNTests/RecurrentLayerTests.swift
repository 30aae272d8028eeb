import LockstepNN
import LockstepTensor
import XCTest

extension LayerTests {
    var recurrentCases: [(name: String, check: () throws -> Void)] {
        func x(_ shape: Shape) -> Tensor { Tensor.randomUniform(shape, low: -1, high: 1, seed: 5) }
        func weights(_ layer: String, _ inputs: Int, _ units: Int, _ gates: Int, bias: Shape?) -> [(name: String, shape: Shape)] {
            let columns = gates * units
            return [("\(layer)_cell/kernel", [inputs, columns]), ("\(layer)_cell/recurrent_kernel", [units, columns])]
                + (bias.map { [("\(layer)_cell/bias", $0)] } ?? [])
        }
        return [
            (
                "LSTM",
                {
                    let weights = weights("lstm", 3, 2, 4, bias: [8])
                    try checkLayer({ LSTM(2) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer({ LSTM(2, returnSequences: true, goBackwards: true) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer({ LSTM(2, dropout: 0.3, recurrentDropout: 0.4, seed: 2) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer({ LSTM(2, dropout: 0.5, returnSequences: true) }, input: x([3, 2, 3]), weights: weights)
                    try checkLayer({ LSTM(2, activation: "softsign") }, input: x([3, 2, 3]), weights: weights)
                    try checkLayer(
                        { LSTM(1, recurrentActivation: "hard_sigmoid", useBias: false) }, input: x([2, 2, 1]),
                        weights: self.plain("lstm", 4))
                    try checkLayer(
                        {
                            LSTM(
                                2, biasInitializer: "ones", unitForgetBias: false, kernelRegularizer: "l2", recurrentRegularizer: "l1",
                                biasRegularizer: "l2", activityRegularizer: "l2", kernelConstraint: "unit_norm",
                                recurrentConstraint: MaxNorm(3),
                                biasConstraint: "non_neg", unroll: true, zeroOutputForMask: true)
                        }, input: x([2, 3, 3]), weights: weights)
                }
            ),
            (
                "GRU",
                {
                    let weights = weights("gru", 3, 2, 3, bias: [2, 6]),
                        before = Array(weights.prefix(2)) + [("gru_cell/bias", [6] as Shape)]
                    try checkLayer({ GRU(2, returnSequences: true) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer({ GRU(2, resetAfter: false) }, input: x([4, 3, 3]), weights: before)
                    for resetAfter in [true, false] {
                        try checkLayer(
                            { GRU(2, dropout: 0.3, recurrentDropout: 0.3, goBackwards: true, resetAfter: resetAfter) },
                            input: x([4, 3, 3]),
                            weights: resetAfter ? weights : before)
                        try checkLayer(
                            { GRU(2, activation: "silu", recurrentDropout: 0.3, resetAfter: resetAfter) }, input: x([2, 3, 3]),
                            weights: resetAfter ? weights : before)
                        try checkLayer(
                            { GRU(1, useBias: false, resetAfter: resetAfter) }, input: x([2, 2, 1]), weights: self.plain("gru", 3))
                    }
                }
            ),
            (
                "SimpleRNN",
                {
                    let weights = weights("simple_rnn", 3, 2, 1, bias: [2])
                    try checkLayer({ SimpleRNN(2) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer({ SimpleRNN(2, activation: "gelu", returnSequences: true) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer({ SimpleRNN(2, dropout: 0.3, recurrentDropout: 0.3, seed: 1) }, input: x([4, 3, 3]), weights: weights)
                    try checkLayer(
                        { SimpleRNN(1, activation: "linear", useBias: false) }, input: x([2, 2, 1]), weights: self.plain("simple_rnn", 1))
                }
            ),
            (
                "Bidirectional",
                {
                    func both(_ layer: String, _ weights: [(name: String, shape: Shape)]) -> [(name: String, shape: Shape)] {
                        ["forward", "backward"].flatMap { side in weights.map { ("\(side)_\(layer)/\($0.name)", $0.shape) } }
                    }
                    let lstm = both("lstm", weights("lstm", 3, 2, 4, bias: [8])), gru = both("gru", weights("gru", 3, 2, 3, bias: [2, 6]))
                    try checkLayer({ Bidirectional(LSTM(2, name: "lstm")) }, input: x([3, 3, 3]), weights: lstm)
                    for mode in [Bidirectional.MergeMode.concat, .sum, .mul, .ave] {
                        try checkLayer(
                            { Bidirectional(GRU(2, returnSequences: true, name: "gru"), mergeMode: mode) }, input: x([3, 3, 3]),
                            weights: gru)
                    }
                    let other = SimpleRNN(1, goBackwards: true, name: "other")
                    try checkLayer(
                        {
                            Bidirectional(
                                GRU(2, name: "forward_gru"), backwardLayer: SimpleRNN(1, goBackwards: other.goBackwards, name: "other"))
                        },
                        input: x([3, 3, 3]),
                        weights: Array(gru.prefix(3)) + weights("simple_rnn", 3, 1, 1, bias: [1]).map { ("other/\($0.name)", $0.shape) })
                }
            ),
            (
                "TimeDistributed",
                {
                    let dense = [("dense/kernel", [3, 2] as Shape), ("dense/bias", [2])]
                    try checkLayer({ TimeDistributed(Dense(2, name: "dense")) }, input: x([3, 2, 3]), weights: dense)
                    try checkLayer({ TimeDistributed(Dropout(0.4, name: "drop")) }, input: x([3, 2, 3]))
                    try checkLayer(
                        { TimeDistributed(SimpleRNN(2, name: "rnn"), name: "outer") }, input: x([2, 2, 3, 3]),
                        weights: weights("simple_rnn", 3, 2, 1, bias: [2]).map { ("rnn/\($0.name)", $0.shape) })
                }
            ),
        ]
    }

    /// The weights of one unit without bias.
    private func plain(_ layer: String, _ gates: Int) -> [(name: String, shape: Shape)] {
        [("\(layer)_cell/kernel", [1, gates]), ("\(layer)_cell/recurrent_kernel", [1, gates])]
    }
}
