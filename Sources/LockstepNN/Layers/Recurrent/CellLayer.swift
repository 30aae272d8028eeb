import LockstepTensor

/// The weights of a recurrent layer, and what each of its steps computes: `lstm.cell`. Keras' `LSTMCell`, `GRUCell`, `SimpleRNNCell`.
///
/// - Weights: `kernel` `[inputs, gates · units]`, `recurrent_kernel` `[units, gates · units]`, `bias` `[gates · units]`, of a GRU that resets
///   after the product `[2, 3 · units]`: of the inputs and of the state. Gates lie side by side, in the order of `RecurrentCell`.
public final class CellLayer: Layer {
    public let kind: RecurrentCell
    public let units: Int
    public let activation: ActivationFunction
    /// Of the gates; a simple cell has none.
    public let recurrentActivation: ActivationFunction
    public let useBias: Bool, unitForgetBias: Bool
    public let kernelInitializer: any Initializer, recurrentInitializer: any Initializer, biasInitializer: any Initializer
    public let kernelRegularizer: Regularizer?, recurrentRegularizer: Regularizer?, biasRegularizer: Regularizer?
    public let kernelConstraint: Constraint?, recurrentConstraint: Constraint?, biasConstraint: Constraint?
    /// Rates: of the inputs, and of the state.
    public let dropout: Float, recurrentDropout: Float
    public let seed: Int?

    public private(set) var kernel: Variable!
    public private(set) var recurrentKernel: Variable!
    public private(set) var bias: Variable?
    private var purpose = ""

    init(
        _ kind: RecurrentCell, _ units: Int, activation: ActivationFunction, recurrentActivation: ActivationFunction = "sigmoid",
        useBias: Bool, kernelInitializer: any InitializerSpec, recurrentInitializer: any InitializerSpec,
        biasInitializer: any InitializerSpec, unitForgetBias: Bool = false, kernelRegularizer: (any RegularizerSpec)?,
        recurrentRegularizer: (any RegularizerSpec)?, biasRegularizer: (any RegularizerSpec)?, kernelConstraint: (any ConstraintSpec)?,
        recurrentConstraint: (any ConstraintSpec)?, biasConstraint: (any ConstraintSpec)?, dropout: Float, recurrentDropout: Float,
        seed: Int?
    ) {
        let owner = kind.layerName
        (self.kind, self.units, self.activation, self.recurrentActivation) = (kind, units, activation, recurrentActivation)
        (self.useBias, self.unitForgetBias, self.seed) = (useBias, unitForgetBias, seed)
        self.kernelInitializer = kernelInitializer.resolved(for: owner)
        self.recurrentInitializer = recurrentInitializer.resolved(for: owner)
        self.biasInitializer = biasInitializer.resolved(for: owner)
        self.kernelRegularizer = kernelRegularizer?.resolved(for: owner)
        self.recurrentRegularizer = recurrentRegularizer?.resolved(for: owner)
        self.biasRegularizer = biasRegularizer?.resolved(for: owner)
        self.kernelConstraint = kernelConstraint?.resolved(for: owner)
        self.recurrentConstraint = recurrentConstraint?.resolved(for: owner)
        self.biasConstraint = biasConstraint?.resolved(for: owner)
        (self.dropout, self.recurrentDropout) = (dropout, recurrentDropout)
        super.init(name: snakeCase(owner) + "_cell")
        check(units > 0, "\(owner): units must be positive, got \(units)")
        for (name, rate) in [("dropout", dropout), ("recurrentDropout", recurrentDropout)] {
            check(rate >= 0 && rate <= 1, "\(owner): \(name) must lie between 0 and 1, got \(rate)")
        }
    }

    convenience init(_ kind: RecurrentCell, config: Config) throws {
        func activation(_ key: String, default fallback: ActivationFunction) throws -> ActivationFunction {
            config.contains(key) ? try config.activation(key) : fallback
        }
        self.init(
            kind, try config.length("units"), activation: try activation("activation", default: "tanh"),
            recurrentActivation: kind == .simple ? "sigmoid" : try activation("recurrent_activation", default: "sigmoid"),
            useBias: try config.bool("use_bias", default: true),
            kernelInitializer: try config.initializer("kernel_initializer", default: GlorotUniform()),
            recurrentInitializer: try config.initializer("recurrent_initializer", default: Orthogonal()),
            biasInitializer: try config.initializer("bias_initializer", default: Zeros()),
            unitForgetBias: kind == .lstm ? try config.bool("unit_forget_bias", default: true) : false,
            kernelRegularizer: try config.regularizer("kernel_regularizer"),
            recurrentRegularizer: try config.regularizer("recurrent_regularizer"),
            biasRegularizer: try config.regularizer("bias_regularizer"), kernelConstraint: try config.constraint("kernel_constraint"),
            recurrentConstraint: try config.constraint("recurrent_constraint"),
            biasConstraint: try config.constraint("bias_constraint"), dropout: try config.float("dropout", default: 0, in: 0 ... 1),
            recurrentDropout: try config.float("recurrent_dropout", default: 0, in: 0 ... 1), seed: try config.optionalInt("seed"))
        // How Keras goes about it, which changes no number.
        _ = config.value("implementation")
        _ = config.value("use_cudnn")
    }

    public override func build(_ inputShape: Shape) {
        let columns = kind.gateCount * units
        kernel = addWeight(
            "kernel", shape: [inputShape.last, columns], initializer: kernelInitializer, regularizer: kernelRegularizer,
            constraint: kernelConstraint)
        recurrentKernel = addWeight(
            "recurrent_kernel", shape: [units, columns], initializer: recurrentInitializer, regularizer: recurrentRegularizer,
            constraint: recurrentConstraint)
        purpose = NameScope.path + (seed.map { "/\($0)" } ?? "")
        guard useBias else { return }
        bias = addWeight(
            "bias", shape: kind == .gru ? [2, columns] : [columns],
            initializer: unitForgetBias ? UnitForgetBias(rest: biasInitializer) : biasInitializer, regularizer: biasRegularizer,
            constraint: biasConstraint)
    }

    // MARK: Steps

    /// How a layer goes through the steps.
    struct Order {
        var backwards = false, reversed = false, zeroesMasked = false
    }

    /// All steps.
    ///
    /// - Parameters:
    ///   - x: `[batch, steps, inputs]`. - mask: `[batch, steps]`. - initial: `[batch, units]` each; none for zeros.
    /// - Returns: outputs `[batch, steps, units]`, if they are wanted, and the states after the last step.
    func callAsFunction(
        _ x: Tensor, mask: Tensor?, initial: [Tensor], _ order: Order, returnsSequence: Bool, training: Bool
    ) -> (sequence: Tensor?, states: [Tensor]) {
        let batch = x.shape[0]
        let inputFactors = training ? factors(batch, x.shape[2], recurrentDropout > 0 ? kind.gateCount : 1, dropout, "") : nil
        let stateFactors = training ? factors(batch, units, kind.gateCount, recurrentDropout, "/recurrent") : nil
        let products = products(x, inputFactors)
        guard let activation = GateFunction(rawValue: activation.name), let gates = GateFunction(rawValue: recurrentActivation.name) else {
            return unrolled(
                products, bias: bias?.value, mask: mask, dropout: stateFactors, initial: initial, order, returnsSequence: returnsSequence)
        }
        var settings = RecurrenceSettings(kind)
        (settings.activation, settings.recurrentActivation) = (activation, gates)
        (settings.backwards, settings.reversed, settings.zeroesMasked) = (order.backwards, order.reversed, order.zeroesMasked)
        return recurrence(
            settings, products, kernel: recurrentKernel.value, bias: bias?.value, mask: mask, dropout: stateFactors, initial: initial,
            returnsSequence: returnsSequence)
    }

    /// The products of all steps with the kernel. As in Keras, inputs are dropped for each gate by itself where states are dropped too.
    private func products(_ x: Tensor, _ factors: Tensor?) -> Tensor {
        guard let factors else { return x.matmul(kernel.value) }
        let inputs = x.shape[2], kernel = kernel.value
        func dropped(_ gate: Int) -> Tensor { x * factors[all, gate * inputs ..< (gate + 1) * inputs].expandingDims(axis: 1) }
        if factors.shape[1] == inputs { return dropped(0).matmul(kernel) }
        return concatenate(
            (0 ..< kind.gateCount).map { dropped($0).matmul(kernel[all, $0 * units ..< ($0 + 1) * units]) }, axis: -1)
    }

    /// What each of `count` elements of a sample is multiplied by, in all steps: 0 or 1/(1 - rate), for each of some gates.
    private func factors(_ batch: Int, _ count: Int, _ gates: Int, _ rate: Float, _ use: String) -> Tensor? {
        guard rate > 0 else { return nil }
        let ones = Tensor.ones([batch, gates * count])
        return rate == 1
            ? ones * 0
            : LockstepTensor.dropout(
                ones, rate: rate, purpose: randomPurpose(purpose + use), rowsPerSample: CallContext.current?.rowsPerSample ?? 1)
    }

    // MARK: Configuration

    /// What Keras' layer says of it, in its order.
    var entries: [ConfigValue.Entry] {
        var entries: [ConfigValue.Entry] = [.init("units", .int(units)), .init("activation", .string(activation.name))]
        if kind != .simple { entries.append(.init("recurrent_activation", .string(recurrentActivation.name))) }
        entries += [
            .init("use_bias", .bool(useBias)), .init("kernel_initializer", kernelInitializer.serialized),
            .init("recurrent_initializer", recurrentInitializer.serialized), .init("bias_initializer", biasInitializer.serialized),
        ]
        if kind == .lstm { entries.append(.init("unit_forget_bias", .bool(unitForgetBias))) }
        entries += [
            .init("kernel_regularizer", kernelRegularizer.serialized), .init("recurrent_regularizer", recurrentRegularizer.serialized),
            .init("bias_regularizer", biasRegularizer.serialized), .init("kernel_constraint", kernelConstraint.serialized),
            .init("recurrent_constraint", recurrentConstraint.serialized), .init("bias_constraint", biasConstraint.serialized),
            .init("dropout", ConfigValue(dropout)), .init("recurrent_dropout", ConfigValue(recurrentDropout)),
        ]
        if kind == .gru || kind == .gruResetBefore { entries.append(.init("reset_after", .bool(kind == .gru))) }
        // Keras' SimpleRNN does not write its seed; it is kept where there is one.
        if kind != .simple || seed != nil { entries.append(.init("seed", ConfigValue(seed))) }
        return entries
    }
}

extension RecurrentCell {
    /// The layer that is made of it.
    var layerName: String { self == .gruResetBefore ? "GRU" : rawValue }
}

/// The bias of an LSTM: ones for the forget gate, which at first keeps what it has (Jozefowicz et al. 2015).
private struct UnitForgetBias: Initializer {
    let rest: any Initializer

    func make(_ shape: Shape, key: UInt64) -> Tensor {
        let units = shape[0] / 4, rest = rest.make(shape, key: key)
        return concatenate([rest[0 ..< units], .ones([units]), rest[2 * units ..< 4 * units]], axis: 0)
    }
    var config: [ConfigValue.Entry] { [] }
}
