import LockstepTensor

/// A recurrent layer whose output is its state: `h' = f(x·W + h·U + b)`.
///
/// with x a step's input, h the state and f the activation.
///
/// - Weights, in `cell`: `kernel` `[inputs, units]`, `recurrent_kernel` `[units, units]`, `bias` `[units]`.
/// - Inputs, outputs, masks and states: see `RecurrentLayer`.
///
/// `keras.layers.SimpleRNN`; Elman 1990.
public final class SimpleRNN: RecurrentLayer {
    /// - Parameters:
    ///   - dropout: the rate at which inputs are dropped, the same ones in all steps of a sample. - recurrentDropout: that of the states.
    ///   - goBackwards: from the last step to the first; outputs are in this order.
    public init(
        _ units: Int, activation: ActivationFunction = "tanh", useBias: Bool = true,
        kernelInitializer: any InitializerSpec = GlorotUniform(), recurrentInitializer: any InitializerSpec = Orthogonal(),
        biasInitializer: any InitializerSpec = Zeros(), kernelRegularizer: (any RegularizerSpec)? = nil,
        recurrentRegularizer: (any RegularizerSpec)? = nil, biasRegularizer: (any RegularizerSpec)? = nil,
        activityRegularizer: (any RegularizerSpec)? = nil, kernelConstraint: (any ConstraintSpec)? = nil,
        recurrentConstraint: (any ConstraintSpec)? = nil, biasConstraint: (any ConstraintSpec)? = nil, dropout: Float = 0,
        recurrentDropout: Float = 0, seed: Int? = nil, returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
        stateful: Bool = false, unroll: Bool = false, zeroOutputForMask: Bool = false, inputShape: Shape? = nil, name: String? = nil
    ) {
        let cell = CellLayer(
            .simple, units, activation: activation, useBias: useBias,
            kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
            kernelRegularizer: kernelRegularizer, recurrentRegularizer: recurrentRegularizer,
            biasRegularizer: biasRegularizer, kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
            biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout, seed: seed)
        super.init(
            cell, returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards, stateful: stateful, unroll: unroll,
            zeroOutputForMask: zeroOutputForMask, activityRegularizer: activityRegularizer, inputShape: inputShape, name: name)
    }

    init(config: Config) throws { try super.init(.simple, config: config) }
}
