import LockstepNN
import LockstepTensor
import XCTest

extension LayerTests {
    /// Layers that normalize, rescale or make noise. No two elements of an input are equal, so that no row is constant.
    var normalizationCases: [(name: String, check: () throws -> Void)] {
        func input(_ shape: Shape) -> Tensor { .randomUniform(shape, low: -2, high: 2, seed: 3) }
        let both = ["gamma", "beta"]
        func weights(_ names: [String], _ shape: Shape) -> [(name: String, shape: Shape)] { names.map { ($0, shape) } }
        /// Steep where a row's values lie close together: small steps.
        func check(_ make: @escaping () -> Layer, _ shape: Shape, _ weights: [(name: String, shape: Shape)] = []) throws {
            try checkLayer(make, input: input(shape), weights: weights, step: 1 / 64, tolerance: 3e-3)
        }
        return [
            (
                "LayerNormalization",
                {
                    try check({ LayerNormalization(epsilon: 0.1) }, [3, 5], weights(both, [5]))
                    try check({ LayerNormalization(axis: [-1, 1], epsilon: 0.1) }, [2, 3, 4], weights(both, [3, 4]))
                    try check({ LayerNormalization(axis: 1, epsilon: 0.1, center: false) }, [2, 4, 3], weights(["gamma"], [4]))
                    try check({ LayerNormalization(axis: [1, 3], epsilon: 0.1, scale: false) }, [2, 2, 3, 3], weights(["beta"], [2, 3]))
                }
            ),
            (
                "RMSNormalization",
                {
                    try check({ RMSNormalization() }, [3, 5], weights(["scale"], [5]))
                    try check({ RMSNormalization(axis: [1, 2], epsilon: 0.1) }, [2, 3, 4], weights(["scale"], [3, 4]))
                    try check({ RMSNormalization(axis: 1) }, [2, 3, 4], weights(["scale"], [3]))
                }
            ),
            (
                "GroupNormalization",
                {
                    try check({ GroupNormalization(groups: 2, epsilon: 0.1) }, [2, 3, 4], weights(both, [4]))
                    try check({ GroupNormalization(groups: -1, epsilon: 0.1) }, [2, 3, 2, 3], weights(both, [3]))
                    try check({ GroupNormalization(groups: 2, axis: 1, epsilon: 0.1, scale: false) }, [2, 4, 3], weights(["beta"], [4]))
                    try check(
                        { GroupNormalization(groups: 1, axis: 2, epsilon: 0.1, center: false) }, [2, 2, 3, 2], weights(["gamma"], [3]))
                    try check({ GroupNormalization(groups: 2, epsilon: 0.1) }, [3, 6], weights(both, [6]))
                }
            ),
            (
                "UnitNormalization",
                {
                    for axis: NormAxes in [-1, 1, [1, 2]] { try check({ UnitNormalization(axis: axis) }, [2, 3, 4]) }
                }
            ),
            (
                "Normalization",
                {
                    let shapes: [([Int], Shape)] = [([-1], [4]), ([], []), ([2, 1], [3, 4])]
                    for (axis, shape) in shapes {
                        let weights: [(name: String, shape: Shape)] = [("mean", shape), ("variance", shape), ("count", [])]
                        for invert in [false, true] { try check({ Normalization(axis: axis, invert: invert) }, [2, 3, 4], weights) }
                    }
                    try check({ Normalization(mean: Tensor(0.5), variance: Tensor(4)) }, [2, 3, 4])
                    try check(
                        { Normalization(axis: [1, -1], mean: Tensor([1, 2] as [Float]), variance: Tensor([4, 9] as [Float])) }, [2, 3, 2])
                }
            ),
            (
                "Rescaling",
                {
                    try check({ Rescaling(1.0 / 255, offset: -1) }, [2, 3])
                    try check({ Rescaling([0.5, 2, -1], offset: [1, 0, 2]) }, [2, 2, 3])
                    try checkLayer({ Rescaling(0.5) }, input: Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2]))
                }
            ),
            ("SpatialDropout1D", { try check({ SpatialDropout1D(0.4, seed: 3) }, [3, 4, 5]) }),
            (
                "SpatialDropout2D",
                {
                    for format in ["channels_last", "channels_first"] {
                        try check({ SpatialDropout2D(0.4, dataFormat: format) }, [2, 3, 2, 4])
                    }
                }
            ),
            ("SpatialDropout3D", { try check({ SpatialDropout3D(0.4) }, [2, 2, 2, 2, 3]) }),
            ("GaussianNoise", { for stddev: Float in [0, 0.5] { try check({ GaussianNoise(stddev) }, [3, 4]) } }),
            ("GaussianDropout", { for rate: Float in [0, 0.5] { try check({ GaussianDropout(rate, seed: 2) }, [3, 4]) } }),
            (
                "AlphaDropout",
                {
                    for rate: Float in [0, 0.3] { try check({ AlphaDropout(rate) }, [3, 4]) }
                    try check({ AlphaDropout(0.3, noiseShape: [nil, 1, 4]) }, [3, 2, 4])
                }
            ),
        ]
    }
}

final class NormalizationLayerTests: XCTestCase {
    override func setUp() {
        Random.setSeed(1)
        clearSession()
    }

    /// The kernels of rows, in doubles, far from zero too.
    func testLayerNormalizationFarFromZero() {
        for mean: Float in [0, 4097] {
            let x = Tensor([1, 2, 3, 4].map { mean + $0 }, shape: [1, 4]), layer = LayerNormalization(epsilon: 1e-6)
            assertNear(layer(x).scalars, [-1.5, -0.5, 0.5, 1.5].map { $0 / Float(1.25).squareRoot() }, tolerance: 1e-5)
        }
    }

    /// What is all zeros stays so, and its gradient is finite.
    func testUnitNormalizationOfZeros() {
        let x = Tensor([0, 0, 3, 4] as [Float], shape: [2, 2]), layer = UnitNormalization(), tape = GradientTape()
        tape.watch(x)
        let y = tape.record { layer(x) }
        XCTAssertEqual(y.scalars, [0, 0, 0.6, 0.8])
        XCTAssertTrue(tape.gradient(y, x)!.scalars.allSatisfy(\.isFinite))
    }

    /// In a traced step the channels of a convolution stay in blocks; the same numbers as row by row, forward and backward.
    func testBlocksOfChannels() {
        let x = Tensor.randomUniform([3, 5, 4, 3], low: -1, high: 1, seed: 1)
        let kernel = Tensor.randomUniform([3, 3, 3, 32], low: -1, high: 1, seed: 2), mix = Tensor.randomUniform([3, 5, 4, 32], seed: 3)
        let window = Window(size: [3, 3], strides: [1, 1], padding: .same)
        for layer in [BatchNormalization(), BatchNormalization(synchronized: true), GroupNormalization(groups: 4)] as [Layer] {
            for training in [true, false] {
                layer.build(inputShape: [nil, 5, 4, 32])
                for weight in layer.weights { weight.assign(.randomUniform(weight.shape, low: 0.5, high: 1.5, seed: 4)) }
                func results() -> [Tensor] {
                    let tape = GradientTape(persistent: true)
                    tape.watch(kernel)
                    let y: Tensor = tape.record { layer(convolution(x, kernel, window: window), training: training) }
                    XCTAssertEqual(y.spec.layout, Graph.current == nil ? .plain : .channelBlocks)
                    let target = tape.record { (y * mix).sum() }
                    return ([y, tape.gradient(target, kernel)!] + tape.gradient(target, layer.trainableWeights).map { $0! }).map(\.plain)
                }
                let before = layer.getWeights(), plain = results()
                layer.setWeights(before)
                let graph = Graph(), traced = graph.trace { results() }
                Program(graph, outputs: traced).run()
                for (a, b) in zip(traced, plain) {
                    assertNear(a.scalars, b.scalars, tolerance: 2e-5, floor: 1, "\(layer.className) \(training)")
                }
            }
        }
    }

    func testBadArguments() {
        func message(_ name: String, _ config: ConfigValue) -> String {
            do {
                _ = try Layers.registry.make(name, config)
                return "none"
            } catch { return "\(error)" }
        }
        let wrong: [(String, ConfigValue, String)] = [
            ("LayerNormalization", .object(["axis": nil]), "LayerNormalization.axis: expected an axis or a list of axes, found none"),
            (
                "LayerNormalization", .object(["rms_scaling": true]),
                "LayerNormalization.rms_scaling: rms_scaling, which Keras has deprecated, is not supported; use RMSNormalization"
            ),
            (
                "GroupNormalization", .object(["groups": 0]),
                "GroupNormalization.groups: expected a positive number, or -1 for one group a channel, found 0"
            ),
            (
                "UnitNormalization", .object(["axis": "last"]),
                "UnitNormalization.axis: expected an axis, a list of axes, or null for all of them, found \"last\""
            ),
            ("Normalization", .object(["mean": 1.0]), "Normalization: mean and variance must both be given, or none of them"),
            (
                "Normalization", .object(["mean": .array([1, .array([2])]), "variance": 1]),
                "Normalization.mean: expected a finite number, or lists of equal lengths of them, found a list"
            ),
            (
                "Normalization", .object(["mean": .array([1, 2]), "variance": .array([1, 2]), "axis": nil]),
                "Normalization: mean has 1 axes, of shape (2,), for 0 of the input, []"
            ),
            ("Rescaling", .object([]), "Rescaling: missing scale: expected a number, or a list of numbers"),
            ("Rescaling", .object(["scale": "big"]), "Rescaling.scale: expected a finite number, or a list of them, found \"big\""),
            (
                "SpatialDropout2D", .object(["rate": 0.5, "data_format": "first"]),
                "SpatialDropout2D.data_format: expected channels_last or channels_first, found \"first\""
            ),
            ("GaussianDropout", .object(["rate": 1]), "GaussianDropout.rate: expected a number less than 1, found 1.0"),
            ("GaussianNoise", .object(["stddev": 2]), "GaussianNoise.stddev: expected a number between 0 and 1, found 2.0"),
            (
                "Dropout", .object(["rate": 0.5, "noise_shape": .array([nil, 0])]),
                "Dropout.noise_shape: expected positive lengths, or null for those of the input, found (None, 0)"
            ),
        ]
        for (name, config, want) in wrong { XCTAssertEqual(message(name, config), want) }
    }
}

/// Noise: moments, places, gradients.
final class NoiseLayerTests: XCTestCase {
    override func setUp() {
        Random.setSeed(5)
        clearSession()
    }

    private func moments(_ x: [Float]) -> (mean: Double, variance: Double) {
        let mean = x.reduce(0) { $0 + Double($1) } / Double(x.count)
        return (mean, x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count))
    }

    private let layers: [(String, Shape, (Int?) -> Layer)] = [
        ("noise", [7], { GaussianNoise(0.5, seed: $0, name: "a") }),
        ("gaussian dropout", [7], { GaussianDropout(0.3, seed: $0, name: "a") }),
        ("alpha dropout", [7], { AlphaDropout(0.3, seed: $0, name: "a") }),
        ("alpha dropout of steps", [2, 7], { AlphaDropout(0.3, noiseShape: [nil, 1, nil], seed: $0, name: "a") }),
        ("dropout of steps", [2, 7], { LockstepNN.Dropout(0.3, noiseShape: [nil, 1, 7], seed: $0, name: "a") }),
        ("spatial dropout", [3, 2, 7], { SpatialDropout2D(0.3, seed: $0, name: "a") }),
    ]

    /// The mean of five hundred thousand numbers, within five standard errors.
    func testMoments() {
        let n = 500_000, x = Tensor.randomNormal([n], seed: 1), ones = Tensor.ones([n])
        for (layer, input, mean, variance) in [
            (GaussianNoise(0.5), ones, 1, 0.25), (GaussianDropout(0.2), ones, 1, 0.25), (AlphaDropout(0.3), x, 0, 1),
        ] as [(Layer, Tensor, Double, Double)] {
            let found = moments((layer(input, training: true) as Tensor).scalars)
            XCTAssertEqual(found.mean, mean, accuracy: 0.007, layer.className)
            XCTAssertEqual(found.variance, variance, accuracy: 0.012, layer.className)
        }
        // What is dropped is all the same: selu's limit, scaled and shifted.
        let dropped = Dictionary((AlphaDropout(0.3)(x, training: true) as Tensor).scalars.map { ($0, 1) }, uniquingKeysWith: +).max {
            $0.value < $1.value
        }!
        let a = 1 / (0.7 * (1 + 0.3 * 1.7580993 * 1.7580993)).squareRoot()
        XCTAssertEqual(Double(dropped.value) / Double(n), 0.3, accuracy: 0.004)
        XCTAssertEqual(Double(dropped.key), -a * 1.7580993 + a * 1.7580993 * 0.3, accuracy: 1e-5)
    }

    func testIdentityUnlessTraining() {
        for (name, shape, make) in layers {
            let x = Tensor.randomNormal(shape.batched(4), seed: 1)
            XCTAssertEqual(make(nil)(x).scalars, x.scalars, name)
            XCTAssertNotEqual(make(nil)(x, training: true).scalars, x.scalars, name)
        }
    }

    /// By seed, step and call; each sample has its own; any split of a batch gives the same.
    func testNumbersGoByPlace() {
        for (name, shape, make) in layers {
            let x = Tensor.ones(shape.batched(10)), layer = make(nil)
            func run(_ layer: Layer, _ x: Tensor) -> [Float] { layer(x, training: true).scalars }
            let whole = run(layer, x), size = shape.count
            XCTAssertEqual(run(layer, x), whole, name)
            XCTAssertNotEqual(run(make(1), x), whole, name)
            XCTAssertGreaterThan(Set((0 ..< 10).map { Array(whole[$0 * size ..< ($0 + 1) * size]) }).count, 5, name)
            for cuts in [[0, 5, 10], [0, 0, 1, 9, 10]] {
                var parts: [Float] = []
                for (start, end) in zip(cuts, cuts.dropFirst()) {
                    Random.state.firstSample = start
                    parts += run(layer, x[start ..< end])
                }
                Random.state.firstSample = 0
                XCTAssertEqual(parts, whole, "\(name), \(cuts)")
            }
            Random.state.step += 1
            XCTAssertNotEqual(run(layer, x), whole, name)
            Random.state.step -= 1
        }
    }

    /// Elements along an axis of length 1 are kept or zeroed together; so are all samples where that is axis 0.
    func testNoiseShapes() {
        let x = Tensor.ones([6, 4, 9])
        func kept(_ shape: Shape) -> (Int, Int, Int) -> Bool {
            let y = (LockstepNN.Dropout(0.5, noiseShape: shape)(x, training: true) as Tensor).scalars
            XCTAssertTrue(y.allSatisfy { $0 == 0 || $0 == 2 } && y.contains(0) && y.contains(2))
            return { y[($0 * 4 + $1) * 9 + $2] != 0 }
        }
        let (steps, channels, shared) = (kept([nil, 1, 9]), kept([6, 4, 1]), kept([1, nil, nil]))
        for i in 0 ..< 6 {
            for j in 0 ..< 4 {
                for k in 0 ..< 9 {
                    XCTAssertEqual(steps(i, j, k), steps(i, 0, k))
                    XCTAssertEqual(channels(i, j, k), channels(i, j, 0))
                    XCTAssertEqual(shared(i, j, k), shared(0, j, k))
                }
            }
        }
        // Whatever part of the batch it is.
        let whole = (LockstepNN.Dropout(0.5, noiseShape: [1, 4, 9], name: "same")(x, training: true) as Tensor).scalars
        Random.state.firstSample = 3
        XCTAssertEqual((LockstepNN.Dropout(0.5, noiseShape: [1, 4, 9], name: "same")(x, training: true) as Tensor).scalars, whole)
        Random.state.firstSample = 0
    }

    func testSpatialDropoutDropsChannels() {
        for (format, channel) in [("channels_last", { $0 % 4 }), ("channels_first", { $0 / 12 % 3 })] as [(String, (Int) -> Int)] {
            let y = (SpatialDropout2D(0.5, dataFormat: format, seed: 2)(.ones([20, 3, 3, 4]), training: true) as Tensor).scalars
            var seen: [Int: Float] = [:]
            for (i, value) in y.enumerated() {
                let place = i / 36 * 10 + channel(i)
                XCTAssertEqual(seen[place] ?? value, value)
                seen[place] = value
            }
            XCTAssertEqual(Set(y), [0, 2])
        }
    }
}
