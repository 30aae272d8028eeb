import LockstepTensor

/// The mean of each window of each channel, over one axis; see `Pooling`. `keras.layers.AveragePooling1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, windows, channels]`.
public final class AveragePooling1D: AveragePooling {
    public override class var axisCount: Int { 1 }
}
