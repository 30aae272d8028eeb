import LockstepTensor

/// A parameter of which a batch names a few rows: their gradients are all that is not zero.
///
/// An optimizer that `canUpdateRows` changes the rows that a batch has named, and nothing else of the table.
public struct ParameterTable {
    public let rows: Int, width: Int
    public let parameters: UnsafeMutablePointer<Float>
    /// For each row up to which update its states are what they would be had all rows been updated each time: the numbers of updates
    /// count from 1. For optimizers by which a state changes where the gradient is zero.
    public let latestUpdates: UnsafeMutablePointer<Int32>
    private let offset: Int
    private let state: OptimizerState

    /// - Parameter offset: in the layout of `state`.
    package init(
        rows: Int, width: Int, parameters: UnsafeMutablePointer<Float>, latestUpdates: UnsafeMutablePointer<Int32>, at offset: Int,
        _ state: OptimizerState
    ) {
        (self.rows, self.width, self.parameters, self.latestUpdates) = (rows, width, parameters, latestUpdates)
        (self.offset, self.state) = (offset, state)
    }

    /// The states called `optimizer.slotNames[index]`, of all rows.
    public func slot(_ index: Int) -> UnsafeMutablePointer<Float> { state.slot(index, at: offset) }
}

extension Optimizer {
    /// Whether its update of a table can be made of updates of rows: it can, and nothing else that it does looks at parameters whose
    /// gradients are zero.
    package var updatesRows: Bool {
        canUpdateRows && weightDecay == nil && clipping == nil && gradientAccumulationSteps == nil && !useEMA
    }
}
