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
            if let serialized = test["serialized"] { assertSame(optimizer.serialized, serialized, at: note) }
            assertSame(try Optimizers.registry.make(optimizer.serialized).serialized, optimizer.serialized, at: note)
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
            XCTAssertEqual(optimizer.iterations, Int(test["iterations"]!.number!), note)
            XCTAssertEqual(optimizer.steps, 10)
            // The linear part of Ftrl is a sum of differences divided by the learning rate.
            try compareStates(optimizer, variables, test, optimizer is Ftrl ? 2e-4 : 2e-6, note)
            optimizer.finalizeVariableValues()
            for (variable, want) in zip(variables, (test["final"] ?? test["after10"]!).items) {
                assertNear(
                    variable.value.scalars, want.tensor.scalars, tolerance: 1e-6, floor: 1, "\(note) of \(variable.shape) at the end")
            }
        }
    }

    /// Keras lists averages of parameters, sums of gradients, then the states of the first kind for all variables, then others; we
    /// keep an arena for each kind. It names states of shapes of their own by their variable, and numbers besides not at all.
    private func compareStates(_ optimizer: Optimizer, _ variables: [Variable], _ test: ConfigValue, _ tolerance: Float, _ note: String)
        throws
    {
        var states = test["states"]!.items[...], names = test["state_names"]!.items[...]
        func compare(_ floats: UnsafeMutablePointer<Float>, _ shape: Shape, _ kind: String?) throws {
            let want = try XCTUnwrap(states.popFirst(), note).tensor, name = try XCTUnwrap(names.popFirst()?.text)
            if let kind { XCTAssertTrue(name.hasSuffix(kind), "\(note): \(name), ours \(kind)") }
            XCTAssertEqual(shape, want.shape, "\(note): \(name)")
            assertNear((0 ..< shape.count).map { floats[$0] }, want.scalars, tolerance: tolerance, "\(note): \(name)")
        }
        let state = optimizer.state!
        if optimizer.useEMA {
            for variable in variables {
                try compare(state.floats(of: variable, slot: optimizer.slotNames.count)!, variable.shape, "average")
            }
        }
        if optimizer.gradientAccumulationSteps != nil {
            for variable in variables { try compare(state.floats(of: variable, slot: nil)!, variable.shape, "gradient_accumulator") }
        }
        for group in optimizer.slotGroups {
            for variable in variables {
                for slot in group {
                    let shape = optimizer.shape(ofSlot: slot, for: variable.shape)
                    let hasName = optimizer.slotNames[slot].count > 1
                    guard let shape else {
                        XCTAssertEqual(try XCTUnwrap(states.popFirst()).tensor.scalars, [0])
                        names.removeFirst()
                        continue
                    }
                    try compare(state.floats(of: variable, slot: slot)!, shape, hasName ? optimizer.slotNames[slot] : nil)
                }
            }
        }
        for index in optimizer.scalars.indices { try compare(state.scalar(index), [], nil) }
        XCTAssertEqual(states.count, 0, note)
    }

    /// What the tests below run: every optimizer, with what can happen to gradients before it.
    private func optimizers() throws -> [(name: String, make: () throws -> Optimizer)] {
        let extras: [[ConfigValue.Entry]] = [
            [], [.init("weight_decay", 0.1)], [.init("clipnorm", 1.5)], [.init("global_clipnorm", 2.5)], [.init("clipvalue", 0.5)],
            [.init("gradient_accumulation_steps", 3)],
            [.init("gradient_accumulation_steps", 2), .init("global_clipnorm", 2.5), .init("weight_decay", 0.1)],
            [.init("use_ema", true), .init("ema_momentum", 0.5), .init("ema_overwrite_frequency", 2)],
        ]
        return Optimizers.registry.names.flatMap { name in
            extras.map { extra in
                let momentum: [ConfigValue.Entry] = name == "SGD" || name == "RMSprop" ? [.init("momentum", 0.9)] : []
                let arguments: ConfigValue = .object(extra + momentum)
                return ("\(name) \(arguments.json)", { try Optimizers.registry.make(name, arguments) })
            }
        }
    }

    /// An arena of gradients, written step by step.
    private struct Gradients {
        let layout: ParameterLayout, arena: Memory
        var floats: UnsafeMutablePointer<Float> { arena.floats }
        init(_ layout: ParameterLayout) { (self.layout, arena) = (layout, Memory(repeating: 0, count: layout.count)) }
        func set(_ step: ConfigValue) {
            for (gradient, offset) in zip(step.items, layout.offsets) {
                for (index, scalar) in gradient.tensor.scalars.enumerated() { floats[offset + index] = scalar }
            }
        }
        var all: [Float] { (0 ..< layout.count).map { floats[$0] } }
    }

    /// What comes behind an update, of optimizers that each have a part of the parameters.
    private func average(_ optimizers: [Optimizer], _ runs: [[(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)]]) {
        for (optimizer, runs) in zip(optimizers, runs) {
            for run in runs { optimizer.average(run) }
            if optimizer.isDueForAverage { optimizer.becomeAverage(runs) }
        }
    }

    /// One sweep over parameters gathered in an arena does the same as variable by variable, bit for bit. The gradients
    /// are only read, and the floats between variables stay zero.
    func testSweepOverAnArena() throws {
        let golden = try golden("optimizers")
        for (name, make) in try optimizers() {
            let (one, sweep) = (try make(), try make())
            let (separate, gathered) = (variables(golden["start"]!), variables(golden["start"]!))
            let layout = ParameterLayout(gathered)
            layout.gatherParameters()
            sweep.build(layout)
            XCTAssertEqual(layout.runs.count, 1)
            let gradients = Gradients(layout)
            for step in golden["gradients"]!.items {
                one.apply(step.items.map(\.tensor), to: separate)
                gradients.set(step)
                let before = gradients.all
                sweep.apply(gradients.floats, runs: layout.runs)
                average([sweep], [layout.runs])
                XCTAssertEqual(gradients.all, before, name)
            }
            for (a, b) in zip(separate, gathered) { XCTAssertEqual(a.value.scalars, b.value.scalars, name) }
            var elements = Set<Int>()
            for index in layout.offsets.indices { elements.formUnion(layout.elements(ofVariable: index, in: 0 ..< layout.count)) }
            for index in 0 ..< layout.count where !elements.contains(index) { XCTAssertEqual(layout.runs[0].parameters[index], 0, name) }
        }
    }

    /// Optimizers that each update a part of the parameters, from all gradients, do the same as one that updates all. Norms
    /// are those of all, whatever the part; a part ends inside of a variable where the optimizer allows it.
    func testPartsOfTheParameters() throws {
        let golden = try golden("optimizers")
        for (name, make) in try optimizers() {
            let (whole, parts) = (try make(), [try make(), try make()])
            let (expected, found) = (variables(golden["start"]!), variables(golden["start"]!))
            let (layout, cutLayout) = (ParameterLayout(expected), ParameterLayout(found))
            for layout in [layout, cutLayout] { layout.gatherParameters() }
            whole.build(layout)
            for part in parts { part.build(cutLayout) }
            let cut = layout.offsets[2] + (whole.needsWholeVariables ? 0 : 16), parameters = cutLayout.runs[0].parameters
            let gradients = Gradients(layout)
            for step in golden["gradients"]!.items {
                gradients.set(step)
                whole.apply(gradients.floats, runs: layout.runs)
                average([whole], [layout.runs])
                let runs = [[(0, cut, parameters)], [(cut, layout.count - cut, parameters + cut)]]
                for (part, runs) in zip(parts, runs) { part.apply(gradients.floats, runs: runs) }
                average(parts, runs)
            }
            for (a, b) in zip(expected, found) { XCTAssertEqual(a.value.scalars, b.value.scalars, name) }
        }
    }

    /// A gradient that is not finite: with clipping to a norm of all, every gradient becomes NaN, as in Keras; to a norm of
    /// its own, all of that variable's; by value, the number alone.
    func testClippingWhatIsNotFinite() {
        for (optimizer, nans) in [(SGD(globalClipnorm: 1), 4), (SGD(clipnorm: 1), 2), (SGD(clipvalue: 1), 1)] {
            let (a, b) = (Variable(Tensor([2, 2] as [Float])), Variable(Tensor([2, 2] as [Float])))
            optimizer.apply([Tensor([100, 0] as [Float]), Tensor([1, .nan] as [Float])], to: [a, b])
            XCTAssertEqual((a.value.scalars + b.value.scalars).filter(\.isNaN).count, nans, "\(optimizer.clipping!)")
            XCTAssertTrue(b.value.scalars[1].isNaN, "\(optimizer.clipping!)")
            if nans < 4 { XCTAssertEqual(a.value.scalars, [1.99, 2]) }
        }
    }

    /// What was gathered of a batch that has not been used yet moves with the other states into a new order.
    func testAccumulatedGradientsKeepTheirVariables() throws {
        let make = { SGD(learningRate: 1, gradientAccumulationSteps: 2) }
        let (a, b) = (Variable(Tensor([0, 0] as [Float])), Variable(Tensor(0)))
        let optimizer = make(), gradients = [Tensor([1, 2] as [Float]), Tensor(4)]
        optimizer.apply(gradients, to: [a, b])
        XCTAssertEqual(a.value.scalars + b.value.scalars, [0, 0, 0])
        XCTAssertEqual(optimizer.iterations, 0)
        optimizer.build(ParameterLayout([b, a]))
        optimizer.apply(gradients, to: [a, b])
        XCTAssertEqual(a.value.scalars + b.value.scalars, [-1, -2, -4])
        XCTAssertEqual(optimizer.iterations, 1)
    }

    /// Variables that a call does not name stay as they are: figures of Keras.
    func testSomeOfTheVariables() {
        for (optimizer, want) in [(SGD(learningRate: 1), [-1, 0] as [Float]), (SGD(learningRate: 1, momentum: 0.5), [-1.5, 0])] {
            let (a, b) = (Variable(Tensor([1] as [Float])), Variable(Tensor([1] as [Float]))), one = Tensor([1] as [Float])
            optimizer.apply([one, one], to: [a, b])
            optimizer.apply([one], to: [a])
            XCTAssertEqual(a.value.scalars + b.value.scalars, want)
        }
    }

    /// State of variables that are not trained for a time comes back with them, also in a loop of one's own.
    func testStateSetAsideComesBack() {
        func run(pause: Bool) -> [Float] {
            let (a, b) = (Variable(Tensor([1, 2] as [Float])), Variable(Tensor([3] as [Float])))
            let (optimizer, gradients) = (Adam(learningRate: 0.1), [Tensor([1, -2] as [Float]), Tensor([0.5] as [Float])])
            for _ in 0 ..< 3 { optimizer.apply(gradients, to: [a, b]) }
            if pause {
                let before = [0, 1].map { optimizer.state!.floats(of: a, slot: $0)![1] }
                optimizer.build(ParameterLayout([b]))
                XCTAssertEqual(optimizer.layout!.variables.count, 1)
                XCTAssertEqual([0, 1].map { optimizer.state!.floats(of: a, slot: $0)![1] }, before)
            }
            for _ in 0 ..< 3 { optimizer.apply(gradients, to: [a, b]) }
            return a.value.scalars + b.value.scalars
        }
        XCTAssertEqual(run(pause: true), run(pause: false))
    }

    /// A constraint makes the value anew after each batch, and only of variables that are trained by it.
    func testConstraints() {
        let (a, b) = (Variable(Tensor([1, -3] as [Float])), Variable(Tensor([-1] as [Float])))
        a.constraint = { maximum($0, 0) * 0.5 }
        b.constraint = { abs($0) }
        let before = a.value, optimizer = SGD(learningRate: 1)
        optimizer.apply([Tensor([-1, 1] as [Float])], to: [a])
        XCTAssertEqual(a.value.scalars + b.value.scalars, [1, 0, -1])
        XCTAssertEqual(before.scalars, [1, -3])
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
        XCTAssertEqual(optimizer.state!.slot(0)[optimizer.layout!.offsets[1]], 2)
    }

    /// What makes no sense and what is not done here: refused, never left out in silence.
    func testWrongArguments() {
        let cases: [(ConfigValue.Entry, String)] = [
            (.init("loss_scale_factor", 2), "SGD.loss_scale_factor: loss_scale_factor is not supported yet"),
            (.init("learning_rate", -1), "SGD.learning_rate: expected a number that is not negative, found -1.0"),
            (.init("clipnorm", 0), "SGD.clipnorm: expected a positive number, found 0.0"),
            (.init("weight_decay", -0.5), "SGD.weight_decay: expected a number that is not negative, found -0.5"),
            (
                .init("gradient_accumulation_steps", 1),
                "SGD.gradient_accumulation_steps: expected a whole number of at least 2, or nothing, found 1"
            ),
            (
                .init("ema_overwrite_frequency", -1),
                "SGD.ema_overwrite_frequency: expected a whole number of at least 1, or nothing, found -1"
            ),
            (.init("ema_momentum", 1.5), "SGD.ema_momentum: expected a number between 0 and 1, found 1.5"),
            (
                .init("learning_rate", .object(["CosinDecay": .object([:])])),
                "SGD.learning_rate: unknown learning rate schedule \"CosinDecay\"; did you mean CosineDecay? Known: CosineDecay, ExponentialDecay, GradualWarmup, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay"
            ),
        ]
        for (entry, want) in cases {
            let all = entry.key.hasPrefix("ema") ? [entry, .init("use_ema", true)] : [entry]
            XCTAssertThrowsError(try Optimizers.registry.make("SGD", .object(all))) { XCTAssertEqual("\($0)", want) }
        }
        for (name, arguments, want) in [
            ("AdamW", ["weight_decay": nil], "AdamW.weight_decay: expected a number, found nothing"),
            ("Lion", ["beta_1": 0], "Lion.beta_1: expected a number greater than 0 and at most 1, found 0.0"),
            ("Ftrl", ["learning_rate_power": 0.5], "Ftrl.learning_rate_power: expected 0 or a negative number, found 0.5"),
            (
                "Ftrl", ["l1_regularization_strength": -1],
                "Ftrl.l1_regularization_strength: expected a number that is not negative, found -1.0"
            ),
        ] as [(String, KeyValuePairs<String, ConfigValue>, String)] {
            XCTAssertThrowsError(try Optimizers.registry.make(name, .object(arguments))) { XCTAssertEqual("\($0)", want) }
        }
        XCTAssertThrowsError(try Optimizers.registry.make("Adam", .object(["clipnorm": 1, "clipvalue": 0.5]))) {
            XCTAssertEqual(
                "\($0)", "Adam: only one of clipnorm, clipvalue and global_clipnorm can be set; found clipnorm 1.0, clipvalue 0.5")
        }
        XCTAssertNoThrow(try Optimizers.registry.make("SGD", .object(["weight_decay": nil, "use_ema": false, "ema_momentum": 0.99])))
    }
}
