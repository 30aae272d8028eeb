import LockstepTensor

/// The maximum of each window of each channel, over one axis; see `Pooling`. `keras.layers.MaxPooling1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, windows, channels]`.
public final class MaxPooling1D: MaxPooling {
    public override class var axisCount: Int { 1 }
}
