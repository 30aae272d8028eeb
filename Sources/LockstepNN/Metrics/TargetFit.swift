import LockstepTensor

/// How targets lie beside predictions, for functions that compare the two. Shapes that do not fit would be broadcast: a figure
/// that means nothing, and that depends on how a batch is cut into parts.
enum TargetFit {
    /// A target for each number of the predictions; one of the two may have an axis of length 1 more at the end.
    case elementwise
    /// A distribution over the last axis for each one that is predicted.
    case distributions
    /// An integer label for each distribution over the last axis.
    case labels

    /// What does not fit, and the way out; `nil` if all does. Lengths that are not known fit any.
    func problem(yTrue: Shape, yPred: Shape) -> String? {
        wayOut(yTrue, yPred).map { "targets of shape \(yTrue) for predictions of shape \(yPred); \($0)" }
    }

    /// The way out where the shapes do not fit.
    func wayOut(_ yTrue: Shape, _ yPred: Shape) -> String? {
        let (want, wayOut): ([Shape], String) =
            switch self {
            case .elementwise:
                (
                    [yPred, yPred.appending(1)] + (yPred.rank > 1 && yPred.last == 1 ? [yPred.droppingLast] : []),
                    "one target is needed for each number"
                )
            case .distributions:
                ([yPred], yTrue.rank < yPred.rank || yTrue.last == 1 ? "integer labels need the sparse form" : "expected \(yPred)")
            case .labels: ([yPred.droppingLast, yPred.droppingLast.appending(1)], "expected one integer label for each prediction")
            }
        return want.contains { $0.fits(yTrue) } ? nil : wayOut
    }
}

extension Shape {
    fileprivate var droppingLast: Shape { Shape(Array(dimensions.dropLast())) }
    fileprivate func appending(_ length: Int) -> Shape { Shape(dimensions + [length]) }
    /// Whether the two could be one shape.
    fileprivate func fits(_ other: Shape) -> Bool {
        rank == other.rank && zip(dimensions, other.dimensions).allSatisfy { $0 == $1 || $0 == Shape.unknown || $1 == Shape.unknown }
    }
}
