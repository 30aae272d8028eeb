import LockstepTensor

/// A matrix with orthonormal rows or columns, whichever are fewer, times `gain`; all axes but the last are its rows.
///
/// Of a random normal matrix, by Gram and Schmidt's method, in double precision and twice over. `keras.initializers.Orthogonal`; Saxe et
/// al. 2014.
public struct Orthogonal: Initializer {
    public let gain: Float, seed: Int?

    public init(gain: Float = 1, seed: Int? = nil) {
        (self.gain, self.seed) = (gain, seed)
        checkFinite("Orthogonal", ["gain": gain])
    }

    public func make(_ shape: Shape, key: UInt64) -> Tensor {
        check(shape.rank >= 2, "Orthogonal: expected a weight of at least two axes, got shape \(shape)")
        let columns = shape.last, rows = columns == 0 ? 0 : shape.count / columns
        let (count, length) = (min(rows, columns), max(rows, columns))
        let numbers = Random.normal([count, length], key: seeded(key, seed), mean: 0, stddev: 1).scalars
        var vectors: [[Double]] = (0 ..< count).map { index in
            (0 ..< length).map { Double(numbers[index * length + $0]) }
        }
        for index in 0 ..< count {
            // The second time removes what rounding has left of the first.
            for _ in 0 ..< 2 {
                for other in 0 ..< index {
                    let product = dot(vectors[index], vectors[other])
                    for place in 0 ..< length { vectors[index][place] -= product * vectors[other][place] }
                }
            }
            let norm = dot(vectors[index], vectors[index]).squareRoot()
            for place in 0 ..< length { vectors[index][place] /= norm }
        }
        return Tensor(shape: shape) { (elements: UnsafeMutableBufferPointer<Float>) in
            for (index, vector) in vectors.enumerated() {
                for (place, value) in vector.enumerated() {
                    elements[rows <= columns ? index * columns + place : place * columns + index] = Float(value) * gain
                }
            }
        }
    }

    public var config: [ConfigValue.Entry] { [.init("seed", ConfigValue(seed)), .init("gain", ConfigValue(gain))] }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) { sum += x * y }
    return sum
}
