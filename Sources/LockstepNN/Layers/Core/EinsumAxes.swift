import LockstepTensor

/// What an equation of `EinsumDense` means for an input: a letter for each axis, and the shapes of the weights.
struct EinsumAxes {
    /// Of input, kernel and output, and all three as `einsum` takes them.
    let input: [Character], kernel: [Character], output: [Character]
    var equation: String { "\(String(input)),\(String(kernel))->\(String(output))" }
    let kernelShape: Shape
    let biasShape: Shape?
    /// The lengths of the input's axes that the kernel has.
    let inputLengths: [Int: Int]
    /// How many numbers each output is a sum of, and how many outputs one number is in, as initializers count them.
    let fanIn: Int, fanOut: Int

    /// An equation as it is written.
    private struct Parts {
        var input: [Character], kernel: [Character], output: [Character]
        /// Whether three points stand for axes at the start, or at the end.
        var isOpenLeft = false, isOpenRight = false

        init?(_ equation: String) {
            let short = equation.split(separator: "...", omittingEmptySubsequences: false).joined(separator: "0")
            guard let match = short.wholeMatch(of: /(0?)([a-zA-Z]+)(0?),([a-zA-Z]+)->(0?)([a-zA-Z]+)(0?)/) else { return nil }
            (input, kernel, output) = (Array(match.2), Array(match.4), Array(match.6))
            (isOpenLeft, isOpenRight) = (!match.1.isEmpty, !match.3.isEmpty)
            guard match.1 == match.5, match.3 == match.7, !(isOpenLeft && isOpenRight) else { return nil }
        }
    }

    /// What is wrong with an equation and the axes of its bias, whatever the input; `nil` if nothing is.
    static func problem(_ equation: String, _ biasAxes: String?) -> String? {
        guard let parts = Parts(equation) else {
            return "expected an equation as [X],[Y]->[Z], ...[X],[Y]->...[Z] or [X]...,[Y]->[Z]..., got \"\(equation)\""
        }
        for letters in [parts.input, parts.kernel, parts.output] where Set(letters).count < letters.count {
            return "expected each letter once in each part of the equation, got \"\(equation)\""
        }
        for letter in parts.output where !parts.input.contains(letter) && !parts.kernel.contains(letter) {
            return "axis \(letter) of the output is neither in the input nor in the kernel of \"\(equation)\""
        }
        for letter in parts.kernel where !parts.input.contains(letter) && !parts.output.contains(letter) {
            return "axis \(letter) of the kernel is neither in the input nor in the output of \"\(equation)\""
        }
        for letter in biasAxes ?? "" where !parts.output.contains(letter) {
            return "axis \(letter) of the bias is not in the output of \"\(equation)\""
        }
        return nil
    }

    /// Stops where the input or the output does not fit.
    init(_ equation: String, _ inputShape: Shape, _ outputShape: Shape, _ biasAxes: String?) {
        let parts = Parts(equation)!, open = inputShape.rank - parts.input.count
        check(
            parts.isOpenLeft || parts.isOpenRight ? open >= 0 : open == 0,
            "EinsumDense: the input of \"\(equation)\" has \(parts.input.count) axes; got an input of shape \(inputShape)")
        let spare = "zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA".filter {
            !(parts.input + parts.kernel + parts.output).contains($0)
        }
        check(open <= spare.count, "EinsumDense: more axes than letters in an input of shape \(inputShape)")
        let between = Array(spare.prefix(open))
        func whole(_ letters: [Character]) -> [Character] { parts.isOpenLeft ? between + letters : letters + between }
        (input, kernel, output) = (whole(parts.input), parts.kernel, whole(parts.output))

        let dimensions = inputShape.dimensions
        // The batch is one of the axes at the left, if there are any.
        let left = parts.isOpenLeft ? Array(dimensions.prefix(max(1, open))) : Array(dimensions.prefix(1))
        let full = left + outputShape.dimensions + (parts.isOpenRight ? dimensions.suffix(open) : [])
        check(
            full.count == output.count,
            "EinsumDense: an output of \"\(equation)\" has \(output.count) axes; outputShape \(outputShape) makes \(full.count) for an input of shape \(inputShape)"
        )
        let inputs = Dictionary(uniqueKeysWithValues: zip(input, dimensions)), outputs = Dictionary(uniqueKeysWithValues: zip(output, full))
        for (letter, length) in zip(input, dimensions) {
            if let other = outputs[letter], other != Shape.unknown, length != Shape.unknown {
                check(
                    other == length,
                    "EinsumDense: axis \(letter) of \"\(equation)\" has length \(length) in the input and \(other) in outputShape")
            }
        }
        func length(_ letter: Character) -> Int {
            let length = outputs[letter].flatMap { $0 == Shape.unknown ? nil : $0 } ?? inputs[letter] ?? Shape.unknown
            check(
                length != Shape.unknown,
                "EinsumDense: the length of axis \(letter) of \"\(equation)\" must be known; got an input of shape \(inputShape)")
            return length
        }
        let output = output, lengths = parts.kernel.map(length), first = output.firstIndex { biasAxes?.contains($0) ?? false }
        kernelShape = Shape(lengths)
        biasShape = first.map { Shape(output[$0...].map { biasAxes!.contains($0) ? length($0) : 1 }) }
        inputLengths = Dictionary(
            uniqueKeysWithValues: input.enumerated().filter { parts.kernel.contains($0.element) }.map { ($0.offset, length($0.element)) })
        fanIn = zip(parts.kernel, lengths).reduce(1) { outputs[$1.0] == nil ? $0 * $1.1 : $0 }
        fanOut = zip(parts.kernel, lengths).reduce(1) { outputs[$1.0] == nil ? $0 : $0 * $1.1 }
    }
}

/// An initializer that sees a kernel of any axes as the matrix from its inputs to its outputs: what `VarianceScaling` needs to count
/// them. Its numbers are drawn one by one, so their order does not matter.
struct MatrixInitializer: Initializer {
    private let initializer: any Initializer
    private let axes: EinsumAxes

    /// `initializer` itself, unless it counts inputs and outputs and was not told which axes they are.
    static func over(_ axes: EinsumAxes, _ initializer: any Initializer) -> any Initializer {
        guard let scaling = initializer as? VarianceScaling, scaling.inputAxes == nil || scaling.outputAxes == nil else {
            return initializer
        }
        return MatrixInitializer(initializer: initializer, axes: axes)
    }

    func make(_ shape: Shape, key: UInt64) -> Tensor { initializer.make([axes.fanIn, axes.fanOut], key: key).reshaped(shape) }
    var className: String { initializer.className }
    var config: [ConfigValue.Entry] { initializer.config }
}
