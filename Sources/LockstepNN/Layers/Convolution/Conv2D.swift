import LockstepTensor

/// A convolution over the rows and columns of images; see `Conv`. `keras.layers.Conv2D`.
///
/// - Input: `[batch, rows, columns, channels]`.
/// - Output: `[batch, windows by row, windows by column, filters]`.
/// - Weights: `kernel` `[kernel rows, kernel columns, channels / groups, filters]`, `bias` `[filters]`.
public final class Conv2D: Conv {}
