import LockstepTensor

/// Zeros before and behind rows and columns, one by default; see `ZeroPadding`. `keras.layers.ZeroPadding2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: the same with longer spatial axes.
public final class ZeroPadding2D: ZeroPadding {}
