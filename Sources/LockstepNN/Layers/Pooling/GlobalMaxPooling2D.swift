import LockstepTensor

/// The maximum of each channel over rows and columns; see `GlobalPooling`. `keras.layers.GlobalMaxPooling2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, channels]`, or with axes of length 1 if `keepDims`.
public final class GlobalMaxPooling2D: GlobalMaxPooling {}
