import LockstepTensor

/// A convolution of each channel by itself, over rows and columns; see `DepthwiseConv`. `keras.layers.DepthwiseConv2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, windows by row, by column, channels · depth multiplier]`.
/// - Weights: `kernel` `[kernel rows, kernel columns, channels, depth multiplier]`, `bias` `[channels · depth multiplier]`.
public final class DepthwiseConv2D: DepthwiseConv {}
