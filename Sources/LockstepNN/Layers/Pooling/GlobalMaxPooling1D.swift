import LockstepTensor

/// The maximum of each channel over all steps; see `GlobalPooling`. `keras.layers.GlobalMaxPooling1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, channels]`, or with axes of length 1 if `keepDims`.
public final class GlobalMaxPooling1D: GlobalMaxPooling {
    public override class var axisCount: Int { 1 }
}
