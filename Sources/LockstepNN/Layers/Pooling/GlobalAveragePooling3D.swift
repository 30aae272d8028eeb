import LockstepTensor

/// The mean of each channel over three axes; see `GlobalPooling`. `keras.layers.GlobalAveragePooling3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: `[batch, channels]`, or with axes of length 1 if `keepDims`.
public final class GlobalAveragePooling3D: GlobalAveragePooling {
    public override class var axisCount: Int { 3 }
}
