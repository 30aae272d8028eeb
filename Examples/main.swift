import Lockstep

// Runs an example by its name, or all of them, alone or on several ranks:
//
//     swift run -c release examples wide-and-deep
//     mpirun -n 2 .build/release/examples wide-and-deep
//     mpirun -n 2 .build/release/examples wide-and-deep 8      with 8 logical shards: the same figures on any number of ranks

let examples: KeyValuePairs<String, () throws -> Void> = [
    "ticket-classifier": classifyTickets,
    "wide-and-deep": trainWideAndDeep,
    "simple-dense": trainSimpleDense,
    "root-mean-squared-error": measureRootMeanSquaredError,
    "loss-history": keepLossHistory,
    "nested-models": nestModels,
    "question-answering": answerQuestions,
    "posts-to-profiles": profileAuthors,
    "inception-block": trainInceptionBlock,
    "residual-block": trainResidualBlock,
    "lenet": trainLeNet,
    "small-resnet": trainSmallResNet,
    "transformer-classifier": classifyWithTransformer,
]

Distribution.run {
    let name = CommandLine.arguments.dropFirst().first ?? ""
    let chosen = examples.filter { $0.key == name || name == "all" }
    guard !chosen.isEmpty else {
        throw ConfigError("expected the name of an example, or all: \(examples.map(\.key).joined(separator: ", "))")
    }
    Distribution.logicalShards = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) }
    for example in chosen {
        if chosen.count > 1 { print("example \(example.key)") }
        clearSession()
        Random.setSeed(0)
        try example.value()
    }
}

/// Prints figures, one a line.
func report(_ title: String, _ logs: Logs) {
    for (name, value) in zip(logs.names, logs.allValues) { print("\(title) \(name) \(value)") }
}
