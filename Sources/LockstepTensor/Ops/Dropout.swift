import CKernels

/// y = x / (1 - rate) where a uniform number is at least `rate`, else 0.
///
/// The number of an element depends on the seed, on `purpose`, on the step and on the element's place in the global
/// batch: axis 0 counts samples, or `rowsPerSample` rows of each.
struct Dropout: Operation {
    let rate: Float
    let purpose: String
    let rowsPerSample: Int
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { inputs }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, perSample) = (Int64(inputs[0].count), inputs[0].shape.sample.count * rowsPerSample)
        let (x, y) = (inputs[0].floats, outputs[0].floats)
        let rate = rate
        var place = DrawingPlace(purpose, perSample: perSample)
        return {
            place.update()
            lk_dropout(n, place.key, place.step, place.first, rate, x, y)
        }
    }

    /// The same elements are kept.
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] { [apply(self, upstream[0]!)] }
}

/// Zeroes elements with probability `rate` and scales the others by 1/(1 - rate) (Srivastava et al. 2014, inverted).
///
/// - Parameter rowsPerSample: more than one where axis 0 is samples with another axis folded in: `[batch · steps, …]`.
public func dropout(_ x: Tensor, rate: Float, purpose: String, rowsPerSample: Int = 1) -> Tensor {
    rate == 0 ? x : apply(Dropout(rate: rate, purpose: purpose, rowsPerSample: rowsPerSample), x)
}
