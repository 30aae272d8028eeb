import LockstepTensor

// What texts and labels become before a model sees them.

/// Where a sequence that is too short is filled, and where one that is too long is cut.
public enum SequenceEnd: String, Sendable { case pre, post }

/// Sequences as one array, each filled or cut to the same length: `[sequences, length]`. `keras.utils.pad_sequences`.
///
/// - Parameters:
///   - maxlen: the length; by default that of the longest.
///   - padding: where short ones are filled.
///   - truncating: where long ones are cut.
///   - value: what they are filled with.
public func padSequences(
    _ sequences: [[Int32]], maxlen: Int? = nil, padding: SequenceEnd = .pre, truncating: SequenceEnd = .pre, value: Int32 = 0
) -> Tensor { padded(sequences, maxlen, padding, truncating, value) }

/// As above, of numbers.
public func padSequences(
    _ sequences: [[Float]], maxlen: Int? = nil, padding: SequenceEnd = .pre, truncating: SequenceEnd = .pre, value: Float = 0
) -> Tensor { padded(sequences, maxlen, padding, truncating, value) }

private func padded<Scalar: TensorScalar>(
    _ sequences: [[Scalar]], _ maxlen: Int?, _ padding: SequenceEnd, _ truncating: SequenceEnd, _ value: Scalar
) -> Tensor {
    let length = maxlen ?? sequences.map(\.count).max() ?? 0
    check(length >= 0, "padSequences: maxlen must not be negative, got \(length)")
    let rows = sequences.flatMap { sequence -> [Scalar] in
        let kept = truncating == .pre ? sequence.suffix(length) : sequence.prefix(length)
        let filling = [Scalar](repeating: value, count: length - kept.count)
        return padding == .pre ? filling + kept : kept + filling
    }
    return Tensor(rows, shape: [sequences.count, length])
}

/// Labels as rows of zeros with a one in the place of each: `[labels, numClasses]`. `keras.utils.to_categorical`.
///
/// - Parameters:
///   - labels: from 0 on; one below 0 or of `numClasses` or more stops.
///   - numClasses: by default one more than the largest label.
public func toCategorical(_ labels: [Int32], numClasses: Int? = nil) -> Tensor {
    let count = numClasses ?? Int(labels.max() ?? -1) + 1
    var rows = [Float](repeating: 0, count: labels.count * max(0, count))
    for (row, label) in labels.enumerated() {
        check(
            label >= 0 && Int(label) < count,
            "toCategorical: label \(label) at \(row) is outside of 0 ..< \(count); give as many numClasses as there are labels")
        rows[row * count + Int(label)] = 1
    }
    return Tensor(rows, shape: [labels.count, max(0, count)])
}
