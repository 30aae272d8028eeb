import Lockstep

/// `stateful [LOGICAL-SHARDS]`: trains layers that go on with their states, in batches of five; prints the weights' checksum, then weights
/// and predictions.
func checkStateful() {
    let communicator = meetRanks()
    if arguments.count > 1 { Distribution.logicalShards = Int(arguments[1]) }
    do {
        clearSession()
        let model = Sequential([
            Input([3, 2], batchSize: 5), Bidirectional(LSTM(3, returnSequences: true, stateful: true)), GRU(2, stateful: true), Dense(1),
        ])
        try model.compile(optimizer: Adam(learningRate: 0.02), loss: "mse")
        let x = Tensor((0 ..< 90).map { fraction($0) - 0.5 }, shape: [15, 3, 2]),
            y = Tensor((0 ..< 15).map { fraction($0 + 90) }, shape: [15, 1])
        _ = try model.fit(x, y, batchSize: 5, epochs: 3, verbose: 0, shuffle: false)
        let checksum = commonChecksum(model, communicator)
        let evaluated = try model.evaluate(x, y, batchSize: 5, verbose: 0)
        let predictions: Tensor = try model.predict(x, batchSize: 5)
        if communicator.rank == 0 {
            print(checksum)
            print(
                (model.weights.flatMap { $0.value.scalars } + evaluated.allValues + predictions.scalars).map { "\($0)" }.joined(
                    separator: " "))
        }
    } catch {
        failTraining("\(error)")
    }
    leave()
}
