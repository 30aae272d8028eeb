import LockstepNN
import LockstepTensor
import XCTest

final class LayerTests: XCTestCase {
    override func setUp() {
        Random.setSeed(1)
        clearSession()
    }

    /// Multiples of 0.2, shifted by 0.1: none is at the kinks of the functions below. In a fixed order.
    private func input(_ shape: Shape) -> Tensor {
        Tensor((0 ..< shape.count).map { Float(($0 * 7) % shape.count - shape.count / 2) * 0.2 + 0.1 }, shape: shape)
    }

    /// What `checkLayer` is run for. A layer of the registry that is not here fails `testEveryLayerIsChecked`.
    private var cases: [(name: String, check: () throws -> Void)] {
        [
            (
                "InputLayer",
                {
                    // Says what comes in; it is no layer that another feeds, so `checkLayer` does not fit.
                    let layer = Input([2, 3], dtype: .int32).layer, x = self.input([4, 2, 3])
                    XCTAssertEqual(layer(x, training: true).scalars, x.scalars)
                    XCTAssertEqual(layer.weights.count, 0)
                    let copy = try Layers.registry.make(layer.className, .object(layer.config)) as! InputLayer
                    XCTAssertEqual(copy.config, layer.config)
                    XCTAssertEqual(copy.shape, [2, 3])
                    XCTAssertEqual(copy.dtype, .int32)
                }
            ),
            (
                "Dense",
                {
                    let weights = [("kernel", [3, 4] as Shape), ("bias", [4])]
                    for activation in ["linear", "sigmoid", "tanh", "softmax", "gelu", "silu", "softplus"] {
                        try checkLayer({ Dense(4, activation: try! .named(activation)) }, input: self.input([5, 3]), weights: weights)
                    }
                    // With equal weights no row comes to zero before the activation, nor within a step of it.
                    try checkLayer(
                        { Dense(4, activation: "relu", kernelInitializer: Constant(0.5), biasInitializer: Constant(-0.2)) },
                        input: self.input([5, 3]),
                        weights: weights, step: 1 / 64, tolerance: 1e-3)
                    try checkLayer({ Dense(4, useBias: false) }, input: self.input([5, 3]), weights: [("kernel", [3, 4])])
                    try checkLayer(
                        { Dense(1, activation: "tanh") }, input: self.input([2, 3, 2]), weights: [("kernel", [2, 1]), ("bias", [1])])
                    try checkLayer({ Dense(2) }, input: self.input([2, 2, 2, 3]), weights: [("kernel", [3, 2]), ("bias", [2])])
                    try checkLayer(
                        {
                            Dense(
                                4, kernelRegularizer: "l2", biasRegularizer: L1(0.1), activityRegularizer: "l1",
                                kernelConstraint: "unit_norm",
                                biasConstraint: MaxNorm(3))
                        }, input: self.input([5, 3]), weights: weights)
                }
            ),
            (
                "Activation",
                {
                    for function in [
                        "relu", "tanh", "softmax", "log_softmax", "elu", "selu", "hard_sigmoid", "softsign", "mish", "exponential",
                    ] {
                        try checkLayer({ Activation(try! .named(function)) }, input: self.input([3, 5]))
                    }
                }
            ),
            (
                "Flatten",
                {
                    try checkLayer({ Flatten() }, input: self.input([2, 3, 2]))
                    try checkLayer({ Flatten() }, input: self.input([2, 3]))
                }
            ),
            (
                "Dropout",
                {
                    try checkLayer({ Dropout(0.4) }, input: self.input([4, 5]))
                    try checkLayer({ Dropout(0.4, seed: 7) }, input: self.input([4, 5]))
                    try checkLayer({ Dropout(0) }, input: self.input([2, 3]))
                    try checkLayer({ Dropout(1) }, input: self.input([2, 3]))
                }
            ),
            (
                "ActivityRegularization",
                { try checkLayer({ ActivityRegularization(l1: 0.5, l2: 0.25) }, input: self.input([4, 2, 3])) }
            ),
            ("BatchNormalization", { try checkBatchNormalization() }),
            (
                "ReLU",
                {
                    try checkLayer({ ReLU() }, input: self.input([3, 4]), step: 1 / 64)
                    try checkLayer({ ReLU(maxValue: 0.6, negativeSlope: 0.1) }, input: self.input([3, 2, 2]), step: 1 / 64)
                }
            ),
            ("LeakyReLU", { try checkLayer({ LeakyReLU() }, input: self.input([3, 4]), step: 1 / 64) }),
            ("ELU", { try checkLayer({ ELU(alpha: 0.5) }, input: self.input([3, 4]), step: 1 / 64) }),
            (
                "PReLU",
                {
                    let slopes = RandomUniform(minval: 0.1, maxval: 0.4)
                    try checkLayer(
                        { PReLU(alphaInitializer: slopes) }, input: self.input([3, 2, 2]), weights: [("alpha", [2, 2])], step: 1 / 64)
                    try checkLayer(
                        { PReLU(alphaInitializer: slopes, sharedAxes: [1]) }, input: self.input([3, 2, 2]), weights: [("alpha", [1, 2])],
                        step: 1 / 64)
                }
            ),
            (
                "Softmax",
                { for axis in [-1, 1] { try checkLayer({ Softmax(axis: axis) }, input: self.input([2, 3, 4])) } }
            ),
            (
                "Reshape",
                { for shape in [[4, 3], [2, -1], [-1]] { try checkLayer({ Reshape(Shape(shape)) }, input: self.input([3, 6, 2])) } }
            ),
            ("Permute", { try checkLayer({ Permute([2, 1]) }, input: self.input([3, 4, 2])) }),
            ("RepeatVector", { try checkLayer({ RepeatVector(3) }, input: self.input([2, 4])) }),
            // A masked step is where the mask begins to differ: no place for differences. Keras' values have some.
            ("Masking", { for value in [0, 100] { try checkLayer({ Masking(maskValue: Float(value)) }, input: self.input([3, 2, 2])) } }),
        ] + mergingCases + convolutionCases + recurrentCases + embeddingCases
    }

    /// Inputs of the merging layers: all have two with whole batches, of which no two elements are equal.
    private var mergingCases: [(name: String, check: () throws -> Void)] {
        let (x, y, row) = (input([3, 2, 4]), input([3, 2, 4]) * -0.7, input([3, 4]) * 0.37)
        func check(_ layers: (() -> Layer)..., inputs: [[Tensor]]) -> () throws -> Void {
            { for layer in layers { for inputs in inputs { try checkLayer(layer, inputs: inputs, step: 1 / 64) } } }
        }
        let pairs = [[x, y], [x, row], [row, x]]
        return [
            ("Add", check({ Add() }, inputs: pairs + [[x], [x, y, row]])),
            ("Subtract", check({ Subtract() }, inputs: pairs)),
            ("Multiply", check({ Multiply() }, inputs: pairs + [[x], [x, y, row]])),
            ("Average", check({ Average() }, inputs: pairs + [[x], [x, y, row]])),
            ("Maximum", check({ Maximum() }, inputs: pairs + [[x], [x, y, row]])),
            ("Minimum", check({ Minimum() }, inputs: pairs + [[x], [x, y, row]])),
            ("Concatenate", check({ Concatenate() }, { Concatenate(axis: 1) }, inputs: [[x, y], [x], [x, y, x * 2]])),
            (
                "Dot",
                {
                    for normalize in [false, true] {
                        try check({ Dot(axes: 2, normalize: normalize) }, { Dot(axes: (1, -2), normalize: normalize) }, inputs: [[x, y]])()
                        try check({ Dot(axes: -1, normalize: normalize) }, inputs: [[x, y], [x, row], [row, x], [row, row * row]])()
                        try check({ Dot(axes: (3, 1), normalize: normalize) }, inputs: [[self.input([3, 2, 2, 4]), row]])()
                    }
                }
            ),
        ]
    }

    func testEveryLayer() throws {
        for (_, check) in cases { try check() }
    }

    /// Values and configurations of layers that Keras has made (Golden/golden.py).
    func testAgainstKeras() throws {
        for (index, golden) in try golden("layers").items.enumerated() {
            let layer = try Layers.registry.make(golden["layer"]!), x = golden["x"]!.tensor, note = "case \(index), \(layer.className)"
            _ = layer(x)
            XCTAssertEqual(layer.weights.map(\.name), golden["names"]!.items.map { $0.text! }, note)
            for (weight, value) in zip(layer.weights, golden["weights"]!.items) { weight.assign(value.tensor) }
            let y = layer(x)
            XCTAssertEqual(y.shape, golden["y"]!.tensor.shape, note)
            assertNear(y.scalars, golden["y"]!.tensor.scalars, tolerance: 2e-6, note)
            // What is written is what Keras writes; name, type and the like come from the model around the layer.
            for entry in layer.config {
                assertSame(entry.value, golden["layer"]!["config"]![entry.key] ?? "missing", at: "\(note).\(entry.key)")
            }
            let common: Set = ["name", "trainable", "dtype"]
            XCTAssertEqual(Set(golden["layer"]!["config"]!.entries.map(\.key)).subtracting(common), Set(layer.config.map(\.key)), note)
        }
    }

    func testEveryLayerIsChecked() {
        // Another name of InputLayer, one that a test registers, and models.
        let aliases: Set = ["Input", "Doubled", "Sequential", "Functional"]
        XCTAssertEqual(
            Set(Layers.registry.names).subtracting(aliases), Set(cases.map(\.name)),
            "a layer of the registry has no case in LayerTests, or the other way round")
    }

    func testDenseComputesWhatItSays() {
        let dense = Dense(2, activation: "relu")
        _ = dense(.zeros([1, 3]))
        dense.kernel.assign(Tensor([[1, -1], [2, 0], [0, 3]] as [[Float]]))
        dense.bias!.assign(Tensor([0.5, -1] as [Float]))
        XCTAssertEqual(dense(Tensor([[1, 2, 3], [-1, 0, 0]] as [[Float]])).scalars, [5.5, 7, 0, 0])
    }

    /// Without an Input the weights are made at the first call, and once.
    func testBuildsAtTheFirstCall() {
        let dense = Dense(2)
        XCTAssertFalse(dense.built)
        XCTAssertEqual(dense.weights.count, 0)
        _ = dense(.ones([4, 3]))
        let kernel = dense.kernel
        _ = dense(.ones([7, 3]))
        XCTAssertTrue(dense.built && dense.kernel === kernel)
        XCTAssertEqual(dense.buildShapes, [[4, 3]])
    }

    /// A layer of one's own, as its documentation shows it.
    private final class Scale: Layer {
        private(set) var factor: Variable!
        override func build(_ inputShape: Shape) { factor = addWeight("factor", shape: [inputShape.last], initializer: Ones()) }
        override func call(_ input: Tensor, training: Bool) -> Tensor { input * factor.value }
    }

    /// One that holds layers, and one weight that is not trained.
    private final class Doubled: Layer {
        let inner: Dense, units: Int
        private var calls: Variable!
        init(_ units: Int, name: String? = nil) {
            self.units = units
            inner = Dense(units, name: "inner")
            super.init(name: name)
        }
        override func build(_ inputShape: Shape) { calls = addWeight("calls", shape: [], initializer: Zeros(), trainable: false) }
        override func call(_ input: Tensor, training: Bool) -> Tensor {
            if training { calls.assignAdd(Tensor(1)) }
            return inner(input, training: training) * 2
        }
        override var config: [ConfigValue.Entry] { [.init("units", .int(units))] }
    }

    func testALayerOfOnesOwn() {
        let model = Sequential([Input([2]), Scale(), Dense(1)], name: "net")
        XCTAssertEqual(model.layers.map(\.name), ["scale", "dense"])
        XCTAssertEqual(model.weights.map(\.path), ["net/scale/factor", "net/dense/kernel", "net/dense/bias"])
        let scale = model.layers[0] as! Scale
        scale.factor.assign(Tensor([2, 3] as [Float]))
        XCTAssertEqual(scale(Tensor([[1, 1], [2, 0]] as [[Float]])).scalars, [2, 3, 4, 0])
        let tape = GradientTape()
        XCTAssertEqual(tape.gradient(tape.record { scale(.ones([4, 2])).sum() }, scale.factor)?.scalars, [4, 4])
    }

    func testALayerThatHoldsLayers() throws {
        Layers.registry.register("Doubled") { Doubled(try $0.int("units"), name: try $0.optionalString("name")) }
        let model = Sequential([Input([3]), Doubled(2)], name: "net"), layer = model.layers[0]
        let x = Tensor.ones([4, 3])
        _ = model(x)
        XCTAssertEqual(model.weights.map(\.path), ["net/doubled/calls", "net/doubled/inner/kernel", "net/doubled/inner/bias"])
        XCTAssertEqual(model.trainableWeights.map(\.name), ["kernel", "bias"])
        XCTAssertEqual(model.nonTrainableWeights.map(\.name), ["calls"])
        layer.trainable = false
        XCTAssertEqual(model.trainableWeights.count, 0)
        let copy = try Layers.registry.make(.object(["class_name": "Doubled", "config": .object(layer.config)]))
        XCTAssertEqual(copy.config, layer.config)

        let graph = Graph()
        graph.trace { _ = model(x, training: true) }
        let program = Program(graph, outputs: [])
        for _ in 0 ..< 3 { program.run() }
        XCTAssertEqual(model.weights[0].value.scalar, 3)
    }

    /// Keras' `get_weights` and `set_weights`, in its order: those that are trained first.
    func testGetAndSetWeights() {
        final class Counted: Layer {
            override func build(_ inputShape: Shape) {
                _ = addWeight("count", shape: [], initializer: "zeros", trainable: false)
                _ = addWeight("factor", shape: [2], initializer: "ones")
            }
            override func call(_ input: Tensor, training: Bool) -> Tensor { input }
        }
        let layer = Counted(name: "counted")
        _ = layer(Tensor.ones([3, 2]))
        XCTAssertEqual(layer.weights.map(\.name), ["factor", "count"])
        let model = Sequential([Input([2]), Dense(2), BatchNormalization()], name: "net")
        let before = model.getWeights(), x = Tensor([[1, -1]] as [[Float]]), y = model(x)
        XCTAssertEqual(before.map(\.shape), [[2, 2], [2], [2], [2], [2], [2]])
        model.setWeights(before.map { $0 * 0 + 2 })
        XCTAssertEqual(model.getWeights().map(\.scalars), before.map { [Float](repeating: 2, count: $0.shape.count) })
        XCTAssertNotEqual(model(x).scalars, y.scalars)
        model.setWeights(before)
        XCTAssertEqual(model(x).scalars, y.scalars)
    }

    /// The same layer called twice has one set of weights, whose gradient is the sum.
    func testASharedLayer() {
        let dense = Dense(3, useBias: false), x = Tensor.ones([1, 3])
        _ = dense(x)
        let tape = GradientTape()
        let y = tape.record { (dense(x) + dense(x * 2)).sum() }
        XCTAssertEqual(tape.gradient(y, dense.kernel)?.scalars, [Float](repeating: 3, count: 9))
        XCTAssertEqual(Sequential([dense, Activation("relu")]).weights.count, 1)
    }
}
