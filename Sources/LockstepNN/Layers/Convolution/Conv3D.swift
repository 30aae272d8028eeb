import LockstepTensor

/// A convolution over three axes, of space or of space and time; see `Conv`. `keras.layers.Conv3D`.
///
/// - Input: `[batch, a, b, c, channels]`.
/// - Output: `[batch, windows along a, along b, along c, filters]`.
/// - Weights: `kernel` `[kernel size by axis …, channels / groups, filters]`, `bias` `[filters]`.
public final class Conv3D: Conv {
    public override class var axisCount: Int { 3 }
}
