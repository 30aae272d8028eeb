import LockstepTensor

/// Gated recurrent unit: the next state lies between the last one and a candidate.
///
/// Of a step's input x and the state h, with σ the recurrent activation and φ the activation:
///
///     z = σ(x·W_z + h·U_z + b_z)     r = σ(x·Wᵣ + h·Uᵣ + bᵣ)     h' = z h + (1 - z) ĥ
///     ĥ = φ(x·W_h + b_h + r (h·U_h + b'_h))     or, with `resetAfter: false`,     ĥ = φ(x·W_h + (r h)·U_h + b_h)
///
/// - Weights, in `cell`: `kernel` `[inputs, 3 · units]`, `recurrent_kernel` `[units, 3 · units]`, `bias` `[2, 3 · units]`, of the inputs and of the
///   state, or without `resetAfter` `[3 · units]`; gates z, r, h.
/// - Inputs, outputs, masks and states: see `RecurrentLayer`.
///
/// `keras.layers.GRU`; Cho et al. 2014.
public final class GRU: RecurrentLayer {
    /// - Parameters:
    ///   - resetAfter: whether the reset gate comes after the product with the state, as in cuDNN, or before it.
    ///   - dropout: the rate at which inputs are dropped, the same ones in all steps of a sample. - recurrentDropout: that of the states.
    ///   - goBackwards: from the last step to the first; outputs are in this order.
    public init(
        _ units: Int, activation: ActivationFunction = "tanh", recurrentActivation: ActivationFunction = "sigmoid", useBias: Bool = true,
        kernelInitializer: any InitializerSpec = GlorotUniform(), recurrentInitializer: any InitializerSpec = Orthogonal(),
        biasInitializer: any InitializerSpec = Zeros(), kernelRegularizer: (any RegularizerSpec)? = nil,
        recurrentRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        recurrentConstraint: (any ConstraintSpec)? = nil, biasConstraint: (any ConstraintSpec)? = nil, dropout: Float = 0,
        recurrentDropout: Float = 0, seed: Int? = nil, returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
        stateful: Bool = false, unroll: Bool = false, resetAfter: Bool = true, zeroOutputForMask: Bool = false, inputShape: Shape? = nil,
        name: String? = nil
    ) {
        let cell = CellLayer(
            resetAfter ? .gru : .gruResetBefore, units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
            kernelRegularizer: kernelRegularizer, recurrentRegularizer: recurrentRegularizer,
            biasRegularizer: biasRegularizer, kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
            biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout, seed: seed)
        super.init(
            cell, returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards, stateful: stateful, unroll: unroll,
            zeroOutputForMask: zeroOutputForMask, activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
    }

    init(config: Config) throws { try super.init(config.bool("reset_after", default: true) ? .gru : .gruResetBefore, config: config) }
}
