import LockstepTensor

/// Crops rows and columns at both ends, by nothing by default; see `Cropping`. `keras.layers.Cropping2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: the same with shorter spatial axes.
public final class Cropping2D: Cropping {
    override class var standard: Margins { 0 }
}
