import LockstepTensor

/// The mean of each channel over all steps, of those that the mask lets through; see `GlobalPooling`. `keras.layers.GlobalAveragePooling1D`.
///
/// - Input: `[batch, steps, channels]`, and a mask `[batch, steps]` that the input may have. Where it lets nothing through, the mean is
///   NaN, as in Keras.
/// - Output: `[batch, channels]`, or `[batch, 1, channels]` if `keepDims`; without a mask.
public final class GlobalAveragePooling1D: GlobalAveragePooling {
    public override class var axisCount: Int { 1 }

    public override func call(_ input: Tensor, training: Bool) -> Tensor {
        guard let mask = input.mask else { return super.call(input, training: training) }
        let x = input.cast(to: .float32), steps = Shape(Array(x.shape.dimensions.prefix(2)))
        check(mask.shape == steps, "\(className): expected a mask of shape \(steps) for an input of shape \(x.shape); got \(mask.shape)")
        let valid = mask.expandingDims(axis: -1)
        let sums = `where`(valid.broadcast(to: x.shape), x, Tensor(0)).sum(axes: [1], keepDims: true)
        return shaped(sums / valid.cast(to: .float32).sum(axes: [1], keepDims: true))
    }

    public override var supportsMasking: Bool { true }
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] { [nil] }
    package override var takesMask: Bool { true }
}
