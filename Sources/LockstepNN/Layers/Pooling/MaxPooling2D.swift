import LockstepTensor

/// The maximum of each window of each channel, over rows and columns; see `Pooling`. `keras.layers.MaxPooling2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, windows by row, by column, channels]`.
public final class MaxPooling2D: MaxPooling {}
