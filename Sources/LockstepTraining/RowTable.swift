import LockstepNN
import LockstepTensor

/// A variable of which a global batch names a few rows: its gradient is these rows', and is computed, exchanged and applied row by row.
/// See `RowGradients`.
///
/// Whether a variable is one depends on model, compilation and the size of the global batch alone, as the last bits of a sum may depend
/// on it: not on ranks.
struct RowTable {
    let variable: Variable
    /// For each use of the table in a step how many rows a sample names.
    let uses: [Int]

    var rows: Int { variable.shape[0] }
    var width: Int { variable.shape.count / rows }
    var perSample: Int { uses.reduce(0, +) }

    /// Whether batches of so many samples name few enough of its rows. A row that is named costs about as much as two of a table whose rows
    /// all are updated one after the other.
    func isWorthwhile(batchSize: Int) -> Bool {
        let named = batchSize.multipliedReportingOverflow(by: perSample)
        // What is exchanged is counted in Int32.
        return !named.overflow && named.partialValue <= rows / 2 && named.partialValue <= Int(Int32.max) / 2 / width
    }

    /// The variables whose gradient, in a step of training, is nothing but rows added up, and of which nothing else than an update reads
    /// all rows.
    ///
    /// - Parameter computation: a step of one sample or more.
    static func candidates(_ computation: StepComputation) -> [RowTable] {
        let graph = Graph(), gradients = graph.trace { computation() }
        return zip(computation.layout.variables, gradients).compactMap { variable, gradient in
            guard variable.shape.rank > 1, variable.shape.count > 0, variable.constraint == nil,
                let uses = graph.rowUses(of: gradient), uses.allSatisfy({ $0.indices.shape.count % computation.rows == 0 })
            else { return nil }
            let table = RowTable(variable: variable, uses: uses.map { $0.indices.shape.count / computation.rows })
            return table.perSample > 0 ? table : nil
        }
    }
}
