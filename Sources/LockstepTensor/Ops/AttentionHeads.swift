import CKernels

/// How attention goes through its tensors: sample by sample, head by head, a block of rows of scores at a time, so that a block and
/// its gradients stay in the second-level cache. The blocks depend on the numbers of targets and sources alone.
struct AttentionHeads {
    let batch: Int, targets: Int, sources: Int, heads: Int
    /// Of a head's queries and keys, and of its values.
    let dim: Int, width: Int
    private let isCausal: Bool
    private let mask: Shape?
    /// The most rows of a block.
    let blockRows: Int

    /// - Parameter shapes: of query, key, value and perhaps a mask.
    init(_ operation: DotProductAttention, _ shapes: [Shape]) {
        (batch, targets, heads, dim) = (shapes[0][0], shapes[0][1], shapes[0][2], shapes[0][3])
        (sources, width) = (shapes[1][1], shapes[2][3])
        (isCausal, mask) = (operation.isCausal, shapes.count > 3 ? shapes[3] : nil)
        var most = max(16, 32768 / max(1, shapes[1][1]))
        // What a causal mask hides of a block is not computed, so blocks are low.
        if operation.isCausal, shapes.count == 3 { most = min(most, 64) }
        let count = max(1, (targets + most - 1) / most)
        blockRows = (targets + count - 1) / count
    }

    /// From one row of queries, keys or values to the next.
    var dimRow: Int { heads * dim }
    var widthRow: Int { heads * width }
    /// A block of scores at its largest.
    var block: Shape { [blockRows, sources] }

    struct Block {
        let rows: Int
        /// The sources that are looked at: all, or those that a causal mask leaves.
        let cols: Int
        /// Where the block lies in query and key, in output and value, among all rows of scores and all scores.
        let query: Int, key: Int, output: Int, value: Int, row: Int, score: Int
        /// Whether it is the first of its head.
        let isFirst: Bool
        fileprivate let maskStart: Int, maskRow: Int, causal: Bool, target: Int

        func sight(_ mask: UnsafePointer<UInt8>?) -> lk_sight {
            lk_sight(mask: mask.map { $0 + maskStart }, mask_row: Int64(maskRow), causal: causal, first: Int64(target))
        }
    }

    /// From the last block of each head to its first: it is the last that sees most sources.
    func forEachBlock(_ body: (Block) -> Void) {
        guard targets > 0 else { return }
        let last = (targets - 1) / blockRows * blockRows
        func stride(_ axis: Int) -> Int { mask.map { $0[axis] == 1 ? 0 : $0.product(of: axis + 1 ..< 4) } ?? 0 }
        let (maskBatch, maskHead, maskRow) = (stride(0), stride(1), stride(2))
        for sample in 0 ..< batch {
            for head in 0 ..< heads {
                for target in Swift.stride(from: last, through: 0, by: -blockRows) {
                    let rows = min(blockRows, targets - target), row = (sample * heads + head) * targets + target
                    body(
                        Block(
                            rows: rows, cols: isCausal && mask == nil ? min(sources, target + rows) : sources,
                            query: ((sample * targets + target) * heads + head) * dim, key: (sample * sources * heads + head) * dim,
                            output: ((sample * targets + target) * heads + head) * width,
                            value: (sample * sources * heads + head) * width, row: row, score: row * sources, isFirst: target == last,
                            maskStart: sample * maskBatch + head * maskHead + target * maskRow, maskRow: maskRow, causal: isCausal,
                            target: target))
                }
            }
        }
    }

    /// What drops weights of a block, from one place to another.
    func dropping(_ dropout: AttentionDropout) -> (Block, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
        let (rate, sources) = (dropout.rate, sources)
        var place = DrawingPlace(dropout.purpose, perSample: heads * targets * sources * dropout.rowsPerSample)
        return { block, x, y in
            place.update()
            let first = place.first + UInt64(block.score)
            if block.cols == sources {
                return lk_dropout(Int64(block.rows * sources), place.key, place.step, first, rate, x, y)
            }
            for row in 0 ..< block.rows {
                let start = row * block.cols
                lk_dropout(Int64(block.cols), place.key, place.step, first + UInt64(row * sources), rate, x + start, y + start)
            }
        }
    }
}
