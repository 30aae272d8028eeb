import LockstepTensor

/// A transposed convolution over one axis; see `ConvTranspose`. `keras.layers.Conv1DTranspose`.
///
/// - Input: `[batch, steps, channels]`. - Output: `[batch, new steps, filters]`.
/// - Weights: `kernel` `[kernel size, filters, channels]`, `bias` `[filters]`.
public final class Conv1DTranspose: ConvTranspose {
    public override class var axisCount: Int { 1 }
}
