import LockstepNN

/// What `fit` was told, besides data and callbacks.
package struct FitArguments {
    let batchSize: Int, epochs: Int, initialEpoch: Int, verbose: Int
    let shuffle: Bool, seed: Int?

    package init(batchSize: Int, epochs: Int, initialEpoch: Int = 0, verbose: Int, shuffle: Bool, seed: Int?) {
        (self.batchSize, self.epochs, self.initialEpoch, self.verbose) = (batchSize, epochs, initialEpoch, verbose)
        (self.shuffle, self.seed) = (shuffle, seed)
    }

    /// - Throws: `TrainingError` for numbers that mean nothing.
    func validate() throws {
        try Trainer.requireBatchSize(batchSize, "fit")
        guard initialEpoch >= 0, epochs > initialEpoch else {
            throw TrainingError(
                "fit: epochs \(initialEpoch) to \(epochs); expected an initial epoch of at least 0, and more epochs than that")
        }
    }

    /// - Throws: `TrainingError` for a split that is no part of the data.
    static func validate(split: Double) throws {
        guard split >= 0, split < 1 else {
            throw TrainingError("fit: validationSplit \(split); expected a part of the data, from 0 to below 1")
        }
    }

    func add(to identity: inout Identity) {
        identity.add("number of epochs", "\(epochs)")
        identity.add("initialEpoch", "\(initialEpoch)")
        identity.add("seed", seed.map { "\($0)" } ?? "none")
    }
}

extension Trainer {
    static func requireBatchSize(_ batchSize: Int, _ call: String) throws {
        guard batchSize > 0 else { throw TrainingError("\(call): batchSize \(batchSize); expected at least 1") }
    }

    /// Refuses an optimizer that has the state of other weights than the model's, or has counted its steps to where 64 bits end.
    static func requireUsable(_ optimizer: Optimizer, for model: Model) throws {
        guard optimizer.state?.owns(model.trainableWeights) ?? true else {
            throw TrainingError(
                "optimizer \(optimizer.name) holds the state of other weights than those of model \(model.name) that are trained now; compile with a new one"
            )
        }
        guard optimizer.steps >= 0, optimizer.steps <= Int.max / 2 else {
            throw TrainingError(
                "optimizer \(optimizer.name) has made \(optimizer.steps) steps, as the file that it was read from says; expected 0 to \(Int.max / 2). Make a new one"
            )
        }
    }
}
