import LockstepTensor

/// Repeats rows and columns: images enlarged by the nearest element; see `UpSampling`. `keras.layers.UpSampling2D`.
///
/// - Input: `[batch, rows, columns, channels]`. - Output: `[batch, rows · size, columns · size, channels]`.
public final class UpSampling2D: UpSampling {
    public override var config: [ConfigValue.Entry] { super.config + [.init("interpolation", "nearest")] }
}
