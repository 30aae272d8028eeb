import LockstepTensor

/// Zeros before and behind each spatial axis. `ZeroPadding1D` … `ZeroPadding3D` say of how many.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, before + length + behind …, channels]`.
public class ZeroPadding: MarginLayer {
    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.padded(before: [0] + margins.map { $0[0] } + [0], behind: [0] + margins.map { $0[1] } + [0])
    }
}
