import LockstepTensor

/// A convolution of each channel by itself, over one axis; see `DepthwiseConv`. `keras.layers.DepthwiseConv1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, windows, channels · depth multiplier]`.
/// - Weights: `kernel` `[kernel size, channels, depth multiplier]`, `bias` `[channels · depth multiplier]`.
public final class DepthwiseConv1D: DepthwiseConv {
    public override class var axisCount: Int { 1 }
}
