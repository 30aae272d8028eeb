import LockstepTensor

/// A separable convolution over one axis; see `SeparableConv`. `keras.layers.SeparableConv1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, windows, filters]`.
/// - Weights: `depthwise_kernel` `[kernel size, channels, depth multiplier]`, `pointwise_kernel`
///   `[1, channels · depth multiplier, filters]`, `bias` `[filters]`.
public final class SeparableConv1D: SeparableConv {
    public override class var axisCount: Int { 1 }
}
