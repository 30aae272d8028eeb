import LockstepTensor

/// The maximum of each channel over three axes; see `GlobalPooling`. `keras.layers.GlobalMaxPooling3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: `[batch, channels]`, or with axes of length 1 if `keepDims`.
public final class GlobalMaxPooling3D: GlobalMaxPooling {
    public override class var axisCount: Int { 3 }
}
