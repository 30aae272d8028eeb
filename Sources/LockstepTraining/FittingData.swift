import LockstepData
import LockstepNN
import LockstepSystem
import LockstepTensor

// Data in the order and the types that a model needs, their values looked at.

extension Model {
    /// Refuses data that does not fit the model, as `fit`, `evaluate` and, for data without targets, `predict` would;
    /// builds the model if it is not built. Not collective.
    ///
    /// - Throws: `TrainingError`, `DataError` or `ConfigError`.
    package func validate(_ data: Dataset, batchSize: Int) throws {
        if data.targets.isEmpty { _ = try fittingInputs(data, batchSize: batchSize) } else { _ = try fitting(data, batchSize: batchSize) }
    }

    /// Builds the model for the data if it is not built, and refuses what does not fit.
    ///
    /// - Returns: how data and model go together, and the data in that order.
    func fitting(_ data: Dataset, batchSize: Int) throws -> (pairing: Pairing, data: Dataset) {
        let pairing = try Pairing(self, BatchSpecs(data), rows: min(batchSize, data.count))
        let fitted = try data.arranged(by: pairing)
        for output in pairing.outputs {
            guard let loss = output.loss, let target = pairing.target(of: output, in: pairing.specs) else { continue }
            let column = fitted.targets[target].column
            if loss.targetsAreClasses { try column.validateLabels(classes: output.shape.last) }
            loss.warn(about: column)
        }
        return (pairing, fitted)
    }

    /// As above, for the inputs alone.
    func fittingInputs(_ data: Dataset, batchSize: Int) throws -> Dataset {
        try data.arranged(by: Pairing(toPredict: self, BatchSpecs(data), rows: min(batchSize, data.count)))
    }
}

extension Dataset {
    /// The arrays that a model needs, in its order and its types.
    ///
    /// - Throws: `DataError` for values that a type cannot hold.
    fileprivate func arranged(by pairing: Pairing) throws -> Dataset {
        func columns(_ given: [(name: String, column: Column)], _ places: [Int], _ specs: [BatchSpecs.Column]) throws -> [(String, Column)]
        {
            try zip(places, specs).map { place, spec in (spec.name, try given[place].column.converted(to: spec.sample.dtype)) }
        }
        let inputs = try columns(inputs, pairing.inputPlaces, pairing.specs.inputs)
        for ((name, column), tables) in zip(inputs, pairing.tables) {
            for table in tables { try column.requireIndices(below: table.rows, input: name, of: table.owner) }
        }
        return try Dataset(
            inputs: inputs,
            targets: columns(targets, pairing.targetPlaces, pairing.specs.targets),
            sampleWeights: sampleWeights.isEmpty ? [] : pairing.targetPlaces.map { sampleWeights[$0] })
    }
}

extension Loss {
    /// Warns of targets for which the loss does not mean what it says.
    fileprivate func warn(about column: Column) {
        guard let range = targetRange else { return }
        let values = column.tensor.scalars
        if let index = values.firstIndex(where: { !range.contains($0 / column.divisor) }) {
            Console.warn(
                "\(column.source): target \(index) is \(values[index] / column.divisor); \(name) is meant for \(range.lowerBound) to \(range.upperBound), and may fall without end for others"
            )
        }
    }
}
