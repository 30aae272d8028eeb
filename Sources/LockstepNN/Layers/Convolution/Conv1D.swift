import LockstepTensor

/// A convolution over one axis, of time or of words; see `Conv`. `keras.layers.Conv1D`.
///
/// - Input: `[batch, steps, channels]`.
/// - Output: `[batch, windows, filters]`; with `causal` padding each sees its own step and those before it.
/// - Weights: `kernel` `[kernel size, channels / groups, filters]`, `bias` `[filters]`.
public final class Conv1D: Conv {
    public override class var axisCount: Int { 1 }
    override class var paddings: [Window.Padding] { [.valid, .same, .causal] }
}
