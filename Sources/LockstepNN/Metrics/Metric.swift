import LockstepTensor

/// A figure gathered over batches: a state that each batch adds to, and what it comes to.
///
/// The state is one or more variables that start at zero and are only added to. That is what makes a metric exact on many
/// ranks: each rank adds what its own samples contribute, the states are summed over all ranks, and `result` is computed
/// from the sum. A metric of one's own makes its variables with `addWeight`, and overrides `updateState` and `result`.
open class Metric {
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

    /// Adds what a batch, or a part of one, contributes.
    open func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        Failure.report("metric \(name) does not override updateState(_:_:sampleWeight:)")
    }

    /// What the state comes to: a scalar, or `resultCount` numbers.
    open func result() -> Tensor { Failure.report("metric \(name) does not override result()") }

    /// How many numbers `result` gives. A model reports metrics of one number alone.
    open var resultCount: Int { 1 }

    open var className: String { String(describing: type(of: self)) }
    open var config: [ConfigValue.Entry] { [.init("name", .string(name)), .init("dtype", "float32")] }

    /// Back to zero, as at the start of an epoch.
    public func resetState() { for variable in variables { variable.assign(.zeros(variable.shape)) } }
}

/// The weighted mean of numbers: Σ weight·value / Σ weight; 0 where there are none, as in Keras.
open class Mean: Metric {
    private var total: Variable!
    private var count: Variable!

    public override init(name: String = "mean") {
        super.init(name: name)
        total = addWeight("total")
        count = addWeight("count")
    }

    /// Adds values, each with the weight of its sample.
    public func update(_ values: Tensor, sampleWeight: Tensor? = nil) {
        guard let sampleWeight else { return add(values.sum(), Tensor(Float(values.shape.count))) }
        let weight = aligned(sampleWeight, with: values)
        add((values * weight).sum(), weight.broadcast(to: values.shape).sum())
    }

    /// Adds a sum of weighted values and the sum of the weights.
    package func add(_ weightedSum: Tensor, _ weights: Tensor) {
        total.assign(total.value + weightedSum)
        count.assign(count.value + weights)
    }

    open override func result() -> Tensor {
        let count = count.value.scalar
        return count == 0 ? Tensor(0) : total.value / count
    }
}

/// The mean of a function of targets and predictions that gives a number for each sample.
open class MeanMetricWrapper: Mean {
    private let function: (Tensor, Tensor) -> Tensor
    private let kerasName: String?

    /// - Parameter className: Keras' name of this metric, for files; by default the name of the class.
    public init(name: String, className: String? = nil, _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor) -> Tensor) {
        self.function = function
        kerasName = className
        super.init(name: name)
    }

    open override var className: String { kerasName ?? super.className }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        update(function(yTrue, yPred), sampleWeight: sampleWeight)
    }
}
