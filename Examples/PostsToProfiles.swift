import Lockstep

/// Guesses age, income and gender of who has written a post: one input, convolutions over its words, and three heads, of which
/// each has a loss of its own kind and size, and a weight that makes them comparable.
func profileAuthors() throws {
    let (vocabulary, length, incomes, count) = (200, 60, 4, 768)
    let posts = Input([length], dtype: .int32, name: "posts")
    var x: KerasTensor = Embedding(vocabulary, 32)(posts)
    x = MaxPooling1D(3)(Conv1D(32, kernelSize: 5, activation: "relu")(x))
    x = Conv1D(32, kernelSize: 5, activation: "relu")(x)
    x = Dense(32, activation: "relu")(GlobalMaxPooling1D()(x))
    let age = Dense(1, name: "age")(x)
    let income = Dense(incomes, activation: "softmax", name: "income")(x)
    let gender = Dense(1, activation: "sigmoid", name: "gender")(x)
    let model = Model(inputs: posts, outputs: [age, income, gender], name: "profiles")
    model.summary()

    // Words at random, and among them one that goes with an income, one with a gender and one with a decade of life.
    var dice = Dice(seed: 3)
    var words: [Int32] = [], ages: [Float] = [], classes: [Int32] = [], genders: [Float] = []
    for _ in 0 ..< count {
        let (decade, income, gender) = (dice.roll(1 ... 8), dice.roll(0 ... incomes - 1), dice.roll(0 ... 1))
        var post = (0 ..< length).map { _ in Int32(dice.roll(20 ... vocabulary - 1)) }
        for (part, word) in [decade, 10 + income, 15 + gender].enumerated() {
            post[part * length / 3 + dice.roll(0 ... length / 3 - 1)] = Int32(word)
        }
        words += post
        ages.append(Float(decade))
        classes.append(Int32(income))
        genders.append(Float(gender))
    }
    let data = ["posts": Tensor(words, shape: [count, length])]
    let y = [
        "age": Tensor(ages, shape: [count, 1]), "income": oneHot(Tensor(classes), incomes), "gender": Tensor(genders, shape: [count, 1]),
    ]

    try model.compile(
        optimizer: Adam(learningRate: 0.005),
        loss: ["age": "mse", "income": "categorical_crossentropy", "gender": "binary_crossentropy"],
        lossWeights: ["age": 0.25, "income": 1, "gender": 2], metrics: ["age": ["mae"], "income": ["accuracy"], "gender": ["accuracy"]])
    try model.fit(data, y, batchSize: 32, epochs: 8, verbose: 0, seed: 7)
    report("profiles", try model.evaluate(data, y, verbose: 0))
}
