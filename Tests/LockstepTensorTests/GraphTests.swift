import LockstepTensor
import XCTest

/// Tracing: what is noted down, and which value of a variable each read stands for.
final class GraphTests: XCTestCase {
    /// Traces `body` into a program with these results.
    private func program(_ body: () -> [Tensor]) -> (Program, [Tensor]) {
        let graph = Graph(), outputs = graph.trace(body)
        return (Program(graph, outputs: outputs), outputs)
    }

    func testNothingRunsWhileTracing() {
        let graph = Graph(), v = Variable(Tensor(1))
        let y = graph.trace { () -> Tensor in
            v.assign(v.value + 1)
            return v.value * 2
        }
        XCTAssertFalse(y.isKnown)
        XCTAssertEqual(v.value.scalar, 1)
        XCTAssertEqual(graph.records.map(\.operation.name), ["add", "Assign", "multiply"])
        XCTAssertTrue(graph.assigned.count == 1 && graph.assigned[0] === v)
    }

    func testUntraced() {
        let graph = Graph()
        let (traced, known) = graph.trace { (Tensor(1) + 1, Graph.untraced { Tensor(1) + 1 }) }
        XCTAssertFalse(traced.isKnown)
        XCTAssertEqual(known.scalar, 2)
        XCTAssertNil(Graph.current)
    }

    func testACounterCounts() {
        let counter = Variable(Tensor(0), trainable: false)
        let (program, _) = program {
            counter.assignAdd(Tensor(1)); return []
        }
        for _ in 0 ..< 3 { program.run() }
        XCTAssertEqual(counter.value.scalar, 3)
        counter.assign(Tensor(10))
        program.run()
        XCTAssertEqual(counter.value.scalar, 11)
    }

    func testReadsBeforeAndAfterAnAssignment() {
        let v = Variable(Tensor([1, 2] as [Float]))
        let (program, results) = program {
            let before = v.value
            v.assign(before * 10)
            let between = v.value
            v.assign(between + 1)
            return [before + 0, between + 0, v.value + 0, before + between]
        }
        program.run()
        XCTAssertEqual(results.map(\.scalars), [[1, 2], [10, 20], [11, 21], [11, 22]])
        program.run()
        XCTAssertEqual(results.map(\.scalars), [[11, 21], [110, 210], [111, 211], [121, 231]])
    }

    /// As above where the old value has no use before the assignment: it must be kept all the same.
    func testOldValueUsedOnlyAfterTheAssignment() {
        let v = Variable(Tensor(3))
        let (program, results) = program {
            let before = v.value
            v.assign(Tensor(5))
            return [before * 2, v.value * 2]
        }
        program.run()
        XCTAssertEqual(results.map(\.scalar), [6, 10])
    }

    /// As above by way of a reshape, made before the assignment or behind it.
    func testOldValueUsedThroughAView() {
        let v = Variable(Tensor([1, 2] as [Float]))
        let (program, results) = program {
            let (view, before) = (v.value.reshaped([2, 1]), v.value)
            v.assign(Tensor([5, 6] as [Float]))
            return [view * 1, before.reshaped([1, 2]) * 1, view.reshaped([2]) * 1, v.value.reshaped([1, 2]) * 1]
        }
        program.run()
        XCTAssertEqual(results.map(\.scalars), [[1, 2], [1, 2], [1, 2], [5, 6]])
    }

    /// The old value itself is a result.
    func testOldValueAsAResult() {
        let v = Variable(Tensor([1, 2] as [Float]))
        let (program, results) = program {
            let before = v.value
            v.assign(before + 1)
            return [before, before.reshaped([2, 1])]
        }
        program.run()
        XCTAssertEqual(results.map(\.scalars), [[1, 2], [1, 2]])
    }

    func testVariablesSwap() {
        let (a, b) = (Variable(Tensor(1)), Variable(Tensor(2)))
        let (program, _) = program {
            let (first, second) = (a.value, b.value)
            a.assign(second)
            b.assign(first)
            return []
        }
        program.run()
        XCTAssertEqual([a.value.scalar, b.value.scalar], [2, 1])
        program.run()
        XCTAssertEqual([a.value.scalar, b.value.scalar], [1, 2])
    }

    func testSliceAssignment() {
        let v = Variable(.zeros([2, 2]))
        let (program, results) = program {
            v[0, 1] = Tensor(7)
            v[1] = v[0] + 1
            return [v.value * 1]
        }
        program.run()
        XCTAssertEqual(results[0].scalars, [0, 7, 1, 8])
        XCTAssertEqual(v.value.scalars, [0, 7, 1, 8])
    }

    /// A tensor read outside keeps its elements when a program then assigns the variable.
    func testReadersOutsideKeepWhatTheySaw() {
        let v = Variable(Tensor([1, 2] as [Float]))
        let (program, _) = program {
            v.assignAdd(Tensor(1)); return []
        }
        let (before, view) = (v.value, v.value.reshaped([2, 1]))
        for variable in program.assigned { variable.willChange() }
        program.run()
        XCTAssertEqual(v.value.scalars, [2, 3])
        XCTAssertEqual(before.scalars, [1, 2])
        XCTAssertEqual(view.scalars, [1, 2])
    }

    /// A tensor that was read before tracing began is a constant of the graph: the weights as they once were.
    func testReadsFromBeforeTracingAreConstants() {
        let v = Variable(Tensor([1, 2] as [Float]))
        let (before, view) = (v.value, v.value.reshaped([2, 1]))
        let (program, results) = program { [v.value - before, view * 1] }
        v.assignAdd(Tensor(5))
        program.run()
        XCTAssertEqual(results.map(\.scalars), [[5, 5], [1, 2]])
        XCTAssertEqual(before.scalars, [1, 2])
        XCTAssertEqual(v.value.scalars, [6, 7])
    }

    /// Two reads with an assignment between them are different sources for a gradient.
    func testGradientsAcrossAnAssignment() {
        let v = Variable(Tensor(3)), graph = Graph()
        let gradient = graph.trace {
            let tape = GradientTape()
            let y = tape.record { () -> Tensor in
                let first = v.value
                v.assign(Tensor(4))
                return first * v.value
            }
            return tape.gradient(y, v)!
        }
        Program(graph, outputs: [gradient]).run()
        XCTAssertEqual(gradient.scalar, 7)
    }
}
