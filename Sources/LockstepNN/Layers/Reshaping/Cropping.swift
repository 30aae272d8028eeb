import LockstepTensor

/// Takes away elements at both ends of each spatial axis. `Cropping1D` … `Cropping3D` say of how many.
///
/// - Input: `[batch, spatial axes …, channels]`.
/// - Output: `[batch, length - before - behind …, channels]`.
public class Cropping: MarginLayer {
    override class var key: String { "cropping" }

    override func fitting(_ inputs: [Spec]) -> [Spec] {
        let inputs = super.fitting(inputs)
        for input in inputs {
            check(
                margins.enumerated().allSatisfy { axis, ends in
                    input.shape[axis + 1] == Shape.unknown || ends[0] + ends[1] < input.shape[axis + 1]
                },
                "\(className): cropping \(marginValue.json) leaves nothing of an input of shape \(input.shape); crop less")
        }
        return inputs
    }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        input.slice([all] + margins.enumerated().map { axis, ends in ends[0] ..< input.shape[axis + 1] - ends[1] })
    }
}
