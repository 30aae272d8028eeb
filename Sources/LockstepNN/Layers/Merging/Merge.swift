import LockstepTensor

/// A layer that makes one tensor of several. Keras' `Merge`.
///
/// - Inputs: a batch axis of one length in all, and behind it shapes that broadcast as NumPy's do, aligned at the last axis:
///   `[batch, steps, features]` and `[batch, features]` fit.
/// - Output: the shape that they broadcast to, float32. A step of it is masked where it is in all inputs; where one of them has no
///   mask, neither has the output.
public class Merge: Layer {
    // MARK: What a merge is

    /// The output for inputs of float32 and of one rank, which may have masks.
    func merge(_ inputs: [Tensor]) -> Tensor { Failure.report("layer \(name) (\(className)) does not override merge") }

    /// The number of inputs, where it is not free.
    var inputCount: Int? { nil }

    /// Sets unknown lengths that follow from other inputs.
    ///
    /// - Returns: what shapes were expected, where these do not fit.
    func fit(_ shapes: inout [Shape]) -> String? {
        let rank = shapes.map(\.rank).max()!
        let fits = (1 ..< max(1, rank)).allSatisfy { axis in
            Merge.equalize(&shapes, broadcasting: true) { $0.rank > axis ? $0.rank - axis : nil }
        }
        return fits && Merge.equalize(&shapes, axis: { _ in 0 }) ? nil : "inputs of one batch size whose other axes broadcast"
    }

    // MARK: What merges have in common

    final override func fitting(_ inputs: [Spec]) -> [Spec] {
        var shapes = inputs.map(\.shape)
        var expected: String?
        if let inputCount, shapes.count != inputCount {
            expected = "\(inputCount) inputs"
        } else if shapes.isEmpty {
            expected = "at least one input"
        } else {
            expected = shapes.contains([]) ? "inputs with a batch axis" : fit(&shapes)
        }
        if let expected {
            let found = inputs.map(\.shape.description), last = found.last ?? "none"
            let list = found.count > 1 ? found.dropLast().joined(separator: ", ") + " and " + last : last
            Failure.report("\(className): expected \(expected); got \(list)")
        }
        return zip(inputs, shapes).map { Spec(shape: $1, dtype: $0.dtype) }
    }

    /// Whether the lengths that are known of an axis of each shape are equal; those that are not known then follow from them.
    ///
    /// - Parameters:
    ///   - broadcasting: whether lengths of 1 fit any.
    ///   - axis: of each shape; `nil` for one that has none.
    static func equalize(_ shapes: inout [Shape], broadcasting: Bool = false, axis: (Shape) -> Int?) -> Bool {
        equalize(&shapes, broadcasting: broadcasting, axes: shapes.map(axis))
    }

    /// As above, by the axis of each shape.
    static func equalize(_ shapes: inout [Shape], broadcasting: Bool = false, axes: [Int?]) -> Bool {
        let places = zip(shapes.indices, axes).compactMap { index, axis in axis.map { (index, $0) } }
        let known = Set(places.map { shapes[$0][$1] }).subtracting(broadcasting ? [Shape.unknown, 1] : [Shape.unknown])
        guard known.count < 2 else { return false }
        for (index, axis) in places where shapes[index][axis] == Shape.unknown { shapes[index][axis] = known.first ?? Shape.unknown }
        return true
    }

    public override func call(_ inputs: [Tensor], training: Bool) -> [Tensor] {
        [merge(Merge.aligned(inputs.map { $0.cast(to: .float32).masked(like: $0) }))]
    }

    /// With new axes of length 1 behind the batch, so that all have one rank.
    private static func aligned(_ tensors: [Tensor]) -> [Tensor] {
        let rank = tensors.map(\.shape.rank).max()!
        return tensors.map { tensor in (tensor.shape.rank ..< rank).reduce(tensor) { aligned, _ in aligned.expandingDims(axis: 1) } }
    }

    public override var supportsMasking: Bool { true }
    public override func computeMask(_ inputs: [Tensor], _ masks: [Tensor?]) -> [Tensor?] {
        let given = Merge.aligned(masks.compactMap { $0 })
        return [given.count == masks.count ? given.dropFirst().reduce(given[0], logicalOr) : nil]
    }

    /// A tensor's mask with axes of length 1 behind it, one for each axis that it leaves out.
    static func spreadMask(_ tensor: Tensor) -> Tensor? {
        tensor.mask.map { $0.reshaped(Shape($0.shape.dimensions + [Int](repeating: 1, count: tensor.shape.rank - $0.shape.rank))) }
    }

    /// Takes inputs together by a function of two that knows no neutral element: a masked element gives way to the other.
    static func extreme(_ inputs: [Tensor], _ function: (Tensor, Tensor) -> Tensor) -> Tensor {
        var (output, outputMask) = (inputs[0], spreadMask(inputs[0]))
        for input in inputs.dropFirst() {
            let mask = spreadMask(input)
            let input = mask.map { `where`($0, input, output) } ?? input
            if let outputMask { output = `where`(outputMask, output, input) }
            outputMask = if let mask, let outputMask { logicalOr(outputMask, mask) } else { nil }
            output = function(output, input)
        }
        return output
    }
}
