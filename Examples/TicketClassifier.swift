import Lockstep

/// Sorts support tickets: three inputs, two outputs, and a third that is added to the trained model.
///
/// A ticket has a title and a text, as the words that occur in them, and tags. The model gives it a priority and a department; later it
/// learns, from the same features, how difficult it is.
func classifyTickets() throws {
    let (vocabulary, tagCount, departments, count) = (200, 20, 4, 640)
    let title = Input([vocabulary], name: "title")
    let text = Input([vocabulary], name: "text_body")
    let tags = Input([tagCount], name: "tags")
    let features = Dense(64, activation: "relu", name: "dense_features")(concatenate([title, text, tags]))
    let priority = Dense(1, activation: "sigmoid", name: "priority")(features)
    let department = Dense(departments, activation: "softmax", name: "department")(features)
    let model = Model(inputs: [title, text, tags], outputs: [priority, department], name: "tickets")
    model.summary()

    // Tickets that never were: words at random, and answers that follow from them.
    func words(_ width: Int, _ seed: Int) -> Tensor { (Tensor.randomUniform([count, width], seed: seed) .> 0.8).cast(to: .float32) }
    let x = ["title": words(vocabulary, 1), "text_body": words(vocabulary, 2), "tags": words(tagCount, 3)]
    let urgency = x["title"]!.mean(axes: [1], keepDims: true) + x["tags"]!.mean(axes: [1], keepDims: true)
    let kind = (x["tags"]![0..., 0 ..< departments] + x["text_body"]![0..., 0 ..< departments]).argmax(axis: -1)
    var y = ["priority": urgency * 2.5, "department": oneHot(kind, departments)]

    try model.compile(
        optimizer: "adam", loss: ["priority": "mean_squared_error", "department": "categorical_crossentropy"],
        lossWeights: ["priority": 1, "department": 0.5], metrics: ["priority": ["mean_absolute_error"], "department": ["accuracy"]])
    try model.fit(x, y, epochs: 3, verbose: 0, seed: 7)
    report("tickets", try model.evaluate(x, y, verbose: 0))

    // The features that it has learned serve another question. Both models have the same layers.
    let hidden = model.layer(named: "dense_features")!.output
    let difficulty = Dense(3, activation: "softmax", name: "difficulty")(hidden)
    let grown = Model(inputs: [title, text, tags], outputs: [priority, department, difficulty], name: "tickets_with_difficulty")
    grown.summary()
    y["difficulty"] = oneHot(x["text_body"]![0..., 0 ..< 3].argmax(axis: -1), 3)
    try grown.compile(
        optimizer: "adam",
        loss: ["priority": "mean_squared_error", "department": "categorical_crossentropy", "difficulty": "categorical_crossentropy"],
        metrics: ["difficulty": ["accuracy"]])
    try grown.fit(x, y, epochs: 2, verbose: 0, seed: 7)
    report("grown", try grown.evaluate(x, y, verbose: 0))
    // The first model has learned with it.
    y["difficulty"] = nil
    report("tickets", try model.evaluate(x, y, verbose: 0))
}
