/// The rows of a variable, one for each sample of the global batch, that belong to the samples at hand: those of a part of the batch.
///
/// Which part it is, is known when the kernel runs; stops where the batch has another number of samples than the variable has rows.
struct BatchRows: Operation {
    let rows: Int
    /// What the variable is, for messages.
    let path: String

    func outputs(_ inputs: [Spec]) -> [Spec] { [Spec(shape: inputs[0].shape.sample.batched(rows), dtype: inputs[0].dtype)] }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (x, y, row) = (inputs[0].pointer, outputs[0].pointer, outputs[0].shape.sample.count * outputs[0].dtype.size)
        let (place, rows) = (BatchPlace(total: inputs[0].shape[0], rows: rows, path: path), rows)
        return { y.copyMemory(from: x + place.first() * row, byteCount: rows * row) }
    }

    /// The gradient is that of the rows; elsewhere it is zero.
    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        [apply(ReplacedBatchRows(path: path), .zeros(record.input.shape), upstream[0]!)]
    }
}

/// (x, part): x with `part` in place of the rows that belong to the samples at hand.
struct ReplacedBatchRows: Operation {
    let path: String
    var overwrites: Int? { 0 }

    func outputs(_ inputs: [Spec]) -> [Spec] {
        let (x, part) = (inputs[0].shape, inputs[1].shape)
        check(x.sample == part.sample, "\(path): rows of shape \(part.sample) for \(x)")
        return [inputs[0]]
    }

    func kernel(_ inputs: [Buffer], _ outputs: [Buffer]) -> () -> Void {
        let (x, part, y) = (inputs[0], inputs[1].pointer, outputs[0].pointer)
        let (rows, row, all) = (inputs[1].shape[0], x.shape.sample.count * x.dtype.size, x.count * x.dtype.size)
        let place = BatchPlace(total: x.shape[0], rows: rows, path: path)
        return { [x = x.pointer] in
            if x != y { y.copyMemory(from: x, byteCount: all) }
            (y + place.first() * row).copyMemory(from: part, byteCount: rows * row)
        }
    }

    func gradients(_ record: Record, _ upstream: [Tensor?], needed: [Bool]) -> [Tensor?] {
        let g = upstream[0]!, rows = record.inputs[1].shape[0]
        return [
            needed[0] ? apply(ReplacedBatchRows(path: path), g, .zeros(record.inputs[1].shape)) : nil,
            needed[1] ? apply(BatchRows(rows: rows, path: path), g) : nil,
        ]
    }
}

/// Where the samples at hand stand in the global batch.
private struct BatchPlace {
    let total: Int, rows: Int, path: String
    let state = Random.state

    func first() -> Int {
        let (first, count) = state.batchCount.map { (state.firstSample, $0) } ?? (0, rows)
        check(
            count == total && first + rows <= total,
            "\(path): a batch of \(count) samples, and states of \(total); where states go on from batch to batch, all batches have as many samples"
        )
        return first
    }
}

extension Tensor {
    /// The rows that belong to the samples at hand, `rows` of them: this has one for each sample of the global batch.
    package func batchRows(_ rows: Int, path: String) -> Tensor { apply(BatchRows(rows: rows, path: path), self) }

    /// The same with others in place of these rows.
    package func replacingBatchRows(with part: Tensor, path: String) -> Tensor { apply(ReplacedBatchRows(path: path), self, part) }
}
