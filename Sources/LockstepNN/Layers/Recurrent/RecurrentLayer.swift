import LockstepTensor

/// A layer that goes through the steps of a sequence, with states from step to step: what `LSTM`, `GRU` and `SimpleRNN` have in common.
/// Keras' `RNN`.
///
/// - Input: `[batch, steps, inputs]`, float32; steps that its mask leaves out leave the states as they are, and give the output before
///   again.
/// - Outputs: the last output `[batch, units]` or, with `returnSequences`, all of them `[batch, steps, units]`; with `returnState` also the
///   last states, `[batch, units]` each.
/// - First states are zeros, or what a call is given: `lstm(x, initialState: [h, c])`; with `stateful` the last ones of the batch before.
///
/// All steps are one operation: first one product of all steps' inputs, then a kernel for the rest (`Recurrence`); its functions are
/// `linear`, `relu`, `sigmoid`, `tanh` and `hard_sigmoid`. With another activation steps are operations of their own, and slower.
public class RecurrentLayer: Layer, SequenceLayer {
    /// Its weights.
    public let cell: CellLayer
    public let returnSequences: Bool, returnState: Bool, goBackwards: Bool, stateful: Bool
    /// Whether Keras unrolls its steps; nothing changes here, where steps are neither unrolled nor a loop of the graph.
    public let unroll: Bool
    /// Whether the outputs of masked steps are zeros.
    public internal(set) var zeroOutputForMask: Bool
    /// Whether outputs are given against the order of computation; `Bidirectional` has it of its second layer.
    var reversesOutputs = false

    init(
        _ cell: CellLayer, returnSequences: Bool, returnState: Bool, goBackwards: Bool, stateful: Bool, unroll: Bool,
        zeroOutputForMask: Bool,
        activityRegularizer: (any RegularizerSpec)?, inputShape: Shape?, name: String?
    ) {
        self.cell = cell
        (self.returnSequences, self.returnState, self.goBackwards) = (returnSequences, returnState, goBackwards)
        (self.stateful, self.unroll, self.zeroOutputForMask) = (stateful, unroll, zeroOutputForMask)
        super.init(name: name)
        self.activityRegularizer = activityRegularizer?.resolved(for: className)
        self.inputShape = inputShape
    }

    init(_ kind: RecurrentCell, config: Config) throws {
        cell = try CellLayer(kind, config: config)
        returnSequences = try config.bool("return_sequences", default: false)
        returnState = try config.bool("return_state", default: false)
        goBackwards = try config.bool("go_backwards", default: false)
        stateful = try config.bool("stateful", default: false)
        unroll = try config.bool("unroll", default: false)
        zeroOutputForMask = try config.bool("zero_output_for_mask", default: false)
        super.init(name: try config.optionalString("name"))
        activityRegularizer = try config.regularizer("activity_regularizer")
        if try config.bool("time_major", default: false) {
            throw ConfigError("time_major is not supported: steps are axis 1", at: ["time_major"])
        }
    }

    public var units: Int { cell.units }
    var stateCount: Int { cell.kind.stateCount }

    public override var inputSpec: InputSpec? { InputSpec(rank: 3, axes: cell.kernel.map { [-1: $0.shape[0]] } ?? [:]) }

    public override func build(_ inputShape: Shape) {
        check(inputShape.last > 0, "\(className): the last axis of the input must be known; got \(inputShape)")
        NameScope.with(cell.name) { cell.buildIfNeeded([[inputShape[0], inputShape[2]]]) }
    }

    public override var callParameters: [CallParameter] { [CallParameter("initial_state", .tensors)] }

    public override func call(_ inputs: [Tensor], _ arguments: CallArguments<Tensor>, training: Bool) -> [Tensor] {
        check(inputs.count == 1, "\(className): expected one input, got \(inputs.count); first states are given as initialState")
        let x = inputs[0].cast(to: .float32), mask = inputs[0].mask
        if let mask {
            check(
                mask.shape == [x.shape[0], x.shape[1]],
                "\(className): expected a mask of shape \(Shape([x.shape[0], x.shape[1]])), the batch and its steps; got \(mask.shape)")
        }
        let (sequence, states) = cell(
            x, mask: mask, initial: initialStates(arguments, batch: x.shape[0]),
            CellLayer.Order(backwards: goBackwards, reversed: reversesOutputs, zeroesMasked: zeroOutputForMask),
            returnsSequence: returnSequences, training: training)
        return [sequence ?? lastOutput(states[0], mask)] + (returnState ? states : [])
    }

    private func initialStates(_ arguments: CallArguments<Tensor>, batch: Int) -> [Tensor] {
        let given = arguments.tensors("initial_state").compactMap { $0 }
        guard !given.isEmpty else { return [] }
        check(given.count == stateCount, "\(className): expected \(stateCount) initial states, got \(given.count)")
        for state in given {
            check(
                state.shape == [batch, units],
                "\(className): expected an initial state of shape \(Shape([batch, units])); got \(state.shape)")
        }
        return given.map { $0.cast(to: .float32) }
    }

    /// The output of the last step.
    private func lastOutput(_ state: Tensor, _ mask: Tensor?) -> Tensor {
        guard zeroOutputForMask, let mask, mask.shape[1] > 0 else { return state }
        return `where`(mask[all, goBackwards ? 0 : mask.shape[1] - 1].expandingDims(axis: 1), state, Tensor(0))
    }

    /// Sets the states that `stateful` keeps to zero.
    public func resetStates() {}

    public override var supportsMasking: Bool { true }
    package override var takesMask: Bool { true }
    /// States have no mask.
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] {
        [returnSequences ? masks[0] : nil] + (returnState ? [Tensor?](repeating: nil, count: stateCount) : [])
    }

    package override var buildConfig: ConfigValue? { buildConfigOfSequence }

    public override var config: [ConfigValue.Entry] {
        [
            .init("return_sequences", .bool(returnSequences)), .init("return_state", .bool(returnState)),
            .init("go_backwards", .bool(goBackwards)), .init("stateful", .bool(stateful)), .init("unroll", .bool(unroll)),
            .init("zero_output_for_mask", .bool(zeroOutputForMask)),
        ] + cell.entries + [.init("activity_regularizer", activityRegularizer.serialized)]
    }
}

/// A layer whose calls may be given first states.
public protocol SequenceLayer: Layer {}

extension SequenceLayer {
    /// Computes the output from given first states, `[batch, units]` each: h, of an LSTM also c.
    public func callAsFunction(_ input: Tensor, initialState: [Tensor], training: Bool? = nil) -> Tensor {
        let outputs: [Tensor] = self(input, initialState: initialState, training: training)
        check(outputs.count == 1, "layer \(name) (\(className)) has \(outputs.count) outputs; take them as [Tensor]")
        return outputs[0]
    }

    /// As above, for several outputs.
    @_disfavoredOverload
    public func callAsFunction(_ input: Tensor, initialState: [Tensor], training: Bool? = nil) -> [Tensor] {
        callAll([input], CallArguments(["initial_state": .tensors(initialState)]), training: training)
    }

    /// Notes down a call with given first states.
    public func callAsFunction(_ input: KerasTensor, initialState: [KerasTensor], training: Bool? = nil) -> KerasTensor {
        let outputs: [KerasTensor] = self(input, initialState: initialState, training: training)
        check(outputs.count == 1, "layer \(name) (\(className)) has \(outputs.count) outputs; take them as [KerasTensor]")
        return outputs[0]
    }

    /// As above, for several outputs.
    @_disfavoredOverload
    public func callAsFunction(_ input: KerasTensor, initialState: [KerasTensor], training: Bool? = nil) -> [KerasTensor] {
        noted([input], CallArguments(["initial_state": .tensors(initialState)]), training: training)
    }

    /// What Keras writes of a layer that was first called with states.
    var buildConfigOfSequence: ConfigValue? {
        guard let states = buildArgumentShapes["initial_state"] else { return nil }
        let shapes: ConfigValue =
            switch states {
            case .tensor(let shape): ConfigValue(shape)
            case .tensors(let shapes): .array(shapes.map { $0.map { ConfigValue($0) } ?? .null })
            case .constant: .null
            }
        return .object(["shapes_dict": .object(["sequences_shape": ConfigValue(buildShapes[0]), "initial_state_shape": shapes])])
    }
}
