import LockstepTensor

/// Where each variable's elements lie in a flat arena: gradients, optimizer state and, where they can, the parameters.
///
/// Every variable starts on a cache line; the floats in between stay zero, so that an update can run over all of them in
/// one sweep.
public struct ParameterLayout {
    public let variables: [Variable]
    /// The first float of each variable.
    public let offsets: [Int]
    /// The number of floats of each variable.
    public let lengths: [Int]
    /// The length of an arena, in floats.
    public let count: Int
    private let indices: [ObjectIdentifier: Int]

    public init(_ variables: [Variable]) {
        self.variables = variables
        for variable in variables {
            check(variable.dtype == .float32, "variable \(variable.path): only float32 variables are trained, not \(variable.dtype)")
        }
        lengths = variables.map(\.shape.count)
        (offsets, count) = ParameterLayout.place(lengths)
        indices = Dictionary(uniqueKeysWithValues: variables.enumerated().map { (ObjectIdentifier($1), $0) })
    }

    /// Which of the variables this is; `nil` if it is none.
    func index(of variable: Variable) -> Int? { indices[ObjectIdentifier(variable)] }

    /// The variable whose elements begin at `offset`, by its index.
    func index(at offset: Int) -> Int {
        var (first, end) = (0, offsets.count)
        while end - first > 1 {
            let middle = (first + end) / 2
            if offsets[middle] <= offset { first = middle } else { end = middle }
        }
        return first
    }

    /// Where arrays of these lengths lie, each from a cache line on, and where the last one ends.
    static func place(_ lengths: [Int]) -> (offsets: [Int], count: Int) {
        var offsets: [Int] = [], next = 0
        for length in lengths {
            offsets.append(next)
            next += (length + 15) / 16 * 16
        }
        return (offsets, next)
    }

    /// Which elements of a variable, by its index, lie in a part of the arena; not the floats behind it.
    package func elements(ofVariable index: Int, in part: Range<Int>) -> Range<Int> {
        (offsets[index] ..< offsets[index] + lengths[index]).clamped(to: part)
    }

    /// Moves the variables into one arena of this layout; those that lie in another, as variables shared with another model do,
    /// only with `movingAll`. Whoever has bound kernels to where they were must not run them afterwards.
    ///
    /// - Returns: the arena, which the variables in it keep as long as they stay.
    @discardableResult
    package func gatherParameters(movingAll: Bool = false) -> Memory {
        let arena = Memory(repeating: 0, count: count, for: "an arena of \(count) numbers for \(variables.count) variables")
        moveParameters(to: arena) { movingAll || !$0.isInArena }
        return arena
    }

    /// Moves variables to their places in `arena`: back into it, where another owner has taken them out.
    package func moveParameters(to arena: Memory, where moves: (Variable) -> Bool = { _ in true }) {
        for (variable, offset) in zip(variables, offsets) where moves(variable) {
            variable.move(to: arena.pointer + offset * 4, owner: arena)
        }
    }

    /// The runs of the layout whose parameters are neighbours in memory: one, unless variables are shared with another
    /// model.
    package var runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)] {
        var runs: [(offset: Int, count: Int, parameters: UnsafeMutablePointer<Float>)] = []
        for (index, variable) in variables.enumerated() {
            let end = index + 1 < offsets.count ? offsets[index + 1] : count
            if let last = runs.last, last.parameters + last.count == variable.floats, variable.isInArena {
                runs[runs.count - 1].count += end - offsets[index]
            } else {
                runs.append((offsets[index], variable.isInArena ? end - offsets[index] : variable.shape.count, variable.floats))
            }
        }
        return runs
    }
}
