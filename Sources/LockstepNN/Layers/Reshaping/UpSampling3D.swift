import LockstepTensor

/// Repeats elements along three axes; see `UpSampling`. `keras.layers.UpSampling3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: `[batch, a · size, b · size, c · size, channels]`.
public final class UpSampling3D: UpSampling {
    public override class var axisCount: Int { 3 }
}
