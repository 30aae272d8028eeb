import LockstepTensor

/// Repeats each step; see `UpSampling`. `keras.layers.UpSampling1D`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, steps · size, channels]`.
public final class UpSampling1D: UpSampling {
    public override class var axisCount: Int { 1 }
    public override var config: [ConfigValue.Entry] { [.init("size", .int(size[0]))] }
}
