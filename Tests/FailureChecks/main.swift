// Makes one programmer error, by name, which stops the process: `FailureChecks matmul`. Its tests read the message on
// standard error. Without a name, lists the names; with `as-shipped` behind the name, the message and the end are those
// of a program that does not replace `Failure.stop`, and that has printed a line before.
import Foundation
import LockstepNN
import LockstepTensor

let x = Tensor.zeros([2, 3]), labels = Tensor([1])
let matrix = Variable(.zeros([2, 3]), name: "matrix")
let net = Sequential([Input([3]), Dense(2, name: "out")], name: "net")
let sgd = SGD(), squares = MeanSquaredError()

/// Plain Swift 6: functions that use the globals of a program's top level.
func step(_ x: Tensor, _ y: Tensor) -> Tensor {
    let tape = GradientTape()
    let loss = tape.record { squares(y, net(x, training: true)) + mean(square(matrix.value)) }
    let variables = net.trainableWeights
    sgd.apply(tape.gradient(loss, variables).map { $0! }, to: variables)
    return loss
}

/// Symbolic tensors, and models of two inputs or outputs, for mistakes with graphs.
nonisolated(unsafe) let a = Input([3], name: "a"), b = Input([3], name: "b")
func dense(_ input: KerasTensor, _ name: String) -> KerasTensor { Dense(3, name: name)(input) }
func sum() -> Model { Model(inputs: ["a": a, "b": b], outputs: a + b, name: "sum") }
func fork() -> Model {
    let hidden = dense(a, "hidden")
    return Model(inputs: a, outputs: [dense(hidden, "age"), dense(hidden, "income")], name: "fork")
}
/// A layer whose call does what is given.
final class Doing: Layer {
    let body: (Doing, Tensor) -> Tensor
    init(_ body: @escaping (Doing, Tensor) -> Tensor) {
        self.body = body
        super.init(name: "doing")
    }
    override func call(_ input: Tensor, training: Bool) -> Tensor { body(self, input) }
}
/// A layer that declares another shape than its call gives.
final class Liar: Layer {
    override func call(_ input: Tensor, training: Bool) -> Tensor { input }
    override func computeOutputShape(_ inputShape: Shape) -> Shape? { [nil, 5] }
}
/// The model of a file, changed by replacing pieces of its text.
func reread(_ model: Model, _ changes: [(String, String)]) throws {
    let text = changes.reduce(model.toJSON()) { text, change in
        check(text.contains(change.0), "no \(change.0) in \(text)")
        return text.replacingOccurrences(of: change.0, with: change.1)
    }
    _ = try Model.make(ConfigValue(json: Data(text.utf8)))
}

func useThreads(_ count: Int) { Threads.count = count }

let image = Input([4, 6, 3])

let errors: [(name: String, make: () throws -> Void)] = [
    // Convolution and pooling
    ("conv-kernel", { _ = Conv2D(2, kernelSize: 5)(image) as KerasTensor }),
    ("conv-dilation", { _ = Conv1D(2, kernelSize: 3, dilationRate: 3)(Input([6, 1])) as KerasTensor }),
    ("conv-groups", { _ = Conv2D(4, kernelSize: 3, groups: 3) }),
    ("conv-group-channels", { _ = Conv2D(4, kernelSize: 3, groups: 2)(image) as KerasTensor }),
    ("conv-strides", { _ = Conv2D(4, kernelSize: 3, strides: 2, dilationRate: 2) }),
    ("conv-lengths", { _ = Conv2D(4, kernelSize: [3, 3, 3]) }),
    ("conv-causal", { _ = DepthwiseConv1D(kernelSize: 3, padding: .causal) }),
    ("conv-rank", { _ = Conv1D(4, kernelSize: 3)(image) as KerasTensor }),
    (
        "conv-channels",
        {
            let layer = Conv2D(2, kernelSize: 3)
            _ = layer(image) as KerasTensor
            _ = layer(Tensor.zeros([1, 4, 6, 2]))
        }
    ),
    ("conv-unknown", { _ = Conv2D(2, kernelSize: 3)(Input([4, 4, nil])) as KerasTensor }),
    ("pool-window", { _ = MaxPooling2D(5)(image) as KerasTensor }),
    ("pool-rank", { _ = GlobalAveragePooling1D()(image) as KerasTensor }),
    ("cropping", { _ = Cropping2D([2, 1])(image) as KerasTensor }),
    ("padding", { _ = ZeroPadding2D([1, 2, 3]) }),

    // Tensors
    ("scalars", { _ = Tensor([1, 2, 3] as [Float], shape: [2, 2]) }),
    ("rows-nested", { _ = Tensor([[[1, 2], [3, 4]], [[5, 6]]]) }),
    ("rows-fill", { _ = Tensor([[1.5, 2], [3, 4]], shape: [3]) }),
    ("int-range", { _ = Tensor([1, 3_000_000_000]) }),
    ("step", { _ = step(x, Tensor.zeros([4, 2])) }),
    ("rows", { _ = Tensor([[1, 2], [3]] as [[Float]]) }),
    ("read-type", { _ = x.int32Scalars }),
    ("read-scalar", { _ = x.scalar }),
    ("read-traced", { _ = Graph().trace { (x + 1).scalars } }),
    ("use-traced", { _ = Graph().trace { x + 1 } + 1 }),

    // Recurrent layers
    ("recurrent-units", { _ = LSTM(0) }),
    ("recurrent-dropout", { _ = GRU(2, recurrentDropout: 1.5) }),
    ("recurrent-input", { _ = LSTM(2)(Input([4], name: "x")) }),
    (
        "recurrent-width",
        { _ = { layer in layer(layer(Tensor.zeros([2, 3, 4]))) as Tensor }(LSTM(2, returnSequences: true, name: "lstm")) }
    ),
    ("recurrent-mask", { _ = SimpleRNN(2)(Tensor.zeros([2, 3, 4]).masked(by: Tensor([true, false]))) as Tensor }),
    (
        "attention-mask",
        {
            let x = Tensor.zeros([2, 3, 4]), mask = Tensor([true, false, true])
            _ = MultiHeadAttention(numHeads: 2, keyDim: 3)(query: x, value: x, attentionMask: mask.broadcast(to: [2, 5, 3])) as Tensor
        }
    ),
    ("attention-heads", { _ = MultiHeadAttention(numHeads: 0, keyDim: 3) }),
    (
        "attention-lengths",
        { _ = MultiHeadAttention(numHeads: 1, keyDim: 3)(query: Tensor.zeros([2, 3, 4]), value: Tensor.zeros([3, 3, 4])) as Tensor }
    ),
    (
        "attention-axes",
        {
            let x = Tensor.zeros([2, 3, 4])
            _ = MultiHeadAttention(numHeads: 1, keyDim: 3, attentionAxes: [2])(query: x, value: x) as Tensor
        }
    ),
    ("hashing-bins", { _ = Hashing(numBins: 0) }),
    ("lookup-unknown", { _ = try StringLookup(vocabulary: ["a"], numOOVIndices: 0)(["a", "b"]) }),
    ("lookup-lengths", { _ = try StringLookup(vocabulary: ["a"])([["a", "b"], ["a"]]) }),
    ("recurrent-state-count", { _ = LSTM(2)(Tensor.zeros([2, 3, 4]), initialState: [.zeros([2, 2])]) as Tensor }),
    ("recurrent-state-shape", { _ = GRU(2)(Tensor.zeros([2, 3, 4]), initialState: [.zeros([2, 3])]) as Tensor }),
    ("recurrent-several", { _ = LSTM(2)([Tensor.zeros([2, 3, 4]), .zeros([2, 3, 4])]) as Tensor }),
    ("recurrent-stateful", { _ = LSTM(2, stateful: true)(Input([3, 4])) }),
    (
        "recurrent-stateful-batch",
        {
            let layer = GRU(2, stateful: true, name: "gru")
            _ = layer(Tensor.zeros([4, 3, 2]))
            _ = layer(Tensor.zeros([3, 3, 2]))
        }
    ),
    (
        "recurrent-twice",
        {
            let x = Variable(Tensor.zeros([2, 3, 4])), (outer, inner) = (GradientTape(), GradientTape())
            let gradient = outer.record { inner.gradient(inner.record { (LSTM(2)(x.value) as Tensor).sum() }, x)!.sum() }
            _ = outer.gradient(gradient, x)
        }
    ),
    ("bidirectional-directions", { _ = Bidirectional(LSTM(2), backwardLayer: LSTM(2)) }),
    ("bidirectional-sequences", { _ = Bidirectional(LSTM(2), backwardLayer: LSTM(2, returnSequences: true, goBackwards: true)) }),
    ("bidirectional-states", { _ = Bidirectional(GRU(2))(Tensor.zeros([2, 3, 4]), initialState: [.zeros([2, 2])]) as Tensor }),
    ("time-distributed-input", { _ = TimeDistributed(Dense(2))(Tensor.zeros([2, 3])) }),

    // Merging layers
    ("merge-concatenate", { _ = concatenate([Input([3, 4]), Input([2, 4])]) }),
    ("merge-concatenate-axis", { _ = concatenate([Input([3, 4]), Input([2, 4])], axis: 3) }),
    ("merge-add", { _ = add([Input([nil, 4]), Input([3, 4]), Input([2, 4])]) }),
    ("merge-batch", { _ = multiply([x, Tensor.zeros([4, 3])]) }),
    (
        "merge-again",
        {
            let sum = Add(name: "sum"), (a, b): (KerasTensor, KerasTensor) = (Input([3]), Input([4]))
            _ = sum([sum([a, a]), b]) as KerasTensor
        }
    ),
    ("merge-count", { _ = Subtract()([x, x, x]) as Tensor }),
    ("merge-none", { _ = average([] as [Tensor]) }),
    ("merge-dot", { _ = dot([Input([3, 4]), Input([2, 5])], axes: (1, 2)) }),
    ("merge-dot-batch", { _ = dot([x, x], axes: 0) }),
    ("embedding-dim", { _ = Embedding(0, 3) }),
    ("embedding-weights", { _ = Embedding(4, 3, weights: .zeros([3, 4])) }),
    ("embedding-index", { _ = Embedding(4, 3, name: "words")(Tensor([[1, 2], [3, 4]] as [[Int32]])) }),
    ("masking", { _ = Masking()(Tensor.zeros([3])) }),
    ("expand-dims", { _ = x.expandingDims(axis: 3) }),

    // Sizes
    ("shape-overflow", { _ = Tensor.zeros([1 << 40, 1 << 40]) }),
    ("shape-strides", { _ = Shape([2, 1 << 40, 1 << 40]).strides }),
    ("shape-unknown", { _ = Tensor.zeros([nil, 3]) }),
    ("shape-negative", { _ = Tensor.randomUniform([-2, -3]) }),
    ("memory", { _ = Tensor.zeros([1 << 45]) }),
    ("memory-operation", { _ = Tensor.zeros([1 << 20, 1]) * Tensor.zeros([1 << 20]) }),
    (
        "memory-program",
        {
            let graph = Graph(), (rows, columns) = (Variable(.zeros([1 << 20, 1])), Variable(.zeros([1 << 20])))
            _ = Program(graph, outputs: [graph.trace { exp(rows.value * columns.value) }])
        }
    ),
    ("weight-memory", { _ = Sequential([Input([4]), Dense(1 << 40)], name: "net") }),
    ("weight-overflow", { _ = Sequential([Input([4]), Dense(.max)], name: "net") }),
    ("reshape-overflow", { _ = x.reshaped([-1, 1 << 40, 1 << 40]) }),
    ("threads", { useThreads(0) }),
    ("range-end", { _ = x[0 ... Int.max] }),
    ("one-hot", { _ = oneHot(Tensor([0] as [Int32]), 1 << 40) }),
    (
        "reading",
        { Failure.reading("model.keras") { _ = Sequential([Dense(3)], name: "net")(Tensor.zeros([3])) } }
    ),

    // Operations
    ("add", { _ = x + Tensor.zeros([4]) }),
    ("add-types", { _ = x + Tensor([1] as [Int32]) }),
    ("number-type", { _ = labels * 2 }),
    ("compare", { print(x .> Tensor.zeros([2])) }),
    ("where", { _ = `where`(x .> 0, x, Tensor.zeros([4])) }),
    ("exp-type", { _ = LockstepTensor.exp(Tensor([true])) }),
    ("matmul", { _ = x.matmul(x) }),
    ("matmul-transposed", { _ = x.matmul(Tensor.zeros([4, 5]), transposeB: true) }),
    ("matmul-rank", { _ = x.matmul(Tensor.zeros([3])) }),
    ("matmul-leading", { _ = Tensor.zeros([4, 2, 3]).matmul(Tensor.zeros([5, 3, 1])) }),
    ("bias", { _ = biasActivation(x, Tensor.zeros([2]), .relu) }),
    ("reshape", { _ = x.reshaped([4, 2]) }),
    ("reshape-free", { _ = x.reshaped([4, -1]) }),
    ("transpose", { _ = x.transposed([0, 0]) }),
    ("concatenate", { _ = concatenate([x, Tensor.zeros([3, 4])], axis: 1) }),
    ("gather", { _ = x.gathered(Tensor([0, 2] as [Int32])) }),
    ("squeeze", { _ = x.squeezed(axes: [0]) }),
    ("sum-axis", { _ = x.sum(axes: [2]) }),
    ("max-empty", { _ = Tensor.zeros([0, 3]).max(axes: [0]) }),
    ("index", { _ = x[2] }),
    ("range", { _ = x[all, 1 ... 3] }),
    ("range-from", { _ = x[4...] }),
    ("range-up-to", { _ = x[..<(-1)] }),
    ("range-through", { _ = x[all, ...3] }),
    ("indices", { _ = x[0, 0, 0] }),
    ("cross-entropy", { _ = softmaxCrossEntropy(logits: x, target: Tensor([0, 1, 2] as [Int32])) }),

    ("label", { _ = SparseCategoricalCrossentropy(fromLogits: true)(Tensor([0, 3]), x) }),
    ("label-negative", { _ = softmaxCrossEntropy(logits: x, target: Tensor([-1, 0])) }),

    (
        "gather-gradient",
        {
            let graph = Graph(), table = Variable(.zeros([2, 3])), tape = GradientTape()
            let gradient = graph.trace { tape.gradient(tape.record { table.value.gathered(Tensor([0, 5])) }, table)! }
            Program(graph, outputs: [gradient]).run()
        }
    ),

    // Variables and tapes
    ("assign", { matrix.assign(.zeros([3, 2])) }),
    ("assign-type", { matrix.assign(Tensor([0, 0, 0, 0, 0, 0] as [Int32], shape: [2, 3])) }),
    ("assign-add", { matrix.assignAdd(.zeros([3])) }),
    ("assign-slice", { matrix[0] = Tensor.zeros([2]) }),
    (
        "tape-spent",
        {
            let tape = GradientTape()
            _ = tape.gradient(tape.record { matrix.value * 2 }, matrix)
            _ = tape.record { matrix.value * 2 }
        }
    ),
    (
        "tape-spent-gradient",
        {
            let tape = GradientTape()
            let y = tape.record { matrix.value * 2 }
            _ = tape.gradient(y, matrix)
            _ = tape.gradient(y, matrix)
        }
    ),

    // Layers and models
    ("dense-units", { _ = Dense(0) }),
    ("dense-rank", { _ = Sequential([Dense(3)], name: "net")(Tensor.zeros([3])) }),
    (
        "dense-input",
        {
            let model = Sequential([Input([3]), Dense(4, name: "first"), Dense(2)], name: "net")
            _ = model(Tensor.zeros([5, 7]))
        }
    ),
    ("initializer", { _ = Dense(3, kernelInitializer: "he_norml") }),
    ("regularizer", { _ = BatchNormalization(gammaRegularizer: "l3") }),
    ("constraint", { _ = Sequential([Input([4]), Dense(3, kernelConstraint: UnitNorm(axis: 2))], name: "net") }),
    ("regularizer-factor", { _ = L1L2(l1: 0.1, l2: -0.1) }),
    ("regularizer-nan", { _ = OrthogonalRegularizer(factor: .nan) }),
    ("regularizer-shape", { _ = OrthogonalRegularizer(mode: .columns)(Tensor.zeros([3, 1])) }),
    ("constraint-axis", { _ = MaxNorm(axis: [0, 2])(x) }),
    ("constraint-axes", { _ = UnitNorm(axis: [1, -1])(x) }),
    ("constraint-nan", { _ = MinMaxNorm(maxValue: .nan) }),
    ("set-weights-count", { net.setWeights([.zeros([3, 2])]) }),
    ("set-weights-shape", { net.setWeights([.zeros([3, 2]), .zeros([3])]) }),
    ("set-weights-early", { Dense(3, name: "late").setWeights([.zeros([3, 2]), .zeros([3])]) }),
    ("layer-at", { _ = Sequential([Dense(3)], name: "net").layer(at: 9) }),
    ("layer-at-end", { _ = Sequential([Dense(3)], name: "net").layer(at: .min) }),
    ("momentum", { _ = SGD(momentum: 1.5) }),
    ("momentum-nan", { _ = SGD(momentum: .nan) }),
    ("beta-infinite", { _ = Adam(beta2: .infinity) }),
    ("lion-beta", { _ = Lion(beta1: 0) }),
    ("ftrl-power", { _ = Ftrl(learningRatePower: 0.5) }),
    ("ftrl-strength", { _ = Ftrl(l1RegularizationStrength: -1) }),
    ("ema-frequency", { _ = Nadam(useEMA: true, emaOverwriteFrequency: -1) }),
    ("rate-nan", { _ = RMSprop(learningRate: Float.nan) }),
    ("schedule-nan", { _ = CosineDecay(initialLearningRate: .nan, decaySteps: 9) }),
    ("epsilon-nan", { _ = BatchNormalization(epsilon: .nan) }),
    ("scale", { _ = VarianceScaling(scale: 0) }),
    ("smoothing-nan", { _ = CategoricalCrossentropy(labelSmoothing: .nan) }),
    ("thresholds", { _ = AUC(numThresholds: .max) }),
    ("num-labels", { _ = AUC(numLabels: 3) }),
    ("label-weights", { AUC(labelWeights: [1, 2]).updateState(x, x) }),
    ("fscore-beta", { _ = FBetaScore(beta: 0) }),
    ("fscore-shape", { F1Score().updateState(Tensor([0, 1]), x) }),
    ("iou-classes", { _ = IoU(numClasses: 2, targetClassIDs: [2]) }),
    ("iou-shape", { MeanIoU(numClasses: 2).updateState(Tensor([0, 1]), x) }),
    ("top-k", { _ = TopKCategoricalAccuracy(k: 0) }),
    ("rate-bound", { _ = RecallAtPrecision(precision: 1.5) }),
    ("normalizer", { MeanRelativeError(normalizer: [1, 2]).updateState(x, x) }),
    ("huber-nan", { _ = Huber(delta: .nan) }),
    ("generalized-q", { _ = CategoricalGeneralizedCrossEntropy(q: 1) }),
    ("identity-shape", { _ = IdentityInitializer().make([2, 2, 2], key: 1) }),
    ("orthogonal-shape", { _ = Orthogonal().make([3], key: 1) }),
    ("restarts", { _ = CosineDecayRestarts(initialLearningRate: 1, firstDecaySteps: 3, tMul: 0.5) }),
    ("dropout-rate", { _ = LockstepNN.Dropout(1.5) }),
    ("activation", { _ = Dense(3, activation: "rleu") }),
    ("layer-name", { _ = Sequential([Dense(3, name: "a"), Dense(3, name: "a")], name: "net") }),
    ("late-input", { _ = Sequential([Dense(3), Input([3])], name: "net") }),
    ("no-layers", { Sequential(name: "net").build(inputShape: [1, 3]) }),
    (
        "no-call",
        {
            final class Idle: Layer {}
            _ = Idle()(x)
        }
    ),
    ("loss-shapes", { _ = CategoricalCrossentropy()(Tensor.zeros([5]), Tensor.zeros([5, 3])) }),
    ("labels", { _ = SparseCategoricalCrossentropy()(Tensor([0, 1, 2] as [Int32]), Tensor.zeros([2, 5])) }),
    ("sample-weights", { _ = MeanSquaredError()(x, x, sampleWeight: Tensor.ones([3, 2])) }),
    (
        "optimizer-variables",
        {
            let optimizer = Adam()
            optimizer.build([matrix])
            optimizer.build([Variable(.zeros([1]))])
        }
    ),
    ("optimizer-gradient", { SGD().apply([Tensor.zeros([3, 2])], to: [matrix]) }),
    ("optimizer-count", { SGD().apply([], to: [matrix]) }),
    ("optimizer-rate", { SGD(learningRate: CosineDecay(initialLearningRate: 1, decaySteps: 9)).learningRate = 1 }),
    ("optimizer-clips", { _ = SGD(clipnorm: 1, globalClipnorm: 2) }),
    (
        "optimizer-shapes",
        {
            final class Columns: Optimizer {
                override var slotNames: [String] { ["c"] }
                override func shape(ofSlot index: Int, for variable: Shape) -> Shape? { [variable.last] }
            }
            Columns(learningRate: 1, name: "columns").build([matrix])
        }
    ),
    (
        "optimizer-part",
        {
            let optimizer = Lamb(), layout = ParameterLayout([matrix])
            optimizer.build(layout)
            optimizer.apply([0, 0, 0, 0, 0, 0], runs: [(0, 4, layout.runs[0].parameters)])
        }
    ),
    (
        "optimizer-shared-out",
        {
            let optimizer = Adam(), layout = ParameterLayout([matrix])
            optimizer.build(layout, part: 0 ..< 3)
            optimizer.apply([Tensor.zeros(matrix.shape)], to: [matrix])
        }
    ),
    (
        "constraint-shape",
        {
            matrix.constraint = { $0.sum(axes: [0]) }
            SGD().apply([Tensor.zeros(matrix.shape)], to: [matrix])
        }
    ),
    ("boundaries", { _ = PiecewiseConstantDecay(boundaries: [1, 2], values: [1, 2]) }),
    ("normalization-rank", { _ = Sequential([BatchNormalization()], name: "net")(Tensor.zeros([3])) }),
    (
        "normalization-input",
        {
            let layer = BatchNormalization(axis: 1, name: "norm")
            _ = layer(x)
            _ = layer(Tensor.zeros([2, 4]))
        }
    ),
    ("layer-normalization-axis", { _ = LayerNormalization(axis: [1, 3], name: "norm")(Tensor.zeros([2, 3])) }),
    ("layer-normalization-batch", { _ = LayerNormalization(axis: 0, name: "norm")(Tensor.zeros([2, 3])) }),
    (
        "layer-normalization-input",
        {
            let layer = LayerNormalization(name: "norm")
            _ = layer(Tensor.zeros([2, 3]))
            _ = layer(Tensor.zeros([2, 4]))
        }
    ),
    ("groups", { _ = GroupNormalization(groups: 3, name: "norm")(Tensor.zeros([2, 4])) }),
    ("groups-none", { _ = GroupNormalization(groups: 0) }),
    ("unit-batch", { _ = UnitNormalization(axis: [0, 1], name: "norm")(Tensor.zeros([2, 4])) }),
    ("normalization-alone", { _ = Normalization(mean: Tensor(1)) }),
    ("normalization-axes", { _ = Normalization(axis: [0], name: "norm")(Tensor.zeros([2, 4])) }),
    (
        "normalization-mean",
        { _ = Normalization(mean: Tensor([1, 2] as [Float]), variance: Tensor([1, 2] as [Float]), name: "norm")(Tensor.zeros([2, 3])) }
    ),
    ("rescaling", { _ = Rescaling([1, 2], name: "scale")(Tensor.zeros([2, 3])) }),
    ("noise-shape", { _ = LockstepNN.Dropout(0.5, noiseShape: [nil, 2], name: "drop")(Tensor.zeros([4, 3]), training: true) as Tensor }),
    ("noise-length", { _ = AlphaDropout(0.5, noiseShape: [nil, 0]) }),
    ("spatial-rank", { _ = SpatialDropout1D(0.5, name: "drop")(Tensor.zeros([2, 3])) }),
    ("spatial-format", { _ = SpatialDropout2D(0.5, dataFormat: "last") }),
    ("gaussian-rate", { _ = GaussianDropout(1) }),
    ("noise-deviation", { _ = GaussianNoise(2) }),
    (
        "affine-of-channels",
        { _ = batchNormalization(Tensor.zeros([2, 3]), mean: .zeros([2]), variance: .ones([2]), gamma: .ones([2]), beta: .zeros([2])) }
    ),
    ("metric-targets", { AUC().updateState(Tensor.zeros([2]), x) }),
    ("metric-class", { Precision(classID: 3).updateState(x, x) }),
    ("metric-top", { Recall(topK: 4).updateState(x, x) }),
    ("metric-threshold", { _ = TruePositives(thresholds: [2]) }),

    // Graphs
    ("graph-disconnected", { _ = Model(inputs: a, outputs: dense(a + b, "out"), name: "net") }),
    ("graph-no-inputs", { _ = Model(inputs: [Input](), outputs: dense(a, "out"), name: "net") }),
    ("graph-no-outputs", { _ = Model(inputs: a, outputs: [KerasTensor](), name: "net") }),
    ("graph-input-twice", { _ = Model(inputs: [a, b, a], outputs: a + b, name: "net") }),
    ("graph-layer-names", { _ = Model(inputs: a, outputs: dense(dense(a, "h"), "h"), name: "net") }),
    ("graph-input-names", { _ = Model(inputs: [a, Input([3], name: "a")], outputs: dense(a, "out"), name: "net") }),
    ("graph-rank", { _ = dense(Input([], name: "flat"), "out") }),
    ("graph-width", { _ = Model(inputs: a, outputs: dense(a, "out"), name: "inner")(Input([4])) as KerasTensor }),
    ("graph-operands", { _ = a + Input([4]) }),
    ("graph-merge", { _ = Concatenate(name: "joined")([a, Input([2, 3])]) as KerasTensor }),
    (
        "graph-layer-width",
        {
            let layer = Dense(3, name: "shared")
            _ = layer(a) as KerasTensor
            _ = layer(Input([2])) as KerasTensor
        }
    ),
    ("graph-model-inputs", { _ = sum()(a) as KerasTensor }),
    ("graph-layer-inputs", { _ = Dense(3, name: "out")([a, b]) as KerasTensor }),
    ("graph-stack-inputs", { _ = net([a, b]) as KerasTensor }),
    ("graph-outputs", { _ = fork()(b) as KerasTensor }),
    ("graph-uncalled", { _ = Dense(3, name: "late").output }),
    (
        "graph-called-twice",
        {
            let layer = Dense(3, name: "both")
            _ = withExtendedLifetime([layer(a), layer(b)] as [KerasTensor]) { layer.output }
        }
    ),
    ("graph-several-inputs", { _ = sum().input }),
    ("graph-several-outputs", { _ = fork().output }),
    ("graph-output-shape", { _ = Liar(name: "liar")(a) as KerasTensor }),
    ("graph-layer-at", { _ = fork().layer(at: 4) }),

    // Calls of graphs
    ("call-missing", { _ = sum()(["a": x]) }),
    ("call-unknown", { _ = sum()(["a": x, "b": x, "c": x]) }),
    ("call-count", { _ = sum()(x) as Tensor }),
    ("call-shape", { _ = sum()([x, Tensor.zeros([2, 4])]) as Tensor }),
    ("call-rank", { _ = sum()([x, Tensor.zeros([2])]) as Tensor }),
    ("call-outputs", { _ = fork()(x) as Tensor }),
    (
        "add-loss-scalar",
        {
            _ =
                Doing {
                    $0.addLoss($1, reduction: .sum); return $1
                }(x) as Tensor
        }
    ),
    ("add-loss-outside", { Doing { $1 }.addLoss(Tensor(1), reduction: .once) }),

    // What models are compiled with
    ("compile-losses", { try fork().compile(loss: ["mse", "mse", "mae"]) }),
    ("compile-loss", { try fork().compile(loss: ["ages": "mse"]) }),
    ("compile-loss-name", { try fork().compile(loss: ["age": "msw"]) }),
    ("compile-weights", { try fork().compile(loss: ["age": "mse"], lossWeights: ["agee": 2]) }),
    ("compile-weight-list", { try fork().compile(loss: ["mse", "mse"], lossWeights: [1]) }),
    ("compile-metrics", { try fork().compile(loss: ["age": "mse"], metrics: ["incme": ["mae"]]) }),
    ("compile-metric-list", { try fork().compile(loss: "mse", metrics: ["mae", "mse", "mae"]) }),
    ("compile-metric-name", { try fork().compile(loss: ["age": "mse"], metrics: ["age": ["mea"]]) }),

    // Graphs in files
    ("file-class", { try reread(fork(), [("\"Dense\"", "\"Dens\"")]) }),
    ("file-function", { try reread(sum(), [("\"Add\"", "\"Addd\"")]) }),
    ("file-layer", { try reread(fork(), [("[\"hidden\", 0, 0]", "[\"hiden\", 0, 0]")]) }),
    ("file-call", { try reread(fork(), [("[\"hidden\", 0, 0]", "[\"hidden\", 3, 0]")]) }),
    ("file-output", { try reread(fork(), [("[\"hidden\", 0, 0]", "[\"hidden\", 0, 1]")]) }),
    ("file-cycle", { try reread(fork(), [("[\"a\", 0, 0]}}], \"kwargs\"", "[\"age\", 0, 0]}}], \"kwargs\"")]) }),
    ("file-names", { try reread(fork(), [("\"name\": \"income\"", "\"name\": \"age\"")]) }),
    ("file-end", { try reread(fork(), [("\"output_layers\": [[\"age\", 0, 0]", "\"output_layers\": [[\"age\", 1, 0]")]) }),
    ("file-no-ends", { try reread(fork(), [("\"input_layers\"", "\"input_layer\"")]) }),
    ("file-disconnected", { try reread(sum(), [("\"input_layers\": {\"a\": [\"a\", 0, 0], ", "\"input_layers\": {")]) }),
    (
        "file-explosion",
        {
            var model = Model(inputs: a, outputs: (0 ..< 10).reduce(a) { (tensor: KerasTensor, _) in tensor + 1 }, name: "m0")
            for level in 1 ..< 4 {
                let (x, inner) = (Input([3]), model)
                model = Model(inputs: x, outputs: (0 ..< 10).reduce(x) { (tensor: KerasTensor, _) in inner(tensor) }, name: "m\(level)")
            }
            try reread(model, [])
        }
    ),
]

/// Set-ups of which Keras warns, each made twice, in this order, by `FailureChecks warnings`.
let setUps: [() throws -> Void] = [
    { _ = BinaryCrossentropy(fromLogits: true)(Tensor.ones([2, 3]), sigmoid(x)) },
    { _ = CategoricalCrossentropy(fromLogits: true)(Tensor.ones([2, 3]), softmax(x)) },
    { _ = SparseCategoricalCrossentropy(fromLogits: true)(Tensor([0, 2]), softmax(x)) },
    { _ = Dense(1, activation: "softmax", name: "one")(x) },
    { _ = CategoricalCrossentropy()(Tensor.ones([2, 1]), Tensor.ones([2, 1])) },
    { _ = Adam(beta1: 1) },
    { _ = RMSprop(rho: 1.5) },
    { _ = try Optimizers.registry.make("Lamb", .object(["epsilon": -1])) },
    { _ = BatchNormalization(momentum: 1.5) },
    { _ = try Losses.registry.make("bce", .object(["label_smoothing": 2])) },
    { _ = RandomNormal(stddev: -1) },
    { _ = try "l1_l2".makeRegularizer() },
    { _ = MaxNorm(-1) },
    { _ = MinMaxNorm(minValue: 1, maxValue: 0.5, rate: 2) },
    {
        for name in ["a", "b"] {
            let dense = ConfigValue.object(["units": 1, "dtype": "mixed_float16", "name": .string(name)])
            _ = try Sequential(config: .object(["layers": .array([.object(["class_name": "Dense", "config": dense])])]))
        }
    },
    // None of these.
    { _ = BinaryCrossentropy(fromLogits: true)(Tensor.ones([2, 3]), x) },
    { _ = SparseCategoricalCrossentropy()(Tensor([0, 2]), softmax(x)) },
    { _ = Adam(beta1: 0, beta2: 0.999, epsilon: 0) },
    { _ = BatchNormalization(momentum: 1, epsilon: 0) },
    { _ = CategoricalCrossentropy(labelSmoothing: 1) },
    { _ = try Regularizers.registry.make("L1L2", .object(["l1": 0])) },
    { _ = MinMaxNorm(minValue: 1, rate: 0) },
]
if CommandLine.arguments.dropFirst().first == "warnings" {
    for setUp in setUps + setUps { try setUp() }
    exit(0)
}

guard let name = CommandLine.arguments.dropFirst().first else {
    print(errors.map(\.name).joined(separator: "\n"))
    exit(0)
}
guard let error = errors.first(where: { $0.name == name }) else {
    FileHandle.standardError.write(Data("FailureChecks: no error called \(name)\n".utf8))
    exit(2)
}
if CommandLine.arguments.contains("as-shipped") {
    print("before")
} else {
    // A status of its own: this way and no other.
    Failure.stop = { message in
        FileHandle.standardError.write(Data("lockstep: \(message)\n".utf8))
        exit(3)
    }
}
do { try error.make() } catch let thrown as ConfigError {
    // As `Distribution.run` and the program end with what is thrown.
    Failure.report("\(thrown)")
}
