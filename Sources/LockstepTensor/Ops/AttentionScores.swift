import CKernels

// The scores of additive attention, without a tensor of all sums of queries and keys.

/// (query, key, factor, weight?) to scores: Σ weight tanh(factor (query + key)) for each pair of a query and a key.
///
/// query `[batch, targets, dim]`, key `[batch, sources, dim]`, factor a scalar, weight `[dim]`, ones by default; scores
/// `[batch, targets, sources]`.
struct AdditiveScores: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (q, k) = (inputs[0].shape, inputs[1].shape)
        check(
            inputs.allSatisfy { $0.dtype == .float32 } && q.rank == 3 && k.rank == 3 && q[0] == k[0] && q[2] == k[2],
            "additive attention: expected query [batch, targets, dim] and key [batch, sources, dim]; got \(q) and \(k)")
        check(
            inputs[2].shape == [] && inputs[3...].allSatisfy { $0.shape == [q[2]] },
            "additive attention: a factor of shape \(inputs[2].shape) and weights of \(inputs[3...].map(\.shape)) for \(q)")
        return [Spec(shape: [q[0], q[1], k[1]])]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (shape, dim) = (outputs[0].shape, inputs[0].shape[2])
        let (targets, sources) = (shape[1], shape[2])
        let (q, k, factor, scores) = (inputs[0].floats, inputs[1].floats, inputs[2].floats, outputs[0].floats)
        let weight = inputs.count > 3 ? inputs[3].floats : nil
        return {
            for sample in 0 ..< shape[0] {
                lk_additive_scores(
                    Int64(targets), Int64(sources), Int64(dim), factor.pointee, q + sample * targets * dim, k + sample * sources * dim,
                    weight, scores + sample * targets * sources)
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        applyAll(AdditiveScoresGradient(), Array(record.inputs[..<3]) + [upstream[0]!] + record.inputs[3...]).map { $0 }
    }

    /// The same from simpler operations.
    static func composed(_ inputs: [Tensor]) -> Tensor {
        let sums = tanh((inputs[0].expandingDims(axis: 2) + inputs[1].expandingDims(axis: 1)) * inputs[2])
        return (inputs.count > 3 ? sums * inputs[3] : sums).sum(axes: [-1])
    }
}

/// (query, key, factor, dscores, weight?) to the gradients with respect to query, key, factor and weight.
struct AdditiveScoresGradient: Operation {
    func outputs(_ inputs: [Spec]) -> [Spec] { Array(inputs[..<3] + inputs[4...]) }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (shape, dim) = (inputs[3].shape, inputs[0].shape[2])
        let (targets, sources) = (shape[1], shape[2])
        let (q, k, factor, g) = (inputs[0].floats, inputs[1].floats, inputs[2].floats, inputs[3].floats)
        let (dq, dk, dfactor) = (outputs[0].floats, outputs[1].floats, outputs[2].floats)
        let (weight, dweight) = inputs.count > 4 ? (inputs[4].floats, outputs[3].floats) : (nil, nil)
        let sizes = outputs.map { ($0.floats, Int64($0.count)) }
        return {
            for (gradient, count) in sizes { lk_fill(count, 0, gradient) }
            for sample in 0 ..< shape[0] {
                let (query, key) = (sample * targets * dim, sample * sources * dim)
                dfactor.pointee += lk_additive_scores_gradient(
                    Int64(targets), Int64(sources), Int64(dim), factor.pointee, q + query, k + key, weight,
                    g + sample * targets * sources, dq + query, dk + key, dweight)
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let inputs = Array(record.inputs[..<3] + record.inputs[4...])
        let found = secondGradients(inputs, record.inputs[3], upstream, of: AdditiveScores.composed)
        return Array(found[..<3]) + [found.last!] + found[3 ..< found.count - 1]
    }
}

/// Σ weight tanh(factor (query + key)) for each query and key: `[batch, targets, dim]` and `[batch, sources, dim]` to
/// `[batch, targets, sources]` (Bahdanau et al. 2015).
///
/// - Parameters:
///   - factor: a scalar; 1 by default.
///   - weight: `[dim]`; ones by default.
public func additiveScores(_ query: Tensor, _ key: Tensor, factor: Tensor? = nil, weight: Tensor? = nil) -> Tensor {
    applyAll(AdditiveScores(), [query, key, factor ?? Tensor(1)] + (weight.map { [$0] } ?? []))[0]
}
