import LockstepNN
import LockstepTensor
import XCTest

final class OptimizerTests: XCTestCase {
    private func variables(_ start: ConfigValue) -> [Variable] { start.items.enumerated().map { Variable($1.tensor, name: "v\($0)") } }

    /// Every optimizer and variant against Keras, after one and after ten steps, states included. Keras rounds in another
    /// order: a few units in the last place of numbers around 1, ten times.
    func testAgainstKeras() throws {
        let golden = try golden("optimizers")
        let gradients = golden["gradients"]!.items.map { $0.items.map(\.tensor) }
        for test in golden["cases"]!.items {
            let name = test["name"]!.text!, note = "\(name) \(test["arguments"]!.json)"
            let optimizer = try Optimizers.registry.make(name, test["arguments"]!)
            XCTAssertEqual(optimizer.name, test["default_name"]!.text!)
            let variables = variables(golden["start"]!)
            for (index, step) in gradients.enumerated() {
                optimizer.apply(step, to: variables)
                guard index == 0 || index == 9 else { continue }
                for (variable, want) in zip(variables, test[index == 0 ? "after1" : "after10"]!.items) {
                    assertNear(
                        variable.value.scalars, want.tensor.scalars, tolerance: 1e-6, floor: 1,
                        "\(note) of \(variable.shape) after \(index + 1)")
                }
            }
            XCTAssertEqual(optimizer.iterations, 10)
            try compareStates(optimizer, variables, test, 2e-6, note)
        }
    }

    /// Keras lists the states of the first kind for all variables, then others; we keep an arena for each kind.
    private func compareStates(_ optimizer: Optimizer, _ variables: [Variable], _ test: ConfigValue, _ tolerance: Float, _ note: String)
        throws
    {
        var states = test["states"]!.items[...], names = test["state_names"]!.items[...]
        XCTAssertEqual(states.count, optimizer.slotNames.count * variables.count, note)
        for group in optimizer.slotGroups {
            for (index, variable) in variables.enumerated() {
                for slot in group {
                    let (want, name) = (states.removeFirst().tensor, names.removeFirst().text!)
                    XCTAssertTrue(name.hasSuffix(optimizer.slotNames[slot]), "\(note): \(name), ours \(optimizer.slotNames[slot])")
                    let start = optimizer.slot(slot) + optimizer.layout!.offsets[index]
                    assertNear((0 ..< variable.shape.count).map { start[$0] }, want.scalars, tolerance: tolerance, "\(note): \(name)")
                }
            }
        }
    }

    /// One sweep over parameters gathered in an arena does the same as variable by variable, bit for bit.
    func testSweepOverAnArena() throws {
        let golden = try golden("optimizers")
        for name in Optimizers.registry.names {
            let arguments: ConfigValue = name == "SGD" || name == "RMSprop" ? .object(["momentum": 0.9]) : .null
            let (one, sweep) = (try Optimizers.registry.make(name, arguments), try Optimizers.registry.make(name, arguments))
            let (separate, gathered) = (variables(golden["start"]!), variables(golden["start"]!))
            let layout = ParameterLayout(gathered)
            layout.gatherParameters()
            sweep.build(layout)
            XCTAssertEqual(layout.runs.count, 1)
            let arena = Memory(byteCount: layout.count * 4)
            let floats = arena.pointer.initializeMemory(as: Float.self, repeating: 0, count: layout.count)
            for step in golden["gradients"]!.items {
                one.apply(step.items.map(\.tensor), to: separate)
                for (gradient, offset) in zip(step.items, layout.offsets) {
                    for (index, scalar) in gradient.tensor.scalars.enumerated() { floats[offset + index] = scalar }
                }
                sweep.apply(floats, runs: layout.runs)
            }
            for (a, b) in zip(separate, gathered) { XCTAssertEqual(a.value.scalars, b.value.scalars, name) }
        }
    }

    func testLayoutAlignsAndPads() {
        let variables = [[5, 7], [3], [33], [], [16]].map { Variable(.ones(Shape($0))) }
        let layout = ParameterLayout(variables)
        XCTAssertEqual(layout.offsets, [0, 48, 64, 112, 128])
        XCTAssertEqual(layout.count, 144)
        layout.gatherParameters()
        XCTAssertTrue(variables.allSatisfy { $0.value.scalars.allSatisfy { $0 == 1 } })
        // A variable that another model has gathered keeps its place: two runs around it.
        let shared = [Variable(.ones([16])), variables[2], Variable(.ones([16]))]
        let other = ParameterLayout(shared)
        other.gatherParameters()
        XCTAssertEqual(other.runs.map(\.count), [16, 48, 16])
        XCTAssertTrue(other.runs.contains { $0.parameters == variables[2].floats })
    }

    func testLearningRateCanChange() {
        let v = Variable(Tensor(1)), optimizer = SGD(learningRate: 0.5)
        optimizer.apply([Tensor(1)], to: [v])
        optimizer.learningRate = 0.25
        optimizer.apply([Tensor(1)], to: [v])
        XCTAssertEqual(v.value.scalar, 0.25)
    }

    /// A tensor that was read from a variable does not change with it.
    func testReadersKeepWhatTheySaw() {
        let v = Variable(Tensor([1, 2] as [Float])), before = v.value
        Adam().apply([Tensor([1, 1] as [Float])], to: [v])
        XCTAssertEqual(before.scalars, [1, 2])
        XCTAssertNotEqual(v.value.scalars, [1, 2])
    }

    /// One of one's own: a name, a state, an update.
    func testAnOptimizerOfOnesOwn() throws {
        final class SignDescent: Optimizer {
            override var slotNames: [String] { ["steps"] }
            override func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
                for i in 0 ..< run.count {
                    run.parameters[i] -= run.gradients[i] > 0 ? learningRate : -learningRate
                    run.slot(0)[i] += 1
                }
            }
        }
        let (a, b) = (Variable(Tensor([1, 2] as [Float])), Variable(Tensor(3))), optimizer = SignDescent(learningRate: 0.5, name: "sign")
        for _ in 0 ..< 2 { optimizer.apply([Tensor([3, -4] as [Float]), Tensor(0.1)], to: [a, b]) }
        XCTAssertEqual(a.value.scalars + b.value.scalars, [0, 3, 2])
        XCTAssertEqual(optimizer.slot(0)[optimizer.layout!.offsets[1]], 2)
    }

    /// What Keras writes for an optimizer and what is not done here: refused, never left out in silence.
    func testArgumentsThatAreNotSupported() {
        for argument in ["weight_decay", "clipnorm", "clipvalue", "global_clipnorm"] {
            XCTAssertThrowsError(try Optimizers.registry.make("SGD", .object([.init(argument, 0.1)]))) {
                XCTAssertEqual("\($0)", "SGD.\(argument): \(argument) is not supported yet")
            }
        }
        XCTAssertNoThrow(try Optimizers.registry.make("SGD", .object(["weight_decay": nil, "use_ema": false, "ema_momentum": 0.99])))
        XCTAssertThrowsError(try Optimizers.registry.make("Adam", .object(["use_ema": true])))
        XCTAssertThrowsError(try Optimizers.registry.make("Adam", .object(["learning_rate": -1])))
    }
}
