import LockstepNN
import LockstepTensor
import XCTest

extension LayerTests {
    private func numbers(_ shape: Shape, _ seed: Int) -> Tensor { .randomUniform(shape, low: -1, high: 1, seed: seed) }

    /// At odd sizes.
    var attentionCases: [(name: String, check: () throws -> Void)] {
        let (query, value, key) = (numbers([3, 5, 4], 1), numbers([3, 7, 3], 2), numbers([3, 7, 2], 3))
        func projections(_ query: Int, _ value: Int, _ key: Int, _ heads: Int, _ dim: Int, _ width: Int, _ output: Shape)
            -> [(name: String, shape: Shape)]
        {
            [
                ("query/kernel", [query, heads, dim]), ("query/bias", [heads, dim]), ("key/kernel", [key, heads, dim]),
                ("key/bias", [heads, dim]), ("value/kernel", [value, heads, width]), ("value/bias", [heads, width]),
                ("attention_output/kernel", Shape([heads, width] + output.dimensions)), ("attention_output/bias", output),
            ]
        }
        return [
            (
                "EinsumDense",
                {
                    try checkLayer(
                        { EinsumDense("abc,cd->abd", outputShape: [nil, 5], activation: "tanh", biasAxes: "d") },
                        input: self.numbers([3, 2, 4], 1), weights: [("kernel", [4, 5]), ("bias", [5])])
                    try checkLayer(
                        { EinsumDense("...x,xyz->...yz", outputShape: [2, 3], activation: "sigmoid", biasAxes: "yz") },
                        input: self.numbers([3, 2, 4], 2), weights: [("kernel", [4, 2, 3]), ("bias", [2, 3])])
                    try checkLayer(
                        { EinsumDense("ab...,bc->ac...", outputShape: [3], biasAxes: "c") }, input: self.numbers([3, 4, 2], 3),
                        weights: [("kernel", [4, 3]), ("bias", [3, 1])])
                    // A matrix for each step, the kernel's axes in another order, the output's too.
                    try checkLayer(
                        { EinsumDense("abc,dcb->adb", outputShape: [5, 2], biasAxes: "d") }, input: self.numbers([3, 2, 4], 4),
                        weights: [("kernel", [5, 4, 2]), ("bias", [5, 1])])
                    try checkLayer(
                        { EinsumDense("abc,c->ab", outputShape: [2]) }, input: self.numbers([3, 2, 4], 5), weights: [("kernel", [4])])
                }
            ),
            (
                "MultiHeadAttention",
                {
                    try checkLayer(
                        { MultiHeadAttention(numHeads: 3, keyDim: 2) }, inputs: [query, value],
                        weights: projections(4, 3, 3, 3, 2, 2, [4]))
                    try checkLayer(
                        { MultiHeadAttention(numHeads: 2, keyDim: 3, valueDim: 5, outputShape: [2, 3]) }, inputs: [query, value, key],
                        weights: projections(4, 3, 2, 2, 3, 5, [2, 3]))
                    try checkLayer(
                        {
                            MultiHeadAttention(
                                numHeads: 2, keyDim: 3, dropout: 0.3, useBias: false, slidingWindow: 2, useGate: true, seed: 4)
                        },
                        inputs: [query, self.numbers([3, 7, 4], 4)],
                        weights: [
                            ("query/kernel", [4, 2, 3]), ("key/kernel", [4, 2, 3]), ("gate/kernel", [4, 2, 3]),
                            ("value/kernel", [4, 2, 3]),
                            ("attention_output/kernel", [2, 3, 4]),
                        ])
                    let (wide, other) = (self.numbers([3, 2, 3, 4], 5), self.numbers([3, 2, 5, 3], 6))
                    for axes in [nil, [1], [-2], [2, 1]] {
                        try checkLayer(
                            { MultiHeadAttention(numHeads: 2, keyDim: 3, dropout: 0.2, attentionAxes: axes) },
                            inputs: axes == [-2] ? [wide, other] : [wide, wide * 0.7],
                            weights: axes == [-2] ? projections(4, 3, 3, 2, 3, 3, [4]) : projections(4, 4, 4, 2, 3, 3, [4]))
                    }
                    try checkLayer(
                        {
                            MultiHeadAttention(
                                numHeads: 1, keyDim: 2, kernelInitializer: "he_normal", biasInitializer: "ones", kernelRegularizer: "l2",
                                biasRegularizer: L1(0.1), activityRegularizer: "l2", kernelConstraint: MaxNorm(3),
                                biasConstraint: "non_neg")
                        }, inputs: [query, value], weights: projections(4, 3, 3, 1, 2, 2, [4]))
                }
            ),
            (
                "Attention",
                {
                    let (query, value, key) = (query, self.numbers([3, 7, 4], 7), self.numbers([3, 7, 4], 8))
                    try checkLayer({ Attention() }, inputs: [query, value])
                    try checkLayer({ Attention(useScale: true, dropout: 0.3) }, inputs: [query, value, key], weights: [("scale", [])])
                    try checkLayer({ Attention() }, inputs: [query, self.numbers([3, 7, 6], 9), key])
                    try checkLayer(
                        { Attention(useScale: true, scoreMode: .concat, dropout: 0.2, seed: 3) }, inputs: [query, value, key],
                        weights: [("scale", []), ("concat_score_weight", [])])
                    try checkLayer({ Attention(scoreMode: .concat) }, inputs: [query, value], weights: [("concat_score_weight", [])])
                }
            ),
            (
                "CategoryEncoding",
                {
                    let numbers = Tensor([0, 2, 4, 2, 1, 1, 3, 0, 7] as [Int32], shape: [3, 3])
                    for mode in CategoryEncoding.OutputMode.allCases {
                        try checkLayer({ CategoryEncoding(numTokens: 5, outputMode: mode) }, input: numbers)
                    }
                    try checkLayer({ CategoryEncoding(numTokens: 5, outputMode: .oneHot) }, input: numbers.reshaped([9, 1]))
                }
            ),
            (
                "AdditiveAttention",
                {
                    let (query, value, key) = (query, self.numbers([3, 7, 4], 7), self.numbers([3, 7, 4], 8))
                    try checkLayer({ AdditiveAttention() }, inputs: [query, value], weights: [("scale", [4])])
                    try checkLayer({ AdditiveAttention(useScale: false, dropout: 0.4, seed: 1) }, inputs: [query, value, key])
                }
            ),
        ]
    }

    /// With weights returned the output is the same, dropout included; the weights of a row are one in sum, but for those dropped.
    func testWeightsOfAttention() {
        Random.setSeed(2)
        let (query, value) = (numbers([2, 5, 4], 1), numbers([2, 6, 4], 2))
        let mask = Tensor((0 ..< 60).map { $0 % 7 != 3 }, shape: [2, 5, 6])
        let layer = MultiHeadAttention(numHeads: 3, keyDim: 2, dropout: 0.3)
        for (isCausal, training) in [(false, false), (true, false), (false, true), (true, true)] {
            let alone: Tensor = layer(query: query, value: value, attentionMask: mask, useCausalMask: isCausal, training: training)
            let both: [Tensor] = layer(
                query: query, value: value, attentionMask: mask, useCausalMask: isCausal, returnAttentionScores: true, training: training)
            XCTAssertEqual(both.map(\.shape), [[2, 5, 4], [2, 3, 5, 6]])
            assertNear(both[0].scalars, alone.scalars, tolerance: 1e-5, floor: 0.1, "causal \(isCausal), training \(training)")
            assertNear(both[1].sum(axes: [-1]).scalars, [Float](repeating: 1, count: 30), tolerance: 1e-6)
            let hidden = mask.boolScalars.indices.filter { !mask.boolScalars[$0] || isCausal && $0 % 6 > $0 / 6 % 5 }
            for index in hidden { XCTAssertEqual(both[1].scalars[index / 30 * 90 + index % 30], 0) }
        }
        let single = Attention(dropout: 0.3)
        for isCausal in [false, true] {
            let alone: Tensor = single([query, value], useCausalMask: isCausal, training: true)
            let both: [Tensor] = single([query, value], useCausalMask: isCausal, returnAttentionScores: true, training: true)
            assertNear(both[0].scalars, alone.scalars, tolerance: 1e-6)
            XCTAssertEqual(both[1].shape, [2, 5, 6])
            XCTAssertTrue(both[1].scalars.contains(0))
        }
    }

    /// Attention over one of two axes is that over each row of the other; a mask goes with it.
    func testAttentionAxes() {
        let x = numbers([2, 3, 4, 5], 1), layer = MultiHeadAttention(numHeads: 2, keyDim: 3, attentionAxes: [2])
        let mask = Tensor((0 ..< 96).map { $0 % 5 != 1 }, shape: [2, 3, 1, 4, 4])
        let whole: Tensor = layer(query: x, value: x, attentionMask: mask)
        let flat = MultiHeadAttention(numHeads: 2, keyDim: 3)
        _ = flat([x[0], x[0]]) as Tensor
        flat.setWeights(layer.getWeights())
        for row in 0 ..< 3 {
            let part: Tensor = flat(query: x[all, row], value: x[all, row], attentionMask: mask[all, row].squeezed(axes: [1]))
            assertNear(whole[all, row].scalars, part.scalars, tolerance: 1e-6)
        }
        // Over both axes it is attention over all their places, in the order of the axes.
        let both = MultiHeadAttention(numHeads: 2, keyDim: 3)
        _ = both([x, x]) as Tensor
        both.setWeights(layer.getWeights())
        let places = x.reshaped([2, 12, 5]), spread: Tensor = both([x, x])
        let one: Tensor = flat([places, places])
        assertNear(spread.scalars, one.scalars, tolerance: 1e-6)
        XCTAssertEqual(both.attentionAxes, [1, 2])
    }

    /// A functional model with arguments by name computes as the calls do, and its configuration makes it again.
    func testArgumentsByNameInAGraph() throws {
        let (x, memory) = (Input([5, 4], name: "x"), Input([6, 4], name: "memory"))
        let visible = Input([5, 6], dtype: .bool, name: "visible")
        let layer = MultiHeadAttention(numHeads: 2, keyDim: 3)
        let found: [KerasTensor] = layer(query: x, value: memory, attentionMask: visible, returnAttentionScores: true)
        XCTAssertEqual(found.map(\.shape), [[nil, 5, 4], [nil, 2, 5, 6]])
        let y = Attention()([found[0], x], useCausalMask: true)
        let model = Model(inputs: [x, memory, visible], outputs: [y, found[1]])
        let inputs = [numbers([3, 5, 4], 1), numbers([3, 6, 4], 2), numbers([3, 5, 6], 3) .> -0.5]
        let outputs: [Tensor] = model(inputs)
        let scores: [Tensor] = layer(query: inputs[0], value: inputs[1], attentionMask: inputs[2], returnAttentionScores: true)
        XCTAssertEqual(outputs[1].scalars, scores[1].scalars)
        let copy = try Model.make(model.serialized)
        copy.setWeights(model.getWeights())
        let again: [Tensor] = copy(inputs)
        XCTAssertEqual(again.map(\.scalars), outputs.map(\.scalars))
        XCTAssertEqual(copy.serialized, model.serialized)
        // A part of the graph gets inputs of its own, arguments too.
        let part = Model(inputs: [x, memory, visible], outputs: found[0])
        XCTAssertEqual((part(inputs) as Tensor).shape, [3, 5, 4])
    }
}
