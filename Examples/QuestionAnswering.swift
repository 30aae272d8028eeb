import Lockstep

/// Answers a question about a text: two sequences of words, each read by an LSTM, and one word out of a vocabulary.
///
/// The texts tell who went where, in words that are numbers; the question names a person, and the answer is that person's place.
func answerQuestions() throws {
    let (people, places, facts, count) = (4, 6, 5, 1200)
    // Words: 0 for none, then people, then places.
    let vocabulary = 1 + people + places
    let text = Input([2 * facts], dtype: .int32, name: "text")
    let question = Input([1], dtype: .int32, name: "question")
    let readText = LSTM(32)(Embedding(vocabulary, 16, maskZero: true)(text))
    let readQuestion = LSTM(16)(Embedding(vocabulary, 16)(question))
    let answer = Dense(places, activation: "softmax", name: "answer")(concatenate([readText, readQuestion]))
    let model = Model(inputs: [text, question], outputs: answer, name: "question_answering")
    model.summary()

    // Each text is of up to five facts, a person and a place each; the last one about a person counts.
    var dice = Dice(seed: 5)
    var texts: [Int32] = [], questions: [Int32] = [], answers: [Int32] = []
    for _ in 0 ..< count {
        let told = (0 ..< dice.roll(2 ... facts)).map { _ in (person: dice.roll(0 ... people - 1), place: dice.roll(0 ... places - 1)) }
        let asked = told[dice.roll(0 ... told.count - 1)].person
        texts +=
            told.flatMap { [Int32(1 + $0.person), Int32(1 + people + $0.place)] } + .init(repeating: 0, count: 2 * (facts - told.count))
        questions.append(Int32(1 + asked))
        answers.append(Int32(told.last { $0.person == asked }!.place))
    }
    let x = ["text": Tensor(texts, shape: [count, 2 * facts]), "question": Tensor(questions, shape: [count, 1])]
    let y = Tensor(answers)

    try model.compile(optimizer: Adam(learningRate: 0.02), loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    try model.fit(x, y, batchSize: 64, epochs: 8, verbose: 0, seed: 7)
    report("answers", try model.evaluate(x, y, verbose: 0))
}
