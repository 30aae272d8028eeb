import LockstepTensor

/// Crops three axes at both ends, by one by default; see `Cropping`. `keras.layers.Cropping3D`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: the same with shorter spatial axes.
public final class Cropping3D: Cropping {
    public override class var axisCount: Int { 3 }
}
