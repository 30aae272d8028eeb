import LockstepTensor

/// Puts texts or whole numbers into bins by their hash, the same bins everywhere and always; no vocabulary is needed, and two may share
/// a bin.
///
/// Used on data before training, as tensors hold numbers alone: `let x = Hashing(numBins: 64)(cities)`. Hashes are FarmHash's
/// Fingerprint64, with a salt SipHash-2-4; of numbers those of their digits. `keras.layers.Hashing`.
public struct Hashing: Sendable {
    public let numBins: Int
    /// What goes to bin 0, which then nothing else does.
    public let maskValue: String?
    public let salt: [UInt64]?
    public let outputMode: CategoryOutput

    /// - Parameters:
    ///   - numBins: the mask's bin included.
    ///   - salt: two numbers, or one that stands for both.
    ///   - outputMode: all but `tfIdf`.
    public init(numBins: Int, maskValue: String? = nil, salt: [UInt64]? = nil, outputMode: CategoryOutput = .int) {
        check(numBins > 0, "Hashing: numBins must be positive, got \(numBins)")
        check(outputMode != .tfIdf, "Hashing: outputMode must be int, oneHot, multiHot or count, got \(outputMode)")
        (self.numBins, self.maskValue, self.salt, self.outputMode) = (numBins, maskValue, keyed(salt, "Hashing"), outputMode)
    }

    public func callAsFunction(_ texts: [String]) -> Tensor { hashed([texts], [texts.count]) }
    /// Samples of equal length.
    public func callAsFunction(_ texts: [[String]]) -> Tensor { hashed(texts, rectangle(texts, "Hashing")) }
    public func callAsFunction(_ numbers: [Int]) -> Tensor { self(numbers.map { String($0) }) }
    /// Samples of equal length.
    public func callAsFunction(_ numbers: [[Int]]) -> Tensor { self(numbers.map { $0.map { String($0) } }) }

    private func hashed(_ texts: [[String]], _ shape: Shape) -> Tensor {
        let hasMask = maskValue != nil && numBins > 1, key = salt.map { ($0[0], $0[1]) }
        let bins = texts.map { row in
            row.map { text -> Int? in
                if hasMask, text.utf8.elementsEqual(maskValue!.utf8) { return 0 }
                return Fingerprints.bucket(Array(text.utf8), of: hasMask ? numBins - 1 : numBins, key: key) + (hasMask ? 1 : 0)
            }
        }
        return outputMode(bins, shape: shape, depth: numBins)
    }
}

/// Two numbers of a key.
func keyed(_ salt: [UInt64]?, _ name: String) -> [UInt64]? {
    check(salt == nil || 1 ... 2 ~= salt!.count, "\(name): salt must be one or two numbers, got \(salt ?? [])")
    return salt.map { $0.count == 1 ? [$0[0], $0[0]] : $0 }
}

/// The shape of samples, which must be of equal length.
func rectangle<Element>(_ samples: [[Element]], _ name: String) -> Shape {
    let length = samples.first?.count ?? 0
    if let place = samples.firstIndex(where: { $0.count != length }) {
        Failure.report("\(name): samples must be of equal length; the first has \(length), number \(place) has \(samples[place].count)")
    }
    return [samples.count, length]
}
