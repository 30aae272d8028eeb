import LockstepTensor

/// What preprocessing makes of the categories that it has found, by Keras' names.
public enum CategoryOutput: String, Sendable, CaseIterable {
    /// Their numbers, int32.
    case int
    /// For each a row of zeros with a one.
    case oneHot = "one_hot"
    /// For each sample ones for the categories that it has.
    case multiHot = "multi_hot"
    /// How often it has each.
    case count
    /// That times the category's inverse document frequency.
    case tfIdf = "tf_idf"

    /// - Parameters:
    ///   - samples: the numbers of each sample's categories; `nil` for what is left out, which is 0 among numbers.
    ///   - shape: of what came in: `[samples]`, all of which are one sample where categories are gathered, or `[samples, length]`.
    ///   - depth: how many categories there are. - weights: of each, for `tfIdf`.
    func callAsFunction(_ samples: [[Int?]], shape: Shape, depth: Int, weights: [Float] = []) -> Tensor {
        switch self {
        case .int: return Tensor(samples.flatMap { $0.map { Int32($0 ?? 0) } }, shape: shape)
        case .oneHot:
            var ones = [Float](repeating: 0, count: shape.count * depth)
            for (place, category) in samples.joined().enumerated() { if let category { ones[place * depth + category] = 1 } }
            let rows = shape.rank > 1 && shape.last == 1 ? Shape(shape.dimensions.dropLast()) : shape
            return Tensor(ones, shape: Shape(rows.dimensions + [depth]))
        case .multiHot, .count, .tfIdf:
            let rows = shape.rank > 1 ? samples : [samples.flatMap { $0 }]
            var sums = [Float](repeating: 0, count: rows.count * depth)
            for (row, categories) in rows.enumerated() {
                for category in categories.compactMap({ $0 }) { sums[row * depth + category] += 1 }
            }
            if self == .multiHot { sums = sums.map { min($0, 1) } }
            if self == .tfIdf { for place in sums.indices { sums[place] *= weights[place % depth] } }
            return Tensor(sums, shape: shape.rank > 1 ? [rows.count, depth] : [depth])
        }
    }
}
