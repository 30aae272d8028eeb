import LockstepTensor

/// A transposed convolution over the rows and columns of images; see `ConvTranspose`. `keras.layers.Conv2DTranspose`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, new rows, new columns, filters]`.
/// - Weights: `kernel` `[kernel rows, kernel columns, filters, channels]`, `bias` `[filters]`.
public final class Conv2DTranspose: ConvTranspose {}
