import LockstepTensor

/// What the layers of one call of a model have in common: the call from outside and all calls inside of it.
///
/// Made by the outermost call; layers find it as `current`. Masks are not here: they travel with the tensors that they belong to.
package final class CallContext {
    nonisolated(unsafe) package private(set) static var current: CallContext?

    /// Whether the call trains, for layers that are called without saying so.
    private(set) var training: Bool
    /// What layers have added to the loss, in the order of their calls.
    private(set) var losses: [AddedLoss] = []
    /// Rows of axis 0 for each sample: more than one where a layer has folded another axis into the first, as `[batch · steps, …]`.
    private(set) var rowsPerSample = 1
    /// What stands for the number of samples where it is not known: in calls that only say what outputs look like.
    var placeholderRows: Int?
    private var calls: [ObjectIdentifier: Int] = [:]

    private init(training: Bool) { self.training = training }

    /// Runs a call, as part of the one that is under way if there is one.
    ///
    /// - Parameter training: `nil` for what holds around it; outside of any call, `false`.
    static func with<Result>(training: Bool?, _ body: (CallContext) throws -> Result) rethrows -> Result {
        guard let context = current else { return try alone(training: training ?? false, body) }
        let outer = context.training
        context.training = training ?? outer
        defer { context.training = outer }
        return try body(context)
    }

    /// Runs a call that is no part of another, whatever is under way.
    static func alone<Result>(training: Bool, _ body: (CallContext) throws -> Result) rethrows -> Result {
        let outer = current
        let context = CallContext(training: training)
        current = context
        defer { current = outer }
        return try body(context)
    }

    /// Runs `body`, in which every sample has so many times more rows.
    package func folding<Result>(_ rows: Int, _ body: () throws -> Result) rethrows -> Result {
        rowsPerSample *= rows
        defer { rowsPerSample /= rows }
        return try body()
    }

    /// The shape as layers remember it: of a number of samples that stands for an unknown one, unknown.
    func remembered(_ shape: Shape) -> Shape {
        placeholderRows != nil && shape.dimensions.first == placeholderRows ? shape.sample.batched() : shape
    }

    /// How often `layer` has asked before in this call.
    func number(ofCallBy layer: Layer) -> Int {
        let count = calls[ObjectIdentifier(layer), default: 0]
        calls[ObjectIdentifier(layer)] = count + 1
        return count
    }

    func add(_ loss: AddedLoss) { losses.append(loss) }
}

/// A term of the loss that is not of an output.
public struct AddedLoss {
    /// How the terms of the parts of a batch make up that of the batch.
    public enum Reduction: Sendable {
        /// A sum over samples: the terms of the parts add up.
        case sum
        /// A mean over samples: the term of a part counts by its share of the batch's samples.
        case mean
        /// A figure that does not depend on samples, as a penalty of weights: it counts once a batch.
        case once
    }

    /// A scalar.
    public let value: Tensor
    public let reduction: Reduction

    public init(_ value: Tensor, reduction: Reduction) { (self.value, self.reduction) = (value, reduction) }
}
