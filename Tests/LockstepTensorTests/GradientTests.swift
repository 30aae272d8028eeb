import Foundation
import LockstepTensor
import XCTest

/// Every operation of Ops/, held against finite differences: its gradient and the gradient of that.
final class GradientTests: XCTestCase {
    nonisolated(unsafe) private static var checker = GradientChecker()
    nonisolated(unsafe) private static var numbers = Numbers(1)

    private func check(
        _ name: String, _ inputs: [Tensor], isTwice: Bool = true, line: UInt = #line, _ function: @escaping ([Tensor]) -> Tensor
    ) {
        Self.checker.check(GradientCase(name, inputs, isTwice: isTwice, function), line: line)
    }
    private func near(_ shape: Shape, _ range: ClosedRange<Float> = -1 ... 1) -> Tensor { Self.numbers.tensor(shape, in: range) }
    private func distinct(_ shape: Shape) -> Tensor { Self.numbers.distinct(shape) }

    /// In one test, so that the operations that were seen can be counted in the end.
    func testEveryOperation() throws {
        (Self.checker, Self.numbers) = (GradientChecker(), Numbers(1))
        checkBinary()
        checkUnary()
        checkReductions()
        checkMatMul()
        checkMovement()
        checkSlices()
        checkDense()
        checkSoftmax()
        checkAttention()
        checkNormalization()
        checkConvolution()
        checkRecurrence()
        try checkThatAllWereSeen(Self.checker.seen)
    }

    /// Where a formula for the general case divides by zero or takes its logarithm. Values of TensorFlow 2.21.
    func testGradientsAtZero() {
        func gradient(_ x: [Float], _ f: (Tensor) -> Tensor) -> [Float]? {
            let (x, tape) = (Variable(Tensor(x)), GradientTape())
            return tape.gradient(tape.record { f(x.value) }, x)?.scalars
        }
        XCTAssertEqual(gradient([0, 2, 3]) { $0.prod() }, [6, 0, 0])
        XCTAssertEqual(gradient([0, 2, 0]) { $0.prod() }, [0, 0, 0])
        XCTAssertEqual(gradient([2, 3]) { LockstepTensor.pow(Tensor([0, 1] as [Float]), $0) }, [0, 0])
        XCTAssertEqual(gradient([0, 1]) { LockstepTensor.pow($0, 2) }, [0, 2])
        XCTAssertEqual(gradient([0]) { relu($0) }, [0])
        XCTAssertEqual(gradient([0]) { LockstepTensor.abs($0) }, [0])
        XCTAssertEqual(gradient([0]) { sign($0) }, nil)
        XCTAssertEqual(gradient([3]) { maximum($0, $0) }, [1])
        XCTAssertEqual(gradient([5, 5, 1]) { $0.max() }, [0.5, 0.5, 0])
    }

    /// The second derivative of a product, Π over all but two, with no zero, one and two: computed by hand, and by differences of the
    /// first.
    func testSecondGradientOfProductAtZeros() {
        func gradient(_ x: [Float], shape: Shape, axes: [Int]) -> Tensor {
            let (x, tape) = (Variable(Tensor(x, shape: shape)), GradientTape())
            return tape.gradient(tape.record { x.value.prod(axes: axes).sum() }, x)!
        }
        func second(_ x: [Float], shape: Shape, axes: [Int]) -> [[Float]] {
            x.indices.map { index in
                let (x, outer) = (Variable(Tensor(x, shape: shape)), GradientTape())
                let element = outer.record { () -> Tensor in
                    let inner = GradientTape()
                    return inner.gradient(inner.record { x.value.prod(axes: axes).sum() }, x)!.reshaped([-1])[index]
                }
                return outer.gradient(element, x)?.scalars ?? [Float](repeating: 0, count: shape.count)
            }
        }
        XCTAssertEqual(second([2, 3, 5], shape: [3], axes: [0]), [[0, 5, 3], [5, 0, 2], [3, 2, 0]])
        XCTAssertEqual(second([0, 2, 3], shape: [3], axes: [0]), [[0, 3, 2], [3, 0, 0], [2, 0, 0]])
        XCTAssertEqual(second([0, 2, 0], shape: [3], axes: [0]), [[0, 0, 2], [0, 0, 0], [2, 0, 0]])
        XCTAssertEqual(second([0, 0, 0, 7], shape: [4], axes: [0]), [[Float]](repeating: [0, 0, 0, 0], count: 4))
        XCTAssertEqual(second([4], shape: [1], axes: [0]), [[0]])
        // Exact in float32: the products are small integers, and linear in each factor.
        for (numbers, shape, axes): ([Float], Shape, [Int]) in [
            ([0, 2, 3, 1, 0, 0, 5, 4], [2, 4], [1]), ([0, 2, 3, 1, 0, 0, 5, 4], [2, 4], [0]),
            ([0, 2, 3, 1, 0, 0, 5, 4], [2, 2, 2], [0, 1]),
            ([1, 2, 0, 3, 2, 1, 1, 2], [8], [0]), ([3, 0, 2, 1, 2, 0, 1], [7, 1], [0]),
        ] {
            let hessian = second(numbers, shape: shape, axes: axes)
            for k in numbers.indices {
                var (above, below) = (numbers, numbers)
                above[k] += 1
                below[k] -= 1
                let high = gradient(above, shape: shape, axes: axes).scalars, low = gradient(below, shape: shape, axes: axes).scalars
                for i in numbers.indices { XCTAssertEqual(hessian[i][k], (high[i] - low[i]) / 2, "\(shape) over \(axes): \(i), \(k)") }
            }
        }
    }

    private func checkBinary() {
        let shapes: [(Shape, Shape)] = [
            ([3, 2], [3, 2]), ([3, 2], [2]), ([3, 2], [3, 1]), ([3, 2], []), ([3, 1], [1, 2]), ([2, 3, 2], [3, 1]), ([1], [3]),
        ]
        let smooth: [(String, (Tensor, Tensor) -> Tensor)] = [("add", { $0 + $1 }), ("subtract", { $0 - $1 }), ("multiply", { $0 * $1 })]
        let positive: [(String, (Tensor, Tensor) -> Tensor)] = [("divide", { $0 / $1 }), ("power", { LockstepTensor.pow($0, $1) })]
        let kinked: [(String, (Tensor, Tensor) -> Tensor)] = [
            ("maximum", { maximum($0, $1) }), ("minimum", { minimum($0, $1) }),
            ("equal", { ($0 .== $1).cast(to: .float32) * $0 }), ("notEqual", { ($0 .!= $1).cast(to: .float32) * $0 }),
            ("less", { ($0 .< $1).cast(to: .float32) * $0 }), ("lessEqual", { ($0 .<= $1).cast(to: .float32) * $0 }),
            ("greater", { ($0 .> $1).cast(to: .float32) * $0 }), ("greaterEqual", { ($0 .>= $1).cast(to: .float32) * $0 }),
        ]
        for (p, q) in shapes.flatMap({ [($0, $1), ($1, $0)] }) {
            for (name, f) in smooth { check("\(p) \(name) \(q)", [near(p), near(q)]) { f($0[0], $0[1]) } }
            for (name, f) in positive { check("\(p) \(name) \(q)", [near(p, 1 ... 2), near(q, 1 ... 2)]) { f($0[0], $0[1]) } }
            for (name, f) in kinked { check("\(p) \(name) \(q)", [distinct(p), distinct(q) + 0.1]) { f($0[0], $0[1]) } }
        }
        let x = near([5], 1 ... 2)
        let withNumber: [(String, (Tensor) -> Tensor)] = [
            ("x + s", { $0 + 1.5 }), ("x - s", { $0 - 1.5 }), ("s - x", { 1.5 - $0 }), ("x * s", { $0 * 1.5 }), ("x / s", { $0 / 1.5 }),
            ("s / x", { 1.5 / $0 }),
            ("pow(x, s)", { LockstepTensor.pow($0, 2.5) }), ("pow(s, x)", { LockstepTensor.pow(1.5, $0) }),
        ]
        for (name, f) in withNumber { check(name, [x]) { f($0[0]) } }
        for (name, f): (String, (Tensor) -> Tensor) in [
            ("maximum(x, s)", { maximum($0, 0.4) }), ("minimum(x, s)", { minimum($0, 0.4) }), ("clip", { clip($0, -0.4, 0.4) }),
        ] {
            check(name, [distinct([9])]) { f($0[0]) }
        }
        check("a tensor with itself", [near([3])]) { $0[0] * $0[0] + $0[0] }
    }

    private func checkUnary() {
        let smooth: [(String, (Tensor) -> Tensor)] = [
            ("negate", { -$0 }), ("square", { square($0) }), ("exp", { LockstepTensor.exp($0) }), ("expm1", { LockstepTensor.expm1($0) }),
            ("sin", { LockstepTensor.sin($0) }),
            ("cos", { LockstepTensor.cos($0) }), ("tanh", { LockstepTensor.tanh($0) }), ("sigmoid", { sigmoid($0) }),
            ("softplus", { softplus($0) }), ("erf", { LockstepTensor.erf($0) }),
        ]
        let positive: [(String, (Tensor) -> Tensor)] = [
            ("sqrt", { LockstepTensor.sqrt($0) }), ("rsqrt", { rsqrt($0) }), ("reciprocal", { reciprocal($0) }),
            ("log", { LockstepTensor.log($0) }), ("log1p", { LockstepTensor.log1p($0) }),
        ]
        let kinked: [(String, (Tensor) -> Tensor)] = [("abs", { LockstepTensor.abs($0) }), ("relu", { relu($0) }), ("sign", { sign($0) })]
        let stepped: [(String, (Tensor) -> Tensor)] = [
            ("floor", { LockstepTensor.floor($0) }), ("ceil", { LockstepTensor.ceil($0) }), ("round", { LockstepTensor.round($0) }),
        ]
        for (name, f) in smooth { check(name, [near([2, 5])]) { f($0[0]) } }
        for (name, f) in positive { check(name, [near([2, 5], 1 ... 3)]) { f($0[0]) } }
        for (name, f) in kinked { check(name, [distinct([2, 5])]) { f($0[0]) } }
        for (name, f) in stepped { check(name, [Tensor([-1.7, -0.7, 0.2, 0.8, 1.3] as [Float])]) { f($0[0]) } }
    }

    private func checkReductions() {
        let axisSets: [[Int]?] = [nil, [], [0], [1], [-1], [0, 1], [1, 2], [0, 2], [0, 1, 2]]
        for axes in axisSets {
            for keepDims in [false, true] {
                let note = "over \(axes.map { "\($0)" } ?? "all")\(keepDims ? ", kept" : "")"
                check("sum \(note)", [near([2, 3, 2])]) { $0[0].sum(axes: axes, keepDims: keepDims) }
                check("mean \(note)", [near([2, 3, 2])]) { $0[0].mean(axes: axes, keepDims: keepDims) }
                check("variance \(note)", [near([2, 3, 2])]) { $0[0].variance(axes: axes, keepDims: keepDims) }
                check("prod \(note)", [near([2, 3, 2], 1 ... 1.5)]) { $0[0].prod(axes: axes, keepDims: keepDims) }
                check("max \(note)", [distinct([2, 3, 2])]) { $0[0].max(axes: axes, keepDims: keepDims) }
                check("min \(note)", [distinct([2, 3, 2])]) { $0[0].min(axes: axes, keepDims: keepDims) }
            }
        }
        check("argmax", [distinct([3, 4])]) { $0[0].argmax().cast(to: .float32) * $0[0].sum(axes: [1]) }
        check("argmin", [distinct([3, 4])]) { $0[0].argmin(axis: 0).cast(to: .float32) * $0[0].sum(axes: [0]) }
        check("sum over shards", [near([2, 3])]) { sumOverShards($0[0]) * $0[0] }
        check("top k", [distinct([3, 4])]) { keepTopK($0[0], 2, rest: -9) * $0[0] }
        // Counts are constant away from the thresholds.
        check("confusion", [near([3, 4])]) {
            confusion($0[0], $0[0], weight: nil, Thresholds([-99, 99], spacing: .free))[2] * $0[0].sum()
        }
        check("in top k", [near([3, 4])]) { inTopK(Tensor([0, 3, 1] as [Int32]), $0[0] * 0, 1) * $0[0].sum() }
        check("confusion matrix", [near([3])]) {
            confusionMatrix(Tensor([0, 1, 1] as [Int32]), Tensor([1, 1, 0] as [Int32]), weight: $0[0] * 0, classes: 2) * $0[0].sum()
        }
    }

    private func checkMatMul() {
        for (leadingA, leadingB): ([Int], [Int]) in [([], []), ([2], [2]), ([2, 2], [2, 2]), ([3], []), ([2, 2], [])] {
            for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
                let (m, k, n) = (2, 3, 4)
                let a = near(Shape(leadingA + (transposeA ? [k, m] : [m, k]))), b = near(Shape(leadingB + (transposeB ? [n, k] : [k, n])))
                check("matmul \(a.shape)\(transposeA ? "ᵀ" : "") \(b.shape)\(transposeB ? "ᵀ" : "")", [a, b]) {
                    $0[0].matmul($0[1], transposeA: transposeA, transposeB: transposeB)
                }
            }
        }
    }

    private func checkMovement() {
        check("reshape", [near([2, 3])]) { $0[0].reshaped([3, -1]) * $0[0].reshaped([3, 2]) }
        check("expandingDims, squeezed", [near([2, 3])]) { square($0[0].expandingDims(axis: 1).squeezed()) }
        check("transpose", [near([2, 3])]) { square($0[0].transposed()) }
        for order in [[1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0]] {
            check("transpose by \(order)", [near([2, 3, 2])]) { square($0[0].transposed(order)) }
        }
        for axis in [0, 1, -1] {
            check("concatenate along \(axis)", [near([2, 2, 2]), near([2, 2, 2])]) {
                square(concatenate([$0[0], $0[1], $0[0]], axis: axis))
            }
        }
        check("concatenate different lengths", [near([2, 1]), near([2, 3])]) { square(concatenate($0, axis: 1)) }
        check("stack", [near([3]), near([3])]) { square(stack($0, axis: 1)) }
        check("broadcast", [near([3, 1])]) { square($0[0].broadcast(to: [2, 3, 4])) }
        let index = Tensor([2, 0, 2, 1] as [Int32], shape: [2, 2])
        check("gather", [near([3, 2])]) { square($0[0].gathered(index)) }
        check("gather of gathered", [near([3, 2])]) { square(square($0[0]).gathered(index)) }
        check("cast", [near([3])]) { square($0[0].cast(to: .float32)) }
        check("cast away and back", [Tensor([0.3, 1.4] as [Float])]) { $0[0].cast(to: .int32).cast(to: .float32) }
        let condition = Tensor([true, false, true])
        check("where", [near([3]), near([3])]) { `where`(condition, square($0[0]), square($0[1])) }
        check("where, broadcast", [near([2, 1]), near([])]) { `where`(condition, square($0[0]), square($0[1])) }
    }

    private func checkSlices() {
        let boxes: [[any TensorIndex]] = [[1], [all, 1], [0, 1, 1], [0 ..< 1, 1...], [all, all, 1], [1, 1 ... 2, 0 ..< 2], []]
        for box in boxes { check("slice \(box)", [near([2, 3, 2])]) { square($0[0].slice(box)) } }
        check("slices that overlap", [near([4])]) { $0[0][0 ..< 3] * $0[0][1 ..< 4] }
        check("replace", [near([2, 3]), near([2])]) { square($0[0].replacing([all, 2], with: $0[1], named: "x")) }
        check("rows of a batch", [near([3, 2])]) { square($0[0].batchRows(3, path: "rows")) }
        check("replaced rows of a batch", [near([3, 2]), near([3, 2])]) {
            square($0[0].replacingBatchRows(with: $0[1], path: "rows")) * $0[0]
        }
        check("replace by a scalar", [near([2, 3]), near([])]) { square($0[0].replacing([all, 2], with: $0[1], named: "x")) }
    }

    private func checkDense() {
        for activation in [FusedActivation.linear, .relu, .sigmoid, .tanh] {
            check("bias and \(activation)", [distinct([3, 4]), Tensor([0.02, -0.02, 0.01, 0] as [Float])]) {
                biasActivation($0[0], $0[1], activation)
            }
        }
        check("bias of a batch of rows", [near([2, 2, 3]), near([3])]) { biasActivation($0[0], $0[1], .tanh) }
        check("bias alone", [near([3])]) { biasActivation(Tensor([[1, 2, 3], [-1, 0, 1]] as [[Float]]), $0[0], .sigmoid) }
        check("bias, the input alone", [near([2, 3])]) { biasActivation($0[0], Tensor([1, 0, -1] as [Float]), .linear) }
        Random.setSeed(3)
        check("dropout", [near([4, 5])]) { square(dropout($0[0], rate: 0.4, purpose: "test")) }
    }

    /// Second derivatives stop.
    private func checkRecurrence() {
        for cell in [RecurrentCell.simple, .lstm, .gru, .gruResetBefore] {
            let (batch, steps, units) = (3, 4, 2), columns = cell.gateCount * units
            let x = near([batch, steps, columns]), kernel = near([units, columns]), bias = near(cell == .gru ? [2, columns] : [columns])
            let states = (0 ..< cell.stateCount).map { _ in near([batch, units]) }
            let mask = Tensor([true, true, false, true, true, true, true, true, false, false, true, false], shape: [batch, steps])
            let factors = near([batch, columns])
            var settings = RecurrenceSettings(cell)
            func add(_ name: String, _ inputs: [Tensor], _ function: @escaping ([Tensor]) -> Tensor) {
                Self.checker.check(GradientCase("\(cell.rawValue), \(name)", inputs, isTwice: false, function))
            }
            let plain = settings
            add("the last output", [x, kernel]) { recurrence(plain, $0[0], kernel: $0[1], returnsSequence: false).states[0] }
            (settings.backwards, settings.zeroesMasked) = (true, true)
            let masked = settings
            add("with all", [x, kernel, bias] + states) { inputs in
                let (sequence, states) = recurrence(
                    masked, inputs[0], kernel: inputs[1], bias: inputs[2], mask: mask, dropout: factors, initial: Array(inputs[3...]),
                    returnsSequence: true)
                return concatenate([sequence!] + states.map { $0.expandingDims(axis: 1) }, axis: 1)
            }
            add("without dropout", [x, kernel, bias] + states) { inputs in
                recurrence(plain, inputs[0], kernel: inputs[1], bias: inputs[2], initial: Array(inputs[3...]), returnsSequence: true)
                    .sequence!
            }
        }
    }

    private func checkSoftmax() {
        let labels = Tensor([2, 0, 3] as [Int32]), target = near([3, 4], 0.1 ... 1)
        check("softmax", [near([3, 4])]) { softmax($0[0]) }
        check("softmax of one axis", [near([5])]) { softmax($0[0]) }
        check("log-softmax", [near([2, 2, 3])]) { logSoftmax($0[0]) }
        check("cross-entropy of labels", [near([3, 4])]) { softmaxCrossEntropy(logits: $0[0], target: labels) }
        check("cross-entropy of a distribution", [near([3, 4])]) { softmaxCrossEntropy(logits: $0[0], target: target) }
        check("cross-entropy of weights whose gradient is asked for", [near([3, 4]), target]) {
            softmaxCrossEntropy(logits: $0[0], target: $0[1])
        }
    }

    private func checkAttention() {
        let (q, k, v) = (near([2, 3, 2, 3]), near([2, 4, 2, 3]), near([2, 4, 2, 5]))
        // Of each sample, target and source; the last row hides all, and of each sample alone.
        let pairs = Tensor((0 ..< 24).map { $0 % 3 != 1 && $0 < 20 }, shape: [2, 1, 3, 4])
        let sources = Tensor([true, true, false, true, true, false, false, true], shape: [2, 1, 1, 4])
        for mask in [nil, pairs, sources] {
            for isCausal in [false, true] {
                check("attention, mask \(mask?.shape as Shape?)\(isCausal ? ", causal" : "")", [q, k, v]) {
                    dotProductAttention($0[0], $0[1], $0[2], scale: 0.7, mask: mask, isCausal: isCausal)
                }
            }
        }
        check("attention of itself", [q]) { dotProductAttention($0[0], $0[0], $0[0], scale: 0.5, isCausal: true) }
        check("attention with dropout", [q, k, v]) {
            dotProductAttention(
                $0[0], $0[1], $0[2], scale: 0.7, mask: sources, dropout: AttentionDropout(rate: 0.3, purpose: "test"))
        }
        check("attention weights", [near([2, 2, 3, 4])]) { attentionWeights($0[0], mask: pairs) }
        check("additive scores", [near([2, 3, 4]), near([2, 2, 4]), near([4])]) { additiveScores($0[0], $0[1], weight: $0[2]) }
        check("additive scores of itself", [near([2, 3, 4])]) { additiveScores($0[0], $0[0]) }
        check("additive scores with a factor", [near([2, 3, 4]), near([2, 2, 4]), near([])]) {
            additiveScores($0[0], $0[1], factor: $0[2])
        }
    }

    private func checkNormalization() {
        check("noise", [near([2, 3])]) { $0[0] * sampleNormal(like: $0[0], mean: 0.5, stddev: 1, purpose: "test") }
        check("samples that are kept", [near([4, 3])]) { square($0[0]) * sampleKept([4, 1], rate: 0.3, purpose: "test") }
        check("alpha dropout", [near([4, 5])]) { square(alphaDropout($0[0], rate: 0.4, purpose: "test")) }
        let mask = Tensor([true, false, true, true, true, false, true, true])
        for (shape, axis): (Shape, Int) in [([4, 3], -1), ([2, 3, 4], 1), ([2, 2, 2, 3], 3)] {
            let channels = shape[axis], others = (near([channels], 0.5 ... 1.5), near([channels]))
            for masked in [false, true] {
                for synchronized in [false, true] {
                    let rows = shape.count / shape.last
                    let mask = masked ? concatenate([mask, mask], axis: 0)[0 ..< rows].reshaped(Shape(shape.dimensions.dropLast())) : nil
                    check("batch normalization of \(shape)\(masked ? ", masked" : "")", [near(shape, -2 ... 2), others.0, others.1]) {
                        batchNormalization(
                            $0[0], gamma: $0[1], beta: $0[2], axis: axis, epsilon: 0.5, mask: mask, synchronized: synchronized
                        ).output
                    }
                }
            }
            check("normalization of \(shape)", [near(shape), near([channels]), near([channels], 1 ... 2), others.0, others.1]) {
                batchNormalization($0[0], mean: $0[1], variance: $0[2], gamma: $0[3], beta: $0[4], axis: axis)
            }
        }
        for (shape, row): (Shape, Shape) in [([3, 5], [5]), ([2, 3, 2], [3, 2])] {
            check("layer normalization of \(shape)", [near(shape, -2 ... 2), near(row), near(row)]) {
                layerNormalization($0[0], gamma: $0[1], beta: $0[2], epsilon: 0.5)
            }
            check("rms normalization of \(shape)", [near(shape, -2 ... 2), near(row)]) {
                rmsNormalization($0[0], scale: $0[1], epsilon: 0.5)
            }
        }
        for (shape, axis): (Shape, Int) in [([2, 4], -1), ([2, 3, 4], 2), ([2, 4, 3], 1), ([2, 2, 4, 2], 2)] {
            check("group normalization of \(shape)", [near(shape, -2 ... 2), near([4]), near([4])]) {
                groupNormalization($0[0], groups: 2, gamma: $0[1], beta: $0[2], axis: axis, epsilon: 0.5)
            }
        }
    }

    private func checkConvolution() {
        let (image, kernel) = (near([2, 4, 3, 2]), near([2, 3, 2, 3]))
        for (padding, strides) in [(Window.Padding.same, [1, 1]), (.same, [2, 1]), (.valid, [1, 2])] {
            let window = Window(size: [2, 3], strides: strides, padding: padding)
            check("convolution, \(padding)", [image, kernel, near([3])]) { convolution($0[0], $0[1], bias: $0[2], window: window) }
        }
        let wide = Window(size: [3], strides: [1], dilation: [2], padding: .causal)
        check("causal convolution", [near([2, 6, 2]), near([3, 2, 3])]) { convolution($0[0], $0[1], window: wide) }
        let square = Window(size: [2, 2], strides: [1, 1], padding: .valid)
        check("convolution in groups", [near([1, 3, 3, 4]), near([2, 2, 2, 4])]) { convolution($0[0], $0[1], window: square, groups: 2) }
        let solid = Window(size: [2, 1, 2], strides: [1, 1, 1], padding: .valid)
        check("convolution over three axes", [near([1, 2, 2, 3, 2]), near([2, 1, 2, 2, 2])]) { convolution($0[0], $0[1], window: solid) }
        for activation in [FusedActivation.relu, .sigmoid, .tanh] {
            // Far from the kink: positive and negative sums, by the sign of the bias.
            check("convolution and \(activation)", [near([1, 3, 3, 1], 0.1 ... 0.2), near([2, 2, 1, 2]), Tensor([3, -3] as [Float])]) {
                convolution($0[0], $0[1], bias: $0[2], window: square, activation: activation)
            }
        }
        let step = Window(size: [2, 3], strides: [2, 2], padding: .same)
        check("transposed convolution", [near([2, 2, 2, 3]), near([2, 3, 2, 3])]) {
            transposedConvolution($0[0], $0[1], window: step, output: [2, 4, 3, 2])
        }
        let pools = [Window(size: [2, 3], strides: [1, 2], padding: .same), Window(size: [2, 2], strides: [2, 2], padding: .valid)]
        for window in pools {
            check("average pooling", [near([2, 4, 5, 2])]) { averagePooling($0[0], window: window) }
            check("max pooling", [distinct([2, 4, 5, 2])], isTwice: false) { maxPooling($0[0], window: window) }
        }
    }

    /// The sources name operations and the functions they hold: each must have been applied by a case above.
    private func checkThatAllWereSeen(_ seen: Set<String>) throws {
        // Applied only by programs, to keep a variable's old value; its gradient is never asked for.
        let exempt: Set = ["Copy"]
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources/LockstepTensor/Ops")
        var types: [String] = [], functions: [String] = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            types += text.matches(of: /struct (\w+)(?:<.*>)?: Operation\b/).map { String($0.1) }
            functions += text.matches(of: /\bcase ((?:\w+, )*\w+)(?: \}|\n)/).flatMap { $0.1.split(separator: ", ").map(String.init) }
        }
        XCTAssertGreaterThan(types.count, 20)
        XCTAssertGreaterThan(functions.count, 40)
        let (seenTypes, seenNames) = (Set(seen.map { $0.split(separator: " ")[0] }), seen.map { $0.split(separator: " ")[1] })
        for type in types where !exempt.contains(type) {
            XCTAssertTrue(seenTypes.contains(Substring(type)), "operation \(type) has no case in GradientTests")
        }
        for function in functions {
            XCTAssertTrue(
                seenNames.contains { $0 == function || $0 == "bias_\(function)" }, "function \(function) has no case in GradientTests")
        }
    }
}
