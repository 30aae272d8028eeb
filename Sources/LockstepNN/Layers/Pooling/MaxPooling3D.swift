import LockstepTensor

/// The maximum of each window of each channel, over three axes; see `Pooling`. `keras.layers.MaxPooling3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: `[batch, windows along a, b, c, channels]`.
public final class MaxPooling3D: MaxPooling {
    public override class var axisCount: Int { 3 }
}
