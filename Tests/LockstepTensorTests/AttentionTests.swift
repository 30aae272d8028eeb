import Foundation
import LockstepTensor
import XCTest

/// Attention in one operation against the formula in double precision, at sizes of one block and of several.
final class AttentionTests: XCTestCase {
    private struct Case {
        var batch = 2, targets = 3, sources = 4, heads = 2, dim = 3, width = 5
        var isCausal = false
        var mask: Shape?
        var rate: Float = 0

        var numbers = Numbers(3)
    }

    /// dropout(softmax(scale q·kᵀ))·v, with the weights that are dropped as `dropout` drops them of ones.
    private func naive(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, scale: Float, mask: Tensor?, isCausal: Bool, kept: Tensor?
    ) -> [Float] {
        let (batch, targets, heads, dim) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3])
        let (sources, width) = (k.shape[1], v.shape[3])
        let (qs, ks, vs, keptScalars) = (q.scalars, k.scalars, v.scalars, kept?.scalars)
        let spread = mask.map { logicalAnd($0, .constant(true, shape: [batch, heads, targets, sources])).boolScalars }
        var output = [Float](repeating: 0, count: batch * targets * heads * width)
        for b in 0 ..< batch {
            for h in 0 ..< heads {
                for t in 0 ..< targets {
                    let row = ((b * heads + h) * targets + t) * sources
                    let seen = (0 ..< sources).filter { (!isCausal || $0 <= t) && (spread?[row + $0] ?? true) }
                    var weights = [Double](repeating: seen.isEmpty ? 1 / Double(sources) : 0, count: sources)
                    let scores = seen.map { s in
                        (0 ..< dim).reduce(0.0) {
                            $0 + Double(qs[((b * targets + t) * heads + h) * dim + $1])
                                * Double(ks[((b * sources + s) * heads + h) * dim + $1])
                        } * Double(scale)
                    }
                    let most = scores.max() ?? 0, sum = scores.reduce(0) { $0 + exp($1 - most) }
                    for (s, score) in zip(seen, scores) { weights[s] = exp(score - most) / sum }
                    for s in 0 ..< sources {
                        let weight = weights[s] * Double(keptScalars?[row + s] ?? 1)
                        for c in 0 ..< width {
                            output[((b * targets + t) * heads + h) * width + c] += Float(
                                weight * Double(vs[((b * sources + s) * heads + h) * width + c]))
                        }
                    }
                }
            }
        }
        return output
    }

    func testAgainstFormula() {
        var numbers = Numbers(1)
        Random.setSeed(5)
        let cases = [
            Case(), Case(isCausal: true), Case(mask: [2, 1, 3, 4]), Case(isCausal: true, mask: [2, 2, 3, 4]), Case(mask: [1, 1, 1, 4]),
            Case(rate: 0.4), Case(isCausal: true, rate: 0.4), Case(batch: 1, targets: 1, sources: 1, heads: 1, dim: 1, width: 1),
            Case(batch: 0), Case(targets: 0), Case(sources: 0), Case(targets: 5, sources: 2, isCausal: true),
            // Several blocks: under a causal mask from 65 targets on, else from 32,768 scores on.
            Case(batch: 1, targets: 150, sources: 70, heads: 1, isCausal: true, rate: 0.2), Case(batch: 1, targets: 65, sources: 900),
            Case(batch: 1, targets: 67, sources: 900, isCausal: true, mask: [1, 1, 67, 900]),
        ]
        for test in cases {
            let q = numbers.tensor([test.batch, test.targets, test.heads, test.dim], in: -2 ... 2)
            let k = numbers.tensor([test.batch, test.sources, test.heads, test.dim], in: -2 ... 2)
            let v = numbers.tensor([test.batch, test.sources, test.heads, test.width], in: -2 ... 2)
            let mask = test.mask.map { numbers.tensor($0, in: -1 ... 1) .> 0 }
            let drop = test.rate > 0 ? AttentionDropout(rate: test.rate, purpose: "weights") : nil
            let kept =
                test.rate > 0
                ? dropout(.ones([test.batch, test.heads, test.targets, test.sources]), rate: test.rate, purpose: "weights") : nil
            let got = dotProductAttention(q, k, v, scale: 0.6, mask: mask, isCausal: test.isCausal, dropout: drop)
            let want = naive(q, k, v, scale: 0.6, mask: mask, isCausal: test.isCausal, kept: kept)
            XCTAssertEqual(got.shape, [test.batch, test.targets, test.heads, test.width])
            for (got, want) in zip(got.scalars, want) where !(abs(got - want) <= 1e-5) { return XCTFail("\(test): \(got), \(want)") }
        }
    }

    /// Several blocks of rows give the gradients that simpler operations give, those of sources that no target sees as well.
    func testGradientsOfSeveralBlocks() {
        var numbers = Numbers(2)
        Random.setSeed(5)
        for (targets, sources, isCausal, rate) in [(150, 70, true, 0.2), (130, 300, true, 0), (65, 900, false, 0.5), (70, 600, false, 0)] {
            let shape = { (length: Int) in Shape([1, length, 2, 7]) }
            let inputs = [shape(targets), shape(sources), shape(sources)].map { numbers.tensor($0, in: -1 ... 1) }
            let g = numbers.tensor(shape(targets), in: -1 ... 1)
            let drop = rate > 0 ? AttentionDropout(rate: Float(rate), purpose: "weights") : nil
            func gradients(_ function: ([Tensor]) -> Tensor) -> [[Float]] {
                let tape = GradientTape()
                inputs.forEach { tape.watch($0) }
                return tape.gradient(tape.record { (function(inputs) * g).sum() }, inputs).map { $0!.scalars }
            }
            let got = gradients { dotProductAttention($0[0], $0[1], $0[2], scale: 0.6, isCausal: isCausal, dropout: drop) }
            let want = gradients { inputs in
                func byHead(_ x: Tensor) -> Tensor { x.transposed([0, 2, 1, 3]) }
                let scores = byHead(inputs[0]).matmul(byHead(inputs[1]), transposeB: true) * 0.6
                let weights = attentionWeights(scores, mask: isCausal ? causalMask(targets: targets, sources: sources) : nil)
                let kept = dropout(weights, rate: Float(rate), purpose: "weights")
                return byHead(kept.matmul(byHead(inputs[2])))
            }
            for (got, want) in zip(got, want) {
                for (got, want) in zip(got, want) where !(abs(got - want) <= 2e-5) { return XCTFail("\(targets): \(got), \(want)") }
            }
        }
    }

    /// A sample's outputs and gradients are the same bytes in any batch.
    func testSamplesDoNotDependOnOneAnother() {
        var numbers = Numbers(4)
        let inputs = [
            numbers.tensor([5, 40, 2, 9], in: -1 ... 1), numbers.tensor([5, 33, 2, 9], in: -1 ... 1),
            numbers.tensor([5, 33, 2, 9], in: -1 ... 1),
        ]
        func run(_ inputs: [Tensor]) -> [Tensor] {
            let tape = GradientTape()
            inputs.forEach { tape.watch($0) }
            let y = tape.record { dotProductAttention(inputs[0], inputs[1], inputs[2], scale: 0.3) }
            return [y] + tape.gradient(y, inputs).map { $0! }
        }
        for (whole, part) in zip(run(inputs), run(inputs.map { $0[2 ..< 4] })) { XCTAssertEqual(whole[2 ..< 4].scalars, part.scalars) }
    }
}
