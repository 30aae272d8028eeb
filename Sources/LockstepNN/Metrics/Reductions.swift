import LockstepTensor

/// The weighted mean of numbers: Σ weight·value / Σ weight; 0 where there are none, as in Keras. `keras.metrics.Mean`.
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

    open override func result() -> Tensor { Tensor(mean) }

    package override var figure: Float { type(of: self) == Mean.self ? mean : super.figure }

    final var mean: Float {
        let (total, count) = (total.floats[0], count.floats[0])
        return count == 0 ? 0 : total / count
    }
}

/// The weighted sum of numbers: Σ weight·value. `keras.metrics.Sum`.
open class Sum: Metric {
    private var total: Variable!

    public override init(name: String = "sum") {
        super.init(name: name)
        total = addWeight("total")
    }

    /// Adds values, each with the weight of its sample.
    public func update(_ values: Tensor, sampleWeight: Tensor? = nil) {
        total.assignAdd((sampleWeight.map { values * aligned($0, with: values) } ?? values).sum())
    }

    open override func result() -> Tensor { total.value }
}
