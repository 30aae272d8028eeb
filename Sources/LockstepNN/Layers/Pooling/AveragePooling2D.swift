import LockstepTensor

/// The mean of each window of each channel, over rows and columns; see `Pooling`. `keras.layers.AveragePooling2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, windows by row, by column, channels]`.
public final class AveragePooling2D: AveragePooling {}
