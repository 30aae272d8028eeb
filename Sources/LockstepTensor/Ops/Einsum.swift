/// Einstein's sum of two tensors: `einsum("abc,cd->abd", a, b)` sums over what the output leaves out.
///
/// One product of matrices, or of as many as the axes that both operands and the output have: axes are moved first where they do not
/// stand as a product needs them.
///
/// - Parameter equation: a letter for each axis of both operands and of the output, each once in each of them. `np.einsum`.
public func einsum(_ equation: String, _ a: Tensor, _ b: Tensor) -> Tensor {
    let parts = equation.split(separator: ">", omittingEmptySubsequences: false)
    let operands = parts[0].dropLast().split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    check(
        parts.count == 2 && parts[0].last == "-" && operands.count == 2,
        "einsum: expected an equation as \"abc,cd->abd\", got \"\(equation)\"")
    let (x, y, output) = (operands[0], operands[1], Array(parts[1]))
    for letters in [x, y, output] {
        check(
            Set(letters).count == letters.count && letters.allSatisfy { $0.isLetter },
            "einsum: expected letters, each once, as axes in \"\(equation)\"; got \"\(String(letters))\"")
    }
    check(
        x.count == a.shape.rank && y.count == b.shape.rank,
        "einsum: \"\(equation)\" has \(x.count) and \(y.count) axes for shapes \(a.shape) and \(b.shape)")
    check(
        output.allSatisfy { x.contains($0) || y.contains($0) },
        "einsum: an axis of the output of \"\(equation)\" is in neither operand")
    var lengths: [Character: Int] = [:]
    for (letter, length) in zip(x + y, a.shape.dimensions + b.shape.dimensions) {
        check(
            lengths.updateValue(length, forKey: letter).map { $0 == length } ?? true,
            "einsum: axis \(letter) of \"\(equation)\" has two lengths in shapes \(a.shape) and \(b.shape)")
    }
    let both = output.filter { x.contains($0) && y.contains($0) }
    let rows = output.filter { x.contains($0) && !y.contains($0) }, columns = output.filter { y.contains($0) && !x.contains($0) }
    let summed = y.filter { x.contains($0) && !output.contains($0) }
    func length(_ letters: [Character]) -> Int { letters.reduce(1) { $0 * lengths[$1]! } }
    /// As matrices of `first` times `second`, or transposed where it lies so.
    func matrices(_ tensor: Tensor, _ letters: [Character], _ first: [Character], _ second: [Character]) -> (Tensor, isTransposed: Bool) {
        let kept = both + first + second, alone = letters.indices.filter { !kept.contains(letters[$0]) }
        let tensor = alone.isEmpty ? tensor : tensor.sum(axes: alone), letters = letters.filter { kept.contains($0) }
        let isTransposed = letters == both + second + first && letters != kept
        let order = kept.map { letters.firstIndex(of: $0)! }
        let ordered = isTransposed || order == Array(order.indices) ? tensor : tensor.transposed(order)
        let matrix = isTransposed ? [length(second), length(first)] : [length(first), length(second)]
        return (ordered.reshaped(Shape((both.isEmpty ? [] : [length(both)]) + matrix)), isTransposed)
    }
    let (p, q) = (matrices(a, x, rows, summed), matrices(b, y, summed, columns))
    let product = p.0.matmul(q.0, transposeA: p.isTransposed, transposeB: q.isTransposed)
    let letters = both + rows + columns, order = output.map { letters.firstIndex(of: $0)! }
    let whole = product.reshaped(Shape(letters.map { lengths[$0]! }))
    return order == Array(order.indices) ? whole : whole.transposed(order)
}
