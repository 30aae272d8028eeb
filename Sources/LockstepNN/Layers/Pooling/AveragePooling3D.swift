import LockstepTensor

/// The mean of each window of each channel, over three axes; see `Pooling`. `keras.layers.AveragePooling3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: `[batch, windows along a, b, c, channels]`.
public final class AveragePooling3D: AveragePooling {
    public override class var axisCount: Int { 3 }
}
