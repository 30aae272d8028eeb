import CKernels

// Scaled dot-product attention of many heads: one operation, which never has more than a block of rows of scores.

/// Which weights of attention are dropped: those of an element of `[batch, heads, targets, sources]` whose number, of the same
/// purpose, seed, step and place in the global batch, lies below `rate`; see `Dropout`.
public struct AttentionDropout {
    package let rate: Float
    package let purpose: String
    package let rowsPerSample: Int

    /// - Parameter rowsPerSample: more than one where axis 0 is samples with another axis folded in.
    public init(rate: Float, purpose: String, rowsPerSample: Int = 1) {
        (self.rate, self.purpose, self.rowsPerSample) = (rate, purpose, rowsPerSample)
    }
}

/// (query, key, value, mask?) to (output, log-sums): output = dropout(softmax(scale query·keyᵀ))·value for each head.
///
/// query `[batch, targets, heads, dim]`, key `[batch, sources, heads, dim]`, value `[batch, sources, heads, width]`; mask bool, of
/// four axes that broadcast to `[batch, heads, targets, sources]`, the last of full length. Of each row of scores the logarithm
/// of its sum of exponentials is kept, `[batch, heads, targets]`: the gradient computes the weights again from it (Dao et al. 2022,
/// "FlashAttention").
struct DotProductAttention: Operation {
    let scale: Float
    let isCausal: Bool
    let dropout: AttentionDropout?
    /// Whether gradients end in rows whose sources are all hidden.
    let endsWhereHidden: Bool

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (q, k, v) = (inputs[0].shape, inputs[1].shape, inputs[2].shape)
        check(
            inputs[..<3].allSatisfy { $0.dtype == .float32 } && q.rank == 4 && k.rank == 4 && v.rank == 4 && k[0] == q[0] && v[0] == q[0]
                && k[2] == q[2] && v[2] == q[2] && k[3] == q[3] && k[1] == v[1],
            "attention: expected query [batch, targets, heads, dim], key [batch, sources, heads, dim] and value [batch, sources, heads, width]; got \(q), \(k) and \(v)"
        )
        if inputs.count > 3 {
            let (mask, full) = (inputs[3], [q[0], q[2], q[1], k[1]])
            check(
                mask.dtype == .bool && mask.shape.rank == 4 && mask.shape[3] == k[1]
                    && zip(mask.shape.dimensions, full).allSatisfy { $0 == 1 || $0 == $1 },
                "attention: a mask of \(mask.dtype) and shape \(mask.shape) does not broadcast to [batch, heads, targets, sources] = \(Shape(full))"
            )
        }
        return [Spec(shape: [q[0], q[1], q[2], v[3]]), Spec(shape: [q[0], q[2], q[1]])]
    }

    func scratch(_ inputs: [Spec]) -> [Spec] { [Spec(shape: AttentionHeads(self, inputs.map(\.shape)).block)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let heads = AttentionHeads(self, inputs.map(\.shape)), drop = dropout.map(heads.dropping)
        let (q, k, v) = (inputs[0].floats, inputs[1].floats, inputs[2].floats)
        let mask = inputs.count > 3 ? inputs[3].bytes : nil
        let (output, logSums, scores) = (outputs[0].floats, outputs[1].floats, outputs[2].floats)
        let (dim, width, dimRow, widthRow) = (heads.dim, heads.width, heads.dimRow, heads.widthRow)
        return { [scale] in
            heads.forEachBlock { block in
                let (rows, cols) = (block.rows, block.cols)
                multiply(
                    rows, cols, dim, q + block.query, row: dimRow, transposed: false, k + block.key, row: dimRow, transposed: true,
                    scores)
                lk_attention_weights(Int64(rows), Int64(cols), scale, block.sight(mask), scores, logSums + block.row)
                drop?(block, scores, scores)
                multiply(
                    rows, width, cols, scores, row: cols, transposed: false, v + block.value, row: widthRow, transposed: false,
                    output + block.output, row: widthRow)
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        guard let g = upstream[0] else { return record.inputs.map { _ in nil } }
        let operation = DotProductAttentionGradient(forward: self)
        let gradients = applyAll(operation, Array(record.inputs[..<3]) + record.outputs + [g] + record.inputs[3...])
        return gradients + record.inputs[3...].map { _ in nil }
    }

    /// The same from simpler operations.
    func composed(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ mask: Tensor?) -> Tensor {
        func byHead(_ x: Tensor) -> Tensor { x.transposed([0, 2, 1, 3]) }
        let scores = (byHead(query) * scale).matmul(byHead(key), transposeB: true)
        var sight = mask
        if isCausal {
            let causal = causalMask(targets: query.shape[1], sources: key.shape[1])
            sight = sight.map { logicalAnd($0, causal) } ?? causal
        }
        var weights = attentionWeights(scores, mask: sight, endsWhereHidden: endsWhereHidden)
        if let dropout {
            weights = LockstepTensor.dropout(
                weights, rate: dropout.rate, purpose: dropout.purpose, rowsPerSample: dropout.rowsPerSample)
        }
        return byHead(weights.matmul(byHead(value)))
    }
}

/// (query, key, value, output, log-sums, doutput, mask?) to (dquery, dkey, dvalue).
///
/// With P the weights, D the dropout and O = D(P)·V: dV = D(P)ᵀ·dO, dP = D(dO·Vᵀ), dS = scale P (dP - Σ dO O) in each row, dQ = dS·K and
/// dK = dSᵀ·Q.
struct DotProductAttentionGradient: Operation {
    let forward: DotProductAttention

    func outputs(_ inputs: [Spec]) -> [Spec] { Array(inputs[..<3]) }

    private func heads(_ shapes: [Shape]) -> AttentionHeads { AttentionHeads(forward, Array(shapes[..<3]) + shapes[6...]) }

    /// Weights, their gradients, a number a row, and weights of which some are dropped.
    func scratch(_ inputs: [Spec]) -> [Spec] {
        let block = heads(inputs.map(\.shape)).block
        return ([block, block, [block[0]]] + (forward.dropout == nil ? [] : [block])).map { Spec(shape: $0) }
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let heads = heads(inputs.map(\.shape)), drop = forward.dropout.map(heads.dropping)
        let (q, k, v) = (inputs[0].floats, inputs[1].floats, inputs[2].floats)
        let (output, logSums, g) = (inputs[3].floats, inputs[4].floats, inputs[5].floats)
        let mask = inputs.count > 6 ? inputs[6].bytes : nil
        let (dq, dk, dv) = (outputs[0].floats, outputs[1].floats, outputs[2].floats)
        let (weights, dweights, sums) = (outputs[3].floats, outputs[4].floats, outputs[5].floats)
        let kept = drop == nil ? weights : outputs[6].floats
        let (dim, width, dimRow, widthRow) = (heads.dim, heads.width, heads.dimRow, heads.widthRow)
        return { [scale = forward.scale, ends = forward.endsWhereHidden] in
            heads.forEachBlock { block in
                let (rows, cols, logSums) = (block.rows, block.cols, logSums + block.row)
                let (q, k, v, g) = (q + block.query, k + block.key, v + block.value, g + block.output)
                let (dk, dv) = (dk + block.key, dv + block.value)
                if block.isFirst {
                    // Sources that no target sees.
                    for source in cols ..< heads.sources {
                        lk_fill(Int64(dim), 0, dk + source * dimRow)
                        lk_fill(Int64(width), 0, dv + source * widthRow)
                    }
                }
                multiply(rows, cols, dim, q, row: dimRow, transposed: false, k, row: dimRow, transposed: true, weights)
                lk_attention_weights_again(Int64(rows), Int64(cols), scale, block.sight(mask), logSums, weights)
                drop?(block, weights, kept)
                multiply(
                    cols, width, rows, kept, row: cols, transposed: true, g, row: widthRow, transposed: false, dv, row: widthRow,
                    adding: !block.isFirst)
                multiply(rows, cols, width, g, row: widthRow, transposed: false, v, row: widthRow, transposed: true, dweights)
                drop?(block, dweights, dweights)
                lk_row_dots(Int64(rows), Int64(width), g, Int64(widthRow), output + block.output, Int64(widthRow), sums)
                lk_attention_gradient(Int64(rows), Int64(cols), scale, ends, weights, logSums, sums, dweights)
                multiply(
                    rows, dim, cols, dweights, row: cols, transposed: false, k, row: dimRow, transposed: false, dq + block.query,
                    row: dimRow)
                multiply(
                    cols, dim, rows, dweights, row: cols, transposed: true, q, row: dimRow, transposed: false, dk, row: dimRow,
                    adding: !block.isFirst)
            }
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let mask = record.inputs.count > 6 ? record.inputs[6] : nil
        let found = secondGradients(Array(record.inputs[..<3]), record.inputs[5], upstream) {
            forward.composed($0[0], $0[1], $0[2], mask)
        }
        // Output and log-sums follow from the first three.
        return Array(found[..<3]) + [nil, nil, found[3]] + record.inputs[6...].map { _ in nil }
    }
}

/// Softmax along the last axis over what a mask shows, x and a bool of one shape; a row of which all is hidden is even.
struct MaskedSoftmax: Operation {
    /// Whether gradients end in rows of which all is hidden.
    let endsWhereHidden: Bool

    func outputs(_ inputs: [Spec]) -> [Spec] {
        check(
            inputs[0].shape == inputs[1].shape && inputs[0].dtype == .float32 && inputs[1].dtype == .bool,
            "masked softmax: a mask of \(inputs[1].dtype) and shape \(inputs[1].shape) for an input of \(inputs[0].shape)")
        return [inputs[0]]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let ((rows, cols), x, mask, y) = (inputs[0].rows, inputs[0].floats, inputs[1].bytes, outputs[0].floats)
        return {
            y.update(from: x, count: Int(rows * cols))
            lk_attention_weights(rows, cols, 1, lk_sight(mask: mask, mask_row: cols, causal: false, first: 0), y, nil)
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let g = apply(SoftmaxGradient(), upstream[0]!, record.output)
        return [endsWhereHidden ? `where`(record.inputs[1], g, Tensor(0)) : g, nil]
    }
}

/// The gradients of an operation that computes the gradients of another, from that other written in simpler operations.
///
/// - Parameters:
///   - inputs: of `function`, and `g`, the gradient with respect to its output.
///   - upstream: with respect to the gradients of `inputs`.
/// - Returns: with respect to `inputs` and `g`.
func secondGradients(
    _ inputs: [Tensor], _ g: Tensor, _ upstream: [Tensor?], of function: ([Tensor]) -> Tensor
) -> [Tensor?] {
    // One tensor may be several of them: each is known by itself.
    let inputs = inputs.map { apply(Reshape(shape: $0.shape), $0) }, g = apply(Reshape(shape: g.shape), g)
    let outer = GradientTape()
    for tensor in inputs + [g] { outer.watch(tensor) }
    let sum = outer.record { () -> Tensor in
        let inner = GradientTape()
        for input in inputs { inner.watch(input) }
        let gradients = inner.gradient(inner.record { (function(inputs) * g).sum() }, inputs)
        return zip(gradients, upstream).reduce(Tensor(0)) { sum, pair in
            if let gradient = pair.0, let upstream = pair.1 { sum + (gradient * upstream).sum() } else { sum }
        }
    }
    return outer.gradient(sum, inputs + [g])
}

/// dropout(softmax(scale query·keyᵀ))·value for each head: `[batch, targets, heads, width]` (Vaswani et al. 2017).
///
/// - Parameters:
///   - query: `[batch, targets, heads, dim]`.
///   - key: `[batch, sources, heads, dim]`.
///   - value: `[batch, sources, heads, width]`.
///   - mask: bool; which sources a target sees: four axes that broadcast to `[batch, heads, targets, sources]`. A target that sees none
///     takes all alike.
///   - isCausal: whether target i sees sources up to i alone.
///   - endsWhereHidden: whether no gradient goes to the scores of a target that sees nothing.
public func dotProductAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, scale: Float, mask: Tensor? = nil, isCausal: Bool = false,
    dropout: AttentionDropout? = nil, endsWhereHidden: Bool = true
) -> Tensor {
    let operation = DotProductAttention(scale: scale, isCausal: isCausal, dropout: dropout, endsWhereHidden: endsWhereHidden)
    var inputs = [query, key, value]
    if let mask {
        var shape = mask.shape
        if shape.rank == 4 { shape[3] = key.shape[1] }
        inputs.append(mask.shape == shape ? mask : logicalAnd(mask, .constant(true, shape: shape)))
    }
    return applyAll(operation, inputs)[0]
}

/// Softmax along the last axis of scores over what `mask`, a bool that broadcasts to them, shows; a row that sees nothing is even.
public func attentionWeights(_ scores: Tensor, mask: Tensor?, endsWhereHidden: Bool = true) -> Tensor {
    guard let mask else { return apply(Softmax(), scores) }
    let spread = mask.shape == scores.shape ? mask : logicalAnd(mask, .constant(true, shape: scores.shape))
    return apply(MaskedSoftmax(endsWhereHidden: endsWhereHidden), scores, spread)
}

/// `[1, targets, sources]`: whether source j is at most target i.
public func causalMask(targets: Int, sources: Int) -> Tensor {
    Tensor((0 ..< targets).flatMap { target in (0 ..< sources).map { $0 <= target } }, shape: [1, targets, sources])
}

/// Whether both `a` and `b` are true; both are of type bool.
public func logicalAnd(_ a: Tensor, _ b: Tensor) -> Tensor { a.cast(to: .float32) * b.cast(to: .float32) .> 0 }
