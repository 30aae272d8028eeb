import LockstepNN
import LockstepTensor
import XCTest

final class InitializerTests: XCTestCase {
    override func setUp() {
        Random.setSeed(1)
        clearSession()
    }

    private func moments(_ x: [Float]) -> (mean: Double, deviation: Double) {
        let mean = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
        return (mean, (x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count)).squareRoot())
    }

    /// An initializer by its name is the one that the name stands for.
    func testByName() throws {
        let named = Dense(3, kernelInitializer: "he_normal", biasInitializer: "ones", name: "a")
        let given = Dense(3, kernelInitializer: HeNormal(), biasInitializer: Ones(), name: "a")
        XCTAssertEqual(named(.ones([2, 4])).scalars, given(.ones([2, 4])).scalars)
        XCTAssertEqual(named.config, given.config)
        let norm = BatchNormalization(betaInitializer: "ones", gammaInitializer: Constant(2), movingVarianceInitializer: "one")
        XCTAssertEqual(norm.betaInitializer.className, "Ones")
        for name in ["zeros", "zero", "one", "normal", "uniform", "glorot_uniform", "GlorotNormal", "lecun_normal"] {
            XCTAssertNoThrow(try name.makeInitializer(), name)
        }
        XCTAssertEqual(
            (try Initializers.registry.make("VarianceScaling", .object(["distribution": "normal"])) as! VarianceScaling).distribution,
            .truncatedNormal)
    }

    func testConstants() {
        XCTAssertEqual(Zeros().make([2, 2], key: 1).scalars, [0, 0, 0, 0])
        XCTAssertEqual(Ones().make([2], key: 1).scalars, [1, 1])
        XCTAssertEqual(Constant(0.25).make([3], key: 1).scalars, [0.25, 0.25, 0.25])
    }

    /// Standard deviations and bounds by the formulas of the papers, for a weight [300, 200] and one of a convolution
    /// [3, 3, 40, 60] with its receptive field of nine. 60,000 numbers and more: a moment is off by 1.5 % at most.
    func testVarianceScaling() {
        let shapes: [(Shape, fanIn: Double, fanOut: Double)] = [([300, 200], 300, 200), ([3, 3, 40, 60], 360, 540)]
        for (shape, fanIn, fanOut) in shapes {
            let table: [(VarianceScaling, variance: Double)] = [
                (GlorotUniform(), 2 / (fanIn + fanOut)), (GlorotNormal(), 2 / (fanIn + fanOut)), (HeUniform(), 2 / fanIn),
                (HeNormal(), 2 / fanIn),
                (LecunUniform(), 1 / fanIn), (LecunNormal(), 1 / fanIn),
                (VarianceScaling(scale: 3, mode: .fanOut, distribution: .uniform), 3 / fanOut),
                (VarianceScaling(scale: 0.5, mode: .fanAverage, distribution: .untruncatedNormal), 1 / (fanIn + fanOut)),
                (VarianceScaling(), 1 / fanIn),
            ]
            for (initializer, variance) in table {
                let x = initializer.make(shape, key: Random.key("w")).scalars, note = "\(initializer.config) of \(shape)"
                let largest = Double(x.map { Swift.abs($0) }.max()!), deviation = variance.squareRoot()
                XCTAssertEqual(moments(x).mean, 0, accuracy: 5 * deviation / Double(x.count).squareRoot(), note)
                XCTAssertEqual(moments(x).deviation, deviation, accuracy: 0.015 * deviation, note)
                switch initializer.distribution {
                case .uniform:
                    XCTAssertLessThanOrEqual(largest, (3 * variance).squareRoot() * 1.000_001, note)
                    XCTAssertGreaterThan(largest, (3 * variance).squareRoot() * 0.999, note)
                case .truncatedNormal: XCTAssertLessThanOrEqual(largest, 2 * deviation / 0.879_625_66 * 1.000_001, note)
                case .untruncatedNormal: XCTAssertGreaterThan(largest, 3 * deviation, note)
                }
            }
        }
    }

    /// Vectors and scalars have a fan of their length, and of 1.
    func testFansOfSmallShapes() {
        for (shape, fan): (Shape, Float) in [([1000], 1000), ([], 1)] {
            let limit = (3 / fan).squareRoot()
            XCTAssertTrue(LecunUniform().make(shape, key: 5).scalars.allSatisfy { Swift.abs($0) <= limit })
        }
        XCTAssertGreaterThan(LecunUniform().make([1000], key: 5).scalars.max()!, 0.99 * Float(0.003).squareRoot())
    }

    func testRandomNormalAndUniform() {
        let normal = RandomNormal(mean: 1, stddev: 2).make([50_000], key: 3).scalars
        XCTAssertEqual(moments(normal).mean, 1, accuracy: 0.045)
        XCTAssertEqual(moments(normal).deviation, 2, accuracy: 0.03)
        let uniform = RandomUniform(minval: -1, maxval: 3).make([50_000], key: 3).scalars
        XCTAssertTrue(uniform.allSatisfy { $0 >= -1 && $0 < 3 })
        XCTAssertEqual(moments(uniform).mean, 1, accuracy: 0.026)
        XCTAssertEqual(RandomNormal().stddev, 0.05)
        XCTAssertEqual(RandomUniform().maxval, 0.05)
    }

    /// Cut at two deviations, which leaves 0.8796 of one.
    func testTruncatedNormal() {
        let x = TruncatedNormal(mean: 1, stddev: 2).make([50_000], key: 3).scalars
        XCTAssertTrue(x.allSatisfy { $0 >= -3 && $0 <= 5 })
        XCTAssertGreaterThan(x.max()!, 4.99)
        XCTAssertLessThan(x.min()!, -2.99)
        XCTAssertEqual(moments(x).mean, 1, accuracy: 0.04)
        XCTAssertEqual(moments(x).deviation, 2 * 0.879_625_66, accuracy: 0.026)
        XCTAssertEqual(TruncatedNormal().stddev, 0.05)
    }

    /// The axes that are given make the fans: of a kernel with its channels first, a depthwise one, one of attention.
    func testFansOfGivenAxes() {
        let table: [(Shape, [Int], [Int], fanIn: Double, fanOut: Double)] = [
            ([60, 40, 5, 5], [1, 2, 3], [0, 2, 3], 1000, 1500), ([3, 3, 200, 30], [0, 1], [0, 1, -1], 9, 270),
            ([64, 8, 100], [0], [-2, -1], 64, 800),
        ]
        for (shape, inputs, outputs, fanIn, fanOut) in table {
            for (initializer, variance) in [
                (HeNormal(inputAxes: inputs, outputAxes: outputs), 2 / fanIn),
                (GlorotUniform(inputAxes: inputs, outputAxes: outputs), 2 / (fanIn + fanOut)),
                (VarianceScaling(mode: .fanOut, inputAxes: inputs, outputAxes: outputs), 1 / fanOut),
            ] {
                let x = initializer.make(shape, key: Random.key("w")).scalars
                XCTAssertEqual(
                    moments(x).deviation, variance.squareRoot(), accuracy: 0.015 * variance.squareRoot(),
                    "\(initializer.config) of \(shape)")
            }
        }
        // Without both, by Keras' rule: a depthwise kernel [3, 3, 40, 60] has 360 inputs.
        let depthwise = HeNormal(inputAxes: [0]).make([3, 3, 40, 60], key: 1).scalars
        XCTAssertEqual(moments(depthwise).deviation, (2 / 360.0).squareRoot(), accuracy: 0.015 * (2 / 360.0).squareRoot())
    }

    func testIdentity() {
        XCTAssertEqual(IdentityInitializer().make([2, 2], key: 1).scalars, [1, 0, 0, 1])
        XCTAssertEqual(IdentityInitializer(gain: 2).make([2, 3], key: 1).scalars, [2, 0, 0, 0, 2, 0])
        XCTAssertEqual(try "identity".makeInitializer().make([3, 1], key: 1).scalars, [1, 0, 0])
    }

    /// Columns, or rows where these are fewer, are orthogonal and of the given length.
    func testOrthogonal() {
        for (shape, gain): (Shape, Float) in [
            ([7, 7], 1), ([33, 5], 1), ([5, 33], 2), ([3, 3, 4, 7], 0.5), ([2, 3, 50], 1), ([1, 1], 3), ([200, 150], 1),
        ] {
            let x = Orthogonal(gain: gain).make(shape, key: Random.key("w"))
            XCTAssertEqual(x.shape, shape)
            let matrix = x.reshaped([-1, shape.last]), isTall = matrix.shape[0] >= matrix.shape[1]
            let products = matrix.matmul(matrix, transposeA: isTall, transposeB: !isTall), n = products.shape[0]
            for (index, value) in products.scalars.enumerated() {
                XCTAssertEqual(value, index / n == index % n ? gain * gain : 0, accuracy: 2e-6 * gain * gain, "\(shape) at \(index)")
            }
        }
        XCTAssertEqual(Orthogonal().make([0, 3], key: 1).shape, [0, 3])
        // The same numbers whatever threads products have.
        let threads = Threads.count, one = Orthogonal().make([300, 200], key: 5).scalars
        Threads.count = 2
        defer { Threads.count = threads }
        XCTAssertEqual(Orthogonal().make([300, 200], key: 5).scalars, one)
        XCTAssertEqual(Threads.count, 2)
    }

    /// Evenly spread over the orthogonal matrices: each of its elements has the mean 0 and the variance 1/n, and so has the trace, 0 and 1
    /// (Diaconis & Shahshahani 1994); without the signs of R's diagonal the trace would have a mean of its own.
    func testOrthogonalMatricesAreSpreadEvenly() {
        let n = 4, draws = 4000
        let matrices = (0 ..< draws).map { Orthogonal(seed: $0).make([n, n], key: 0).scalars }
        let traces = matrices.map { matrix in (0 ..< n).reduce(0) { $0 + matrix[$1 * n + $1] } }
        XCTAssertEqual(moments(traces).mean, 0, accuracy: 0.08)
        XCTAssertEqual(moments(traces).deviation, 1, accuracy: 0.06)
        for place in [0, 3, 5, 12] {
            let elements = matrices.map { $0[place] }
            XCTAssertEqual(moments(elements).mean, 0, accuracy: 0.04)
            XCTAssertEqual(moments(elements).deviation, 0.5, accuracy: 0.03)
        }
    }

    /// Keyed by the seed and the weight's path: two layers differ, and the same model under the same seed is the same,
    /// whatever was made in between.
    func testKeyedByPath() {
        func kernels() -> [[Float]] {
            clearSession()
            let model = Sequential([Input([4]), Dense(4), Dense(4)])
            return model.weights.filter { $0.name == "kernel" }.map(\.value.scalars)
        }
        let first = kernels()
        XCTAssertNotEqual(first[0], first[1])
        _ = Tensor.randomNormal([100])
        XCTAssertEqual(kernels(), first)
        Random.setSeed(2)
        XCTAssertNotEqual(kernels()[0], first[0])
        Random.setSeed(1)
        XCTAssertEqual(kernels(), first)
    }

    /// A seed of its own counts instead of the path and of the run's seed.
    func testOwnSeed() {
        let (a, b) = (GlorotUniform(seed: 3).make([4, 4], key: 1), GlorotUniform(seed: 3).make([4, 4], key: 2))
        XCTAssertEqual(a.scalars, b.scalars)
        XCTAssertNotEqual(a.scalars, GlorotUniform(seed: 4).make([4, 4], key: 1).scalars)
        Random.setSeed(9)
        XCTAssertEqual(GlorotUniform(seed: 3).make([4, 4], key: 1).scalars, a.scalars)
    }

    /// What an initializer writes down makes the same initializer.
    func testConfigurations() throws {
        XCTAssertEqual(
            HeNormal(inputAxes: [0, -2], outputAxes: [3]).config,
            try Initializers.registry.make("he_normal", .object(["input_axes": .array([0, -2]), "output_axes": .array([3])])).config)
        for name in Initializers.registry.names {
            let initializer = try Initializers.registry.make(name)
            XCTAssertEqual(initializer.className, name)
            let again = try Initializers.registry.make(.object(["class_name": .string(name), "config": .object(initializer.config)]))
            XCTAssertEqual(again.config, initializer.config, name)
            XCTAssertEqual(again.make([5, 6], key: 7).scalars, initializer.make([5, 6], key: 7).scalars, name)
        }
        XCTAssertEqual(try Initializers.registry.make("he_normal").className, "HeNormal")
        XCTAssertEqual(try Initializers.registry.make("glorot_uniform").className, "GlorotUniform")
        XCTAssertThrowsError(try Initializers.registry.make("VarianceScaling", .object(["mode": "fan_inn"])))
        XCTAssertThrowsError(try Initializers.registry.make("HeNormal", .object(["input_axes": .array(["a"])])))
    }
}
