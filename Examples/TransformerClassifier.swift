import Lockstep

/// Classifies texts with a Transformer's encoder (Vaswani et al. 2017), made of layers of one's own.
///
/// A text has one word that is good or bad, which means the opposite behind "not". So it matters which words stand side by side, and
/// attention finds out.
func classifyWithTransformer() throws {
    let (steps, vocabulary, count) = (8, 20, 2000)
    let words = Input([steps], dtype: .int32, name: "words")
    var x: KerasTensor = TokenAndPositionEmbedding(length: steps, vocabulary: vocabulary, width: 16)(words)
    x = TransformerBlock(width: 16, heads: 2, inner: 32)(x)
    x = Dropout(0.1)(GlobalAveragePooling1D()(x))
    x = Dropout(0.1)(Dense(20, activation: "relu")(x))
    let model = Model(inputs: words, outputs: Dense(2, activation: "softmax", name: "sentiment")(x), name: "transformer_classifier")
    model.summary()

    // Word 1 is "not"; 2 to 4 are good, 5 to 7 bad, the others neither.
    var dice = Dice(seed: 3)
    var texts: [Int32] = [], labels: [Int32] = []
    for _ in 0 ..< count {
        var text = (0 ..< steps).map { _ in dice.roll(0 ... 3) == 0 ? 1 : dice.roll(8 ... vocabulary - 1) }
        let (place, isGood, isDenied) = (dice.roll(1 ... steps - 1), dice.roll(0 ... 1) == 1, dice.roll(0 ... 1) == 1)
        text[place] = isGood ? dice.roll(2 ... 4) : dice.roll(5 ... 7)
        text[place - 1] = isDenied ? 1 : 8
        texts += text.map { Int32($0) }
        labels.append(isGood != isDenied ? 1 : 0)
    }
    let (x_train, y_train) = (Tensor(texts, shape: [count, steps]), Tensor(labels))

    try model.compile(optimizer: Adam(learningRate: 0.002), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    try model.fit(x_train, y_train, batchSize: 32, epochs: 20, verbose: 0, seed: 7)
    report("texts", try model.evaluate(x_train, y_train, verbose: 0))
}

/// Attention and two dense layers, each added to its input and normalized.
final class TransformerBlock: Layer {
    private let attention: MultiHeadAttention, inner: Dense, outer: Dense
    private let normalizations = [LayerNormalization(epsilon: 1e-6), LayerNormalization(epsilon: 1e-6)]
    private let dropouts: [Dropout]

    init(width: Int, heads: Int, inner: Int, rate: Float = 0.1, name: String? = nil) {
        attention = MultiHeadAttention(numHeads: heads, keyDim: width)
        (self.inner, outer) = (Dense(inner, activation: "relu"), Dense(width))
        dropouts = [Dropout(rate), Dropout(rate)]
        super.init(name: name)
    }

    override func call(_ input: Tensor, training: Bool) -> Tensor {
        let attended: Tensor = normalizations[0](input + dropouts[0](attention(query: input, value: input)))
        return normalizations[1](attended + dropouts[1](outer(inner(attended))))
    }
}

/// A vector for each word, and one for each place in the text, added.
final class TokenAndPositionEmbedding: Layer {
    private let tokens: Embedding, positions: Embedding

    init(length: Int, vocabulary: Int, width: Int, name: String? = nil) {
        (tokens, positions) = (Embedding(vocabulary, width), Embedding(length, width))
        super.init(name: name)
    }

    override func call(_ words: Tensor, training: Bool) -> Tensor {
        let places: Tensor = positions(Tensor((0 ..< Int32(words.shape[1])).map { $0 }))
        return tokens(words) + places
    }
}
