import Lockstep
import XCTest

/// What is asked of each output, what layers add to the loss, and models that build themselves as they are called. The numbers are
/// small enough to be computed by hand; Keras' own are compared in GoldenGraphTests.
final class ObjectiveTests: XCTestCase {
    // MARK: Models that build themselves

    /// Makes what is inside of it when it is first called.
    private final class Lazy: Layer {
        private(set) var inner: Dense?
        private var second: [String: Dense] = [:]

        override func call(_ input: Tensor, training: Bool) -> Tensor {
            if inner == nil {
                inner = Dense(3, kernelInitializer: Ones(), name: "inner")
                second["out"] = Dense(1, kernelInitializer: Ones(), name: "out")
            }
            return second["out"]!(inner!(input))
        }
    }

    /// A model with a call of its own.
    private final class Own: Model {
        let lazy = Lazy(name: "lazy")
        override func call(_ input: Tensor, training: Bool) -> Tensor { lazy(input) }
    }

    func testLayersThatAreMadeInTheFirstCallAreTrained() throws {
        let x = Tensor((0 ..< 12).map { Float($0) / 12 }, shape: [6, 2]), y = Tensor.zeros([6, 1])
        for model in [Own(name: "own"), Sequential([Lazy(name: "lazy")]), Sequential([Input([2]), Lazy(name: "lazy")])] as [Model] {
            try model.compile(optimizer: SGD(learningRate: 0.01), loss: "mse")
            let history = try model.fit(x, y, batchSize: 4, epochs: 2, verbose: 0)
            XCTAssertEqual(model.weights.count, 4)
            for weight in model.weights { XCTAssertNotEqual(weight.value.scalars, [1], weight.path) }
            XCTAssert(model.weights.allSatisfy { !Set($0.value.scalars).isSubset(of: [0, 1]) }, "\(model.weights.map(\.value.scalars))")
            XCTAssertLessThan(history["loss"][1], history["loss"][0])
        }
    }

    func testAModelWithNothingToTrainIsWarnedOfAndWorks() throws {
        let model = Sequential([Input([2]), Dense(1, useBias: false, kernelInitializer: Ones(), name: "only")], name: "frozen")
        model.trainable = false
        try model.compile(optimizer: Adam(), loss: "mse", metrics: ["mae"])
        let history = try model.fit(.ones([3, 2]), .zeros([3, 1]), batchSize: 2, epochs: 2, verbose: 0)
        XCTAssertEqual(history["loss"], [4, 4])
        XCTAssertEqual(history["mae"], [2, 2])
        XCTAssertEqual(model.weights[0].value.scalars, [1, 1])
    }

    // MARK: Several outputs

    /// Predicts zero, whatever comes in.
    private func zeros(_ names: [String]) -> Model {
        let x = Input([2], name: "x")
        return Model(inputs: x, outputs: names.map { Dense(1, kernelInitializer: Zeros(), name: $0)(x) }, name: "zeros")
    }
    private let x = Tensor.ones([4, 2])
    private let a = Tensor([0, 1, 2, 4] as [Float], shape: [4, 1]), b = Tensor([1, 1, 1, 3] as [Float], shape: [4, 1])

    func testFiguresOfSeveralOutputs() throws {
        let model = zeros(["b", "a"])
        try model.compile(
            optimizer: SGD(learningRate: 0), loss: ["a": "mse", "b": "mse"], lossWeights: ["a": 0.5, "b": 2],
            metrics: ["a": ["mae"], "b": ["mse"]], weightedMetrics: ["a": ["mae"]])
        let weights: [String: Tensor] = ["a": Tensor([0, 0, 0, 2] as [Float])]
        let figures = try model.evaluate(x, ["a": a, "b": b], verbose: 0, sampleWeight: weights)
        XCTAssertEqual(figures.names, ["a_loss", "a_mae", "a_weighted_mae", "b_loss", "b_mse", "loss"])
        XCTAssertEqual(figures.allValues, [8, 1.75, 4, 3, 3, 0.5 * 8 + 2 * 3])
        XCTAssertEqual(figures.list, [10, 3, 8, 1.75, 4, 3], "the loss, those of the outputs in their order, then by name")
        let history = try model.fit(
            x, [b, a], batchSize: 3, verbose: 0, validationData: .init(x, [b, a], sampleWeight: [nil, Tensor([0, 0, 0, 2] as [Float])]))
        XCTAssertEqual(history.names, figures.names + figures.names.map { "val_\($0)" })
        XCTAssertEqual(history["val_loss"], [10])
        XCTAssertEqual(history["a_loss"], [5.25])
    }

    func testAnOutputWithoutALoss() throws {
        let model = zeros(["a", "b"])
        try model.compile(optimizer: SGD(learningRate: 0.1), loss: ["mse", nil], metrics: [["mae"], []])
        let history = try model.fit(x, a, verbose: 0)
        XCTAssertEqual(history.names, ["a_mae", "loss"])
        XCTAssertEqual(try model.evaluate(x, [a, b], verbose: 0).names, ["a_mae", "loss"])
        XCTAssertEqual(model.layer(named: "b")!.weights[0].value.scalars, [0, 0])
        XCTAssertNotEqual(model.layer(named: "a")!.weights[0].value.scalars, [0, 0])
        // What the loss does not reach stays, whatever lies where its gradient of zeros once lay.
        let start = Tensor([0.25, -0.75] as [Float], shape: [2, 1])
        model.layer(named: "b")!.weights[0].assign(start)
        for batchSize in [1, 3, 4] { try model.fit(x, a, batchSize: batchSize, epochs: 3, verbose: 0) }
        XCTAssertEqual(model.layer(named: "b")!.weights[0].value.scalars, start.scalars)
        try model.compile(optimizer: SGD(), loss: ["mse", nil], metrics: [["mae"], ["mae"]])
        model.layer(named: "b")!.weights[0].assign(.zeros([2, 1]))
        XCTAssertEqual(try model.evaluate(x, [a, b], verbose: 0)["b_mae"], 1.5)
    }

    func testInputsAndOutputsByNameAndInOrder() throws {
        let (first, second) = (Input([1], name: "first"), Input([1], name: "second"))
        let sum = Dense(1, useBias: false, kernelInitializer: Ones(), name: "sum")(Add(name: "add")([first, second]))
        let twice = Dense(1, useBias: false, kernelInitializer: Constant(2), name: "twice")(second)
        let model = Model(inputs: [first, second], outputs: [sum, twice], name: "both")
        let one = Tensor([1, 2, 3] as [Float], shape: [3, 1]), ten = Tensor([10, 20, 30] as [Float], shape: [3, 1])
        let listed: [Tensor] = try model.predict([one, ten], batchSize: 2)
        XCTAssertEqual(listed.map(\.scalars), [[11, 22, 33], [20, 40, 60]])
        let named: [String: Tensor] = try model.predict(["second": ten, "first": one])
        XCTAssertEqual(named["sum"]?.scalars, [11, 22, 33])
        XCTAssertEqual(named["twice"]?.scalars, [20, 40, 60])
        try model.compile(optimizer: SGD(learningRate: 0), loss: "mae")
        XCTAssertEqual(try model.evaluate([one, ten], [one, ten], verbose: 0).list, [40, 20, 20])
        XCTAssertEqual(try model.evaluate(["first": one, "second": ten], ["twice": ten, "sum": one], verbose: 0).list, [40, 20, 20])
    }

    func testWhatDoesNotFitIsSaidInOneLine() throws {
        let model = zeros(["a", "b"])
        func refused(_ x: any ModelArrays, _ y: any ModelArrays, _ weights: (any ModelArrays)? = nil, says text: String, line: UInt = #line)
        {
            XCTAssertThrowsError(try model.fit(x, y, verbose: 0, sampleWeight: weights), line: line) {
                XCTAssert("\($0)".contains(text) && !"\($0)".contains("\n"), "\($0)", line: line)
            }
        }
        try model.compile(optimizer: "sgd", loss: "mse")
        refused(
            x, a, says: "model zeros has 2 outputs to train (a, b), the data 1 targets; give one target for each, in this order or by name")
        refused([x, x], [a, b], says: "model zeros has 1 input (x), the data 2 inputs")
        refused(["y": x], [a, b], says: "unknown input \"y\"")
        refused(x, ["a": a, "c": b], says: "unknown output \"c\"")
        refused(x, ["a": a], says: "no target for output b, only for a; give one for each of a, b")
        refused(x, [a, Tensor.zeros([4, 3])], says: "y[1]: targets of shape (None, 3) do not fit the output (None, 1) of model zeros")
        refused(x, [a, Tensor.zeros([3, 1])], says: "y[1] has 3")
        refused(x, [a, b], ["a": Tensor.ones([4])], says: "weights by name need targets by name")
        refused(x, [a, b], [Tensor.ones([4]), nil, nil] as [Tensor?], says: "found 3")
        refused(x, [a, b], Tensor.ones([4, 5]), says: "sample weights of shape (None, 5) do not fit the output (None, 1)")
        XCTAssertThrowsError(try model.fit(x, [a, b] as [Tensor], verbose: 0, classWeight: [0: 1])) {
            XCTAssert("\($0)".contains("classWeight is for models with one output"), "\($0)")
        }
        XCTAssertThrowsError(try model.predict(x) as Tensor) { XCTAssert("\($0)".contains("take them as [Tensor]"), "\($0)") }
        try model.compile(optimizer: "sgd", loss: ["a": "mse"], metrics: ["b": ["mae"]])
        refused(x, a, says: "output b has metrics, and no target")
        try model.compile(optimizer: "sgd")
        refused(x, [a, b], says: "compiled without a loss")
        XCTAssertThrowsError(try model.compile(optimizer: "sgd", loss: ["a": "mse", "d": "mse"])) {
            XCTAssert("\($0)".contains("unknown output \"d\""), "\($0)")
        }
    }

    func testALossOfOnesOwnSaysWhatTargetsItTakes() throws {
        final class Pairs: Loss {
            init() { super.init(name: "pairs") }
            override func problem(target: Shape, output: Shape) -> String? { target.last == 2 ? nil : "expected pairs" }
            override func call(_ yTrue: Tensor, _ yPred: Tensor) -> Tensor { square(yTrue[all, 0] - yPred[all, 0]) }
        }
        let model = zeros(["a"])
        try model.compile(optimizer: SGD(learningRate: 0), loss: Pairs())
        XCTAssertThrowsError(try model.fit(x, a, verbose: 0)) { XCTAssert("\($0)".hasSuffix("under pairs; expected pairs"), "\($0)") }
        XCTAssertEqual(try model.fit(x, Tensor.ones([4, 2]), verbose: 0)["loss"], [1])
    }

    func testClassWeightsAreSampleWeights() throws {
        func train(_ y: Tensor, loss: String, _ classes: [Int: Float]?, _ samples: [Float]?) throws -> [Float] {
            let model = Sequential([Input([2]), Dense(3, activation: "softmax", kernelInitializer: Ones())])
            try model.compile(optimizer: SGD(learningRate: 0.1), loss: loss, weightedMetrics: ["accuracy"])
            let history = try model.fit(
                x, y, verbose: 0, shuffle: false, classWeight: classes, sampleWeight: samples.map { Tensor($0) })
            return history["loss"] + history["accuracy"] + model.weights.flatMap(\.value.scalars)
        }
        let labels = Tensor([0, 2, 1, 2] as [Int32])
        let want = try train(labels, loss: "sparse_categorical_crossentropy", nil, [0.5, 3, 1, 3])
        XCTAssertEqual(try train(labels, loss: "sparse_categorical_crossentropy", [0: 0.5, 2: 3], nil), want)
        XCTAssertEqual(try train(oneHot(labels, 3), loss: "categorical_crossentropy", [0: 0.5, 2: 3], nil), want)
        XCTAssertThrowsError(try train(labels, loss: "sparse_categorical_crossentropy", [0: 1], [1, 1, 1, 1]))
    }

    // MARK: What layers add

    /// Adds a term of each kind to the loss.
    private final class Adding: Layer {
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            addLoss(input.sum() * 0.1, reduction: .sum)
            addLoss(input.sum() / Float(max(1, input.shape[0])) * 100, reduction: .mean)
            addLoss(Tensor(1000), reduction: .once)
            return input
        }
    }

    /// The loss over a batch of five samples, cut into so many shards.
    private func loss(shards: Int, _ model: Model, _ x: Tensor, _ y: Tensor) throws -> [Float] {
        Distribution.logicalShards = shards
        defer { Distribution.logicalShards = nil }
        return try model.fit(x, y, batchSize: 5, verbose: 0, shuffle: false)["loss"]
            + (try model.evaluate(x, y, batchSize: 5, verbose: 0)).list
    }

    func testAddedLossesAndPenaltiesCountOnceABatch() throws {
        let x = Tensor([1, 2, 3, 4, 5] as [Float], shape: [5, 1])
        for shards in [1, 2, 3, 8] {
            let model = Sequential([
                Input([1]), Adding(),
                Dense(
                    1, kernelInitializer: Constant(2), biasInitializer: Constant(3), kernelRegularizer: L2(10), activityRegularizer: L1(1)),
            ])
            try model.compile(optimizer: SGD(learningRate: 0), loss: MeanSquaredError(reduction: .sum))
            // Outputs are 2x + 3: 5, 7, 9, 11, 13.
            let want: Float = 0.1 * 15 + 100 * 3 + 1000 + 10 * 4 + 45 / 5 + 0
            let y = x * 2 + 3
            for value in try loss(shards: shards, model, x, y) { XCTAssertEqual(value, want, accuracy: 1e-3, "\(shards) shards") }
        }
    }

    func testPenaltiesTrain() throws {
        func weights(_ shards: Int) throws -> [Float] {
            let model = Sequential([
                Input([1]), Dense(2, kernelInitializer: Ones(), kernelRegularizer: L2(0.1)), Dense(1, kernelInitializer: Ones()),
            ])
            try model.compile(optimizer: SGD(learningRate: 0.1), loss: "mse")
            // Inputs of zero: the loss has no gradient with respect to the first kernel.
            _ = try loss(shards: shards, model, .zeros([5, 1]), .zeros([5, 1]))
            return model.weights[0].value.scalars
        }
        for shards in [1, 2, 8] { for weight in try weights(shards) { XCTAssertEqual(weight, 1 - 0.1 * 2 * 0.1, accuracy: 1e-6) } }
    }

    func testAModelThatComputesItsLossItself() throws {
        final class Distance: Model {
            let dense = Dense(1, useBias: false, kernelInitializer: Constant(2), name: "dense")
            override func call(_ input: Tensor, training: Bool) -> Tensor { dense(input) }
            override func computeLoss(x: [Tensor], y: [Tensor], yPred: [Tensor], sampleWeight: [Tensor?]) -> AddedLoss? {
                AddedLoss(abs(yPred[0] - y[0]).sum(), reduction: .sum)
            }
        }
        let x = Tensor([1, 2, 3, 4, 5] as [Float], shape: [5, 1])
        for shards in [1, 3] {
            let model = Distance(name: "distance")
            try model.compile(optimizer: SGD(learningRate: 0.01))
            let losses = try loss(shards: shards, model, x, x)
            XCTAssertEqual(losses[0], 15)
            XCTAssertEqual(model.weights[0].value.scalars[0], 2 - 0.01 * 15, accuracy: 1e-6)
        }
    }

    // MARK: Masks

    /// Steps of zeros are masked: 1, 3, 0, 2 and 0 of three count.
    private let steps = Tensor([0, 2, 0, 1, 2, 3, 0, 0, 0, 5, 0, 7, 0, 0, 0] as [Float], shape: [5, 3, 1])

    private func masked(_ reduction: Loss.Reduction, metrics: [any MetricSpec] = [], weighted: [any MetricSpec] = []) throws -> Model {
        let model = Sequential([Input([3, 1]), Masking(), Dense(1, useBias: false, kernelInitializer: Ones(), name: "dense")])
        try model.compile(
            optimizer: SGD(learningRate: 0.01), loss: MeanSquaredError(reduction: reduction), metrics: metrics, weightedMetrics: weighted)
        return model
    }

    func testMaskedLossesAreDividedByWhatCountsInTheGlobalBatch() throws {
        // Errors are the inputs less one: 1; 0, 1, 2; 4, 6.
        let y = Tensor.ones([5, 3, 1]), squares: Float = 1 + 0 + 1 + 4 + 16 + 36
        let weights = Tensor([2, 1, 1, 0.5, 3] as [Float])
        let weightedSquares: Float = 2 * 1 + (0 + 1 + 4) + 0.5 * (16 + 36), weightedCount: Float = 2 + 3 + 0.5 * 2
        for shards in [1, 2, 3, 8] {
            for (reduction, weights, want) in [
                (.sumOverBatchSize, nil, squares / 6), (.sum, nil, squares), (.meanWithSampleWeight, nil, squares / 6),
                (.sumOverBatchSize, weights, weightedSquares / 6), (.meanWithSampleWeight, weights, weightedSquares / weightedCount),
            ] as [(Loss.Reduction, Tensor?, Float)] {
                Distribution.logicalShards = shards
                defer { Distribution.logicalShards = nil }
                let model = try masked(reduction, metrics: ["mae"], weighted: ["mse"])
                let figures = try model.evaluate(steps, y, batchSize: 5, verbose: 0, sampleWeight: weights)
                XCTAssertEqual(figures["loss"]!, want, accuracy: 1e-4, "\(reduction) on \(shards) shards")
                XCTAssertEqual(figures["mae"]!, (1 + 0 + 1 + 2 + 4 + 6) / 6, accuracy: 1e-5)
                XCTAssertEqual(figures["mse"]!, weights == nil ? squares / 6 : weightedSquares / weightedCount, accuracy: 1e-4)
                let history = try model.fit(steps, y, batchSize: 5, verbose: 0, shuffle: false, sampleWeight: weights)
                XCTAssertEqual(history["loss"][0], want, accuracy: 1e-4, "\(reduction) on \(shards) shards")
                // d/dk Σ (k x - 1)² = Σ 2 x (x - 1).
                let slope: Float = weights == nil ? 2 * (2 + 0 + 2 + 6 + 20 + 42) : 2 * (2 * 2 + (0 + 2 + 6) + 0.5 * (20 + 42))
                let scale = (weights == nil ? squares : weightedSquares) / want
                XCTAssertEqual(
                    model.weights[0].value.scalars[0], 1 - 0.01 * slope / scale, accuracy: 1e-5, "\(reduction) on \(shards) shards")
            }
        }
    }

    func testABatchInWhichNothingCountsHasNoLoss() throws {
        let model = try masked(.sumOverBatchSize)
        XCTAssertEqual(try model.fit(.zeros([2, 3, 1]), .ones([2, 3, 1]), verbose: 0)["loss"], [0])
        XCTAssertEqual(model.weights[0].value.scalars, [1])
    }

    func testWeightsOfSteps() throws {
        let weights = Tensor((0 ..< 15).map { Float($0 % 4) }, shape: [5, 3])
        let x = Tensor((0 ..< 15).map { Float($0) / 4 }, shape: [5, 3, 1])
        for (reduction, divisor) in [(.sumOverBatchSize, 15), (.meanWithSampleWeight, weights.sum().scalar)] as [(Loss.Reduction, Float)] {
            let model = Sequential([Input([3, 1]), Dense(1, kernelInitializer: Ones())])
            try model.compile(optimizer: SGD(learningRate: 0), loss: MeanSquaredError(reduction: reduction))
            let want = zip(x.scalars, weights.scalars).reduce(0) { $0 + $1.0 * $1.0 * $1.1 } / divisor
            for shards in [1, 3] {
                Distribution.logicalShards = shards
                defer { Distribution.logicalShards = nil }
                let loss = try model.fit(x, .zeros([5, 3, 1]), batchSize: 5, verbose: 0, sampleWeight: weights)["loss"][0]
                XCTAssertEqual(loss, want, accuracy: 1e-4, "\(reduction)")
            }
            XCTAssertEqual(
                MeanSquaredError(reduction: reduction)(.zeros([5, 3, 1]), x, sampleWeight: weights).scalar, want, accuracy: 1e-4)
        }
    }
}
