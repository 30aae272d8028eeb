import LockstepTensor

/// A separable convolution over rows and columns; see `SeparableConv`. `keras.layers.SeparableConv2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, windows by row, by column, filters]`.
/// - Weights: `depthwise_kernel` `[kernel rows, kernel columns, channels, depth multiplier]`, `pointwise_kernel`
///   `[1, 1, channels · depth multiplier, filters]`, `bias` `[filters]`.
public final class SeparableConv2D: SeparableConv {}
