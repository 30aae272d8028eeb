import Lockstep
import XCTest

/// `fit`, `evaluate` and `predict` against Keras: the figures come from golden.py (keras 3.15.1, JAX).
final class FitTests: XCTestCase {
    private func fractions(_ count: Int, from start: Int = 0) -> [Float] {
        (start ..< start + count).map { Float(($0 * 7919 + 13) % 997) / 997 }
    }

    private struct Expected {
        let history: [String: [Float]]
        let kernel: [Float]
        let evaluated: [String: Float]
        let predicted: [Float]
    }

    private func check(
        _ optimizer: Optimizer, _ loss: String, outputs: Int, _ activation: ActivationFunction, _ y: Tensor, batchSize: Int,
        weighted: String = "mse", split: Double = 0, sampleWeight: Tensor? = nil, runEagerly: Bool = false, _ expected: Expected,
        line: UInt = #line
    ) throws {
        let x = Tensor(fractions(17 * 6).map { $0 - 0.5 }, shape: [17, 6])
        let model = Sequential([Input([6]), Dense(5, activation: "tanh"), Dense(outputs, activation: activation)])
        for (variable, start) in zip(model.weights, [0, 7, 11, 3]) {
            variable.assign(Tensor(fractions(variable.shape.count, from: start).map { $0 - 0.5 }, shape: variable.shape))
        }
        try model.compile(optimizer: optimizer, loss: loss, metrics: ["accuracy"], weightedMetrics: [weighted], runEagerly: runEagerly)
        let history = try model.fit(
            x, y, batchSize: batchSize, epochs: 3, verbose: 0, validationSplit: split, shuffle: false, sampleWeight: sampleWeight)
        func compare(_ what: String, _ got: [Float], _ wanted: [Float]) {
            XCTAssertEqual(got.count, wanted.count, what, line: line)
            for (a, b) in zip(got, wanted) { XCTAssertEqual(a, b, accuracy: 1e-5 * max(0.1, abs(b)), what, line: line) }
        }
        XCTAssertEqual(Set(history.names), Set(expected.history.keys), line: line)
        for (name, values) in expected.history { compare(name, history[name], values) }
        compare("kernel", Array(model.weights[0].value.scalars.prefix(4)), expected.kernel)
        let evaluated = try model.evaluate(x, y, batchSize: 4, verbose: 0)
        XCTAssertEqual(evaluated.names, expected.evaluated.keys.sorted(), line: line)
        for (name, value) in expected.evaluated { compare("evaluated \(name)", [evaluated[name]!], [value]) }
        compare("predicted", try model.predict(x)[0].scalars, expected.predicted)
    }

    private var labels: [Int32] { (0 ..< 17).map { Int32($0 * 5 % 3) } }
    private var sampleWeight: Tensor { Tensor(zip(0 ..< 17, fractions(17)).map { $0 % 4 == 0 ? 0 : 0.5 + $1 }) }

    private var sparse: Expected {
        Expected(
            history: [
                "accuracy": [0.4117647111415863, 0.6470588445663452, 1.0],
                "loss": [1.0448006391525269, 0.6939197778701782, 0.33451199531555176],
                "sparse_categorical_crossentropy": [1.0448006391525269, 0.6939197778701782, 0.33451199531555176],
            ],
            kernel: [-0.628605842590332, 0.7191669940948486, -0.6473895311355591, 0.846209704875946],
            evaluated: ["accuracy": 1.0, "loss": 0.15520000457763672, "sparse_categorical_crossentropy": 0.15520000457763672],
            predicted: [0.974908709526062, 0.0003007297345902771, 0.02479044534265995])
    }

    func testSparseLabelsWithMomentum() throws {
        try check(
            SGD(learningRate: 0.5, momentum: 0.9), "sparse_categorical_crossentropy", outputs: 3, "softmax", Tensor(labels), batchSize: 5,
            weighted: "sparse_categorical_crossentropy", sparse)
    }

    func testRunEagerlyIsTheSame() throws {
        try check(
            SGD(learningRate: 0.5, momentum: 0.9), "sparse_categorical_crossentropy", outputs: 3, "softmax", Tensor(labels), batchSize: 5,
            weighted: "sparse_categorical_crossentropy", runEagerly: true, sparse)
    }

    func testOneHotTargetsWithAValidationSplit() throws {
        try check(
            Adam(learningRate: 0.05), "categorical_crossentropy", outputs: 3, "softmax", oneHot(Tensor(labels), 3), batchSize: 5,
            split: 0.25,
            Expected(
                history: [
                    "accuracy": [0.3333333432674408, 0.6666666865348816, 0.75],
                    "loss": [1.0599859952926636, 0.8395242691040039, 0.6246194839477539],
                    "mse": [0.21328938007354736, 0.1613929271697998, 0.11279857158660889],
                    "val_accuracy": [0.6000000238418579, 0.6000000238418579, 0.6000000238418579],
                    "val_loss": [0.950905978679657, 0.7962921857833862, 0.6422327756881714],
                    "val_mse": [0.1876046359539032, 0.15488792955875397, 0.12620395421981812],
                ],
                kernel: [-0.43042075634002686, 0.7136451005935669, 0.07866620272397995, 0.6022962331771851],
                evaluated: ["accuracy": 0.8235294222831726, "loss": 0.5312002897262573, "mse": 0.09579955041408539],
                predicted: [0.7863297462463379, 0.06919500231742859, 0.1444752961397171]))
    }

    func testBinaryTargetsWithSampleWeights() throws {
        let y = Tensor((0 ..< 17).map { Float($0 * 5 % 2) }, shape: [17, 1])
        try check(
            RMSprop(learningRate: 0.05), "binary_crossentropy", outputs: 1, "sigmoid", y, batchSize: 5, sampleWeight: sampleWeight,
            Expected(
                history: [
                    "accuracy": [0.47058823704719543, 0.47058823704719543, 0.47058823704719543],
                    "loss": [0.5030599236488342, 0.48020991683006287, 0.4768116772174835],
                    "mse": [0.2403535097837448, 0.22555133700370789, 0.22346146404743195],
                ],
                kernel: [-0.7502851486206055, 0.3289273977279663, 0.2909068465232849, 0.1690908521413803],
                evaluated: ["accuracy": 0.47058823704719543, "loss": 0.7856497168540955, "mse": 0.2930571138858795],
                predicted: [0.6944003105163574]))
    }

    func testRegressionWithSampleWeights() throws {
        try check(
            Adagrad(learningRate: 0.1), "mse", outputs: 2, "linear", Tensor(fractions(34), shape: [17, 2]), batchSize: 4,
            sampleWeight: sampleWeight,
            Expected(
                history: [
                    "accuracy": [0.6470588445663452, 0.6470588445663452, 0.6470588445663452],
                    "loss": [0.12657436728477478, 0.06842115521430969, 0.05876488611102104],
                    "mse": [0.1698581874370575, 0.09181869775056839, 0.0788603350520134],
                ],
                kernel: [-0.49276939034461975, 0.44671398401260376, 0.38201916217803955, 0.2959091067314148],
                evaluated: ["accuracy": 0.6470588445663452, "loss": 0.08536671102046967, "mse": 0.08536671102046967],
                predicted: [0.6696937680244446, 0.5902072787284851]))
    }

    // MARK: What does not fit

    func testDataThatDoesNotFitIsRefused() throws {
        let model = Sequential([Input([6]), Dense(3, activation: "softmax")])
        let x = Tensor.zeros([4, 6])
        XCTAssertThrowsError(try model.fit(x, Tensor([Int32](repeating: 0, count: 4)), verbose: 0)) {
            XCTAssert("\($0)".contains("not compiled"), "\($0)")
        }
        try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy")
        func refused(_ x: Tensor, _ y: Tensor, _ text: String, line: UInt = #line) {
            XCTAssertThrowsError(try model.fit(x, y, verbose: 0), line: line) { XCTAssert("\($0)".contains(text), "\($0)", line: line) }
        }
        refused(.zeros([4, 5]), Tensor([Int32](repeating: 0, count: 4)), "(5,)")
        refused(x, Tensor([Int32](repeating: 0, count: 3)), "3")
        refused(x, Tensor([0, 1, 3, 0] as [Int32]), "label 2 is 3")
        refused(x, .zeros([4, 3]), "integer label")
        XCTAssertThrowsError(try model.compile(optimizer: "sdg", loss: "mse")) { XCTAssert("\($0)".contains("did you mean SGD"), "\($0)") }
        XCTAssertThrowsError(try model.compile(optimizer: "sgd", loss: "msee")) { XCTAssert("\($0)".contains("MeanSquaredError"), "\($0)") }
    }

    func testArgumentsThatMeanNothingAreRefused() throws {
        let (x, y) = (Tensor.zeros([4, 1]), Tensor.zeros([4, 1]))
        let model = Sequential([Input([1]), Dense(1)])
        try model.compile(optimizer: "sgd", loss: "mse")
        func refused(_ text: String, line: UInt = #line, _ body: () throws -> Any) {
            XCTAssertThrowsError(try body(), line: line) { XCTAssert("\($0)".contains(text), "\($0)", line: line) }
        }
        for split in [-0.1, .nan, 1, 1.5, -.infinity] {
            refused("validationSplit \(split)") { try model.fit(x, y, verbose: 0, validationSplit: split) }
        }
        for size in [0, -1, Int.min] {
            refused("fit: batchSize \(size)") { try model.fit(x, y, batchSize: size, verbose: 0) }
            refused("evaluate: batchSize \(size)") { try model.evaluate(x, y, batchSize: size, verbose: 0) }
            refused("predict: batchSize \(size)") { try model.predict(x, batchSize: size) }
        }
        refused("epochs 0 to 0") { try model.fit(x, y, epochs: 0, verbose: 0) }
        refused("epochs -1 to 1") { try model.fit(x, y, verbose: 0, initialEpoch: -1) }
        refused("weight 1 is nan") { try model.fit(x, y, verbose: 0, sampleWeight: Tensor([1, .nan, 1, 1] as [Float])) }
        for shards in [4097, 100_000, Int.max, 0, -1] {
            Distribution.logicalShards = shards
            defer { Distribution.logicalShards = nil }
            refused("logical_shards: \(shards) are") { try model.fit(x, y, verbose: 0) }
        }
        for steps in [-1, Int.max] {
            model.compilation!.optimizer.steps = steps
            refused("has made \(steps) steps") { try model.fit(x, y, verbose: 0) }
        }
    }

    func testMoreLogicalShardsThanFitIntoMemoryAreRefused() throws {
        // 256 GB of gradients.
        let model = Sequential([Input([4096]), Dense(4096, useBias: false, kernelInitializer: Zeros())])
        try model.compile(optimizer: SGD(), loss: "mse")
        Distribution.logicalShards = 4096
        defer { Distribution.logicalShards = nil }
        XCTAssertThrowsError(try model.fit(.zeros([1, 4096]), .zeros([1, 4096]), verbose: 0)) {
            XCTAssert("\($0)".contains("gradients of 67108864 bytes each"), "\($0)")
        }
    }

    func testABatchNeedsNoMoreMemoryThanTheData() throws {
        let x = Tensor(fractions(24), shape: [8, 3]), y = Tensor(fractions(8, from: 5), shape: [8, 1])
        func figures(_ batchSize: Int) throws -> [[Float]] {
            let model = Sequential([Input([3]), Dense(1, kernelInitializer: Ones())])
            try model.compile(optimizer: SGD(learningRate: 0.1), loss: "mse")
            let history = try model.fit(x, y, batchSize: batchSize, epochs: 2, verbose: 0, validationSplit: 0.25, shuffle: false)
            return [
                history["loss"], history["val_loss"], try model.evaluate(x, y, batchSize: batchSize, verbose: 0).allValues,
                try model.predict(x, batchSize: batchSize).scalars,
            ]
        }
        let want = try figures(8)
        for size in [9, 2_147_483_647, 1_000_000_000_000_000_000, Int.max] { XCTAssertEqual(try figures(size), want, "\(size)") }
    }

    // MARK: Types

    func testInputsAndTargetsAreCastToWhatTheModelNeeds() throws {
        let numbers = (0 ..< 24).map { Int32($0 * 7 % 50) }
        func run(_ x: Tensor, _ y: Tensor) throws -> [Float] {
            let model = Sequential([
                Input([6]), Dense(4, activation: "relu", kernelInitializer: Ones()), Dense(1, kernelInitializer: Ones()),
            ])
            try model.compile(optimizer: SGD(learningRate: 1e-6), loss: "mse", metrics: ["mae"])
            let history = try model.fit(x, y, batchSize: 2, epochs: 2, verbose: 0, shuffle: false, seed: 1)
            return history["loss"] + history["mae"] + (try model.evaluate(x, y, verbose: 0).allValues) + (try model.predict(x).scalars)
        }
        let (x, y) = (Tensor(numbers.map { Float($0) }, shape: [4, 6]), Tensor([3, 5, 7, 9] as [Float], shape: [4, 1]))
        let want = try run(x, y)
        XCTAssertEqual(try run(Tensor(numbers, shape: [4, 6]), Tensor([3, 5, 7, 9] as [Int32], shape: [4, 1])), want)
        XCTAssertEqual(try run(Tensor(numbers.map { UInt8($0) }, shape: [4, 6]), Tensor([3, 5, 7, 9] as [UInt8], shape: [4, 1])), want)
        XCTAssertEqual(try run(x.cast(to: .int32), y), want)
    }

    func testAnInputThatAsksForWholeNumbersGetsThem() throws {
        final class Probe: Layer {
            var seen: DType?
            override func call(_ input: Tensor, training: Bool) -> Tensor {
                seen = input.dtype
                return input.cast(to: .float32)
            }
        }
        let probe = Probe()
        let model = Sequential([Input([2], dtype: .int32), probe, Dense(3, activation: "softmax")])
        try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
        for labels in [Tensor([0, 2] as [Int32]), Tensor([0, 2] as [UInt8]), Tensor([0, 2] as [Float])] {
            XCTAssertNoThrow(try model.fit(Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]), labels, verbose: 0))
            XCTAssertEqual(probe.seen, .int32)
        }
        XCTAssertThrowsError(try model.predict(Tensor([1, 2.5] as [Float], shape: [1, 2]))) {
            XCTAssert("\($0)".contains("x: element 1 is 2.5"), "\($0)")
        }
    }

    func testLayersThatComputeTakeWholeNumbers() throws {
        let x = Tensor([-1, 2, 3, -4] as [Int32], shape: [2, 2])
        let layers: [() -> [Layer]] = [
            { [Dense(1, kernelInitializer: Ones())] }, { [Flatten(), Activation("tanh")] }, { [ReLU()] }, { [LeakyReLU()] }, { [ELU()] },
            { [PReLU()] }, { [Softmax()] }, { [Dropout(0.5)] }, { [BatchNormalization()] },
        ]
        for make in layers {
            let (whole, float) = (Sequential([Input([2], dtype: .int32)] + make()), Sequential([Input([2])] + make()))
            XCTAssertEqual(try whole.predict(x).cast(to: .float32).scalars, try float.predict(x).scalars, "\(make())")
            try whole.compile(optimizer: "sgd", loss: "mse")
            XCTAssertNoThrow(try whole.fit(x, .zeros([2, make()[0] is Dense ? 1 : 2]), verbose: 0))
        }
    }

    // MARK: Objects that are used again

    func testMetricObjectsGoIntoLaterCompilationsAndOtherModels() throws {
        let x = Tensor(fractions(40), shape: [20, 2]), y = Tensor((0 ..< 20).map { Float($0 % 2) }, shape: [20, 1])
        let shared: [any MetricSpec] = [AUC(name: "auc"), BinaryAccuracy(name: "accuracy")]
        func model() -> Sequential { Sequential([Input([2]), Dense(1, activation: "sigmoid", kernelInitializer: Ones())]) }
        func train(_ model: Sequential) throws -> [Float] {
            let history = try model.fit(x, y, batchSize: 5, verbose: 0, shuffle: false)
            return history["auc"] + history["accuracy"] + (try model.evaluate(x, y, verbose: 0).allValues)
        }
        func compiled(_ model: Sequential, _ metrics: [any MetricSpec]) throws -> Sequential {
            try model.compile(optimizer: SGD(learningRate: 0.5), loss: "binary_crossentropy", metrics: metrics)
            return model
        }
        let own = try compiled(model(), [AUC(name: "auc"), BinaryAccuracy(name: "accuracy")])
        let want = [try train(own), try train(own)]
        let (first, second) = (try compiled(model(), shared), try compiled(model(), shared))
        XCTAssertEqual([try train(first), try train(second)], [want[0], want[0]])
        XCTAssertEqual([try train(first), try train(second)], [want[1], want[1]])
        let again = try compiled(model(), shared)
        XCTAssertEqual(try train(again), want[0])
        XCTAssertEqual(try train(compiled(again, shared)), want[1])
    }

    func testAnOptimizerKeepsTheStateOfWeightsThatAreNotTrainedForATime() throws {
        let x = Tensor(fractions(40), shape: [20, 2]), y = Tensor(fractions(20, from: 3), shape: [20, 1])
        func weights(pause: Bool) throws -> [Float] {
            let model = Sequential(
                [Input([2]), Dense(3, activation: "tanh", kernelInitializer: Ones(), name: "first"), Dense(1, kernelInitializer: Ones())])
            let optimizer = Adam(learningRate: 0.05)
            try model.compile(optimizer: optimizer, loss: "mse")
            try model.fit(x, y, batchSize: 4, verbose: 0, shuffle: false)
            if pause {
                for isTrained in [false, true] {
                    model.layers[0].trainable = isTrained
                    try model.compile(optimizer: optimizer, loss: "mse")
                    if !isTrained { try model.evaluate(x, y, verbose: 0) }
                }
            }
            try model.fit(x, y, batchSize: 4, verbose: 0, shuffle: false)
            return model.weights.flatMap { $0.value.scalars }
        }
        XCTAssertEqual(try weights(pause: true), try weights(pause: false))

        let (model, other) = (Sequential([Input([1]), Dense(1)]), Sequential([Input([1]), Dense(1)]))
        let optimizer = Adam()
        for model in [model, other] { try model.compile(optimizer: optimizer, loss: "mse") }
        try model.fit(.zeros([2, 1]), .zeros([2, 1]), verbose: 0)
        XCTAssertThrowsError(try other.fit(.zeros([2, 1]), .zeros([2, 1]), verbose: 0)) {
            XCTAssert("\($0)".contains("holds the state of other weights"), "\($0)")
        }
    }

    /// A loop of one's own may bring state back that `fit` has set aside, and `fit` sets it aside again.
    func testALoopOfOnesOwnBetweenFits() throws {
        let x = Tensor(fractions(40), shape: [20, 2]), y = Tensor(fractions(20, from: 3), shape: [20, 1])
        func weights(loop: Bool) throws -> [Float] {
            let model = Sequential([
                Input([2]), Dense(3, activation: "tanh", kernelInitializer: Ones()), Dense(1, kernelInitializer: Ones()),
            ])
            let optimizer = RMSprop(learningRate: 0.05, globalClipnorm: 0.1)
            for isTrained in [true, false] {
                model.layers[0].trainable = isTrained
                try model.compile(optimizer: optimizer, loss: "mse")
                try model.fit(x, y, batchSize: 4, verbose: 0, shuffle: false)
            }
            let frozen = model.layers[0].weights
            if loop { optimizer.apply(frozen.map { .zeros($0.shape) }, to: frozen) }
            try model.fit(x, y, batchSize: 4, verbose: 0, shuffle: false)
            return model.weights.flatMap { $0.value.scalars }
        }
        XCTAssertEqual(try weights(loop: true), try weights(loop: false))
    }

    // MARK: Numbers at their ends

    func testTheHistoryTellsWhatEndedByNaN() throws {
        let (x, y) = (Tensor.ones([4, 1]), Tensor([0, 1, 2, .nan] as [Float], shape: [4, 1]))
        for (callbacks, ended, epochs) in [([TerminateOnNaN()], true, 1), ([], false, 3)] as [([Callback], Bool, Int)] {
            let model = Sequential([Input([1]), Dense(1)])
            try model.compile(optimizer: "sgd", loss: "mse")
            let history = try model.fit(x, y, batchSize: 2, epochs: 3, verbose: 0, callbacks: callbacks)
            XCTAssertEqual(history.endedByNaN, ended)
            XCTAssertEqual(history.epochs.count, epochs)
            XCTAssert(history["loss"].allSatisfy { $0.isNaN && $0.sign == .plus }, "\(history["loss"])")
        }
    }

    func testSubnormalsAreZeroInEvaluationAndPrediction() throws {
        // 1e-20 times 1e-20 is subnormal, and 1e30 times that is not.
        let model = Sequential([
            Input([1]), Dense(1, useBias: false, kernelInitializer: Constant(1e-20)),
            Dense(1, useBias: false, kernelInitializer: Constant(1e30)),
        ])
        try model.compile(optimizer: SGD(learningRate: 0), loss: "mae")
        let (x, y) = (Tensor([1e-20] as [Float], shape: [1, 1]), Tensor.zeros([1, 1]))
        XCTAssertEqual(try model.fit(x, y, verbose: 0)["loss"], [0])
        XCTAssertEqual(try model.evaluate(x, y, verbose: 0)["loss"], 0)
        XCTAssertEqual(try model.predict(x).scalars, [0])
    }

    func testACustomMetricAndAnUnusedWeight() throws {
        /// Counts samples with a positive first output.
        final class Positive: Metric {
            lazy var count = addWeight("count")
            init() {
                super.init(name: "positive")
                _ = count
            }
            override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor?) {
                count.assignAdd((yPred[all, 0] .> 0).cast(to: .float32).sum())
            }
            override func result() -> Tensor { count.value }
        }
        let model = Sequential([Input([1]), Dense(1, useBias: false, kernelInitializer: Ones())])
        try model.compile(optimizer: SGD(learningRate: 0), loss: "mse", metrics: [Positive()])
        let history = try model.fit(
            Tensor([-1, 2, 3, -4, 5] as [Float], shape: [5, 1]), .zeros([5, 1]), batchSize: 2, epochs: 2, verbose: 0)
        XCTAssertEqual(history["positive"], [3, 3])
    }

    /// Shards run one after the other: their activations lie in the same memory, those of a shorter last batch and of evaluation, too.
    func testShardsShareTheirActivations() throws {
        let x = Tensor(fractions(40 * 6), shape: [40, 6]), y = Tensor(fractions(40))
        func bytes(shards: Int?, batchSize: Int) throws -> Int {
            Distribution.logicalShards = shards
            defer { Distribution.logicalShards = nil }
            let model = Sequential([Input([6]), Dense(64, activation: "tanh"), Dense(64, activation: "tanh"), Dense(1)])
            try model.compile(optimizer: "adam", loss: "mse")
            try model.fit(x, y, batchSize: batchSize, epochs: 1, verbose: 0, validationSplit: 0.1)
            return model.activationByteCount
        }
        let one = try bytes(shards: nil, batchSize: 4)
        XCTAssertGreaterThan(one, 2 * 4 * 64 * 4)
        XCTAssertEqual(try bytes(shards: 8, batchSize: 32), one, "eight shards of four samples")
    }
}
