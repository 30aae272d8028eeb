import LockstepTensor

/// How gradients change parameters: a state beside each parameter, and one pure update.
///
/// An optimizer of one's own names its states and overrides `update`, which changes a run of parameters and their states
/// in place. It does not know that ranks exist: it is given gradients that are already summed. Where states lie is the business of
/// `OptimizerState`; who updates what, of whoever trains.
///
/// What all optimizers share, in this order at each step, as in Keras: gradients are gathered over
/// `gradientAccumulationSteps` batches, then clipped, then parameters decay (`weightDecay`), then comes the update, then the
/// moving average of the parameters (`useEMA`), then the constraints of weights, the last two also after a batch that makes no
/// update.
open class Optimizer {
    public let name: String
    /// What gives the learning rate; `nil` for one that is set.
    public internal(set) var schedule: LearningRateSchedule?
    /// The learning rate where there is no schedule.
    package var constantRate: Float = 0
    /// At each update parameters lose this part of themselves times the learning rate: p ← p - p · weightDecay · lr.
    public internal(set) var weightDecay: Float?
    public internal(set) var clipping: GradientClipping?
    /// Update once in this many batches, by the mean of their gradients; `nil` to update at each.
    public internal(set) var gradientAccumulationSteps: Int?
    /// Whether a moving average of the parameters is kept, which they become once in `emaOverwriteFrequency` updates and when `fit`
    /// ends:
    ///
    ///     average ← emaMomentum · average + (1 - emaMomentum) p         until the first update: p
    public internal(set) var useEMA: Bool
    public internal(set) var emaMomentum: Float
    /// `nil` for at the end of `fit` alone.
    public internal(set) var emaOverwriteFrequency: Int?

    /// How many times gradients were given: batches, of which `gradientAccumulationSteps` make an update.
    package var steps = 0
    /// How many updates have been made.
    public var iterations: Int { steps / (gradientAccumulationSteps ?? 1) }

    /// What it remembers of the parameters; `nil` before `build`.
    package internal(set) var state: OptimizerState?
    /// The parameters, and where each lies in the arenas of state; `nil` before `build`.
    public var layout: ParameterLayout? { state?.layout }

    /// - Parameters:
    ///   - learningRate: a number or a `LearningRateSchedule`.
    ///   - clipnorm, clipvalue, globalClipnorm: at most one; see `GradientClipping`.
    public init(
        learningRate: any LearningRateSpec, weightDecay: Float? = nil, clipnorm: Float? = nil, clipvalue: Float? = nil,
        globalClipnorm: Float? = nil, useEMA: Bool = false, emaMomentum: Float = 0.99, emaOverwriteFrequency: Int? = nil,
        gradientAccumulationSteps: Int? = nil, name: String
    ) {
        self.name = name
        self.weightDecay = weightDecay
        (self.useEMA, self.emaMomentum, self.emaOverwriteFrequency) = (useEMA, emaMomentum, Optimizer.count(emaOverwriteFrequency))
        self.gradientAccumulationSteps = Optimizer.count(gradientAccumulationSteps)
        setLearningRate(learningRate)
        do {
            clipping = try GradientClipping(clipnorm: clipnorm, clipvalue: clipvalue, globalClipnorm: globalClipnorm)
            try validateCommon()
        } catch {
            Failure.report("optimizer \(name): \(error)")
        }
    }

    /// The rate of the next update. Setting it is an error where a schedule gives it.
    public var learningRate: Float {
        get { schedule?.value(step: steps) ?? constantRate }
        set {
            check(
                schedule == nil,
                "optimizer \(name): its learning rate comes from a \(schedule?.className ?? "schedule") and cannot be set; make the optimizer with a number to set it"
            )
            constantRate = newValue
        }
    }

    func setLearningRate(_ rate: any LearningRateSpec) {
        switch rate.learningRate {
        case .constant(let rate):
            checkFinite("optimizer \(name)", ["learningRate": rate])
            (constantRate, schedule) = (rate, nil)
        case .schedule(let given): schedule = given
        }
    }

    // MARK: What an optimizer is

    /// The states kept for each parameter, in Keras' order.
    open var slotNames: [String] { [] }

    /// The order of the states in Keras' files: those of one group lie together, variable by variable.
    open var slotGroups: [Range<Int>] { [slotNames.indices] }

    /// The value with which a state starts.
    open func initialValue(ofSlot index: Int) -> Float { 0 }

    /// The shape that a state has for a variable: the variable's own, unless the optimizer needs whole variables; `nil` where it has
    /// none.
    open func shape(ofSlot index: Int, for variable: Shape) -> Shape? { variable }

    /// Numbers that it keeps besides, and with what they start; in Keras' files they are the last.
    open var scalars: [(name: String, initialValue: Float)] { [] }

    /// Changes those numbers, before the parameters of an update. `iteration` counts from 1.
    open func update(scalars: UnsafeMutableBufferPointer<Float>, iteration: Int) {}

    /// Whether `update` looks at a variable as a whole, for its norm, say. Then it gets one run a variable; otherwise a run
    /// is any part of the parameters, of several variables or of a part of one.
    open var needsWholeVariables: Bool { false }

    /// Whether `update` also writes what it adds to each parameter, where `ParameterRun.changes` asks for it. Then ranks that
    /// share memory share the work of an update: one computes a change, and all add it.
    open var givesChanges: Bool { false }

    /// Whether parameters decay before the update and apart from it. One whose `update` uses `weightDecay` says no.
    open var decaysBeforeUpdate: Bool { true }

    /// Changes a run of parameters, given the gradients. `iteration` counts from 1.
    open func update(_ run: ParameterRun, learningRate: Float, iteration: Int) {
        Failure.report("optimizer \(name) does not override update(_:learningRate:iteration:)")
    }

    /// Whether parameters whose gradient is zero stay as they are, and their states do or can be brought up to date later: then of a
    /// table of which a batch names some rows only these are updated, by `updateRows`.
    open var canUpdateRows: Bool { false }

    /// Changes `count` rows of a table, no two alike, given their gradients, `table.width` each, and leaves what it has added to the
    /// parameters in their place: to the bit what `update` makes of these rows. `iteration` counts from 1.
    open func updateRows(
        _ rows: UnsafePointer<Int32>, count: Int, of table: ParameterTable, gradients: UnsafeMutablePointer<Float>, learningRate: Float,
        iteration: Int
    ) {
        Failure.report("optimizer \(name) does not override updateRows")
    }

    /// Brings the states of all rows up to date, which the update numbered `iteration` was the last to change; for optimizers by which
    /// states change where the gradient is zero.
    open func settleRows(of table: ParameterTable, iteration: Int) {}

    open var className: String { String(describing: type(of: self)) }
    /// Where Python finds the class.
    open var module: String { "keras.optimizers" }
    /// The arguments beyond those that all optimizers have, by their Keras names.
    open var config: [ConfigValue.Entry] { [] }
}

/// Neighbouring parameters with their gradients and states, to be changed in place.
public struct ParameterRun {
    public let count: Int
    public let parameters: UnsafeMutablePointer<Float>
    public let gradients: UnsafePointer<Float>
    /// Where an optimizer that `givesChanges` leaves what it adds to each parameter, rounded before it is added; in the
    /// place of the gradients perhaps. `nil` if nobody asks.
    public let changes: UnsafeMutablePointer<Float>?
    /// The shape of the variable that these parameters are, for an optimizer that `needsWholeVariables`.
    public let shape: Shape?
    private let state: OptimizerState
    private let offset: Int

    /// - Parameter part: of the layout of `state`, that these parameters are.
    package init(
        _ part: Range<Int>, parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        changes: UnsafeMutablePointer<Float>?, shape: Shape? = nil, _ state: OptimizerState
    ) {
        (count, offset, self.shape, self.state) = (part.count, part.lowerBound, shape, state)
        (self.parameters, self.gradients, self.changes) = (parameters, gradients, changes)
    }

    /// The states called `optimizer.slotNames[index]`.
    public func slot(_ index: Int) -> UnsafeMutablePointer<Float> { state.slot(index, at: offset) }
    /// The number called `optimizer.scalars[index].name`.
    public func scalar(_ index: Int) -> Float { state.scalars[index] }
    var n: Int64 { Int64(count) }
}
