import LockstepTensor

/// Zeros before and behind three axes, one by default; see `ZeroPadding`. `keras.layers.ZeroPadding3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: the same with longer spatial axes.
public final class ZeroPadding3D: ZeroPadding {
    public override class var axisCount: Int { 3 }
}
