import LockstepTensor

/// The mean of a function of targets and predictions that gives a number for each sample.
open class MeanMetricWrapper: Mean {
    private let function: (Tensor, Tensor) -> Tensor
    private let kerasName: String?
    private let given: Direction?
    private let targets: TargetFit?
    private let arguments: [ConfigValue.Entry]
    private let inMidStep: Bool

    /// - Parameters:
    ///   - className: Keras' name of this metric, for files; by default the name of the class.
    ///   - direction: which way the figure is better; a function does not tell.
    public convenience init(
        name: String, className: String? = nil, direction: Direction? = nil,
        _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor) -> Tensor
    ) {
        self.init(name: name, className: className, direction: direction, targets: nil, function)
    }

    /// - Parameters:
    ///   - arguments: the entries of its configuration besides name and type.
    ///   - sumsOverShards: whether `function` does.
    init(
        name: String, className: String? = nil, direction: Direction?, targets: TargetFit?, arguments: [ConfigValue.Entry] = [],
        sumsOverShards: Bool = false, _ function: @escaping (_ yTrue: Tensor, _ yPred: Tensor) -> Tensor
    ) {
        (self.function, kerasName, given, self.targets) = (function, className, direction, targets)
        (self.arguments, inMidStep) = (arguments, sumsOverShards)
        super.init(name: name)
    }

    public final override func result() -> Tensor { super.result() }
    package final override var figure: Float { mean }

    open override var sumsOverShards: Bool { inMidStep }
    open override var config: [ConfigValue.Entry] { super.config + arguments }
    open override var className: String { kerasName ?? super.className }
    open override var direction: Direction? { given ?? super.direction }
    open override func problem(yTrue: Shape, yPred: Shape) -> String? { targets?.problem(yTrue: yTrue, yPred: yPred) }

    public override func updateState(_ yTrue: Tensor, _ yPred: Tensor, sampleWeight: Tensor? = nil) {
        let values = function(yTrue, yPred)
        // What a mask of the predictions leaves out counts for nothing; what one of the values leaves out, where there are weights.
        // Both as in Keras.
        var weight = sampleWeight
        for mask in [yPred.mask, values.mask].compactMap({ $0?.cast(to: .float32) }) {
            weight = weight.map { aligned($0, with: mask) * mask } ?? (yPred.mask == nil ? nil : mask)
        }
        update(values, sampleWeight: weight)
    }
}
