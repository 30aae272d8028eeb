import LockstepTensor

/// Zeros before and behind the steps, one by default; see `ZeroPadding`. `keras.layers.ZeroPadding1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: the same with longer spatial axes.
public final class ZeroPadding1D: ZeroPadding {
    public override class var axisCount: Int { 1 }
}
