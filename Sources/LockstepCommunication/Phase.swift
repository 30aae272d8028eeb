/// Where a training step is, and where its time goes.
public enum Phase: Int, CaseIterable, Sendable {
    /// Gathering the shuffled batch.
    case data
    case forward
    case backward
    /// Waiting for other ranks, and summing with them; ranks that share an update sum gradients in `optimizer`.
    case reduce
    case optimizer
    /// Metrics, callbacks, progress.
    case callbacks
    /// Writing a model file.
    case checkpoint
    /// Between steps: reading data, evaluating, tracing the model.
    case other

    /// The phases of a step, in their order, without what `fit` does between steps.
    package static let ofStep: [Phase] = [.data, .forward, .backward, .reduce, .optimizer, .callbacks]
}
