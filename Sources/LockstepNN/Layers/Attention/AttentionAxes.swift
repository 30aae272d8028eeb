import LockstepTensor

/// How inputs of any axes become queries, keys and values of one axis of steps: axes that attention does not go over are folded into
/// the batch, those that it goes over into one.
struct AttentionAxes {
    private let query: Shape, value: Shape
    private let attended: [Int], free: [Int]

    init(_ query: Shape, _ value: Shape, _ attended: [Int]) {
        (self.query, self.value, self.attended) = (query, value, attended)
        free = (1 ..< query.rank - 1).filter { !attended.contains($0) }
    }

    /// How many samples' places each sample takes in the folded batch.
    var folds: Int { free.reduce(1) { $0 * query[$1] } }

    /// The axes of a projection, two longer than an input, as they are folded.
    private var order: [Int] { [0] + free + attended + [query.rank - 1, query.rank] }

    /// `[batch, …, heads, size]` to `[batch · folds, steps, heads, size]`.
    func folded(_ x: Tensor) -> Tensor {
        let steps = attended.reduce(1) { $0 * x.shape[$1] }, shape: Shape = [query[0] * folds, steps, x.shape[-2], x.shape[-1]]
        return (order == order.sorted() ? x : x.transposed(order)).reshaped(shape)
    }

    /// Back to the axes of the query.
    func unfolded(_ x: Tensor) -> Tensor {
        let lengths = ([0] + free + attended).map { query[$0] } + [x.shape[-2], x.shape[-1]]
        let whole = x.reshaped(Shape(lengths))
        guard order != order.sorted() else { return whole }
        return whole.transposed(order.indices.map { order.firstIndex(of: $0)! })
    }

    /// `[batch, …, heads, targets…, sources…]`.
    func scores(_ heads: Int) -> Shape {
        Shape([query[0]] + free.map { query[$0] } + [heads] + attended.map { query[$0] } + attended.map { value[$0] })
    }

    /// Whether a mask broadcasts to the scores: as Keras has it, what it lacks stands in front of the targets.
    func fits(_ mask: Shape, heads: Int) -> Bool {
        let scores = scores(heads), count = 2 * attended.count
        guard mask.rank >= count, mask.rank <= scores.rank else { return false }
        let leading = mask.rank - count
        return zip(mask.dimensions.prefix(leading), scores.dimensions).allSatisfy { $0 == 1 || $0 == $1 }
            && zip(mask.dimensions.suffix(count), scores.dimensions.suffix(count)).allSatisfy { $0 == 1 || $0 == $1 }
    }

    /// A mask that fits, as four axes that broadcast to `[batch · folds, heads, targets, sources]`.
    func folded(mask: Tensor) -> Tensor {
        let count = 2 * attended.count, rank = 2 + free.count + count
        let leading = Array(mask.shape.dimensions.prefix(mask.shape.rank - count))
        var lengths = leading + [Int](repeating: 1, count: rank - mask.shape.rank) + mask.shape.dimensions.suffix(count)
        var mask = mask.reshaped(Shape(lengths))
        let targets = attended.map { query[$0] }, sources = attended.map { value[$0] }
        // One axis of steps need not be whole; of several, or of a batch that folds, all must be.
        if attended.count > 1 { lengths.replaceSubrange((rank - count)..., with: targets + sources) }
        if !free.isEmpty { lengths.replaceSubrange(0 ..< 1 + free.count, with: [query[0]] + free.map { query[$0] }) }
        if mask.shape != Shape(lengths) { mask = logicalAnd(mask, .constant(true, shape: Shape(lengths))) }
        let steps = attended.count > 1 ? [targets.reduce(1, *), sources.reduce(1, *)] : Array(lengths.suffix(2))
        return mask.reshaped(Shape([lengths[...free.count].reduce(1, *), lengths[1 + free.count]] + steps))
    }

    /// `[1, targets, sources]`: whether a source is less than `width` steps away.
    static func band(_ targets: Int, _ sources: Int, width: Int) -> Tensor {
        Tensor((0 ..< targets).flatMap { target in (0 ..< sources).map { abs($0 - target) < width } }, shape: [1, targets, sources])
    }
}
