import LockstepTensor

/// A transposed convolution over three axes; see `ConvTranspose`. `keras.layers.Conv3DTranspose`.
///
/// - Input: `[batch, a, b, c, channels]`. - Output: `[batch, new lengths …, filters]`.
/// - Weights: `kernel` `[kernel size by axis …, filters, channels]`, `bias` `[filters]`.
public final class Conv3DTranspose: ConvTranspose {
    public override class var axisCount: Int { 3 }
}
