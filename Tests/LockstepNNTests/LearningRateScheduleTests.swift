import LockstepNN
import LockstepTensor
import XCTest

final class LearningRateScheduleTests: XCTestCase {
    /// Every schedule over 31 steps, and its configuration, against Keras, which computes in float32.
    func testAgainstKeras() throws {
        for test in try golden("schedules").items {
            let name = test["name"]!.text!, note = "\(name) \(test["arguments"]!.json)"
            let schedule = try LearningRateSchedules.registry.make(name, test["arguments"]!)
            assertNear(
                (0 ... 30).map { schedule.value(step: $0) }, test["values"]!.items.map { Float($0.number!) }, tolerance: 2e-6, floor: 0.01,
                note)
            assertSame(schedule.serialized, test["serialized"]!, at: note)
            assertSame(try LearningRateSchedules.registry.make(test["serialized"]!).serialized, schedule.serialized, at: note)
        }
    }

    /// Cosines that begin again, over 61 steps; Keras takes the period from a logarithm in float32, whose rounding may begin one a step late.
    func testCosineDecayRestarts() throws {
        for test in try golden("objective_names")["schedules"]!.items {
            let note = "CosineDecayRestarts \(test["arguments"]!.json)"
            let schedule = try LearningRateSchedules.registry.make("CosineDecayRestarts", test["arguments"]!) as! CosineDecayRestarts
            var late = 0
            for (step, want) in test["values"]!.items.enumerated() {
                let (got, want) = (schedule(step), Float(want.number!))
                let lowest = schedule.initialLearningRate * schedule.alpha
                if Swift.abs(want - lowest) < 1e-6, Swift.abs(got - lowest) > 1e-3 {
                    late += 1
                } else {
                    assertNear([got], [want], tolerance: 2e-5, floor: 0.05, "\(note), step \(step)")
                }
            }
            XCTAssertLessThanOrEqual(late, 1, note)
            assertSame(schedule.serialized, test["serialized"]!, at: note)
            assertSame(try LearningRateSchedules.registry.make(test["serialized"]!).serialized, schedule.serialized, at: note)
        }
        let restarts = CosineDecayRestarts(initialLearningRate: 1, firstDecaySteps: 10)
        XCTAssertEqual([0, 10, 30, 70, 150].map { restarts($0) }, [1, 1, 1, 1, 1])
        assertNear([5, 20, 50].map { restarts($0) }, [0.5, 0.5, 0.5])
    }

    /// From the rate for batches of 256, in a line, to four times as much for batches of 1024.
    func testGradualWarmup() throws {
        let plain = GradualWarmup(baseLearningRate: 0.1, batchSize: 1024, warmupSteps: 3)
        assertNear((0 ... 5).map { plain($0) }, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4], tolerance: 1e-6)
        let after = GradualWarmup(
            baseLearningRate: 0.1, batchSize: 64, baseBatchSize: 32, warmupSteps: 2,
            after: PiecewiseConstantDecay(boundaries: [1], values: [0.2, 0.02]))
        assertNear((0 ... 5).map { after($0) }, [0.1, 0.15, 0.2, 0.2, 0.02, 0.02], tolerance: 1e-6)
        XCTAssertEqual(GradualWarmup(baseLearningRate: 0.1, batchSize: 512, warmupSteps: 0)(0), 0.2)
        let copy = try LearningRateSchedules.registry.make(after.serialized)
        assertSame(copy.serialized, after.serialized, at: "warmup")
        let short = try LearningRateSchedules.registry.make(
            .object([
                "GradualWarmup": .object([
                    "base_learning_rate": 0.1, "batch_size": 64, "base_batch_size": 32, "warmup_steps": 2,
                    "after": .object(["PiecewiseConstantDecay": .object(["boundaries": .array([1]), "values": .array([0.2, 0.02])])]),
                ])
            ]))
        assertSame(short.serialized, after.serialized, at: "short form")
    }

    /// The schedule is asked for the number of batches before each update; an optimizer with one shows its rate.
    func testInAnOptimizer() throws {
        let v = Variable(Tensor(0)), optimizer = SGD(learningRate: PiecewiseConstantDecay(boundaries: [0, 1], values: [1, 0.5, 0.25]))
        XCTAssertEqual(optimizer.learningRate, 1)
        for want in [-1, -1.5, -1.75, -2] as [Float] {
            optimizer.apply([Tensor(1)], to: [v])
            XCTAssertEqual(v.value.scalar, want)
        }
        XCTAssertEqual(optimizer.learningRate, 0.25)
        XCTAssertEqual(try Optimizers.registry.make("sgd", .object(["learning_rate": "1e-3"])).learningRate, 0.001)
    }

    /// One of one's own.
    func testAScheduleOfOnesOwn() {
        final class Inverse: LearningRateSchedule {
            override func value(step: Int) -> Float { 1 / Float(step + 1) }
        }
        let v = Variable(Tensor(0)), optimizer = SGD(learningRate: Inverse())
        for _ in 0 ..< 4 { optimizer.apply([Tensor(12)], to: [v]) }
        XCTAssertEqual(v.value.scalar, -25)
    }

    func testWrongArguments() {
        let cases: [(String, ConfigValue, String)] = [
            (
                "ExponentialDecay", .object(["initial_learning_rate": 1, "decay_steps": 0, "decay_rate": 0.5]),
                "ExponentialDecay.decay_steps: expected a number of at least 1, found 0"
            ),
            (
                "PiecewiseConstantDecay", .object(["boundaries": .array([1, 2]), "values": .array([1, 2])]),
                "PiecewiseConstantDecay.values: expected 3 numbers, one more than boundaries, found 2"
            ),
            (
                "PiecewiseConstantDecay", .object(["boundaries": .array([2, 1]), "values": .array([1, 2, 3])]),
                "PiecewiseConstantDecay.boundaries: expected ascending numbers, found [2, 1]"
            ),
            (
                "CosineDecayRestarts", .object(["initial_learning_rate": 1, "first_decay_steps": 3, "t_mul": 0.5]),
                "CosineDecayRestarts.t_mul: expected a number of at least 1, found 0.5"
            ),
            ("CosineDecay", .object(["decay_steps": 5]), "CosineDecay: missing initial_learning_rate: expected a number"),
        ]
        for (name, arguments, want) in cases {
            XCTAssertThrowsError(try LearningRateSchedules.registry.make(name, arguments)) { XCTAssertEqual("\($0)", want) }
        }
    }
}
