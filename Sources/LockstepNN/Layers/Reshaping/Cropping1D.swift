import LockstepTensor

/// Crops the steps at both ends, by one by default; see `Cropping`. `keras.layers.Cropping1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: the same with shorter spatial axes.
public final class Cropping1D: Cropping {
    public override class var axisCount: Int { 1 }
    public override var config: [ConfigValue.Entry] { [.init(Self.key, marginValue)] }
}
