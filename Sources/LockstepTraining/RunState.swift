import LockstepNN
import LockstepTensor

/// A training run as a value: where it stands, and all that decides how it goes on, besides the model's weights and the optimizer's
/// state.
///
/// Restored into another run of the same model, compilation and data, with the weights and the optimizer's state of that moment, it
/// goes on as if nothing had been: with logical shards to the same bytes, also on another number of ranks.
public struct RunState {
    /// The epoch that is trained on, or comes next.
    public internal(set) var epoch: Int
    /// Whether it has begun.
    public internal(set) var isInEpoch = false
    /// How many of its batches have counted. Behind the last one the epoch has yet to be ended.
    public internal(set) var batch = 0
    /// What the order of samples and all random numbers depend on, together with the epoch and the optimizer's steps.
    public let seed: Int
    public internal(set) var history = History()
    /// The loss and the metrics of the epoch so far.
    public internal(set) var metrics = MetricSnapshot()
    /// What callbacks have decided: to stop, and the learning rate, where it is a number.
    public internal(set) var stopsTraining = false
    public internal(set) var learningRate: Float = 0
    /// Whether weights and their moving averages have changed places (`SwapEMAWeights`).
    public internal(set) var hasSwappedAverages = false
    /// Of rank zero's callbacks, in their order; on the other ranks there are none.
    public internal(set) var callbacks: [CallbackState] = []
    /// What it is a run of: model, compilation and data, as texts and checksums. Of runs that may be saved.
    public internal(set) var facts: [Fact] = []

    /// Something that a run depends on.
    public struct Fact: Equatable, Sendable {
        public let name: String, value: String
    }

    init(epoch: Int, seed: Int) { (self.epoch, self.seed) = (epoch, seed) }

    /// In words, after so many steps of the optimizer.
    func position(steps: Int) -> String {
        isInEpoch ? "epoch \(epoch + 1), batch \(batch) (step \(steps))" : "the end of epoch \(epoch) (step \(steps))"
    }

    /// The epoch has ended with these figures.
    mutating func endEpoch(_ logs: Logs) {
        history.append(epoch: epoch, logs)
        (epoch, isInEpoch, batch) = (epoch + 1, false, 0)
    }
}

/// The states of the loss and the metrics in mid-epoch.
public struct MetricSnapshot: Equatable, Sendable {
    /// Those of each shard, of all ranks; none between epochs.
    public internal(set) var shards: [[Float]] = []
    /// Their sums.
    public internal(set) var sums: [Float] = []
}

/// What a callback remembers of a run.
public struct CallbackState {
    /// Numbers and texts by name.
    public var values: ConfigValue
    /// Arrays, such as the weights of the best epoch.
    public var tensors: [Tensor]
    /// The class of the callback.
    var owner = ""

    public init(_ values: ConfigValue = .object([]), tensors: [Tensor] = []) { (self.values, self.tensors) = (values, tensors) }
}

extension CallbackState {
    /// A whole number by name; 0 where there is none.
    func int(_ name: String) -> Int {
        if case .int(let value)? = values[name] { value } else { 0 }
    }

    /// A text by name; `nil` where there is none.
    func string(_ name: String) -> String? { if case .string(let text)? = values[name] { text } else { nil } }

    /// A number by name; `nil` where there is none.
    func float(_ name: String) -> Float? {
        switch values[name] {
        case .double(let value): Float(value)
        case .int(let value): Float(value)
        default: nil
        }
    }
}
