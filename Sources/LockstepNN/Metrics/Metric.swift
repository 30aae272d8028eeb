import LockstepTensor

/// A figure gathered over batches: a state that each batch adds to, and what it comes to.
///
/// The state is one or more variables that start at zero and are only added to. That is what makes a metric exact on many
/// ranks: each rank adds what its own samples contribute, the states are summed over all ranks, and `result` is computed
/// from the sum. A metric of one's own makes its variables with `addWeight`, and overrides `updateState` and `result`.
open class Metric {
    /// What is better: more of a figure, or less.
    public enum Direction: Sendable { case up, down }

    public package(set) var name: String
    public private(set) var variables: [Variable] = []

    public init(name: String) { self.name = name }

    /// Makes a state variable, zero at first.
    public func addWeight(_ name: String, shape: Shape = []) -> Variable {
        let variable = Variable(.zeros(shape), name: name, trainable: false)
        variable.path = "\(self.name)/\(name)"
        variables.append(variable)
        return variable
    }

    /// Makes the states whose shapes follow from those of targets and predictions, batch axis included (perhaps `Shape.unknown`). Called
    /// once, before the first step.
    open func build(yTrue: Shape, yPred: Shape) {}
    private var isBuilt = false

    /// Builds the metric, if that has not been done.
    package func ensureBuilt(yTrue: Shape, yPred: Shape) {
        if !isBuilt { build(yTrue: yTrue, yPred: yPred) }
        isBuilt = true
    }

    /// Adds what a batch, or a part of one, contributes.
    open func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        Failure.report("metric \(name) does not override updateState(_:_:sampleWeight:)")
    }

    /// What the state comes to: a scalar, or several numbers (`severalResults`).
    open func result() -> Tensor { Failure.report("metric \(name) does not override result()") }

    /// What `result` gives as a number. Means give it without taking memory from the heap, for figures of every step.
    package var figure: Float { result().scalar }

    /// What `result` gives if it is not one number, and the way to get one: a model reports metrics of one number alone.
    open var severalResults: (what: String, wayOut: String)? { nil }

    /// Whether `updateState` sums over the samples of all shards, by `sumOverShards`. One of one's own that does says so here.
    open var sumsOverShards: Bool { false }

    /// Which way the figure is better, whatever its name; `nil` where the metric cannot tell, as a mean of numbers cannot. Keras'
    /// `_direction`, by which `EarlyStopping` and its like decide.
    open var direction: Direction? { nil }

    /// Why the metric cannot be computed for targets and predictions of these shapes, batch axis included (perhaps
    /// `Shape.unknown`); `nil` if it can. Asked before the first step.
    open func problem(yTrue: Shape, yPred: Shape) -> String? { nil }

    open var className: String { String(describing: type(of: self)) }
    open var config: [ConfigValue.Entry] { [.init("name", .string(name)), .init("dtype", "float32")] }

    /// Back to zero, as at the start of an epoch.
    public func resetState() { for variable in variables { variable.assign(.zeros(variable.shape)) } }
}
