import LockstepTensor

/// Long short-term memory: what a state holds is kept, changed and given out by gates.
///
/// Of a step's input x and the states h and c, with σ the recurrent activation and φ the activation:
///
///     i = σ(x·Wᵢ + h·Uᵢ + bᵢ)     f = σ(x·W_f + h·U_f + b_f)     o = σ(x·Wₒ + h·Uₒ + bₒ)
///     c' = f c + i φ(x·W_c + h·U_c + b_c)                        h' = o φ(c')
///
/// - Weights, in `cell`: `kernel` `[inputs, 4 · units]`, `recurrent_kernel` `[units, 4 · units]`, `bias` `[4 · units]`; gates i, f, c, o.
/// - Inputs, outputs, masks and states: see `RecurrentLayer`.
///
/// `keras.layers.LSTM`; Hochreiter & Schmidhuber 1997, with forget gates as Gers et al. 2000.
public final class LSTM: RecurrentLayer {
    /// - Parameters:
    ///   - unitForgetBias: whether the forget gate's bias is one at first (Jozefowicz et al. 2015).
    ///   - dropout: the rate at which inputs are dropped, the same ones in all steps of a sample. - recurrentDropout: that of the states.
    ///   - goBackwards: from the last step to the first; outputs are in this order.
    public init(
        _ units: Int, activation: ActivationFunction = "tanh", recurrentActivation: ActivationFunction = "sigmoid", useBias: Bool = true,
        kernelInitializer: any InitializerSpec = GlorotUniform(), recurrentInitializer: any InitializerSpec = Orthogonal(),
        biasInitializer: any InitializerSpec = Zeros(), unitForgetBias: Bool = true, kernelRegularizer: (any RegularizerSpec)? = nil,
        recurrentRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        recurrentConstraint: (any ConstraintSpec)? = nil, biasConstraint: (any ConstraintSpec)? = nil, dropout: Float = 0,
        recurrentDropout: Float = 0, seed: Int? = nil, returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
        stateful: Bool = false, unroll: Bool = false, zeroOutputForMask: Bool = false, inputShape: Shape? = nil, name: String? = nil
    ) {
        let cell = CellLayer(
            .lstm, units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
            unitForgetBias: unitForgetBias, kernelRegularizer: kernelRegularizer, recurrentRegularizer: recurrentRegularizer,
            biasRegularizer: biasRegularizer, kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
            biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout, seed: seed)
        super.init(
            cell, returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards, stateful: stateful, unroll: unroll,
            zeroOutputForMask: zeroOutputForMask, activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
    }

    init(config: Config) throws { try super.init(.lstm, config: config) }
}
