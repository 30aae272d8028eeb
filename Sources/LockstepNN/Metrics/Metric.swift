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

    /// Adds what a batch, or a part of one, contributes.
    open func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        Failure.report("metric \(name) does not override updateState(_:_:sampleWeight:)")
    }

    /// What the state comes to: a scalar, or `resultCount` numbers.
    open func result() -> Tensor { Failure.report("metric \(name) does not override result()") }

    /// How many numbers `result` gives. A model reports metrics of one number alone.
    open var resultCount: Int { 1 }

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

/// The weighted mean of numbers: Σ weight·value / Σ weight; 0 where there are none, as in Keras.
open class Mean: Metric {
    private var total: Variable!
    private var count: Variable!

    public override init(name: String = "mean") {
        super.init(name: name)
        total = addWeight("total")
        count = addWeight("count")
    }

    /// A mean called "loss" is one, as Keras takes it.
    open override var direction: Direction? { name == "loss" ? .down : nil }

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
    private let given: Direction?
    private let targets: TargetFit?

    /// - Parameters:
    ///   - className: Keras' name of this metric, for files; by default the name of the class.
    ///   - direction: which way the figure is better; a function does not tell.
    public convenience init(
        name: String, className: String? = nil, direction: Direction? = nil,
        _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor) -> Tensor
    ) {
        self.init(name: name, className: className, direction: direction, targets: nil, function)
    }

    init(
        name: String, className: String? = nil, direction: Direction?, targets: TargetFit?,
        _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor) -> Tensor
    ) {
        (self.function, kerasName, given, self.targets) = (function, className, direction, targets)
        super.init(name: name)
    }

    open override var className: String { kerasName ?? super.className }
    open override var direction: Direction? { given ?? super.direction }
    open override func problem(yTrue: Shape, yPred: Shape) -> String? { targets?.problem(yTrue: yTrue, yPred: yPred) }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        let values = function(yTrue, yPred)
        // What a mask leaves out counts for nothing, as in Keras.
        guard let mask = yPred.mask?.cast(to: .float32) else { return update(values, sampleWeight: sampleWeight) }
        update(values, sampleWeight: sampleWeight.map { aligned($0, with: mask) * mask } ?? mask)
    }
}
