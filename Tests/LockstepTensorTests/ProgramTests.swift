import LockstepTensor
import XCTest

/// A traced computation does what the eager one does, in less memory.
final class ProgramTests: XCTestCase {
    /// Small nets, with their gradients: the same function is run at once and as a program.
    private typealias Net = (_ x: Tensor, _ labels: Tensor, _ weights: [Variable]) -> Tensor
    private let nets: [(String, Net)] = [
        (
            "dense",
            { x, labels, w in
                let hidden = biasActivation(x.matmul(w[0].value), w[1].value, .relu)
                return softmaxCrossEntropy(logits: biasActivation(hidden.matmul(w[2].value), w[3].value, .linear), target: labels).mean()
            }
        ),
        (
            "sigmoids and views",
            { x, labels, w in
                let hidden = sigmoid(x.matmul(w[0].value) + w[1].value).reshaped([2, -1]).reshaped([-1, 7])
                return square(softmax(hidden.matmul(w[2].value)) - oneHot(labels, 3)).mean()
            }
        ),
        (
            "normalised",
            { x, labels, w in
                let centred = x - x.mean(axes: [0], keepDims: true)
                let scaled = centred * rsqrt(x.variance(axes: [0], keepDims: true) + 1e-3)
                let parts = concatenate([scaled, LockstepTensor.tanh(scaled)], axis: 1)[all, 2 ..< 7]
                return (logSoftmax(LockstepTensor.tanh(parts.matmul(w[0].value)).matmul(w[2].value)) * oneHot(labels, 3)).sum()
            }
        ),
        (
            "dropout",
            { x, labels, w in
                let hidden = dropout(biasActivation(x.matmul(w[0].value), w[1].value, .tanh), rate: 0.4, purpose: "net")
                return softmaxCrossEntropy(logits: hidden.matmul(w[2].value), target: labels).sum()
            }
        ),
    ]

    /// Loss, gradients, and the gradients of Σ gradient²: second derivatives, while weights change underneath.
    private func step(_ net: Net, _ x: Tensor, _ labels: Tensor, _ weights: [Variable]) -> [Tensor] {
        let (outer, inner) = (GradientTape(), GradientTape())
        let (loss, first, norm) = outer.record { () -> (Tensor, [Tensor?], Tensor) in
            let loss = inner.record { net(x, labels, weights) }
            let first = inner.gradient(loss, weights)
            return (loss, first, first.compactMap { $0.map { square($0).sum() } }.reduce(Tensor(0), +))
        }
        return [loss] + first.compactMap { $0 } + outer.gradient(norm, weights).compactMap { $0 }
    }

    func testSameBytesAsAtOnceWithChangedInputs() {
        for (name, net) in nets {
            var numbers = Numbers(5)
            let weights = [numbers.tensor([5, 7]), numbers.tensor([7]), numbers.tensor([7, 3]), numbers.tensor([3])].map { Variable($0) }
            let (x, labels) = (Memory(byteCount: 6 * 5 * 4), Memory(byteCount: 6 * 4))
            let graph = Graph()
            let results = graph.trace {
                step(
                    net, Graph.input(Spec(shape: [6, 5]), at: x.pointer, owner: x),
                    Graph.input(Spec(shape: [6], dtype: .int32), at: labels.pointer, owner: labels), weights)
            }
            let program = Program(graph, outputs: results)
            for run in 0 ..< 3 {
                let (newX, newLabels) = (numbers.tensor([6, 5]), numbers.labels([6], below: 3))
                newX.withElements(of: Float.self) { x.pointer.copyMemory(from: $0.baseAddress!, byteCount: 6 * 5 * 4) }
                newLabels.withElements(of: Int32.self) { labels.pointer.copyMemory(from: $0.baseAddress!, byteCount: 6 * 4) }
                for weight in weights { weight.assign(numbers.tensor(weight.shape)) }
                Random.state.step = UInt64(run)
                program.run()
                let want = step(net, newX, newLabels, weights)
                XCTAssertEqual(results.count, want.count)
                for (got, want) in zip(results, want) { assertSame(got, want, "\(name), run \(run)") }
            }
        }
    }

    /// Results that do not live at the same time share memory, and element-wise chains run in place.
    func testMemoryIsReused() {
        let x = Variable(.ones([1000])), graph = Graph()
        let (chain, count) = graph.trace { () -> (Tensor, Int) in
            var y = x.value * 2
            for _ in 0 ..< 50 { y = LockstepTensor.tanh(y) + x.value }
            return (y, graph.records.count)
        }
        XCTAssertEqual(count, 101)
        let program = Program(graph, outputs: [chain])
        XCTAssertLessThanOrEqual(program.byteCount, 3 * 4096)
        program.run()
        var want = x.value * 2
        for _ in 0 ..< 50 { want = LockstepTensor.tanh(want) + x.value }
        assertSame(chain, want)
    }

    /// A matrix product cannot run in place, so two buffers alternate.
    func testTwoBuffersForProducts() {
        var numbers = Numbers(1)
        let w = Variable(numbers.tensor([16, 16], in: -0.3 ... 0.3)), graph = Graph()
        let y = graph.trace { (0 ..< 20).reduce(w.value) { product, _ in product.matmul(w.value) } }
        let program = Program(graph, outputs: [y])
        XCTAssertEqual(program.byteCount, 2 * 1024)
        program.run()
        assertSame(y, (0 ..< 20).reduce(w.value) { product, _ in product.matmul(w.value) })
    }

    /// What is read again later must survive operations that would overwrite it.
    func testLaterUsesKeepTheirInputs() {
        let x = Variable(Tensor([1, 2, 3] as [Float])), graph = Graph()
        let results = graph.trace { () -> [Tensor] in
            let a = x.value * 2, view = a.reshaped([3, 1])
            let b = -a, c = square(b), d = view + 1, e = c.reshaped([3, 1]) * d
            return [b, e, a + c, x.value + 0]
        }
        Program(graph, outputs: results).run()
        XCTAssertEqual(results.map(\.scalars), [[-2, -4, -6], [12, 80, 252], [6, 20, 42], [1, 2, 3]])
        XCTAssertEqual(x.value.scalars, [1, 2, 3])
    }

    func testDeadCodeIsDropped() {
        let x = Variable(Tensor(2)), counter = Variable(Tensor(0)), graph = Graph()
        let y = graph.trace { () -> Tensor in
            _ = LockstepTensor.exp(x.value * 3)
            counter.assignAdd(Tensor(1))
            return x.value * 5
        }
        let program = Program(graph, outputs: [y])
        XCTAssertEqual(program.instructions.map(\.name), ["add", "Assign", "multiply"])
        program.run()
        XCTAssertEqual([y.scalar, counter.value.scalar], [10, 1])
    }

    /// Pinned results end at their addresses: computed in place, through a view, twice, and of a variable or a constant.
    func testPinnedResults() {
        let x = Variable(Tensor([1, 2, 3, 4] as [Float])), constant = Tensor([7, 7, 7, 7] as [Float])
        let arena = Memory(byteCount: 6 * 64), graph = Graph()
        let results = graph.trace { () -> [Tensor] in
            let a = x.value * 2, b = (a + 1).reshaped([2, 2])
            return [a, b, x.value, constant, a, -(a + 5)]
        }
        let pinned = results.indices.map { (tensor: results[$0], address: arena.pointer + $0 * 64) }
        let program = Program(graph, outputs: [], pinned: pinned)
        // Computed where they are wanted, but for the variable, the constant and the second copy of `a`.
        XCTAssertEqual(program.instructions.filter { $0.name == "Copy" }.count, 3)
        for scale: Float in [1, 10] {
            x.assign(Tensor([1, 2, 3, 4] as [Float]) * scale)
            program.run()
            let a = x.value * 2, want = [a, a + 1, x.value, constant, a, -(a + 5)]
            for (index, want) in want.enumerated() {
                let found = (0 ..< 4).map { arena.floats[index * 16 + $0] }
                XCTAssertEqual(found, want.scalars, "pinned result \(index)")
            }
        }
    }

    /// A pinned result may be a constant that only the program keeps, as the gradient of a weight that no loss depends on.
    func testPinnedConstants() {
        let arena = Memory(byteCount: 64 * 4), graph = Graph()
        let program = Program(graph, outputs: [], pinned: [(graph.trace { Tensor.zeros([64]) }, arena.pointer)])
        let others = (0 ..< 100).map { _ in Tensor([Float](repeating: 1, count: 64)) }
        program.run()
        XCTAssertEqual(arena.pointer.assumingMemoryBound(to: Float.self)[63], 0)
        XCTAssertEqual(others.count, 100)
    }

    /// After the instruction that `completion` names, and not before, a pinned result is there: it can be sent away.
    func testCompletionOfPinnedResults() {
        let x = Variable(Tensor([1, 2, 3, 4] as [Float])), arena = Memory(byteCount: 4 * 64), graph = Graph()
        let results = graph.trace { () -> [Tensor] in
            let a = LockstepTensor.exp(x.value), b = a + 1, c = b * a
            return [c, b.reshaped([2, 2]), a, b]
        }
        let pinned = results.indices.map { (tensor: results[$0], address: arena.pointer + $0 * 64) }
        let program = Program(graph, outputs: [], pinned: pinned)
        program.run()
        let want = results.indices.map { index in (0 ..< 4).map { arena.floats[index * 16 + $0] } }
        arena.floats.update(repeating: -1, count: 64)
        for instruction in program.instructions.indices {
            program.run(instruction ..< instruction + 1)
            for (index, last) in program.completion.enumerated() {
                let found = (0 ..< 4).map { arena.floats[index * 16 + $0] }
                if instruction >= last { XCTAssertEqual(found, want[index], "result \(index) after instruction \(instruction)") }
                if instruction < last { XCTAssertNotEqual(found, want[index], "result \(index) before instruction \(last)") }
            }
        }
    }

    /// The gradients of many slices come together without a tensor of the whole for each: one unrolled loop over rows.
    func testGradientsOfSlicesAreAddedWhereTheyBelong() {
        let rows = 64
        var numbers = Numbers(2)
        let x = Variable(numbers.tensor([rows, 256])), graph = Graph()
        func loss() -> Tensor { (0 ..< rows).map { square(x.value[$0]).sum() * Float($0) }.reduce(Tensor(0), +) }
        let gradient = graph.trace { () -> Tensor in
            let tape = GradientTape()
            return tape.gradient(tape.record(loss), x)!
        }
        let program = Program(graph, outputs: [gradient])
        XCTAssertEqual(program.instructions.filter { $0.name == "Pad" }.count, 1)
        XCTAssertEqual(program.instructions.filter { $0.name == "AddSlice" }.count, rows - 1)
        // The rows, which their gradients need, and the sum of these.
        XCTAssertLessThan(program.byteCount, 2 * rows * 256 * 4 + 4096)
        program.run()
        // d/dx k Σ x² = 2 k x
        let want = x.value.scalars.enumerated().map { 2 * Float($0 / 256) * $1 }
        XCTAssertEqual(gradient.scalars, want)
    }

    /// Programs that run in turn use one block, as large as the largest needs.
    func testProgramsShareAWorkspace() {
        let x = Variable(.ones([1000])), workspace = Workspace()
        func made(_ rows: Int) -> (program: Program, result: Tensor) {
            let graph = Graph(), result = graph.trace { (0 ..< rows).map { x.value * Float($0) }.reduce(Tensor.zeros([1000]), +) }
            return (Program(graph, outputs: [result], in: workspace), result)
        }
        let large = made(5), bytes = workspace.byteCount, small = made(3)
        XCTAssertEqual(workspace.byteCount, bytes)
        XCTAssertEqual(bytes, large.program.byteCount)
        for _ in 0 ..< 2 {
            large.program.run()
            XCTAssertEqual(large.result.scalars, .init(repeating: 10, count: 1000))
            small.program.run()
            XCTAssertEqual(small.result.scalars, .init(repeating: 3, count: 1000))
        }
        // One that needs more gets a larger block; those before it still have theirs.
        let graph = Graph(), larger = graph.trace { (x.value * 2, LockstepTensor.exp(x.value) * 3, x.value.broadcast(to: [9, 1000]) * 2) }
        let program = Program(graph, outputs: [larger.0, larger.1, larger.2], in: workspace)
        XCTAssertGreaterThan(workspace.byteCount, bytes)
        program.run()
        small.program.run()
        XCTAssertEqual(small.result.scalars, .init(repeating: 3, count: 1000))
    }

    /// Memory that a kernel works in lies in the block too, and nothing that is alive lies there.
    func testScratch() {
        struct Reversed: LockstepTensor.Operation {
            func outputs(_ inputs: [Spec]) -> [Spec] { inputs }
            func scratch(_ inputs: [Spec]) -> [Spec] { inputs }
            var overwrites: Int? { 0 }
            func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
                let (x, y, scratch, n) = (inputs[0].floats, outputs[0].floats, outputs[1].floats, inputs[0].count)
                return {
                    for i in 0 ..< n { scratch[n - 1 - i] = x[i] }
                    y.update(from: scratch, count: n)
                }
            }
        }
        let x = Variable(Tensor([1, 2, 3] as [Float])), graph = Graph()
        func net() -> [Tensor] {
            let a = x.value * 2, b = x.value + 1, c = apply(Reversed(), a), d = apply(Reversed(), b)
            return [c, d, c + b]
        }
        let results = graph.trace(net)
        Program(graph, outputs: results).run()
        XCTAssertEqual(results.map(\.scalars), [[6, 4, 2], [4, 3, 2], [8, 7, 6]])
        XCTAssertEqual(net().map(\.scalars), [[6, 4, 2], [4, 3, 2], [8, 7, 6]], "at once")
    }
}
