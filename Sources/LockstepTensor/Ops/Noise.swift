import CKernels

// Random numbers by sample, and what is dropped by them: see Random and Dropout.

/// What a kernel draws by: the seed and step of the run, and the first element of this part of the global batch.
struct DrawingPlace {
    private let state = Random.state
    private let purpose: String
    private let perSample: Int
    private var seed: UInt64
    private(set) var key: UInt64

    /// - Parameter perSample: elements of a sample; 0 where all samples have the same numbers.
    init(_ purpose: String, perSample: Int) {
        (self.purpose, self.perSample, seed, key) = (purpose, perSample, state.seed, Random.key(purpose, seed: state.seed))
    }

    /// To be called before each draw: another seed may have been set.
    mutating func update() { if state.seed != seed { (seed, key) = (state.seed, Random.key(purpose, seed: state.seed)) } }

    var step: UInt64 { state.step }
    var first: UInt64 { UInt64(state.firstSample * perSample) }
}

/// Random numbers without any input: a row for each sample at hand, or one for all samples of the global batch.
struct SampleNoise: Operation {
    /// Uniform in [a, b), or normal with mean a and standard deviation b.
    enum Distribution: String {
        case uniform, normal
    }
    let distribution: Distribution
    let a: Float, b: Float
    let shape: Shape
    let purpose: String
    /// Rows of axis 0 for each sample; 0 where all have the same numbers.
    let rowsPerSample: Int
    var name: String { distribution.rawValue }

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: shape)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, y, a, b, isNormal) = (Int64(shape.count), outputs[0].floats, a, b, distribution == .normal)
        var place = DrawingPlace(purpose, perSample: shape.sample.count * rowsPerSample)
        return {
            place.update()
            if isNormal {
                lk_random_normal(n, place.key, place.step, place.first, a, b, y)
            } else {
                lk_random_uniform(n, place.key, place.step, place.first, a, b, y)
            }
        }
    }
}

/// y = scale · x + shift where a uniform number is at least `rate`, else `dropped`; numbers as for Dropout.
struct AffineDropout: Operation {
    let rate: Float
    let scale: Float, shift: Float, dropped: Float
    let purpose: String
    let rowsPerSample: Int
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] { inputs }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (n, x, y, rate, scale, shift, dropped) = (
            Int64(inputs[0].count), inputs[0].floats, outputs[0].floats, rate, scale, shift, dropped
        )
        var place = DrawingPlace(purpose, perSample: inputs[0].shape.sample.count * rowsPerSample)
        return {
            place.update()
            lk_affine_dropout(n, place.key, place.step, place.first, rate, scale, shift, dropped, x, y)
        }
    }

    /// The same elements are kept.
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let operation = AffineDropout(rate: rate, scale: scale, shift: 0, dropped: 0, purpose: purpose, rowsPerSample: rowsPerSample)
        return [apply(operation, upstream[0]!)]
    }
}

/// Normal numbers in the shape of x, which depend on the sample's place in the global batch; as `dropout` draws.
public func sampleNormal(like x: Tensor, mean: Float, stddev: Float, purpose: String, rowsPerSample: Int = 1) -> Tensor {
    applyAll(
        SampleNoise(distribution: .normal, a: mean, b: stddev, shape: x.shape, purpose: purpose, rowsPerSample: rowsPerSample), [])[0]
}

/// One where a uniform number is at least `rate`, else zero.
///
/// - Parameters:
///   - shape: axis 0 counts rows, or is 1 for numbers that all samples of the global batch share.
///   - rowsPerSample: rows of axis 0 for each sample; 0 where all share them.
public func sampleKept(_ shape: Shape, rate: Float, purpose: String, rowsPerSample: Int = 1) -> Tensor {
    let uniform = applyAll(
        SampleNoise(distribution: .uniform, a: 0, b: 1, shape: shape, purpose: purpose, rowsPerSample: rowsPerSample), [])[0]
    return (uniform .>= rate).cast(to: .float32)
}

/// What `alphaDropout` multiplies by and adds, so that mean 0 and variance 1 stay as they are: a · (x or saturation) + b.
private func alphaDropoutNumbers(_ rate: Float) -> (a: Float, b: Float, dropped: Float) {
    // -scale · alpha of selu: what it tends to.
    let saturation = -1.7580993408473766, rate = Double(rate)
    let a = 1 / ((1 - rate) * (1 + rate * saturation * saturation)).squareRoot(), b = -a * saturation * rate
    return (Float(a), Float(b), Float(a * saturation + b))
}

/// Sets elements to selu's negative saturation with probability `rate`, and scales and shifts all so that mean 0 and variance 1 stay
/// (Klambauer et al. 2017). Numbers are drawn as for `dropout`.
public func alphaDropout(_ x: Tensor, rate: Float, purpose: String, rowsPerSample: Int = 1) -> Tensor {
    let (a, b, dropped) = alphaDropoutNumbers(rate)
    return apply(
        AffineDropout(rate: rate, scale: a, shift: b, dropped: dropped, purpose: purpose, rowsPerSample: rowsPerSample), x)
}

/// As above, where `kept`, which is broadcast to x, is not zero but one.
public func alphaDropout(_ x: Tensor, rate: Float, kept: Tensor) -> Tensor {
    let (a, b, dropped) = alphaDropoutNumbers(rate)
    return x * (kept * a) + (kept * (b - dropped) + dropped)
}
