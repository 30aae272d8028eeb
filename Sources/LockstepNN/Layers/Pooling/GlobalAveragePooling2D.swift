import LockstepTensor

/// The mean of each channel over rows and columns; see `GlobalPooling`. `keras.layers.GlobalAveragePooling2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, channels]`, or with axes of length 1 if `keepDims`.
public final class GlobalAveragePooling2D: GlobalAveragePooling {}
